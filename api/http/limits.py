"""How often one caller may ask: a bucket of tokens for each, filled at a steady rate."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from dispatch.store.errors import TooMany

_MOST_CALLERS = 100_000


class Buckets:
    """
    Counts requests by caller, in this process.

    The least recently seen are forgotten when there are very many; each then begins anew.
    """

    def __init__(
        self, per_s: float, burst: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s = per_s
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._lock = Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Count one request, or refuse it (``too_many_requests``)."""
        now = self._clock()
        with self._lock:
            left, seen = self._left.pop(caller, (self._burst, now))
            left = min(self._burst, left + (now - seen) * self._per_s)
            allowed = left >= 1
            self._left[caller] = (left - 1 if allowed else left, now)
            if len(self._left) > _MOST_CALLERS:
                self._left.popitem(last=False)
        if not allowed:
            wait_s = max(1, math.ceil((1 - left) / self._per_s))
            raise TooMany(
                "too_many_requests",
                cause=f"more than {self._burst:.0f} requests at once",
                action=f"wait {wait_s} s, then send fewer at a time",
                wait_s=wait_s,
            )
