"""The land that the city lies on: a river, a lake with an island, hills, a railway."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import LineString, Polygon, box

from maps.city.shapes import FloatArray, area_in, longest_in

EMBANKMENT_M = 55.0
"""From the water's edge of the river to the street that follows it."""


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """
    What the streets have to live with; all in metres from the centre, x east, y north.

    Attributes
    ----------
    bounds
        The square that the map covers.
    scale
        Size of the city relative to the 12 km for which the lengths were chosen.
    river, lake, island, hills
        Areas; the island lies in the lake.
    course
        Centre line of the river.
    banks
        Centre lines of the two embankment streets, the northern first.
    railway
        Centre line, a viaduct throughout.
    """

    bounds: Polygon
    scale: float
    river: Polygon
    course: LineString
    banks: tuple[LineString, LineString]
    lake: Polygon
    island: Polygon
    hills: tuple[Polygon, ...]
    railway: LineString

    @property
    def half_m(self) -> float:
        """Half the side of the square."""
        return float(self.bounds.bounds[2])


def shape(rng: np.random.Generator, *, size_km: float) -> Terrain:
    """Return the land for a city of that size; lengths that belong to the plan scale with it."""
    half = 500.0 * size_km
    scale = size_km / 12.0
    bounds = box(-half, -half, half, half)
    course = _course(rng, half=half, scale=scale)
    width = _widths(course, rng)
    river = Polygon(np.vstack([_offset(course, width), _offset(course, -width)[::-1]]))
    banks = [
        LineString(_offset(course, side * (width + EMBANKMENT_M))).simplify(1.5)
        for side in (1.0, -1.0)
    ]
    lake_centre = np.array([3150.0, 1500.0]) * scale
    island_centre = lake_centre + np.array([150.0 * scale, 60.0])
    return Terrain(
        bounds=bounds,
        scale=scale,
        river=area_in(river.simplify(1.0).intersection(bounds)),
        course=longest_in(LineString(course).simplify(2.0).intersection(bounds)),
        banks=(longest_in(banks[0] & bounds), longest_in(banks[1] & bounds)),
        lake=blob(rng, lake_centre, radii=(690.0 * scale, 470.0 * scale), angle=0.6),
        island=blob(rng, island_centre, radii=(95.0, 60.0), angle=0.2),
        hills=_hills(rng, bounds, scale=scale),
        railway=_railway(rng, half=half, scale=scale),
    )


def blob(
    rng: np.random.Generator,
    centre: FloatArray,
    *,
    radii: tuple[float, float],
    angle: float,
    roughness: float = 0.16,
) -> Polygon:
    """Return a closed, smooth, irregular outline around a centre."""
    turn = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)
    radius = np.ones_like(turn)
    for wave in range(2, 7):
        phase = rng.uniform(0, 2 * np.pi)
        radius += roughness / wave * rng.uniform(0.5, 1.5) * np.sin(wave * turn + phase)
    flat = np.column_stack([radii[0] * radius * np.cos(turn), radii[1] * radius * np.sin(turn)])
    cos, sin = np.cos(angle), np.sin(angle)
    return Polygon(flat @ np.array([[cos, sin], [-sin, cos]]) + centre)


def wave(
    rng: np.random.Generator, along: FloatArray, *, length_m: float, height_m: float
) -> FloatArray:
    """Return a smooth swing around zero: two sines, the second shorter and lower."""
    phases = rng.uniform(0, 2 * np.pi, 2)
    slow = np.sin(2 * np.pi * along / length_m + phases[0])
    fast = 0.35 * np.sin(2 * np.pi * along / (0.43 * length_m) + phases[1])
    return np.asarray(height_m * (slow + fast), dtype=np.float64)


def _course(rng: np.random.Generator, *, half: float, scale: float) -> FloatArray:
    x = np.arange(-half - 600.0, half + 601.0, 45.0)
    # South of the old town, whose wall stands on the outer bank of a bend.
    swing = 330.0 * scale * np.sin(2 * np.pi * x / (7900.0 * scale) + 1.45 + rng.uniform(-0.2, 0.2))
    small = 150.0 * scale * np.sin(2 * np.pi * x / (3100.0 * scale) + rng.uniform(0, 2 * np.pi))
    bend = small * np.clip(np.abs(x) / (1900.0 * scale) - 0.35, 0.0, 1.0)
    return np.column_stack([x, -1690.0 * scale - 0.05 * x + swing + bend])


def _widths(course: FloatArray, rng: np.random.Generator) -> FloatArray:
    along = course[:, 0]
    return np.asarray(88.0 + wave(rng, along, length_m=4100.0, height_m=14.0), dtype=np.float64)


def _offset(line: FloatArray, distance: FloatArray) -> FloatArray:
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    return np.asarray(line + normal * distance[:, None], dtype=np.float64)


def _hills(rng: np.random.Generator, bounds: Polygon, *, scale: float) -> tuple[Polygon, ...]:
    half = bounds.bounds[2]
    # In the corners that no trunk road crosses: the diagonals end at the motorway.
    spots = (
        (-0.84, -0.80, 1500.0, 1000.0),
        (0.86, 0.84, 1050.0, 900.0),
        (-0.55, 0.97, 900.0, 480.0),
    )
    hills = []
    for x, y, long, short in spots:
        centre = np.array([x, y]) * half
        hill = blob(rng, centre, radii=(long * scale, short * scale), angle=rng.uniform(0.4, 1.1))
        hills.append(area_in(hill.intersection(bounds)))
    return tuple(hills)


def _railway(rng: np.random.Generator, *, half: float, scale: float) -> LineString:
    y = np.arange(half, -half - 1.0, -60.0)
    x = -3050.0 * scale + 900.0 * scale * np.cos(y / half * 1.9 + rng.uniform(-0.2, 0.2))
    x -= 650.0 * scale
    return longest_in(LineString(np.column_stack([x, y])).simplify(1.0))
