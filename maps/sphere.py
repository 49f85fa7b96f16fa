"""The earth as a sphere: its radius, and metres between two points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maps.travel import Points

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (2a + b) / 3 of WGS84 (IUGG, Moritz 2000)."""


def metres_between(here: Points, there: Points) -> NDArray[np.float64]:
    """Return great-circle metres between points of matching shape ``(..., 2)`` (haversine)."""
    lon1, lat1 = np.moveaxis(np.radians(here), -1, 0)
    lon2, lat2 = np.moveaxis(np.radians(there), -1, 0)
    half = np.sin((lat2 - lat1) / 2) ** 2
    half = half + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1)))
    return metres
