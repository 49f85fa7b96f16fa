"""`Live` within one process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from threading import Lock
from uuid import UUID

from dispatch.live.port import KEEP_S, Heard, Position, around
from dispatch.store import clock

_MOST_BUCKETS = 100_000


class LocalLive:
    """
    Keeps everything in memory.

    The buckets least recently asked are forgotten when there are very many; each then begins anew.
    """

    is_away = False

    def __init__(
        self, *, keep_s: float = KEEP_S, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep = timedelta(seconds=keep_s)
        self._seconds = seconds
        self._lock = Lock()
        self._heard: dict[str, list[Heard]] = {}
        self._positions: dict[UUID, Position] = {}
        self._empty_at: OrderedDict[str, float] = OrderedDict()

    def publish(self, channel: str, message: bytes = b"") -> None:
        with self._lock:
            listening = list(self._heard.get(channel, ()))
        for heard in listening:
            heard(message)

    def subscribe(self, channel: str, heard: Heard) -> Callable[[], None]:
        def stop() -> None:
            with self._lock, suppress(ValueError):
                self._heard[channel].remove(heard)

        with self._lock:
            self._heard.setdefault(channel, []).append(heard)
        return stop

    def place(self, positions: Sequence[Position]) -> None:
        with self._lock:
            for each in positions:
                before = self._positions.get(each.vehicle_id)
                if before is None or before.at < each.at:
                    self._positions[each.vehicle_id] = each

    def positions(self) -> list[Position]:
        oldest = clock.now() - self._keep
        with self._lock:
            for gone in [key for key, each in self._positions.items() if each.at <= oldest]:
                del self._positions[gone]
            return [self._positions[key] for key in sorted(self._positions)]

    def near(self, lon: float, lat: float, *, within_m: float) -> list[Position]:
        return around(self.positions(), lon, lat, within_m=within_m)

    def take(self, bucket: str, *, per_s: float, burst: float) -> float:
        """
        Count one request by the moment at which the bucket is as if never used.

        The generic cell rate algorithm (ITU-T I.371): a token bucket in one number.
        """
        now = self._seconds()
        with self._lock:
            empty_at = max(self._empty_at.get(bucket, now), now) + 1 / per_s
            wait_s = empty_at - burst / per_s - now
            # A millionth of a second: what sums of fractions are out by is nobody's wait.
            if wait_s > 1e-6:
                return wait_s
            self._empty_at[bucket] = empty_at
            self._empty_at.move_to_end(bucket)
            if len(self._empty_at) > _MOST_BUCKETS:
                self._empty_at.popitem(last=False)
        return 0.0

    def close(self) -> None:
        """Nothing is held."""
