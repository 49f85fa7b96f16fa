"""How often one caller may ask: a bucket for each, filled at a steady rate."""

from __future__ import annotations

import math

from dispatch.live.port import Live
from dispatch.store.errors import TooMany


class Buckets:
    """Counts requests by caller, together with all who share what is live."""

    def __init__(self, live: Live, name: str, *, per_s: float, burst: float) -> None:
        self._live = live
        self._name = name
        self._per_s = per_s
        self._burst = max(burst, 1.0)

    def take(self, caller: str) -> None:
        """Count one request, or refuse it (``too_many_requests``)."""
        bucket = f"{self._name}:{caller}"
        wait = self._live.take(bucket, per_s=self._per_s, burst=self._burst)
        if wait > 0:
            wait_s = max(1, math.ceil(wait))
            raise TooMany(
                "too_many_requests",
                cause=f"more than {self._burst:.0f} requests at once",
                action=f"wait {wait_s} s, then send fewer at a time",
                wait_s=wait_s,
            )
