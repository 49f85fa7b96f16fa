"""Houses along the streets, with their numbers, and slabs and halls behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from maps.city.quarters import Block, Layout
from maps.city.shapes import FloatArray, area_in
from maps.city.streets import RANK, Street, StreetMap
from maps.city.terrain import Terrain

NUMBER_STEP_M = 11.0
"""House numbers rise by two for each such stretch of street."""

_HALF_WIDTH_M = {2: 12.0, 3: 16.0, 4: 19.0, 5: 22.0, 6: 12.0, 7: 40.0}


@dataclass(frozen=True, slots=True, eq=False)
class Building:
    """
    A rectangle with what it is.

    ``door`` is where it faces its street; ``street`` and ``number`` are None for what stands
    behind the first row.
    """

    outline: FloatArray
    use: str
    kind: str
    levels: int
    door: tuple[float, float]
    street: Street | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a use of land is built up: metres, the share that is built, kinds, storeys."""

    setback: float
    width: float
    depth: float
    gap: float
    share: float
    kinds: tuple[str, ...]
    levels: tuple[int, int]
    inner: tuple[float, float, float, float] | None = None  # width, depth, pitch along, across


_MANNERS = {
    "old": _Manner(6.0, 15.0, 11.0, 3.0, 0.80, ("house", "house", "retail"), (1, 3)),
    "centre": _Manner(
        8.0, 30.0, 14.0, 8.0, 0.80, ("apartments", "apartments", "retail"), (5, 12),
        (46.0, 13.0, 58.0, 31.0),
    ),
    "commerce": _Manner(
        10.0, 40.0, 27.0, 12.0, 0.85, ("office", "commercial", "hotel"), (6, 32),
        (40.0, 30.0, 60.0, 52.0),
    ),
    "housing": _Manner(
        10.0, 44.0, 14.0, 17.0, 0.72, ("apartments", "apartments", "apartments", "retail"), (6, 18),
        (52.0, 13.5, 66.0, 38.0),
    ),
    "industry": _Manner(
        14.0, 78.0, 40.0, 22.0, 0.72, ("industrial", "warehouse"), (1, 2),
        (105.0, 52.0, 128.0, 76.0),
    ),
    "village": _Manner(7.0, 14.0, 11.0, 11.0, 0.62, ("house",), (1, 3)),
    "school": _Manner(12.0, 52.0, 15.0, 60.0, 0.8, ("school",), (3, 5)),
}  # fmt: skip


def build(
    rng: np.random.Generator, network: StreetMap, *, layout: Layout, terrain: Terrain
) -> list[Building]:
    """Return the houses of the whole city; the street sides are numbered, odd to the left."""
    blocks = [block for block in layout.blocks if block.use in _MANNERS]
    plots = _plots(blocks, network, terrain)
    sides, owner = _street_sides(rng, blocks, plots)
    front = _free(sides, [plots[index] for index in owner])
    sides, owner = sides[front], owner[front]
    kept = rng.random(len(sides)) < _shares(blocks, terrain)[owner]
    sides, owner = sides[kept], owner[kept]
    addresses = _addresses(network, 0.5 * (sides[:, 0] + sides[:, 1]))
    result = [
        _building(rng, sides[k], blocks[owner[k]], *addresses.get(k, (None, None)))
        for k in range(len(sides))
    ]
    for block, plot in zip(blocks, plots, strict=True):
        result += [_building(rng, slab, block, None, None) for slab in _inner(rng, block, plot)]
    return result


def _building(
    rng: np.random.Generator,
    outline: FloatArray,
    block: Block,
    street: Street | None,
    number: int | None,
) -> Building:
    manner = _MANNERS[block.use]
    kind = manner.kinds[rng.integers(len(manner.kinds))]
    levels = int(rng.integers(manner.levels[0], manner.levels[1] + 1))
    door = 0.5 * (outline[0] + outline[1])
    return Building(
        outline, block.use, kind, levels, (float(door[0]), float(door[1])), street, number
    )


