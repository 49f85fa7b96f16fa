"""When a search ends: its time is up, its iterations are used up, or someone said stop."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL_S = 0.02
"""Whoever may say stop is asked this often."""


class Stop:
    """
    Counts the iterations of one search, and says when it is over.

    Parameters
    ----------
    iterations
        At most so many; None: no limit.
    deadline
        In seconds of `time.monotonic`; None: no limit.
    asked
        Says whether someone wants the search to end.
    patience
        At most so many iterations without an improvement; None: no limit.
    """

    def __init__(
        self,
        *,
        iterations: int | None,
        deadline: float | None,
        asked: Callable[[], bool],
        patience: int | None = None,
    ) -> None:
        self.patience = patience
        self.iterations = iterations
        self.deadline = deadline
        self.done = 0
        self._improved_at = 0
        self.asked = asked
        self._next_poll = 0.0
        self._was_asked = False

    def reached(self) -> bool:
        """Count an iteration that is about to begin; True: it must not."""
        if self.iterations is not None and self.done >= self.iterations:
            return True
        if self.patience is not None and self.done - self._improved_at >= self.patience:
            return True
        self.done += 1
        return self.now()

    def take(self, count: int) -> int:
        """Count up to so many iterations that are about to begin; return how many may, or 0."""
        if self.iterations is not None:
            count = min(count, self.iterations - self.done)
        if self.patience is not None:
            count = min(count, self.patience - (self.done - self._improved_at))
        if count <= 0 or self.now():
            return 0
        self.done += count
        return count

    def improved(self) -> None:
        """Take note that the iteration that is under way found something better."""
        self._improved_at = self.done

    def now(self) -> bool:
        """Return whether time is up, or someone said stop."""
        now = time.monotonic()
        if self.deadline is not None and now >= self.deadline:
            return True
        if not self._was_asked and now >= self._next_poll:
            self._next_poll = now + POLL_S
            self._was_asked = self.asked()
        return self._was_asked

    def part(self, share: float) -> Stop:
        """Return a limit of a share of what is left; it counts on from what is ``done`` already."""
        iterations = self.iterations
        if iterations is not None:
            iterations = self.done + int((iterations - self.done) * share)
        deadline = self.deadline
        if deadline is not None:
            deadline -= (1 - share) * max(0.0, deadline - time.monotonic())
        part = Stop(
            iterations=iterations, deadline=deadline, asked=self.now, patience=self.patience
        )
        part.done = part._improved_at = self.done
        return part
