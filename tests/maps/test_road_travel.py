import threading
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.errors import MapError, OffRoad
from maps.roads.network import RoadNetwork
from maps.roads.zones import Closure, Conditions, Zone
from maps.sphere import metres_between
from maps.travel import NO_WAY, Points
from maps.ways import hierarchy
from maps.ways.road_travel import RoadTravel
from tests.maps.draw import draw
from tests.maps.drawn_travel import at, distances, durations, travel

SQUARE = """
    a-b
    | |
    c-d
"""


def test_one_way_street_makes_the_return_longer() -> None:
    network = draw(SQUARE, one_way=["ab"])
    assert distances(network, "ab") == [[0, 100], [300, 0]]


def test_durations_follow_speeds_and_distances_the_fastest_way() -> None:
    network = draw(SQUARE, tags={"ab": {"maxspeed": "4.5"}})  # 1 m/s
    assert durations(network, "abcd") == [
        [0, 30, 10, 20],
        [30, 0, 20, 10],
        [10, 20, 0, 10],
        [20, 10, 10, 0],
    ]
    assert distances(network, "ab") == [[0, 300], [300, 0]]


def test_banned_turn_is_driven_around() -> None:
    network = draw(
        """
        a-b-c
          | |
          d-e
        """,
        no_turn=["abc"],
    )
    assert distances(network, "ac") == [[0, 400], [200, 0]]


def test_only_turn_forbids_the_others() -> None:
    network = draw(
        """
        a-b-c
          | |
          d-e
        """,
        only_turn=["abd"],
    )
    assert distances(network, "ac") == [[0, 400], [200, 0]]


def test_place_on_a_junction_is_left_by_any_road() -> None:
    network = draw(SQUARE, one_way=["ab", "bd", "dc", "ca"])
    assert distances(network, "ac") == [[0, 300], [100, 0]]


def test_points_are_put_on_edges_with_their_offset() -> None:
    network = draw("a---b", metres_per_step=100)
    points = np.concatenate((at(network, "a", east=50, north=30), at(network, "a", east=120)))
    matrix = travel(network).matrix(points, profile="car", hour=0)
    assert matrix.distances.tolist() == [[0, 70], [70, 0]]
    assert matrix.durations.tolist() == [[0, 7], [7, 0]]
    np.testing.assert_allclose(matrix.snapped_m, [30, 0], atol=0.1)


def test_back_on_a_one_way_street_means_once_around() -> None:
    network = draw(SQUARE, one_way=["ab"])
    points = np.concatenate([at(network, "a", east=east) for east in (30.0, 60.0)])
    matrix = travel(network).matrix(points, profile="car", hour=0)
    assert matrix.distances.tolist() == [[0, 30], [370, 0]]


def test_pairs_without_a_way_are_marked() -> None:
    network = draw(
        """
        a-b-c
        """,
        tags={"bc": {"motor_vehicle:conditional": "no @ (Mo-Fr 07:00-19:00)"}},
    )
    points = np.concatenate((at(network, "a"), at(network, "c", east=-50.0)))
    roads = travel(network)
    assert roads.matrix(points, profile="car", hour=3).distances.tolist() == [[0, 150], [150, 0]]
    closed = roads.matrix(points, profile="car", hour=12)
    assert closed.durations.tolist() == [[0, NO_WAY], [NO_WAY, 0]]
    assert closed.distances.tolist() == [[0, NO_WAY], [NO_WAY, 0]]
    assert list(roads.legs(points[:1], points[1:], profile="car", hour=12)) == [None]


def test_zone_closes_its_roads_in_its_hours_for_its_profiles() -> None:
    network = draw(SQUARE)
    area = shapely.box(0.0002, -0.0001, 0.0005, 0.0001)
    roads = travel(network, Conditions(zones=(Zone(area, profiles=frozenset({"truck"})),)))
    points = at(network, "ab")
    assert roads.matrix(points, profile="truck", hour=0).distances.tolist() == [[0, 300], [300, 0]]
    assert roads.matrix(points, profile="van", hour=0).distances.tolist() == [[0, 100], [100, 0]]


