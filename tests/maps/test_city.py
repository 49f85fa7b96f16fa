"""The generated city, read back from its file: what a map must be for a day's work on it."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from osmium.osm.types import Node, Relation, Way

from maps import city
from maps.roads import osmfile
from maps.roads.network import CLOSED, RoadNetwork, build
from maps.roads.profiles import PROFILES
from maps.travel import NO_WAY, Points
from maps.ways import hierarchy
from maps.ways.road_travel import RoadTravel

SIZE_KM = 8.0
NIGHT = 4
MONDAY_TEN = 10
METRES = np.array([96_486.0, 110_852.0])
"""Of a degree at 30° north, to a few metres."""

Members = tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class Drawn:
    """The city's file: lines in metres, by way, with tags; closed ways are outlines."""

    summary: city.CitySummary
    nodes: Mapping[int, tuple[float, float]]
    node_tags: Mapping[int, Mapping[str, str]]
    ways: Mapping[int, tuple[tuple[int, ...], Mapping[str, str]]]
    relations: tuple[tuple[Members, Mapping[str, str]], ...]

    def line(self, way: int) -> shapely.LineString:
        points = np.array([self.nodes[node] for node in self.ways[way][0]])
        return shapely.LineString((points - self.summary.centre) * METRES)

    def with_key(self, key: str) -> dict[int, Mapping[str, str]]:
        return {way: tags for way, (_, tags) in self.ways.items() if key in tags}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    summary = city.write(tmp_path_factory.mktemp("city") / "city.osm.pbf", size_km=SIZE_KM)
    nodes, node_tags, ways, relations = {}, {}, {}, []
    for item in osmium.FileProcessor(str(summary.path)):
        tags = {tag.k: tag.v for tag in item.tags}
        if isinstance(item, Node):
            nodes[item.id] = (item.location.lon, item.location.lat)
            node_tags[item.id] = tags
        elif isinstance(item, Way):
            ways[item.id] = (tuple(node.ref for node in item.nodes), tags)
        elif isinstance(item, Relation):
            relations.append((tuple((m.type, m.ref, m.role) for m in item.members), tags))
    return Drawn(summary, nodes, node_tags, ways, tuple(relations))


@pytest.fixture(scope="module")
def network(drawn: Drawn) -> RoadNetwork:
    return build(osmfile.read(drawn.summary.path))


@pytest.fixture(scope="module")
def travel(network: RoadNetwork) -> RoadTravel:
    contracted = hierarchy.build(
        network.arc_tail, network.arc_head, network.junction_lonlat[network.node_junction]
    )
    return RoadTravel(network, contracted)


def sites(drawn: Drawn) -> Points:
    summary = drawn.summary
    every = (*summary.warehouses, *summary.counters, *summary.workshops)
    return np.array([(site.lon, site.lat) for site in every])


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_seed_draws_the_same_bytes(drawn: Drawn, tmp_path: Path) -> None:
    again = city.write(tmp_path / "again.osm.pbf", size_km=SIZE_KM)

    assert digest(again.path) == digest(drawn.summary.path)
    assert again.workshops == drawn.summary.workshops


def test_another_seed_draws_another_city_elsewhere(drawn: Drawn, tmp_path: Path) -> None:
    other = city.write(tmp_path / "o.osm.pbf", seed=8, size_km=SIZE_KM, centre=(8.0, 50.0))

    assert other.workshops[0].street != drawn.summary.workshops[0].street
    assert other.bbox[0] < 8.0 < other.bbox[2]
    assert other.bbox[1] < 50.0 < other.bbox[3]


@pytest.mark.parametrize("size_km", [3.0, 50.0])
def test_a_size_without_room_or_end_is_refused(size_km: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="size_km"):
        city.write(tmp_path / "city.osm.pbf", size_km=size_km)


def test_the_import_finds_nothing_odd(network: RoadNetwork) -> None:
    assert network.oddities == {}