def _plots(blocks: Sequence[Block], network: StreetMap, terrain: Terrain) -> list[Polygon]:
    """Return the land of each block that may be built on: away from streets, rails and water."""
    street_of = network.street_of()
    taken = [terrain.railway.buffer(24.0), terrain.river.buffer(20.0), terrain.lake.buffer(20.0)]
    for number, edge in enumerate(network.edges):
        rank = RANK[street_of[number].kind]
        width = 6.0 if street_of[number].kind == "service" else _HALF_WIDTH_M.get(rank)
        if width is not None:
            taken.append(LineString(edge.line).buffer(width, quad_segs=2))
    areas = [
        Polygon(block.outline).buffer(-_MANNERS[block.use].setback, join_style="mitre")
        for block in blocks
    ]
    near: dict[int, list[Polygon]] = defaultdict(list)
    for area, obstacle in shapely.STRtree(taken).query(areas, predicate="intersects").T:
        near[area].append(taken[obstacle])
    plots = []
    for number, area in enumerate(areas):
        free = area.difference(shapely.union_all(near[number])) if number in near else area
        plots.append(area_in(Polygon(area_in(free).exterior).simplify(0.7)))
    return plots


def _street_sides(
    rng: np.random.Generator, blocks: Sequence[Block], plots: Sequence[Polygon]
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return rectangles along the inside of each plot, ``(n, 4, 2)``, and their block."""
    rings = shapely.get_exterior_ring(shapely.orient_polygons(np.array(plots)))
    points, owner = shapely.get_coordinates(rings, return_index=True)
    same = owner[1:] == owner[:-1]
    start, end, owner = points[:-1][same], points[1:][same], owner[:-1][same]
    manner = np.array([[m.width, m.depth, m.gap] for m in (_MANNERS[b.use] for b in blocks)])
    width, depth, gap = manner[owner].T
    width = width * rng.uniform(0.8, 1.3, len(width))
    depth = depth * rng.uniform(0.85, 1.2, len(depth))
    length = np.hypot(*(end - start).T)
    count = np.floor((length - 2.0 + gap) / (width + gap)).clip(0).astype(np.int64)
    # What is left over at the ends of a side is shared out.
    first = 0.5 * (length - count * width - (count - 1).clip(0) * gap)
    side = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(side)) - np.repeat(np.cumsum(count) - count, count)
    along = ((end - start) / np.maximum(length, 1e-9)[:, None])[side]
    inward = np.column_stack([-along[:, 1], along[:, 0]])
    corner = start[side] + along * (first[side] + place * (width + gap)[side])[:, None]
    wide, deep = along * width[side, None], inward * depth[side, None]
    corner = corner + 0.05 * inward
    outline = np.stack([corner, corner + wide, corner + wide + deep, corner + deep], axis=1)
    return outline, owner[side]


def _free(outlines: FloatArray, plots: Sequence[Polygon]) -> NDArray[np.bool_]:
    """Return which rectangles lie on their plot and touch none before them."""
    shapes = np.asarray(shapely.polygons(outlines))
    good = shapely.covers(np.array(plots), shapes)
    candidates = np.flatnonzero(good)
    tree = shapely.STRtree(shapes[candidates])
    first, second = tree.query(shapes[candidates], predicate="dwithin", distance=1.5)
    later: dict[int, list[int]] = defaultdict(list)
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        if one < other:
            later[one].append(other)
    gone: set[int] = set()
    for one in range(len(candidates)):
        if one not in gone:
            gone.update(later.get(one, ()))
    good[candidates[sorted(gone)]] = False
    return np.asarray(good, dtype=np.bool_)


def _shares(blocks: Sequence[Block], terrain: Terrain) -> FloatArray:
    """Return the share of houses kept in each block: fewer towards the edge."""
    shares = []
    for block in blocks:
        away = float(np.hypot(*block.outline.mean(axis=0))) / (5500.0 * terrain.scale)
        shares.append(_MANNERS[block.use].share * (1.08 - 0.3 * min(1.0, away)))
    return np.array(shares)


def _addresses(network: StreetMap, doors: FloatArray) -> dict[int, tuple[Street, int]]:
    """Return the street and number of each door that lies at a named street."""
    street_of = network.street_of()
    edges = [
        number
        for number in range(len(network.edges))
        if street_of[number].name is not None and street_of[number].kind != "motorway"
    ]
    before = _distances_before(network)
    lines = np.array([LineString(network.edges[number].line) for number in edges])
    points = np.asarray(shapely.points(doors))
    tree = shapely.STRtree(lines)
    found, index = tree.query_nearest(points, max_distance=45.0, all_matches=False)
    along, left = _along(lines[index], points[found])
    used: dict[str, set[int]] = defaultdict(set)
    addresses = {}
    for door, line, distance, is_left in zip(found, index, along, left, strict=True):
        street = street_of[edges[line]]
        name = street.name.zh if street.name else ""
        value = 2 * int((before[edges[line]] + distance) / NUMBER_STEP_M) + (1 if is_left else 2)
        while value in used[name]:
            value += 2
        used[name].add(value)
        addresses[int(door)] = (street, value)
    return addresses


def _along(
    lines: NDArray[np.object_], points: NDArray[np.object_]
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return how far along its line each point lies, and whether on the left of it."""
    along = np.asarray(shapely.line_locate_point(lines, points))
    ahead, behind = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(lines, np.maximum(along + step, 0.0))
        )
        for step in (1.0, -1.0)
    )
    way, aside = ahead - behind, shapely.get_coordinates(points) - behind
    return along, way[:, 0] * aside[:, 1] - way[:, 1] * aside[:, 0] > 0


