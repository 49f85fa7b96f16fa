"""Turn the drawn city into OpenStreetMap's elements: ways, areas, buildings, points, bans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely import Polygon

from maps.city import names
from maps.city.bans import Ban
from maps.city.buildings import Building
from maps.city.names import Name
from maps.city.pbf import Sheet, Tags
from maps.city.places import Place
from maps.city.quarters import Layout
from maps.city.rules import Rules
from maps.city.shapes import FloatArray, area_in, coords, longest_in
from maps.city.streets import Street, StreetMap
from maps.city.terrain import Terrain

_LAND = {
    "old": {"landuse": "residential"},
    "centre": {"landuse": "residential"},
    "housing": {"landuse": "residential"},
    "village": {"landuse": "residential"},
    "industry": {"landuse": "industrial"},
    "farmland": {"landuse": "farmland"},
    "forest": {"landuse": "forest"},
    "park": {"leisure": "park"},
    "belt": {"landuse": "grass"},
    "water": {"landuse": "grass"},
}
_BLOCKS = {
    "garden": {"leisure": "park"},
    "commerce": {"landuse": "commercial"},
    "farmland": {"landuse": "farmland"},
}


def put_streets(sheet: Sheet, network: StreetMap, rules: Rules) -> None:
    """Add the streets as ways, split where a tag changes or a restriction needs an end."""
    nodes = [sheet.node(at, rules.node_tags.get(k)) for k, at in enumerate(network.nodes)]
    ends = {ban.node for ban in rules.bans if ban.node is not None}
    for ban in rules.bans:
        if ban.via is not None:
            ends |= {network.edges[ban.via].tail, network.edges[ban.via].head}
    way_of: dict[int, int] = {}
    for street in network.streets:
        for numbers in _runs(network, street, ends):
            refs = [nodes[network.edges[numbers[0]].tail]]
            for number in numbers:
                edge = network.edges[number]
                refs += [sheet.node(point) for point in edge.line[1:-1]]
                refs.append(nodes[edge.head])
            way = sheet.way(refs, _street_tags(street) | network.edges[numbers[0]].tags)
            way_of |= dict.fromkeys(numbers, way)
    for ban in rules.bans:
        _put_ban(sheet, ban, way_of, nodes)
    if rules.ferry:
        name = Name("澜江汽渡", "Lan River Car Ferry")
        tags = {"route": "ferry", "motor_vehicle": "yes", "duration": "00:06"}
        sheet.way([nodes[node] for node in rules.ferry], name.tags() | tags)


def _runs(network: StreetMap, street: Street, ends: set[int]) -> Iterator[list[int]]:
    """Yield stretches of a street that can be one way each."""
    run: list[int] = []
    for number in street.edges:
        edge = network.edges[number]
        if run:
            last = network.edges[run[-1]]
            if last.head != edge.tail or last.tags != edge.tags or edge.tail in ends:
                yield run
                run = []
        run.append(number)
    yield run


def _street_tags(street: Street) -> Tags:
    tags = {"highway": street.kind, "surface": "asphalt"}
    if street.name:
        tags |= street.name.tags()
    if street.oneway:
        tags["oneway"] = "yes"
    if street.roundabout:
        tags["junction"] = "roundabout"
    return tags


def _put_ban(sheet: Sheet, ban: Ban, way_of: dict[int, int], nodes: Sequence[int]) -> None:
    via = ("n", nodes[ban.node], "via") if ban.node is not None else None
    if ban.via is not None:
        via = ("w", way_of[ban.via], "via")
    assert via is not None
    members = [("w", way_of[ban.origin], "from"), via, ("w", way_of[ban.target], "to")]
    tags = {"type": "restriction", ban.key: ban.value}
    if ban.exempt:
        tags["except"] = ban.exempt
    sheet.relation(members, tags)


def put_land(sheet: Sheet, rng: np.random.Generator, layout: Layout, terrain: Terrain) -> None:
    """Add what the ground is used for, parks with their paths and ponds, schools, hospitals."""
    parks = names.park_names(rng)
    for quarter in layout.quarters:
        tags = _LAND[quarter.use]
        if quarter.use == "park":
            tags = tags | next(parks).tags()
            _put_park(sheet, rng, Polygon(quarter.outline), terrain)
        sheet.area(_simple(quarter.outline), tags)
    schools = names.school_names(rng, Name("学校", "School"))
    hospitals = names.school_names(rng, Name("医院", "Hospital"))
    count = 0
    for block in layout.blocks:
        tags = _BLOCKS.get(block.use, {})
        if block.use == "school":
            count += 1
            hospital = count % 8 == 1
            tags = {"amenity": "hospital" if hospital else "school"}
            tags |= next(hospitals if hospital else schools).tags()
        if tags:
            sheet.area(_simple(Polygon(block.outline).buffer(-5.0)), tags)
    for hill in terrain.hills:
        sheet.area(_simple(hill), {"natural": "wood"})


def _put_park(sheet: Sheet, rng: np.random.Generator, park: Polygon, terrain: Terrain) -> None:
    walk = park.buffer(-38.0).buffer(-20.0).buffer(20.0)
    if not isinstance(walk, Polygon) or walk.area < 6000.0:
        return
    sheet.area(coords(area_in(walk.simplify(2.0))), {"highway": "footway"})
    core = walk.buffer(-45.0)
    if isinstance(core, Polygon) and core.area > 9000.0 and core.distance(terrain.lake) > 150.0:
        shrink = rng.uniform(0.2, 0.3) * float(np.sqrt(core.area))
        pond = area_in(core.buffer(-shrink).simplify(15.0).buffer(18.0))
        if not pond.is_empty:
            sheet.area(_simple(pond), {"natural": "water", "water": "pond"})


def put_water(sheet: Sheet, terrain: Terrain) -> None:
    """Add the river, and the lake with its island as a multipolygon."""
    river = names.RIVER.tags()
    sheet.area(coords(terrain.river), {"natural": "water", "water": "river"} | river)
    sheet.line(coords(terrain.course), {"waterway": "river"} | river)
    shore = sheet.area(_simple(terrain.lake), {})
    island = sheet.area(_simple(terrain.island), {"place": "islet"} | names.ISLAND.tags())
    tags = {"type": "multipolygon", "natural": "water", "water": "lake"} | names.LAKE.tags()
    sheet.relation([("w", shore, "outer"), ("w", island, "inner")], tags)
    grove = terrain.island.buffer(-8.0)
    sheet.area(_simple(grove), {"natural": "wood"})


def put_rails(sheet: Sheet, terrain: Terrain, metro: Sequence[shapely.LineString]) -> None:
    """Add the railway, a viaduct over all streets, and the metro below them."""
    tags = {"railway": "rail", "bridge": "viaduct", "layer": "2", "electrified": "contact_line"}
    sheet.line(coords(terrain.railway), tags | names.RAILWAY.tags())
    for number, line in enumerate(metro, 1):
        name = Name(f"地铁{number}号线", f"Metro Line {number}")
        tags = {"railway": "subway", "tunnel": "yes", "layer": "-2"}
        sheet.line(coords(longest_in(line.simplify(3.0))), tags | name.tags())


def put_buildings(sheet: Sheet, buildings: Sequence[Building]) -> None:
    """Add the buildings, with street and number where they have one."""
    for building in buildings:
        tags = {"building": building.kind, "building:levels": str(building.levels)}
        if building.street and building.street.name and building.number:
            tags["addr:street"] = building.street.name.zh
            tags["addr:housenumber"] = str(building.number)
        sheet.area(building.outline, tags)


def put_places(sheet: Sheet, places: Iterator[Place]) -> None:
    """Add named points."""
    for place in places:
        tags = place.tags | place.name.tags()
        if place.street and place.number:
            tags["addr:street"] = place.street.zh
            tags["addr:housenumber"] = str(place.number)
        sheet.node(np.array(place.at), tags)


def _simple(shape: Polygon | FloatArray) -> FloatArray:
    polygon = shape if isinstance(shape, Polygon) else Polygon(shape)
    return coords(area_in(polygon.simplify(0.8)))