@pytest.mark.parametrize("profile", ["car", "van", "truck", "scooter"])
def test_every_site_is_reached_from_every_other(
    drawn: Drawn, travel: RoadTravel, profile: str
) -> None:
    matrix = travel.matrix(sites(drawn), profile=profile, hour=NIGHT)

    assert (matrix.durations != NO_WAY).all()
    assert matrix.snapped_m.max() < 100


def test_the_truck_ban_closes_the_inside_of_the_ring_by_day(
    drawn: Drawn, network: RoadNetwork
) -> None:
    # The ring itself stays open, and what is less than half a lane of the map away from it.
    ring = shapely.Polygon(np.array(drawn.summary.truck_ban)).buffer(-0.0005)
    inside = shapely.contains_xy(ring, network.junction_lonlat[network.edge_from])
    inside &= shapely.contains_xy(ring, network.junction_lonlat[network.edge_to])
    arcs = inside[network.arc_edge] & (network.edge_length_cm[network.arc_edge] > 0)

    by_day = network.arc_times(PROFILES["truck"], MONDAY_TEN)
    by_night = network.arc_times(PROFILES["truck"], NIGHT)
    vans = network.arc_times(PROFILES["van"], MONDAY_TEN)

    assert arcs.sum() > 1000
    assert (by_day[arcs] == CLOSED).all()
    assert (by_night[arcs] != CLOSED).mean() > 0.9
    assert (vans[arcs] != CLOSED).mean() > 0.9


def test_roads_on_the_ground_meet_only_at_junctions(drawn: Drawn) -> None:
    roads = [way for way, tags in drawn.with_key("highway").items() if tags.get("bridge") is None]
    roads = [way for way in roads if drawn.ways[way][1]["highway"] not in {"motorway", "footway"}]
    lines = np.array([drawn.line(way) for way in roads])
    for one, other in shapely.STRtree(lines).query(lines, predicate="crosses").T:
        meeting = shapely.get_coordinates(lines[one].intersection(lines[other]))
        shared = {*lines[one].coords} & {*lines[other].coords}
        apart = np.abs(meeting[:, None] - np.array(sorted(shared)).reshape(-1, 2)[None])
        assert (apart.sum(axis=2).min(axis=1) < 0.05).all(), (roads[one], roads[other])


def test_whatever_crosses_the_water_is_a_bridge_or_a_ferry(drawn: Drawn) -> None:
    (river,) = (way for way, tags in drawn.with_key("water").items() if tags["water"] == "river")
    water = shapely.Polygon(drawn.line(river).coords)
    wet = {
        way: tags
        for way, tags in drawn.with_key("highway").items()
        if drawn.line(way).intersection(water).length > 1.0
    }

    assert len(wet) >= 8
    assert {tags.get("bridge") for tags in wet.values()} == {"yes"}
    assert len([tags for tags in drawn.with_key("route").values() if tags["route"] == "ferry"]) == 1


def test_the_motorway_meets_nothing_but_its_ramps(drawn: Drawn) -> None:
    classes = defaultdict(set)
    for way, tags in drawn.with_key("highway").items():
        for node in drawn.ways[way][0]:
            classes[node].add(tags["highway"])

    met = {name for names in classes.values() if "motorway" in names for name in names}
    assert met == {"motorway", "motorway_link"}


def test_roundabouts_turn_counter_clockwise(drawn: Drawn) -> None:
    roundabouts = drawn.with_key("junction")

    assert len(roundabouts) >= 2
    for way, tags in roundabouts.items():
        sides = np.diff(np.array(drawn.line(way).coords), axis=0)
        turns = sides[:-1, 0] * sides[1:, 1] - sides[:-1, 1] * sides[1:, 0]
        assert tags["oneway"] == "yes"
        assert turns.sum() > 0


