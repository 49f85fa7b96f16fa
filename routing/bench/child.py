"""One run as a child process, with a limit of time and memory for it and all its children."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from routing.bench.worker import Job

POLL_S = 0.2
"""How often time and memory are looked at."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds since the start of the process, and MB of all its processes together."""

    seconds: float
    megabytes: float

    @classmethod
    def of(cls, budget_s: float) -> Limits:
        """Return what a run may take: far more than its budget, so that only what hangs is hit."""
        return cls(2 * budget_s + _START_S, 0.75 * _machine_mb())


_START_S = 30.0
"""To start, to read a problem and to judge a plan, on a busy machine."""


def run(job: Job, limits: Limits) -> dict[str, Any]:
    """
    Return what came of a job, as fields of a row: at least ``status``.

    The child and all processes that it started are gone afterwards, also after Ctrl-C here.
    """
    with tempfile.TemporaryDirectory(prefix="milkrun-bench-") as name:
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps(asdict(job)), "utf-8")
        process = None
        with (folder / "log").open("wb") as log:
            try:
                with _uninterrupted():
                    process = subprocess.Popen(
                        [sys.executable, "-m", "routing.bench.worker", "job.json", "result.json"],
                        cwd=folder,
                        env={**os.environ, "PYTHONPATH": _python_path()},
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        # A session of its own: Ctrl-C does not reach it, and its children are
                        # known by it.
                        start_new_session=True,
                    )
                ended, peak_mb = _watch(process, limits)
            finally:
                if process is not None:
                    _end(process)
        result = {"status": "crashed", "cause": _last_words(folder / "log", process.returncode)}
        if ended:
            result = {"status": ended, "cause": _why(ended, limits)}
        elif process.returncode == 0 and (folder / "result.json").exists():
            result = json.loads((folder / "result.json").read_text("utf-8"))
    return {**result, "peak_mb": peak_mb}


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until a process that is being started is known, and can be ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def _python_path() -> str:
    """Let the child find what this process finds: it starts in another folder."""
    return os.pathsep.join(str(Path(entry or ".").resolve()) for entry in sys.path)


def _watch(process: subprocess.Popen[bytes], limits: Limits) -> tuple[str, float | None]:
    """Wait for a process; return why it has to end, empty if it ended itself, and its peak."""
    deadline = time.monotonic() + limits.seconds
    peak = 0.0
    while True:
        try:
            process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            peak = max(peak, sum(mb for _, mb in _session(process.pid)))
        else:
            return "", round(peak) or None
        if peak > limits.megabytes:
            return "too large", round(peak)
        if time.monotonic() > deadline:
            return "late", round(peak) or None


def _session(leader: int) -> Iterator[tuple[int, float]]:
    """Yield the processes of a session with the MB that each has in memory; Linux only."""
    page_mb = os.sysconf("SC_PAGE_SIZE") / 1e6
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            # After the name in brackets: state, parent, group, session ... and, 22nd, the pages.
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            if int(fields[3]) == leader:
                yield int(path.parent.name), int(fields[21]) * page_mb


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for pid, _ in _session(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def _why(ended: str, limits: Limits) -> str:
    if ended == "late":
        return f"ended after {limits.seconds:g} s"
    return f"ended at more than {limits.megabytes:,.0f} MB"


def _last_words(log: Path, status: int) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    said = next((line for line in reversed(lines) if line), "")
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"{how}: {said[:300]}" if said else how


def _machine_mb() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
