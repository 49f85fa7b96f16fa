import numpy as np

from maps.roads.profiles import PROFILES
from maps.ways.snap import Snapper, ever_open, well_connected
from tests.maps.draw import draw
from tests.maps.drawn_travel import at, travel

SQUARE = """
    a-b
    | |
    c-d
"""


def test_nearest_on_the_ground_counts_far_north_too() -> None:
    # At 60 degrees north a degree of longitude is half as long as one of latitude.
    network = draw(SQUARE, metres_per_step=1000)
    shifted = network.line_lonlat * [2.0, 1.0] + [0.0, 60.0]
    object.__setattr__(network, "line_lonlat", shifted)
    everywhere = np.ones(network.edge_way.size, np.bool_)
    west, north = shifted[0]
    metres = 1 / 111_195
    point = np.array([[west + 2 * 300 * metres, north - 400 * metres]])
    snapped = Snapper(network, everywhere).snap(point)
    assert network.edge_way[snapped.edge[0]] == 2  # a-c, 300 m to the west; a-b is 400 m north
    np.testing.assert_allclose(snapped.metres, [300], rtol=2e-3)
    np.testing.assert_allclose(snapped.fraction, [0.4], rtol=2e-3)


def test_road_closed_to_the_profile_is_passed_by() -> None:
    network = draw(SQUARE, tags={"ab": {"hgv": "no"}})
    points = at(network, "a", east=50.0, north=5.0)
    roads = travel(network)
    assert roads.matrix(points, profile="car", hour=0).snapped_m.round() == [5]
    assert roads.matrix(points, profile="truck", hour=0).snapped_m.round() == [50]


def test_road_closed_by_the_hour_keeps_its_points() -> None:
    network = draw(SQUARE, tags={"ab": {"motor_vehicle:conditional": "no @ (07:00-19:00)"}})
    points = at(network, "a", east=50.0, north=5.0)
    for hour in (3, 12):
        assert travel(network).matrix(points, profile="car", hour=hour).snapped_m.round() == [5]


def test_road_that_nobody_gets_away_from_is_passed_by() -> None:
    network = draw(
        """
        a-b-c
        | |
        d-e   f-g
        """,
        one_way=["bc"],
    )
    is_open = ever_open(network, PROFILES["car"])
    connected = well_connected(network, is_open)
    assert sorted(network.edge_way[~connected].tolist()) == [3, 6]  # b-c, f-g


def test_hours_of_all_rules_are_looked_at() -> None:
    network = draw(
        SQUARE,
        tags={
            "ab": {"motor_vehicle:conditional": "no @ (00:00-12:00)"},
            "cd": {"motor_vehicle:conditional": "no @ (12:00-24:00)"},
            "ac": {"motor_vehicle": "no"},
        },
    )
    is_open = ever_open(network, PROFILES["car"])
    assert set(network.edge_way[network.arc_edge[is_open]].tolist()) == {1, 3, 4}


def test_points_that_are_no_numbers_and_maps_without_roads_give_no_edge() -> None:
    network = draw("a-b")
    nowhere = Snapper(network, np.zeros(1, np.bool_)).snap(np.zeros((1, 2)))
    assert (nowhere.edge.tolist(), nowhere.metres.tolist()) == ([-1], [np.inf])
    snapped = Snapper(network, np.ones(1, np.bool_)).snap(np.array([[np.nan, 0], [0, 0]]))
    assert snapped.edge.tolist() == [-1, 0]


def test_ferries_are_not_where_customers_live() -> None:
    network = draw(
        """
        a-b
        | |
        c-d
        """,
        tags={"ab": {"highway": "", "route": "ferry", "motor_vehicle": "yes"}},
    )
    points = at(network, "a", east=50.0, north=5.0)
    assert travel(network).matrix(points, profile="car", hour=0).snapped_m.round() == [50]