def test_there_are_bans_of_every_kind_and_their_ends_meet(drawn: Drawn) -> None:
    kinds: Counter[str] = Counter()
    for members, tags in drawn.relations:
        if tags["type"] != "restriction":
            continue
        (origin,), (target,) = (
            [ref for _, ref, role in members if role == r] for r in ("from", "to")
        )
        ((kind, via),) = ((kind, ref) for kind, ref, role in members if role == "via")
        bounds = drawn.ways[via][0] if kind == "w" else (via,)
        first, last = drawn.ways[origin][0], drawn.ways[target][0]
        assert {first[0], first[-1]} & {bounds[0], bounds[-1]}
        assert {last[0], last[-1]} & {bounds[0], bounds[-1]}
        value = next(value for key, value in tags.items() if key.startswith("restriction"))
        kinds[f"{kind} {value.split(' @')[0]}{' @' if '@' in value else ''}"] += 1

    assert kinds["n no_left_turn"] >= 10
    assert kinds["n no_left_turn @"] >= 2
    assert kinds["n only_straight_on"] >= 2
    assert kinds["n no_u_turn"] >= 5
    assert kinds["w no_u_turn"] >= 4


def test_every_address_is_one_building(drawn: Drawn) -> None:
    addresses = Counter(
        (tags["addr:street"], tags["addr:housenumber"])
        for tags in drawn.with_key("building").values()
        if "addr:street" in tags
    )

    assert len(addresses) > 4000
    assert max(addresses.values()) == 1


def test_every_street_of_an_address_exists_and_is_near(drawn: Drawn) -> None:
    streets = defaultdict(list)
    for way, tags in drawn.with_key("highway").items():
        streets[tags.get("name")].append(drawn.line(way))
    for way, tags in itertools.islice(drawn.with_key("addr:street").items(), 0, None, 25):
        near = shapely.union_all(streets[tags["addr:street"]])
        assert drawn.line(way).distance(near) < 50, tags


def test_named_things_have_both_scripts(drawn: Drawn) -> None:
    tagged = [tags for _, tags in drawn.ways.values()] + list(drawn.node_tags.values())
    named = [tags for tags in tagged if "name" in tags]

    assert len(named) > 1500
    for tags in named:
        assert tags["name"] == tags["name:zh"]
        assert tags["name"][0] >= "\u4e00"
        assert tags["name:en"].isascii()


def test_the_warehouses_stand_far_apart_among_works(drawn: Drawn) -> None:
    works = [
        shapely.Polygon(drawn.line(way).coords)
        for way, tags in drawn.with_key("landuse").items()
        if tags["landuse"] == "industrial"
    ]
    spots = np.array([(site.lon, site.lat) for site in drawn.summary.warehouses])
    first, second = (spots - drawn.summary.centre) * METRES

    assert np.hypot(*(first - second)) == pytest.approx(10_000 * SIZE_KM / 12, rel=0.03)
    for place in (first, second):
        assert any(area.contains(shapely.Point(place)) for area in works)


def test_workshops_have_a_name_and_address_and_lie_in_all_districts(drawn: Drawn) -> None:
    workshops = drawn.summary.workshops
    shops = {
        (tags["name"], tags["addr:street"] + tags["addr:housenumber"] + "号")
        for tags in drawn.node_tags.values()
        if tags.get("shop") == "car_repair"
    }

    assert len(workshops) == len(shops) >= 200
    assert {(site.name, site.address) for site in workshops} == shops
    counts = Counter(site.district for site in workshops)
    assert min(counts[letter] for letter in "NES") >= 15


def test_the_numbers_of_the_summary_are_those_of_the_file(drawn: Drawn) -> None:
    arms: Counter[int] = Counter()
    for way, tags in drawn.with_key("highway").items():
        if tags["highway"] == "footway":
            continue
        nodes = drawn.ways[way][0]
        arms.update([*nodes, *nodes[1:-1]])

    assert drawn.summary.num_junctions == sum(count >= 3 for count in arms.values())
    assert drawn.summary.num_buildings == len(drawn.with_key("building"))
