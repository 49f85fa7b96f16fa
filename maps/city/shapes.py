"""What Shapely's operations return, narrowed to the kind that is meant."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, substring

FloatArray = NDArray[np.float64]


def area_in(shape: BaseGeometry) -> Polygon:
    """Return the largest polygon of a shape; an empty one where it has none."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area, default=Polygon())


def lines_in(shape: BaseGeometry) -> list[LineString]:
    """Return the lines of a shape, joined where they continue each other."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, LineString)]
    merged = linemerge(parts) if len(parts) > 1 else MultiLineString(parts)
    return [line for line in shapely.get_parts(merged) if line.length > 1.0]


def longest_in(shape: BaseGeometry) -> LineString:
    """Return the longest line of a shape, which must have one."""
    return max(lines_in(shape), key=lambda line: line.length)


def points_in(shape: BaseGeometry) -> list[Point]:
    """Return the points of a shape."""
    return [part for part in shapely.get_parts(shape) if isinstance(part, Point)]


def stretch(line: LineString, start: float, stop: float) -> LineString:
    """Return the part of a line between two distances along it, in metres."""
    part = substring(line, start, stop)
    assert isinstance(part, LineString)
    return part


def coords(shape: Polygon | LineString) -> FloatArray:
    """Return the points of a line or an outline."""
    line = shape.exterior if isinstance(shape, Polygon) else shape
    return np.asarray(line.coords, dtype=np.float64)
