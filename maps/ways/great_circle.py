"""`Travel` as the crow flies: for tests, and for a first look where there is no map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maps.sphere import metres_between
from maps.travel import Leg, Matrix, Points


@dataclass(frozen=True, slots=True)
class GreatCircle:
    """
    Straight lines at one speed, whatever the profile and hour.

    Attributes
    ----------
    speed_kmh
        Of travel along the detour.
    detour
        Metres driven per metre of great circle; 1.4 is the mean for ways to hospitals in the
        United States (Boscoe, Henry, Zdeb 2012).
    """

    speed_kmh: float = 36.0
    detour: float = 1.0

    @property
    def version(self) -> str:
        """Speed and detour: nothing else matters."""
        return f"great-circle {self.speed_kmh:g} {self.detour:g}"

    def matrix(self, points: Points, *, profile: str, hour: int) -> Matrix:
        """Return durations and distances between all pairs; every point is its own road."""
        points = np.asarray(points, np.float64).reshape(-1, 2)
        durations, distances = self._travel(points[:, None], points[None, :])
        return Matrix(durations, distances, np.zeros(len(points), np.float32))

    def legs(
        self, origins: Points, destinations: Points, *, profile: str, hour: int
    ) -> Sequence[Leg | None]:
        """Return a straight leg for each pair."""
        durations, distances = self._travel(origins, destinations)
        return [
            Leg(int(durations[k]), int(distances[k]), np.stack((origins[k], destinations[k])))
            for k in range(len(origins))
        ]

    def _travel(self, here: Points, there: Points) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        metres = metres_between(here, there) * self.detour
        seconds = metres / (self.speed_kmh / 3.6)
        return np.rint(seconds).astype(np.int32), np.rint(metres).astype(np.int32)
