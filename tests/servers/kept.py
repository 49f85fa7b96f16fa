"""Starts servers under `tests.servers.keeper`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

NOBODY = 65534
"""Who runs what refuses to be run by root."""


def folder(*, user: int = -1) -> Path:
    """Return a new folder for a server; short, since a socket's path may have 107 characters."""
    made = Path(tempfile.mkdtemp(prefix="milkrun-", dir="/tmp"))
    if user >= 0:
        os.chown(made, user, user)
    return made


def package(name: str) -> Path:
    """Return the folder of an installed package, without importing it."""
    spec = find_spec(name)
    assert spec is not None, f"{name} is not installed"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


@contextmanager
def running(
    where: Path, command: list[str], *, answers: Callable[[], bool], user: int = -1
) -> Iterator[None]:
    """Run a server in its folder until the end of the block."""
    keeper = Path(__file__).with_name("keeper.py")
    words = [sys.executable, "-I", "-S", str(keeper), str(where), str(user), *command]
    # A session of its own: Ctrl-C is for the tests, which then end the server themselves.
    with subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True) as process:
        try:
            _wait(process, where, answers)
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], where: Path, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not answers():
        log = (where / "log").read_text() if (where / "log").exists() else ""
        assert process.poll() is None, log
        assert time.monotonic() < deadline, log
        time.sleep(0.02)
