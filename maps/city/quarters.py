"""What lies where: quarters between main roads, each with a use, a street pattern and blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from maps.city.arterials import Arterials
from maps.city.division import Junctions, Texture, area_of, divide
from maps.city.roads import Road
from maps.city.shapes import FloatArray
from maps.city.terrain import Terrain

# Sizes of quarters in square metres, and how the streets inside them run.
_QUARTER_M2 = {"old": 130e3, "centre": 190e3, "housing": 250e3, "industry": 420e3, "country": 620e3}
_DIVIDE_FACE = Texture("face", 1.0, jitter=0.07, skew=0.05, bend=0.025, snap_m=75.0)
_DIVIDE_LAND = Texture("land", 1.0, jitter=0.12, skew=0.16, bend=0.07, snap_m=75.0)
_TEXTURES = {
    "old": (Texture("old", 8.0e3, jitter=0.15, skew=0.13, bend=0.06, snap_m=16.0),),
    "centre": (
        Texture("grid", 11e3, lattice_m=125.0, snap_m=20.0),
        Texture("mixed", 14e3, jitter=0.10, skew=0.04, bend=0.02, snap_m=28.0),
    ),
    "housing": (
        Texture("grid", 21e3, lattice_m=175.0, snap_m=30.0),
        Texture("curved", 22e3, jitter=0.13, skew=0.10, bend=0.09, snap_m=30.0),
        Texture("mixed", 26e3, jitter=0.09, skew=0.03, bend=0.02, snap_m=40.0),
        Texture("compounds", 42e3, jitter=0.06, skew=0.02, snap_m=45.0),
    ),
    "industry": (Texture("works", 52e3, lattice_m=270.0, snap_m=50.0),),
    "village": (Texture("village", 17e3, jitter=0.16, skew=0.14, bend=0.08, snap_m=25.0),),
}  # fmt: skip
_DRIVEWAY = {"industry": 0.9, "housing": 0.16, "centre": 0.05}


@dataclass(frozen=True, slots=True, eq=False)
class Quarter:
    """
    A part of the city bounded by main roads.

    ``use`` is ``old``, ``centre``, ``housing``, ``industry``, ``village``, ``park``, ``farmland``,
    ``forest``, ``belt`` or ``water``.
    """

    outline: FloatArray
    use: str
    texture: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A piece of land between streets; ``quarter`` is the number of its quarter."""

    outline: FloatArray
    use: str
    quarter: int


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Quarters, blocks, and the streets that bound them."""

    quarters: tuple[Quarter, ...]
    blocks: tuple[Block, ...]
    streets: tuple[Road, ...]


def lay_out(rng: np.random.Generator, terrain: Terrain, arterials: Arterials) -> Layout:
    """Divide the land between the main roads into quarters, and these into blocks."""
    lines = [road.line for road in arterials.roads if road.level == 0 and not _is_ramp(road)]
    noded = shapely.unary_union([*lines, terrain.bounds.exterior])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    junctions = Junctions()
    junctions.add(_crossings(noded))

    quarters: list[Quarter] = []
    streets: list[Road] = []
    for face in faces:
        ring = _outline(face)
        use = _use_of_face(face, terrain, arterials)
        if use in {"water", "belt"} or len(face.interiors) or face.area < 40e3:
            quarters.append(Quarter(ring, use if use in {"water", "belt"} else "park"))
            continue
        pattern = _DIVIDE_LAND if use == "country" else _DIVIDE_FACE
        wanted = replace(pattern, block_m2=_QUARTER_M2[use])
        parts = divide(ring, wanted, rng=rng, junctions=junctions)
        streets += [Road(_line(road), _class(use, area)) for road, area in parts.roads]
        quarters += [_quarter(rng, part, use, terrain, arterials) for part in parts.blocks]
    blocks: list[Block] = []
    for number, quarter in enumerate(quarters):
        roads, own = _blocks(rng, quarter, number, junctions, terrain)
        streets += roads
        blocks += own
    return Layout(tuple(quarters), tuple(blocks), tuple(streets))


def _blocks(
    rng: np.random.Generator,
    quarter: Quarter,
    number: int,
    junctions: Junctions,
    terrain: Terrain,
) -> tuple[list[Road], list[Block]]:
    textures = {texture.name: texture for texture in _TEXTURES.get(quarter.use, ())}
    if not textures:
        return [], []
    village = quarter.use == "village"
    middle = quarter.outline.mean(axis=0) if village else np.zeros(2)
    reach = 330.0 if village else 4600.0 * terrain.scale

    def size(point: FloatArray) -> float:
        # Blocks grow towards the edge of the city; around a village, quickly into fields.
        away = float(np.hypot(*(point - middle))) / reach
        return 0.6 + 2.0 * away**3 if village else 0.75 + 0.5 * min(1.5, away)

    parts = divide(
        quarter.outline, textures[quarter.texture], rng=rng, junctions=junctions, size=size
    )
    kind = "unclassified" if quarter.use == "industry" else "residential"
    streets = [Road(_line(road), kind) for road, _ in parts.roads]
    for ring in parts.blocks:
        chance = _DRIVEWAY.get(quarter.use, 0.0) if 14e3 < area_of(ring) < 90e3 else 0.0
        if rng.random() < chance:
            driveway = _driveway(rng, ring)
            # Where the map ends there is no street for it to begin at.
            if np.abs(driveway.coords[0]).max() < terrain.half_m - 1.0:
                streets.append(Road(driveway, "service"))
    return streets, [
        Block(ring, _use_of_block(rng, quarter.use, area_of(ring)), number) for ring in parts.blocks
    ]


def _driveway(rng: np.random.Generator, ring: FloatArray) -> LineString:
    """Return a service road from the longest side of a block towards its middle."""
    after = np.roll(ring, -1, axis=0)
    longest = int(np.argmax(np.hypot(*(after - ring).T)))
    start = ring[longest] + rng.uniform(0.4, 0.6) * (after - ring)[longest]
    middle = np.asarray(Polygon(ring).representative_point().coords[0])
    return LineString([start, start + rng.uniform(0.7, 0.95) * (middle - start)])


def _use_of_block(rng: np.random.Generator, use: str, area: float) -> str:
    chance = rng.random()
    if use == "village" and area > 40e3:
        return "farmland"
    if use in {"centre", "housing"} and chance < 0.045:
        return "garden"
    if use in {"centre", "housing", "village"} and chance < 0.075:
        return "school"
    if use == "centre" and chance < 0.40:
        return "commerce"
    return use


def _use_of_face(face: Polygon, terrain: Terrain, arterials: Arterials) -> str:
    inside = face.representative_point()
    wet = face.intersection(terrain.river).area + face.intersection(terrain.lake).area
    if wet > 0.04 * face.area or arterials.corridor.contains(inside):
        return "water"
    if arterials.belt.contains(inside):
        return "belt"
    if arterials.old_town.contains(inside):
        return "old"
    if arterials.inner.contains(inside):
        return "centre"
    if not arterials.encircled.contains(inside):
        return "country"
    return "industry" if _is_industrial(inside, terrain) else "housing"


def _is_industrial(point: Point, terrain: Terrain) -> bool:
    # North-west by the railway, and south-east: both astride the motorway.
    away = float(np.hypot(point.x, point.y)) / terrain.scale
    angle = float(np.degrees(np.arctan2(point.y, point.x)))
    return 3300.0 < away < 6600.0 and min(abs(angle - 136.0), abs(angle + 48.0)) < 20.0


def _quarter(
    rng: np.random.Generator, ring: FloatArray, use: str, terrain: Terrain, arterials: Arterials
) -> Quarter:
    area = Polygon(ring)
    chance = rng.random()
    if use == "country":
        use = _country_use(area, chance, terrain, arterials)
    elif use == "housing" and area.distance(terrain.lake) < 130.0:
        use = "park" if chance < 0.6 else use
    elif use in {"housing", "centre"} and chance < 0.06:
        use = "park"
    textures = _TEXTURES.get(use)
    if not textures:
        return Quarter(ring, use)
    return Quarter(ring, use, textures[rng.integers(len(textures))].name)


def _country_use(area: Polygon, chance: float, terrain: Terrain, arterials: Arterials) -> str:
    if any(hill.contains(area.centroid) for hill in terrain.hills):
        return "forest"
    if _is_industrial(area.centroid, terrain):
        return "industry" if chance < 0.75 else "farmland"
    main = shapely.union_all([r.line for r in arterials.roads if r.kind in {"trunk", "secondary"}])
    along_road = area.distance(main) < 60.0
    return "village" if chance < (0.40 if along_road else 0.15) else "farmland"


def _class(use: str, area: float) -> str:
    if use == "country":
        return "tertiary" if area > 3e6 else "unclassified"
    return "secondary" if area > 1.4e6 else "tertiary"


def _crossings(noded: shapely.Geometry) -> FloatArray:
    ends = np.vstack([line.coords[0] for line in shapely.get_parts(noded)])
    tails = np.vstack([line.coords[-1] for line in shapely.get_parts(noded)])
    points, count = np.unique(np.vstack([ends, tails]), axis=0, return_counts=True)
    return np.asarray(points[count >= 3], dtype=np.float64)


def _outline(face: Polygon) -> FloatArray:
    ring = np.asarray(face.exterior.coords)[:-1]
    return ring if area_of(ring) > 0 else ring[::-1]


def _line(points: FloatArray) -> LineString:
    return LineString(points)


def _is_ramp(road: Road) -> bool:
    return road.kind == "motorway_link"


def land_use(layout: Layout, uses: Sequence[str]) -> Iterator[Quarter]:
    """Yield the quarters of these uses."""
    return (quarter for quarter in layout.quarters if quarter.use in uses)
