"""The memory of a process and of all that it started, shared pages counted once (Linux)."""

from __future__ import annotations

import contextlib
import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

EVERY_S = 0.1


class Peak:
    """Watches while it is open; ``mb`` is the most at any one time."""

    def __init__(self, pid: int) -> None:
        self.mb = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY_S):
            self.mb = max(self.mb, sum(map(_megabytes, _family(self._pid))))


def _family(pid: int) -> list[int]:
    """Return a process and its descendants that are alive."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _megabytes(pid: int) -> float:
    """Return the share of a process in the memory that it uses: a page of two counts half."""
    with contextlib.suppress(OSError):
        share = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        return int(share[1]) / 1024 if share else 0.0
    return 0.0
