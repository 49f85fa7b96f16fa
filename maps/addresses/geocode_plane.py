"""Distances between positions that lie close together, on a plane."""

from __future__ import annotations

import math

import numpy as np

from maps.travel import Points

METRES_PER_DEGREE = 111_320.0
"""Of latitude, and of longitude at the equator; good to 0.6 %, enough for "which is nearer"."""


def metric(points: Points, latitude: float) -> Points:
    """Return ``(n, 2)`` lon, lat in metres, true to scale near a latitude."""
    scale = np.array([math.cos(math.radians(latitude)), 1.0]) * METRES_PER_DEGREE
    plane: Points = points * scale
    return plane


def distance_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return metres between two positions that lie close together (equirectangular)."""
    east = (other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return math.hypot(east, other_lat - lat) * METRES_PER_DEGREE
