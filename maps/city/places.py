"""What has a name and a door: shops, workshops, warehouses, stations, districts, villages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from maps.city import names
from maps.city.arterials import Arterials
from maps.city.buildings import Building
from maps.city.names import Name
from maps.city.quarters import Layout
from maps.city.shapes import FloatArray, longest_in
from maps.city.streets import RANK, StreetMap
from maps.city.terrain import Terrain

NUM_WORKSHOPS = 260
NUM_COUNTERS = 8
_WAREHOUSES_APART_M = 10_000.0
_WORKSHOPS_APART_M = 130.0
_STATIONS_APART_M = 950.0

# Tags, how many for 12 km, uses of land where they are, and what follows the street's word.
_SHOPS = (
    ({"amenity": "fuel"}, 26, ("housing", "industry", "village"), Name("加油站", "Fuel Station")),
    ({"amenity": "restaurant"}, 120, ("old", "centre", "commerce"), Name("饭店", "Restaurant")),
    ({"shop": "supermarket"}, 55, ("housing", "centre", "village"), Name("超市", "Supermarket")),
    ({"amenity": "pharmacy"}, 34, ("housing", "centre", "old"), Name("大药房", "Pharmacy")),
    ({"amenity": "bank"}, 36, ("commerce", "centre", "old"), Name("支行", "Bank Branch")),
    ({"tourism": "hotel"}, 22, ("commerce", "old"), Name("酒店", "Hotel")),
    ({"amenity": "kindergarten"}, 26, ("housing", "centre"), Name("幼儿园", "Kindergarten")),
    ({"amenity": "police"}, 9, ("housing", "centre"), Name("派出所", "Police Station")),
    ({"amenity": "cafe"}, 26, ("old", "commerce"), Name("茶馆", "Tea House")),
    ({"amenity": "post_office"}, 9, ("centre", "housing"), Name("邮局", "Post Office")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A named point in metres, as OpenStreetMap tags it; ``street`` has the street's both names."""

    at: tuple[float, float]
    name: Name
    tags: dict[str, str]
    street: Name | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Places by what the product needs them for; ``other`` is everything else."""

    warehouses: tuple[Place, ...]
    workshops: tuple[Place, ...]
    counters: tuple[Place, ...]
    other: tuple[Place, ...]

    def every(self) -> Iterator[Place]:
        """Yield all places."""
        yield from (*self.warehouses, *self.workshops, *self.counters, *self.other)


def settle(
    rng: np.random.Generator,
    *,
    buildings: Sequence[Building],
    network: StreetMap,
    layout: Layout,
    terrain: Terrain,
    arterials: Arterials,
) -> Places:
    """Give names and trades to buildings, and names to the parts of the city."""
    doors = [b for b in buildings if b.street is not None and b.street.name is not None]
    free = [doors[index] for index in rng.permutation(len(doors))]
    warehouses = _warehouses(free, scale=terrain.scale)
    taken = {id(building) for building, _ in warehouses}
    free = [building for building in free if id(building) not in taken]
    workshops = _apart(free, NUM_WORKSHOPS)
    taken = {id(building) for building in workshops}
    free = [building for building in free if id(building) not in taken]
    counters = [b for b in free if b.use in {"centre", "housing", "commerce"}][:NUM_COUNTERS]
    trades = names.workshop_names(rng)
    other = [
        *_shops(free[:], terrain.scale),
        *_parts(rng, layout, terrain),
        *_metro(network, arterials),
        _railway_station(terrain),
    ]
    return Places(
        warehouses=tuple(_at(b, name, {"industrial": "warehouse"}) for b, name in warehouses),
        workshops=tuple(_at(b, next(trades), {"shop": "car_repair"}) for b in workshops),
        counters=tuple(
            _at(b, _of_street(b, Name("汽配门市", "Parts Counter")), {"shop": "car_parts"})
            for b in counters
        ),
        other=tuple(other),
    )


def _at(building: Building, name: Name, tags: dict[str, str]) -> Place:
    middle = building.outline.mean(axis=0)
    street = building.street.name if building.street else None
    at = (float(middle[0]), float(middle[1]))
    return Place(at, name, tags, street=street, number=building.number)


def _of_street(building: Building, kind: Name) -> Name:
    """Return a name made of the street's word: 云溪路 gives 云溪超市."""
    street = building.street.name if building.street and building.street.name else names.CITY
    return Name(street.zh[:2] + kind.zh, f"{street.en.split(' ')[0]} {kind.en}")


