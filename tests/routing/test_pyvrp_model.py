from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from routing import pyvrp_model, pyvrp_prices
from routing.problem import NO_WAY, Matrix, Problem, Window
from routing.tables import Tables
from tests.routing.build import line, problem, table, town, van, visit


def model(asked: Problem) -> pyvrp_model.Model:
    return pyvrp_model.build(Tables(asked), range(len(asked.visits)))


def test_equal_vehicles_are_one_type() -> None:
    vans = [van("a"), van("b", cost_per_km=7), van("c")]
    made = model(problem(line(0, 10), vans, [visit("x", 1), visit("y", 1)]))
    assert [t.num_available for t in made.data.vehicle_types()] == [2, 1]
    assert made.vehicles == [[0, 2], [1]]


def test_a_benchmark_is_not_scaled() -> None:
    made = model(town(5))
    assert made.money == pyvrp_prices.Money(Fraction(1), 1)
    assert [t.unit_distance_cost for t in made.data.vehicle_types()] == [1]


@pytest.mark.parametrize(
    ("prices", "scale", "units"),
    [
        ({"cost_per_km": 120, "cost_per_h": 3000}, 150, (18, 125)),
        ({"cost_per_km": 0, "cost_per_h": 3600}, 1, (0, 1)),
        ({"cost_per_km": 1000, "cost_per_h": 360_000}, 1, (1, 100)),
    ],
)
def test_prices_keep_their_ratio(
    prices: dict[str, Any], scale: int, units: tuple[int, int]
) -> None:
    made = model(problem(line(0, 10), [van(**prices)], [visit("x", 1)]))
    (kind,) = made.data.vehicle_types()
    assert made.money.scale == scale
    assert (kind.unit_distance_cost, kind.unit_duration_cost) == units


def test_odd_prices_are_rounded_rather_than_huge() -> None:
    asked = problem(line(0, 10), [van(cost_per_km=137, cost_per_h=2999)], [visit("x", 1)])
    (kind,) = model(asked).data.vehicle_types()
    assert kind.unit_duration_cost <= pyvrp_prices.LARGEST_UNIT
    ratio = kind.unit_duration_cost / kind.unit_distance_cost
    assert ratio == pytest.approx((2999 / 3600) / (137 / 1000), rel=0.005)


def test_hours_of_driving_are_a_distance() -> None:
    asked = problem(
        Matrix(line(0, 30).durations, line(0, 99).durations),
        [van(cost_per_km=0, cost_per_drive_h=3600, max_drive_s=50)],
        [visit("x", 1)],
    )
    made = model(asked)
    (kind,) = made.data.vehicle_types()
    assert made.data.distance_matrix(0)[0, 1] == 30
    assert (kind.max_distance, kind.unit_distance_cost) == (50, 1)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"max_drive_s": 5}, "max_drive_s"),
        ({"cost_per_drive_h": 5, "max_distance_m": 5}, "max_distance_m"),
    ],
)
def test_a_limit_beside_another_price_is_named(changes: dict[str, Any], where: str) -> None:
    asked = problem(line(0, 10), [van(**changes)], [visit("x", 1)])
    (fault,) = pyvrp_prices.obstacles(Tables(asked))
    assert fault.code == "limit_and_price"
    assert fault.where.endswith(where)


def test_several_windows_are_a_group_of_which_one_is_served() -> None:
    made = model(problem(line(0, 10), [van()], [visit("x", 1, (0, 9), (50, 60), (90, 99))]))
    (group,) = made.data.groups()
    assert (len(group), group.required) == (3, True)
    assert [c.tw_early for c in made.data.clients()] == [0, 50, 90]


def test_setup_is_in_the_leg_and_moves_the_window() -> None:
    visits = [visit(name, 1, (5, 9), setup_s=7) for name in "xy"]
    made = model(problem(line(0, 10), [van()], visits))
    assert made.data.num_locations == 2
    assert made.data.duration_matrix(0).tolist() == [[0, 17], [10, 0]]
    assert {(c.tw_early, c.tw_late) for c in made.data.clients()} == {(12, 16)}


def test_a_way_that_is_none_comes_too_late() -> None:
    asked = problem(
        table([[0, 10, NO_WAY], [10, 0, 10], [10, 10, 0]]),
        [van(shift=Window(100, 900))],
        [visit("x", 1), visit("y", 2)],
    )
    made = model(asked)
    durations = made.data.duration_matrix(0)
    assert durations.max() < NO_WAY
    assert 100 + durations[0, 2] > made.data.vehicle_types()[0].tw_late


def test_a_vehicle_without_a_skill_has_no_way_there() -> None:
    asked = problem(
        line(0, 10),
        [van("a"), van("b", skills=frozenset({"dg"}))],
        [visit("x", 1), visit("y", 1, skills=frozenset({"dg"}))],
    )
    made = model(asked)
    place = made.data.clients()[1].location
    first, second = (
        made.data.duration_matrix(kind.profile)[0, place] for kind in made.data.vehicle_types()
    )
    assert second == 10
    assert first > made.data.vehicle_types()[0].tw_late


def test_an_open_start_is_a_depot_next_to_everything() -> None:
    made = model(problem(line(0, 10), [van(start=None)], [visit("x", 1, setup_s=3)]))
    (kind,) = made.data.vehicle_types()
    start = made.data.depots()[kind.start_depot].location
    assert made.data.duration_matrix(0)[start, made.data.clients()[0].location] == 3
    assert not np.delete(made.data.distance_matrix(0)[start], start).any()


def test_a_plan_goes_to_pyvrp_and_back() -> None:
    asked = town(12)
    tables, made = Tables(asked), model(asked)
    orders = {0: [3, 1, 2], 2: [5, 4]}
    back = made.orders(made.solution(tables, orders))
    assert sorted(back.values()) == sorted(orders.values())


@pytest.mark.parametrize("wish", ["due", "ready", "promised"])
def test_a_wish_for_the_first_second_is_one_that_pyvrp_has_no_word_for(wish: str) -> None:
    asked = problem(line(0, 10), [van()], [visit("a", 1, **{wish: 0})])
    assert [fault.code for fault in pyvrp_prices.obstacles(Tables(asked))] == ["beyond_pyvrp"]
