"""
What the rest of the product asks of a map: times, distances and ways between points.

`Travel` is the port. `maps.ways.road_travel.RoadTravel` answers from an imported OpenStreetMap
file, `maps.ways.osrm.OsrmTravel` from an OSRM server of the user's own, `GreatCircle` for tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""``(n, 2)`` float64, ``(lon, lat)`` in degrees, WGS84."""

IntMatrix = NDArray[np.int32]
"""``(n, n)`` int32, ``[from, to]``."""

NO_WAY = 2**31 - 1
"""Marks a pair between which no way leads, in durations and in distances."""

MAX_SNAP_M = 500.0
"""A point farther than this from every usable road is refused, in metres."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """
    Times and distances between all pairs of points.

    Attributes
    ----------
    durations
        ``(n, n)`` int32, seconds, ``[from, to]``; not symmetric; `NO_WAY` where no way leads.
    distances
        ``(n, n)`` int32, metres, of the fastest way; `NO_WAY` where none leads.
    snapped_m
        ``(n,)`` float32, metres from each point to the road that it was put on.
    """

    durations: IntMatrix
    distances: IntMatrix
    snapped_m: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Leg:
    """One way from a point to another: seconds, metres, and its line as ``(k, 2)`` lon, lat."""

    duration_s: int
    distance_m: int
    line: Points


class Travel(Protocol):
    """Answers for one map under one set of conditions (zones, closures, congestion)."""

    @property
    def version(self) -> str:
        """Changes whenever an answer could change: map content, conditions, code."""

    def matrix(self, points: Points, *, profile: str, hour: int) -> Matrix:
        """
        Return durations and distances between all pairs of points.

        Parameters
        ----------
        points
            ``(n, 2)`` lon, lat; each is snapped to the nearest usable, well-connected road.
        profile
            ``car``, ``van``, ``truck`` or ``scooter``: a name in `maps.roads.profiles`.
        hour
            Hour of the week, 0 … 167, local time; 0 is Monday 00:00–01:00.

        Raises
        ------
        OffRoad
            Points farther than `MAX_SNAP_M` from any usable road; names all of them.
        """

    def legs(
        self, origins: Points, destinations: Points, *, profile: str, hour: int
    ) -> Sequence[Leg | None]:
        """Return the fastest way for each pair ``origins[k] -> destinations[k]``; None: no way."""
