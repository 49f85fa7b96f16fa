"""The main roads: rings, radials, a motorway ring with interchanges, embankments, roundabouts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from maps.city import names
from maps.city.names import Name, StreetNames
from maps.city.roads import Road, settled
from maps.city.shapes import FloatArray, area_in, coords, lines_in, longest_in, points_in, stretch
from maps.city.terrain import Terrain, wave

INNER_BELT_M = 215.0
OUTER_BELT_M = 235.0
"""From the motorway to the streets that follow it on both sides; a green belt lies between."""

CARRIAGEWAY_M = 15.0
RAMP_M = 400.0
TERMINAL_M = 70.0
ROUNDABOUT_M = 34.0

# Degrees from east. In the south they keep away from where the second ring crosses the river.
_DIAGONALS = (45.0, 135.0, 236.0, 305.0)
_HALF_DIAGONALS = (22.5, 67.5, 112.5, 157.5, 202.5, 254.0, 287.0, 335.0)


@dataclass(frozen=True, slots=True, eq=False)
class Arterials:
    """
    The main roads, and the areas that they enclose.

    Attributes
    ----------
    old_town, inner
        Inside the old wall's ring, and inside the second ring.
    belt, encircled
        The green belt on both sides of the motorway, and all that lies inside or on it.
    corridor
        The river with its banks, up to the embankment streets.
    axes
        North-south and east-west lines through the centre; the metro follows them.
    """

    roads: tuple[Road, ...]
    old_town: Polygon
    inner: Polygon
    belt: BaseGeometry
    encircled: Polygon
    corridor: Polygon
    axes: tuple[LineString, LineString]


def lay(rng: np.random.Generator, terrain: Terrain, *, namer: StreetNames) -> Arterials:
    """Return the main roads of a city on that land."""
    scale = terrain.scale
    old_town = _ring(rng, 960.0 * scale, power=4.0, wobble=0.008)
    inner = _ring(rng, 2430.0 * scale, power=2.6, wobble=0.018)
    middle = _ring(rng, 3480.0 * scale, power=2.3, wobble=0.02)
    motorway = _ring(rng, 4620.0 * scale, power=2.4, wobble=0.018)
    inside, outside = motorway.buffer(-INNER_BELT_M), motorway.buffer(OUTER_BELT_M)
    north, south = terrain.banks
    corridor = Polygon([*north.coords, *reversed(south.coords)])
    shore = terrain.lake.buffer(65.0)

    roads = [
        *_ring_roads(old_town, "primary", Name("环城路", "Huancheng Road")),
        *_ring_roads(inner, "trunk", Name("二环路", "Second Ring Road")),
        *_ring_roads(middle, "secondary", namer.next("great")),
        *_ring_roads(inside, "tertiary", namer.next("main"), without=corridor),
        *_ring_roads(outside, "tertiary", namer.next("main"), without=corridor),
        Road(north, "secondary", Name("滨江北路", "Binjiang North Road")),
        Road(south, "secondary", Name("滨江南路", "Binjiang South Road")),
        Road(LineString(shore.exterior), "tertiary", Name("环湖路", "Huanhu Road")),
    ]
    rings = (old_town, inner, inside)
    axes = (_axis(rng, terrain, vertical=True), _axis(rng, terrain, vertical=False))
    roads += _axis_roads(axes[0], ("S", "N"), rings, Name("中山路", "Zhongshan Road"))
    roads += _axis_roads(axes[1], ("W", "E"), rings, Name("人民路", "Renmin Road"))
    roads += _diagonals(rng, terrain, rings=rings, outside=outside, namer=namer)
    roads += _half_diagonals(rng, terrain, rings=rings, corridor=corridor, namer=namer)
    roads = list(_outside_of(shore, roads))
    roads = _with_roundabouts(rng, roads, middle)
    return Arterials(
        roads=tuple(settled([*roads, *_motorway(motorway, roads)])),
        old_town=old_town,
        inner=inner,
        belt=outside.difference(inside),
        encircled=outside,
        corridor=corridor,
        axes=axes,
    )


def _ring(rng: np.random.Generator, radius: float, *, power: float, wobble: float) -> Polygon:
    turn = np.linspace(0.0, 2 * np.pi, 241)[:-1]
    square = (np.abs(np.cos(turn)) ** power + np.abs(np.sin(turn)) ** power) ** (-1 / power)
    uneven = np.ones_like(turn)
    for times in (2, 3, 5):
        uneven += wobble * np.sin(times * turn + rng.uniform(0, 2 * np.pi))
    reach = radius * square * uneven
    # Turned a little: no wall was ever built to the compass.
    turn = turn + 0.09
    outline = np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])
    return area_in(Polygon(outline).simplify(1.0))


def _ring_roads(
    ring: Polygon, kind: str, name: Name, *, without: Polygon | None = None
) -> Iterator[Road]:
    x, y = np.asarray(ring.exterior.coords).T
    side_of = np.where(np.abs(x) > np.abs(y), np.where(x > 0, "E", "W"), np.where(y > 0, "N", "S"))
    reach = 2.0 * float(np.abs(x).max())
    corners = {"E": (1, -1, 1, 1), "N": (1, 1, -1, 1), "W": (-1, 1, -1, -1), "S": (-1, -1, 1, -1)}
    for side in np.unique(side_of):
        a, b, c, d = (value * reach for value in corners[str(side)])
        arc = ring.exterior.intersection(Polygon([(0, 0), (a, b), (c, d)]))
        if without is not None:
            arc = arc.difference(without)
        for line in lines_in(arc):
            yield Road(line, kind, names.sided(name, str(side)))


def _axis(rng: np.random.Generator, terrain: Terrain, *, vertical: bool) -> LineString:
    along = np.arange(-terrain.half_m, terrain.half_m + 60.0, 60.0)
    calm = np.clip(np.abs(along) / (1000.0 * terrain.scale) - 1.0, 0.0, 1.0)
    aside = calm * wave(rng, along, length_m=5200.0 * terrain.scale, height_m=90.0 * terrain.scale)
    aside += 0.09 * along * (-1.0 if vertical else 1.0)
    points = np.column_stack([aside, along] if vertical else [along, aside])
    return longest_in(LineString(points).simplify(1.0) & terrain.bounds)


def _axis_roads(
    axis: LineString, sides: tuple[str, str], rings: Sequence[Polygon], name: Name
) -> Iterator[Road]:
    old_town, inner, _ = rings
    yield from (
        Road(line, "secondary", names.sided(name, "M")) for line in lines_in(axis & old_town)
    )
    before = axis.project(Point(0, 0))
    halves = (stretch(axis, 0.0, before), stretch(axis, before, axis.length))
    for side, half in zip(sides, halves, strict=True):
        own = names.sided(name, side)
        yield from (Road(line, "primary", own) for line in lines_in((half - old_town) & inner))
        yield from (Road(line, "trunk", own) for line in lines_in(half - inner))


def _diagonals(
    rng: np.random.Generator,
    terrain: Terrain,
    *,
    rings: Sequence[Polygon],
    outside: Polygon,
    namer: StreetNames,
) -> Iterator[Road]:
    old_town, inner, _ = rings
    for number, degrees in enumerate(_DIAGONALS):
        name = namer.next("great")
        line = _radial(rng, terrain, degrees + rng.uniform(-5.0, 5.0), start_m=300.0)
        yield from (Road(part, "primary", name) for part in lines_in((line - old_town) & inner))
        yield from (Road(part, "secondary", name) for part in lines_in((line - inner) & outside))
        if number % 2:  # the other two corners are hills
            yield from (Road(part, "secondary", name) for part in lines_in(line - outside))


def _half_diagonals(
    rng: np.random.Generator,
    terrain: Terrain,
    *,
    rings: Sequence[Polygon],
    corridor: Polygon,
    namer: StreetNames,
) -> Iterator[Road]:
    _, inner, inside = rings
    for degrees in _HALF_DIAGONALS:
        name = namer.next("main")
        line = _radial(rng, terrain, degrees + rng.uniform(-3.0, 3.0), start_m=1500.0)
        # They end at the embankment: bridges are for the greater roads.
        land = ((line - inner) & inside) - corridor
        yield from (Road(part, "secondary", name) for part in lines_in(land))


def _radial(
    rng: np.random.Generator, terrain: Terrain, degrees: float, *, start_m: float
) -> LineString:
    along = np.arange(start_m * terrain.scale, 1.5 * terrain.half_m, 60.0)
    aside = wave(rng, along, length_m=4300.0 * terrain.scale, height_m=85.0 * terrain.scale)
    angle = np.radians(degrees)
    ahead, left = (
        np.array([np.cos(angle), np.sin(angle)]),
        np.array([-np.sin(angle), np.cos(angle)]),
    )
    points = along[:, None] * ahead + aside[:, None] * left
    return longest_in(LineString(points).simplify(1.0) & terrain.bounds)


def _outside_of(area: Polygon, roads: Sequence[Road]) -> Iterator[Road]:
    # What ends at the shore street shall end on it, not a hair before or behind.
    core = area.buffer(-0.01)
    for road in roads:
        for line in lines_in(road.line.difference(core)):
            if line.length > 40.0:
                yield replace(road, line=line)


def _with_roundabouts(rng: np.random.Generator, roads: Sequence[Road], ring: Polygon) -> list[Road]:
    """Replace some crossings on a ring by roundabouts, driven counter-clockwise."""
    tree = shapely.STRtree([road.line for road in roads])
    spots = [
        point
        for road in roads
        if road.kind == "secondary"
        for point in points_in(road.line.intersection(ring.exterior))
    ]
    chosen: list[Polygon] = []
    for index in rng.permutation(len(spots)):
        disc = spots[index].buffer(ROUNDABOUT_M, quad_segs=6)
        lonely = len(tree.query(spots[index].buffer(150.0), predicate="intersects")) <= 3
        apart = all(disc.distance(other) > 2500.0 for other in chosen)
        if lonely and apart and len(chosen) < 3:
            chosen.append(disc)
    discs = shapely.union_all(chosen)
    result = [
        replace(road, line=line) for road in roads for line in lines_in(road.line.difference(discs))
    ]
    for disc in chosen:
        circle = shapely.orient_polygons(disc).exterior
        result.append(Road(LineString(circle), "secondary", oneway=True, roundabout=True))
    return result


def _motorway(ring: Polygon, roads: Sequence[Road]) -> list[Road]:
    """Return both carriageways, and the ramps to every main road that they pass over."""
    outer = LineString(shapely.orient_polygons(ring.buffer(CARRIAGEWAY_M)).exterior)
    inner = LineString(shapely.orient_polygons(ring.buffer(-CARRIAGEWAY_M)).exterior).reverse()
    result = [
        Road(line, "motorway", names.RING_MOTORWAY, oneway=True, level=1) for line in (outer, inner)
    ]
    crossing = [
        road
        for road in roads
        if road.kind in {"trunk", "secondary"} and road.line.crosses(ring.exterior)
    ]
    others = shapely.STRtree([road.line for road in roads])
    for road in crossing:
        ramps = [ramp for carriageway in (outer, inner) for ramp in _ramps(carriageway, road.line)]
        # A ramp that meets any road but its own has no room: the motorway is passed over there.
        if len(ramps) == 4 and all(
            len(others.query(ramp, predicate="dwithin", distance=5.0)) == 1 for ramp in ramps
        ):
            for ramp in ramps:
                result += _ramp_roads(ramp, road.line)
    return result


def _ramps(carriageway: LineString, road: LineString) -> list[LineString]:
    """Return the exit and the entry on the right-hand side of one carriageway."""
    crossings = points_in(carriageway.intersection(road))
    terminals = points_in(carriageway.parallel_offset(TERMINAL_M, "right").intersection(road))
    if len(crossings) != 1 or len(terminals) != 1:
        return []
    middle, terminal = carriageway.project(crossings[0]), terminals[0]
    # The first stretch is long and straight, so that the ramp leaves the carriageway at once.
    share = np.array([0.0, *np.linspace(0.16, 1.0, 22)])
    aside = TERMINAL_M * share**2 * (3.0 - 2.0 * share)
    ramps = []
    for direction in (1.0, -1.0):
        at = middle + direction * (share - 1.0) * RAMP_M
        points = _beside(carriageway, at, aside)
        # Bend the last stretch so that it ends exactly on the road.
        drift = np.array(terminal.coords[0]) - points[-1]
        points += drift * (share**3)[:, None]
        points[-1] = terminal.coords[0]
        ramps.append(LineString(points if direction > 0 else points[::-1]))
    return ramps


def _beside(line: LineString, at: FloatArray, aside: FloatArray) -> FloatArray:
    at = np.mod(at, line.length)
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    there = shapely.get_coordinates(
        shapely.line_interpolate_point(line, np.mod(at + 1.0, line.length))
    )
    tangent = (there - here) / np.linalg.norm(there - here, axis=1)[:, None]
    right = np.column_stack([tangent[:, 1], -tangent[:, 0]])
    return np.asarray(here + right * aside[:, None], dtype=np.float64)


def _ramp_roads(ramp: LineString, road: LineString) -> list[Road]:
    # The end on the road lies on the ground, the rest on the motorway's level.
    foot = 18.0
    leaving = road.distance(Point(ramp.coords[0])) > road.distance(Point(ramp.coords[-1]))
    cut = ramp.length - foot if leaving else foot
    meeting = np.round(np.array(ramp.interpolate(cut).coords[0]))
    parts = [
        LineString(np.vstack([coords(stretch(ramp, 0.0, cut))[:-1], meeting])),
        LineString(np.vstack([meeting, coords(stretch(ramp, cut, ramp.length))[1:]])),
    ]
    levels = (1, 0) if leaving else (0, 1)
    return [
        Road(part, "motorway_link", oneway=True, level=level)
        for part, level in zip(parts, levels, strict=True)
    ]
