"""Runs the command line as a person would, in this process or as one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from typer.testing import CliRunner, Result

from api.cli import app

PROGRAM = [sys.executable, "-c", "from api.cli import main; main()"]
ROOT = Path(__file__).resolve().parents[2]


def milkrun(*words: object) -> Result:
    """Run a command here; an error that no person should see fails the test."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def faults(result: Result) -> list[list[str]]:
    """Return where and code of each line of faults."""
    assert result.exit_code == 2, result.output
    lines = [line for line in result.stderr.splitlines() if not line.startswith("milkrun:")]
    return [[part.strip() for part in line.split("  ") if part.strip()][:2] for line in lines]


@contextmanager
def started(*words: object) -> Iterator[subprocess.Popen[str]]:
    """Run a command as a process of its own, with pipes, as a script would."""
    command = [*PROGRAM, *(str(word) for word in words)]
    with subprocess.Popen(
        command,
        text=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A group of its own: what is sent to it reaches nobody else.
        start_new_session=True,
        # Whoever runs the tests in the background may have made it deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def ctrl_c(process: subprocess.Popen[str]) -> None:
    """Do what a terminal does: the signal goes to the whole group of processes."""
    os.killpg(process.pid, signal.SIGINT)


def wait_until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
