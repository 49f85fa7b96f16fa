"""
The port `Live`: news among all who serve, last positions of vehicles, limits that all share.

Nothing that must be right stands on it: it may forget everything at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np

from maps import sphere

KEEP_S = 12 * 3600
"""How long a position is remembered: a shift, so that a van without network is not lost."""

Heard = Callable[[bytes], None]
"""Called on any thread, one message at a time; it must not wait, and raise nothing."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a vehicle was at a moment; latitudes up to 85 degrees."""

    vehicle_id: UUID
    lon: float
    lat: float
    at: datetime


class Live(Protocol):
    """In this process alone (`LocalLive`), or shared by several (`SharedLive`)."""

    @property
    def is_away(self) -> bool:
        """Whether what several share cannot be reached, so that each works for itself."""

    def publish(self, channel: str, message: bytes = b"") -> None:
        """Tell all who listen to a channel now; who does not is never told."""

    def subscribe(self, channel: str, heard: Heard) -> Callable[[], None]:
        """Listen to a channel; call what is returned to stop."""

    def place(self, positions: Sequence[Position]) -> None:
        """Note where vehicles are; what is older than what is known changes nothing."""

    def positions(self) -> list[Position]:
        """Return the last position of every vehicle, by its key."""

    def near(self, lon: float, lat: float, *, within_m: float) -> list[Position]:
        """Return the last positions around a point, the nearest first."""

    def take(self, bucket: str, *, per_s: float, burst: float) -> float:
        """Count one request, or return how many seconds to wait until one is allowed."""

    def close(self) -> None:
        """Let go of threads and connections."""


def around(
    positions: Sequence[Position], lon: float, lat: float, *, within_m: float
) -> list[Position]:
    """Return the positions within a distance of a point, the nearest first."""
    if not positions:
        return []
    points = np.array([(each.lon, each.lat) for each in positions], np.float64)
    metres = sphere.metres_between(points, np.broadcast_to((lon, lat), points.shape))
    return [positions[n] for n in np.argsort(metres, kind="stable") if metres[n] <= within_m]
