"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from api.faults import BadInput
from routing.faults import Fault


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name only when all of it is written."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as stream:
            yield stream
        unfinished.replace(path)
    except OSError as error:
        cause = error.strerror or str(error)
        action = "choose a place that can be written to"
        raise BadInput(Fault(str(path), "cannot_write", cause, action)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file."""
    with new_file(path) as stream:
        stream.write(text.encode())


def check_writable(path: Path) -> None:
    """Refuse an output file before the work, not after it."""
    if path.is_dir():
        raise BadInput(Fault(str(path), "cannot_write", "this is a folder", "name a file"))
    check_folder(path.parent)


def check_folder(folder: Path) -> None:
    """Refuse an output folder that cannot be made or written to."""
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        cause = f"{nearest} is no folder"
    elif not os.access(nearest, os.W_OK):
        cause = f"{nearest} cannot be written to"
    else:
        return
    raise BadInput(Fault(str(folder), "cannot_write", cause, "choose another place"))