def _distances_before(network: StreetMap) -> dict[int, float]:
    """Return how far along its street each edge begins; streets of one name count on."""
    done: dict[str, float] = defaultdict(float)
    before = {}
    for street in network.streets:
        name = street.name.zh if street.name else ""
        for number in street.edges:
            before[number] = done[name]
            done[name] += network.edges[number].length_m
    return before


def _inner(rng: np.random.Generator, block: Block, plot: Polygon) -> FloatArray:
    """Return rows of slabs or halls behind the street sides, as Chinese housing estates have."""
    manner = _MANNERS[block.use]
    none = np.empty((0, 4, 2))
    if manner.inner is None or plot.area < 9000.0:
        return none
    yard = plot.buffer(-(manner.depth * 1.2 + 9.0))
    if yard.is_empty:
        return none
    width, depth, pitch_along, pitch_across = manner.inner
    along = _southern(block.outline)
    across = np.array([-along[1], along[0]])
    corners = shapely.get_coordinates(yard)
    low = np.array([(corners @ along).min(), (corners @ across).min()])
    high = np.array([(corners @ along).max(), (corners @ across).max()])
    columns = np.arange(low[0] + 2.0, high[0] - width, pitch_along)
    rows = np.arange(low[1] + 2.0, high[1] - depth, pitch_across)
    grid = np.array([(u, v) for v in rows for u in columns]).reshape(-1, 2)
    start = grid[:, :1] * along + grid[:, 1:] * across
    wide, deep = along * width, across * depth
    outline = np.stack([start, start + wide, start + wide + deep, start + deep], axis=1)
    inside = shapely.covers(yard, shapely.polygons(outline)) if len(outline) else np.empty(0, bool)
    return np.asarray(outline[inside & (rng.random(len(outline)) < 0.85)])


def _southern(ring: FloatArray) -> FloatArray:
    """Return the axis of a block that is nearer to east-west: rooms face south."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(Polygon(ring)))
    sides = np.diff(corners[:3], axis=0)
    sides /= np.hypot(*sides.T)[:, None]
    side = sides[int(np.argmax(np.abs(sides[:, 0])))]
    return np.asarray(side * np.sign(side[0]), dtype=np.float64)
