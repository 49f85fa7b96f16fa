"""The text of a file, plain or compressed with gzip."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from routing.formats.faults import refuse

_GZIP_MAGIC = b"\x1f\x8b"


def read_text(path: Path) -> str:
    """
    Return the whole text of a file; gzip is told by its first bytes, not by the name.

    Raises
    ------
    InvalidProblem
        ``file_not_found``, ``file_unreadable``, ``file_damaged`` or ``file_empty``.
    """
    where = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise refuse(where, "file_not_found", "there is no such file", "check the path") from None
    except OSError as error:
        cause = error.strerror or str(error)
        raise refuse(where, "file_unreadable", cause, "name a file that can be read") from error
    text = _decode(where, _unpack(where, data))
    if not text.strip():
        raise refuse(where, "file_empty", "the file has no content", "name a file with a problem")
    return text


def _unpack(where: str, data: bytes) -> bytes:
    if not data.startswith(_GZIP_MAGIC):
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        cause = f"the gzip data are damaged: {error}"
        raise refuse(where, "file_damaged", cause, "fetch or compress the file again") from error


def _decode(where: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cause = f"byte {error.start + 1} is no UTF-8 text"
        raise refuse(where, "file_damaged", cause, "save the file as UTF-8 text") from error