def test_same_roads_under_other_conditions() -> None:
    network = draw(SQUARE)
    free = travel(network)
    closed = free.under(Conditions(closures=(Closure(ways=frozenset({1})),)))
    points = at(network, "ab")
    assert closed.matrix(points, profile="car", hour=0).distances[0, 1] == 300
    assert free.matrix(points, profile="car", hour=0).distances[0, 1] == 100
    assert closed.version != free.version


def test_leg_runs_from_snapped_point_to_snapped_point_along_the_road() -> None:
    network = draw(SQUARE, one_way=["ab"])
    here, there = at(network, "b", north=-40.0, east=5.0), at(network, "a", east=70.0, north=8.0)
    (leg,) = travel(network).legs(here, there, profile="car", hour=0)
    assert leg is not None
    corners = [at(network, "b", north=-40.0), at(network, "dca"), at(network, "a", east=70.0)]
    np.testing.assert_allclose(leg.line, np.concatenate(corners), atol=1e-9)
    assert (leg.distance_m, leg.duration_s) == (330, 33)


def test_leg_on_one_edge_is_the_piece_between() -> None:
    network = draw("a---b")
    here, there = at(network, "a", east=150.0), at(network, "a", east=30.0)
    (leg,) = travel(network).legs(here, there, profile="car", hour=0)
    assert leg is not None
    np.testing.assert_allclose(leg.line, np.concatenate((here, there)), atol=1e-9)
    assert leg.distance_m == 120


def test_leg_back_on_a_one_way_street_goes_once_around() -> None:
    network = draw(SQUARE, one_way=["ab"])
    here, there = (at(network, "a", east=east) for east in (60.0, 30.0))
    back, on = travel(network).legs(
        np.concatenate((here, there)), np.concatenate((there, here)), profile="car", hour=0
    )
    assert back is not None
    assert on is not None
    assert (back.distance_m, on.distance_m) == (370, 30)
    around = [here, at(network, "bdca"), there]
    np.testing.assert_allclose(back.line, np.concatenate(around), atol=1e-9)


def test_leg_to_the_same_place_stays_there() -> None:
    network = draw("a-b")
    (leg,) = travel(network).legs(at(network, "a"), at(network, "a"), profile="car", hour=0)
    assert leg is not None
    assert (leg.duration_s, leg.distance_m, len(leg.line)) == (0, 0, 2)


places = st.lists(
    st.tuples(st.floats(-60, 360), st.floats(-260, 60)).map(lambda place: np.array([place])),
    min_size=2,
    max_size=6,
)


@given(places)
@settings(deadline=None, max_examples=60)
def test_legs_equal_the_matrix_and_their_lines_are_as_long_as_they_say(some: list[Points]) -> None:
    points = np.concatenate(some) / 111_195
    matrix = TOWN_TRAVEL.matrix(points, profile="car", hour=0)
    pairs = [(i, j) for i in range(len(points)) for j in range(len(points))]
    origins, destinations = points[[i for i, _ in pairs]], points[[j for _, j in pairs]]
    legs = TOWN_TRAVEL.legs(origins, destinations, profile="car", hour=0)
    for (i, j), leg in zip(pairs, legs, strict=True):
        assert leg is not None
        assert (leg.duration_s, leg.distance_m) == (matrix.durations[i, j], matrix.distances[i, j])
        length = metres_between(leg.line[:-1], leg.line[1:]).sum()
        assert abs(length - leg.distance_m) <= 1


@given(places)
@settings(deadline=None, max_examples=30)
def test_no_detour_is_shorter_in_time(some: list[Points]) -> None:
    durations = TOWN_TRAVEL.matrix(np.concatenate(some) / 111_195, profile="car", hour=0).durations
    assert np.diag(durations).max() == 0
    for via in range(len(durations)):
        # Turning round at a point is free, so a stop may save a way round the block.
        assert (durations <= durations[:, [via]] + durations[via] + LOOP_S).all()


def test_far_points_are_all_named() -> None:
    network = draw("a-b")
    points = np.array([[0, 0], [0, 0.02], [np.nan, 0], [0.0005, 0.004], [1, 1]])
    with pytest.raises(OffRoad, match="off_road") as caught:
        travel(network).matrix(points, profile="car", hour=0)
    assert caught.value.indices == (1, 2, 4)
    with pytest.raises(OffRoad) as caught:
        travel(network).legs(points[[0, 1]], points[[4, 0]], profile="car", hour=0)
    assert caught.value.indices == (0, 1)


