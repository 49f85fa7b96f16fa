"""
What was committed reaches the disk, for all who wait for it at once.

A disk takes milliseconds to say that it has something. If each transaction waits for that while it
still keeps others out, they come one by one: some 200 a second, whatever the machine. So whoever
writes commits without waiting, lets the next one go on, and then waits here, together with all who
committed meanwhile. Nobody is answered before.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Condition

from dispatch.store.errors import Unusable


class Flushes:
    """One flush at a time, each for all who committed before it began."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._changed = Condition()
        self._begun = 0
        self._done = 0
        self._running = False

    def wait(self) -> None:
        """Return when everything that is committed now is on the disk."""
        with self._changed:
            # The one that runs may have begun before that commit.
            wanted = self._begun + 1
            while self._running and self._done < wanted:
                self._changed.wait()
            if self._done >= wanted:
                return
            self._running = True
            self._begun += 1
            mine = self._begun
        try:
            self._flush()
        except BaseException:
            # Those who wait try for themselves, and hear for themselves what is wrong.
            self._ended(self._done)
            raise
        self._ended(mine)

    def _ended(self, done: int) -> None:
        with self._changed:
            self._running = False
            self._done = done
            self._changed.notify_all()


class WalFile:
    """
    Flushes SQLite's write-ahead log, which SQLite itself does only before it empties it.

    A disk that refused once may lose what it had and then say that all is well, so it is not asked
    again.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}-wal")
        self._failed = False

    def __call__(self) -> None:
        if self._failed:
            raise self._refusal()
        try:
            # Opened anew: the last connection that closes deletes the file, after it was emptied.
            file = os.open(self._path, os.O_RDWR)
        except FileNotFoundError:
            return
        try:
            os.fsync(file)
        except OSError as error:
            self._failed = True
            raise self._refusal() from error
        finally:
            os.close(file)

    def _refusal(self) -> Unusable:
        return Unusable(
            "disk_failed",
            cause="the disk of the database refused to write; the last changes may be lost",
            action="look at the disk and its limits, start again, and look whether they are there",
        )
