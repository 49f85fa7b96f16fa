"""Roads as lines, before they are a network; where they meet they are cut exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from maps.city.names import Name
from maps.city.shapes import stretch

# Both levels contain whole metres, where ramps change from one to the other. The upper is finer:
# a ramp leaves its carriageway so gently that a coarse grid would draw the two together.
_GRID_M = (0.5, 0.01)

_OVER_WATER_M = 13.0
_OVER_ROAD_M = 24.0


@dataclass(frozen=True, slots=True)
class Road:
    """
    A road as one line, in metres, with its class and name.

    ``oneway`` holds along the line. ``level`` 1 passes over all of level 0 and meets only roads
    of its own level, or any at its ends.
    """

    line: LineString
    kind: str
    name: Name | None = None
    oneway: bool = False
    level: int = 0
    roundabout: bool = False


@dataclass(slots=True)
class Piece:
    """A part of a road, by number, between two meeting places, in the direction of the road."""

    line: LineString
    road: int
    bridge: bool = False


def pieces_of(roads: Sequence[Road], level: int) -> list[Piece]:
    """Return the roads of one level cut where they meet, on a grid, so that ends coincide."""
    numbers = [number for number, road in enumerate(roads) if road.level == level]
    if not numbers:
        return []
    lines = [roads[number].line for number in numbers]
    parts = shapely.get_parts(shapely.unary_union(lines, grid_size=_GRID_M[level]))
    middles = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    nearest = shapely.STRtree(lines).nearest(middles)
    pieces = []
    for part, index in zip(parts, nearest, strict=True):
        road = lines[index]
        along = road.project(shapely.line_interpolate_point(part, [0.4, 0.6], normalized=True))
        ahead = along[1] - along[0]
        # Where a closed road begins, the distance along it jumps.
        backward = (ahead < 0) != (abs(ahead) > 0.5 * road.length)
        pieces.append(Piece(part.reverse() if backward else part, numbers[index]))
    return pieces


def settled(roads: Sequence[Road]) -> Iterator[Road]:
    """Yield the roads of the ground put on the grid, so that what meets shares a point exactly."""
    parts: dict[int, list[LineString]] = defaultdict(list)
    for piece in pieces_of(roads, 0):
        parts[piece.road].append(piece.line)
    for number, road in enumerate(roads):
        if road.level:
            yield road
            continue
        joined = linemerge(parts[number], directed=True)
        for line in shapely.get_parts(joined):
            yield replace(road, line=line)


def with_bridges(
    pieces: Sequence[Piece],
    roads: Sequence[Road],
    *,
    water: BaseGeometry,
    ground: Sequence[LineString],
) -> Iterator[Piece]:
    """Yield the pieces, cut where they pass over water; the motorway also where over a road."""
    shapely.prepare(water)
    tree = shapely.STRtree(ground)
    for piece in pieces:
        over: list[BaseGeometry] = [water] if water.intersects(piece.line) else []
        if roads[piece.road].kind == "motorway":
            found = tree.query(piece.line, predicate="crosses")
            over += [ground[index] for index in sorted(found)]
        if not over:
            yield piece
            continue
        margins = [_OVER_WATER_M if shape is water else _OVER_ROAD_M for shape in over]
        span = shapely.union_all(shapely.buffer(np.array(over), margins))
        yield from _cut(piece, span)


def _cut(piece: Piece, span: BaseGeometry) -> Iterator[Piece]:
    ends = shapely.get_parts(piece.line.intersection(span.boundary))
    marks = sorted({0.0, piece.line.length, *(piece.line.project(end) for end in ends)})
    # Pieces of a few metres are not worth a node.
    marks = [mark for k, mark in enumerate(marks) if k == 0 or mark - marks[k - 1] > 4.0]
    marks[-1] = piece.line.length
    for start, stop in pairwise(marks):
        part = stretch(piece.line, start, stop)
        middle = part.interpolate(0.5, normalized=True)
        yield Piece(part, piece.road, bridge=bool(span.contains(middle)))