def test_unknown_profile_and_hour_are_refused() -> None:
    network = draw("a-b")
    with pytest.raises(MapError, match=r"unknown_profile.*'tank'.*car, van, truck, scooter"):
        travel(network).matrix(at(network, "ab"), profile="tank", hour=0)
    with pytest.raises(ValueError, match="168"):
        travel(network).matrix(at(network, "ab"), profile="car", hour=168)


def test_no_points_make_an_empty_matrix() -> None:
    matrix = travel(draw("a-b")).matrix(np.empty((0, 2)), profile="car", hour=0)
    assert matrix.durations.shape == matrix.distances.shape == (0, 0)


def test_cached_matrix_is_the_same_and_is_not_used_for_anything_else(tmp_path: Path) -> None:
    network = draw(SQUARE, one_way=["ab"])
    contracted = hierarchy.build(network.arc_tail, network.arc_head, network.junction_lonlat)
    roads = RoadTravel(network, contracted, cache_dir=tmp_path)
    points = at(network, "ab")
    first = roads.matrix(points, profile="car", hour=0)
    assert len(list(tmp_path.iterdir())) == 1
    again = RoadTravel(network, contracted, cache_dir=tmp_path).matrix(
        points, profile="car", hour=0
    )
    assert len(list(tmp_path.iterdir())) == 1
    assert again.durations.tolist() == first.durations.tolist()
    assert again.distances.tolist() == first.distances.tolist()
    usual = roads.under(Conditions())
    for held, (asked, places, profile, hour) in enumerate(
        (
            (roads, points, "van", 0),
            (roads, points, "car", 1),
            (roads, points[::-1], "car", 0),
            (usual, points, "car", 0),
        ),
        start=1,
    ):
        asked.matrix(places, profile=profile, hour=hour)
        assert len(list(tmp_path.iterdir())) == held + 1


def test_cached_matrix_is_that_of_its_map(tmp_path: Path) -> None:
    for one_way, expected in (((), 100), (("ab",), 300)):
        network = draw(SQUARE, one_way=one_way)
        contracted = hierarchy.build(network.arc_tail, network.arc_head, network.junction_lonlat)
        for _ in range(2):
            roads = RoadTravel(network, contracted, cache_dir=tmp_path)
            matrix = roads.matrix(at(network, "ab"), profile="car", hour=0)
            assert matrix.distances[1, 0] == expected
    assert len(list(tmp_path.iterdir())) == 2


def test_damaged_cache_file_is_measured_anew(tmp_path: Path) -> None:
    network = draw(SQUARE)
    contracted = hierarchy.build(network.arc_tail, network.arc_head, network.junction_lonlat)
    roads = RoadTravel(network, contracted, cache_dir=tmp_path)
    points = at(network, "abcd")
    expected = roads.matrix(points, profile="car", hour=0).distances.tolist()
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for damaged in (b"", b"nonsense", whole[: len(whole) // 2], whole.replace(b"d", b"x")):
        file.write_bytes(damaged)
        assert roads.matrix(points, profile="car", hour=0).distances.tolist() == expected
        assert file.read_bytes() == whole


def test_version_follows_the_content() -> None:
    assert travel(draw(SQUARE)).version == travel(draw(SQUARE)).version
    assert travel(draw(SQUARE)).version != travel(draw(SQUARE, one_way=["ab"])).version


def test_several_threads_get_the_same_answers() -> None:
    random = np.random.default_rng(2)
    points = random.random((400, 2)) * [0.003, -0.002]
    expected = TOWN_TRAVEL.matrix(points, profile="car", hour=0).durations
    found: list[bool] = []

    def ask() -> None:
        durations = TOWN_TRAVEL.matrix(points, profile="car", hour=0).durations
        found.append(bool((durations == expected).all()))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


def _town() -> RoadNetwork:
    return draw(
        """
        a-b-c-d
        | | | |
        e-f-g-h
        |   | |
        i---k-l
        """,
        one_way=["abcd", "hgfe", "cgk"],
        no_turn=["efb", "hgk"],
    )


TOWN_TRAVEL = travel(_town())
LOOP_S = 200