def _warehouses(buildings: Sequence[Building], *, scale: float) -> list[tuple[Building, Name]]:
    """Return a warehouse in the north-west and one in the south-east, 10 km apart or nearly."""
    halls = [b for b in buildings if b.use == "industry" and Polygon(b.outline).area > 1800.0]
    north = [b for b in halls if b.outline[0, 0] < 0 < b.outline[0, 1]]
    south = [b for b in halls if b.outline[0, 1] < 0 < b.outline[0, 0]]
    ends = [np.array([b.outline.mean(axis=0) for b in side]) for side in (north, south)]
    apart = np.hypot(*(ends[0][:, None] - ends[1][None]).transpose(2, 0, 1))
    best = np.abs(apart - _WAREHOUSES_APART_M * scale).argmin()
    first, second = np.unravel_index(int(best), apart.shape)
    return [
        (north[int(first)], Name("澜川汽配西北仓", "Lanchuan Parts Warehouse North-West")),
        (south[int(second)], Name("澜川汽配东南仓", "Lanchuan Parts Warehouse South-East")),
    ]


def _apart(buildings: Sequence[Building], count: int) -> list[Building]:
    chosen: list[Building] = []
    where = np.empty((0, 2))
    for building in buildings:
        middle = building.outline.mean(axis=0)
        if building.use == "school" or (np.hypot(*(where - middle).T) < _WORKSHOPS_APART_M).any():
            continue
        chosen.append(building)
        where = np.vstack([where, middle])
        if len(chosen) == count:
            break
    return chosen


def _shops(free: list[Building], scale: float) -> Iterator[Place]:
    used: set[Name] = set()
    for tags, count, uses, kind in _SHOPS:
        left = max(1, round(count * scale * scale))
        for building in [b for b in free if b.use in uses]:
            name = _of_street(building, kind)
            if name in used:
                continue
            used.add(name)
            free.remove(building)
            yield _at(building, name, dict(tags))
            left -= 1
            if not left:
                break


def _parts(rng: np.random.Generator, layout: Layout, terrain: Terrain) -> Iterator[Place]:
    """Yield the city, its districts, neighbourhoods and villages."""
    yield Place((0.0, 0.0), names.CITY, {"place": "city", "population": "1860000"})
    spots = {
        "C": (60.0, 60.0),
        "N": (-250, 3100),
        "E": (2700, -150),
        "S": (-300, -2900),
        "W": (-3300, -700),
    }
    for letter, spot in spots.items():
        at = (spot[0] * terrain.scale, spot[1] * terrain.scale)
        yield Place(at, names.DISTRICTS[letter], {"place": "suburb"})
    villages, estates = names.village_names(rng), names.estate_names(rng)
    for quarter in layout.quarters:
        inside = Polygon(quarter.outline).representative_point()
        if quarter.use == "village":
            yield Place((inside.x, inside.y), next(villages), {"place": "village"})
        elif quarter.use in {"housing", "centre"}:
            yield Place((inside.x, inside.y), next(estates), {"place": "neighbourhood"})


def _metro(network: StreetMap, arterials: Arterials) -> Iterator[Place]:
    """Yield stations along the two axes, named after the nearest street that crosses."""
    street_of = network.street_of()
    used: set[Name] = set()
    for axis in metro_lines(arterials):
        crossing = [
            (number, name)
            for number, edge in enumerate(network.edges)
            if (name := street_of[number].name) is not None
            and 2 <= RANK[street_of[number].kind] <= 5
            and axis.distance(Point(edge.line[len(edge.line) // 2])) > 25.0
        ]
        tree = shapely.STRtree([LineString(network.edges[number].line) for number, _ in crossing])
        for at in np.arange(300.0, axis.length, _STATIONS_APART_M):
            point = axis.interpolate(at)
            street = crossing[int(tree.nearest(point))][1]
            if street not in used:
                used.add(street)
                name = Name(street.zh + "站", f"{street.en} Station")
                tags = {"railway": "station", "station": "subway", "public_transport": "station"}
                yield Place((point.x, point.y), name, tags)


def metro_lines(arterials: Arterials) -> tuple[LineString, ...]:
    """Return the two lines of the metro: below the axes, inside the motorway."""
    inside = arterials.encircled.buffer(-500.0)
    return tuple(longest_in(axis & inside) for axis in arterials.axes)


def _railway_station(terrain: Terrain) -> Place:
    spot = terrain.railway.interpolate(terrain.railway.project(Point(-3000.0, -350.0)))
    name = Name("澜川西站", "Lanchuan West Railway Station")
    tags = {"railway": "station", "public_transport": "station", "train": "yes"}
    return Place((spot.x, spot.y), name, tags)


def district(at: FloatArray, terrain: Terrain, arterials: Arterials) -> str:
    """Return the letter of the district that a point lies in: C, N, E, S or W."""
    point = Point(at)
    if arterials.old_town.contains(point):
        return "C"
    angle = np.degrees(np.arctan2(at[1], at[0]))
    foot = terrain.course.interpolate(terrain.course.project(point))
    if at[1] < foot.y:  # south of the river
        return "S"
    if abs(angle) <= 45.0:
        return "E"
    return "N" if 0.0 < angle <= 135.0 else "W"
