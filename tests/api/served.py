"""`milkrun serve` as a process of its own."""

from __future__ import annotations

import subprocess
import threading


def address(process: subprocess.Popen[str]) -> str:
    """Return where a server listens, once it says so; its log is read on, so it never waits."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("serving at "):
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return line.split()[-1]
    raise AssertionError(f"it ended with {process.wait()}")
