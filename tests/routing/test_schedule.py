from __future__ import annotations

from typing import Any

import pytest

from routing.check import check
from routing.problem import NO_WAY, InvalidProblem, Matrix, Vehicle, Visit, Window
from routing.schedule import schedule
from tests.routing.build import line, problem, table, van, visit


def test_departure_waits_so_that_the_vehicle_need_not() -> None:
    one = problem(line(0, 10), [van()], [visit("a", 1, (500, 600), service_s=5)])
    route = schedule(one, {"van": ["a"]}).routes[0]
    assert (route.departure, route.steps[0].arrival, route.steps[0].wait_s) == (490, 500, 0)
    assert (route.arrival, route.duration_s) == (515, 25)


def test_waiting_stays_where_no_departure_avoids_it() -> None:
    two = problem(line(0, 10, 20), [van()], [visit("a", 1, (0, 50)), visit("b", 2, (200, 300))])
    route = schedule(two, {"van": ["a", "b"]}).routes[0]
    assert (route.departure, route.steps[1].arrival, route.steps[1].wait_s) == (40, 60, 140)


def test_the_window_that_makes_the_route_shortest_is_chosen() -> None:
    visits = [visit("a", 1, (0, 20), (180, 220)), visit("b", 2, (200, 300))]
    route = schedule(problem(line(0, 10, 20), [van()], visits), {"van": ["a", "b"]}).routes[0]
    assert (route.steps[0].service_start, route.duration_s) == (190, 40)


def test_setup_is_spent_once_at_a_place() -> None:
    visits = [visit(name, 1, setup_s=7, service_s=2) for name in "ab"]
    route = schedule(problem(line(0, 10), [van()], visits), {"van": ["a", "b"]}).routes[0]
    assert [step.setup_s for step in route.steps] == [7, 0]
    assert route.duration_s == 10 + 7 + 2 + 2 + 10


def test_an_open_route_begins_and_ends_at_its_visits() -> None:
    one = problem(line(0, 10, 30), [van(start=None, end=None)], [visit("a", 1), visit("b", 2)])
    route = schedule(one, {"van": ["a", "b"]}).routes[0]
    assert (route.distance_m, route.drive_s, route.duration_s) == (20, 20, 20)


def test_loads_are_on_board_from_the_start_and_to_the_end() -> None:
    visits = [visit("a", 1, delivered=(3,)), visit("b", 2, delivered=(1,), picked_up=(2,))]
    one = problem(line(0, 10, 20), [van(capacity=(9,))], visits, "kg")
    route = schedule(one, {"van": ["a", "b"]}).routes[0]
    assert [route.start_load, *(step.load for step in route.steps)] == [(4,), (1,), (2,)]


def test_speed_factor_divides_and_rounds_half_up() -> None:
    one = problem(line(0, 10), [van(speed_factor=4.0)], [visit("a", 1)])
    assert schedule(one, {"van": ["a"]}).routes[0].drive_s == 3 + 3


def test_cost_is_rounded_once_half_up() -> None:
    paid = van(cost_fixed=7, cost_per_km=50, cost_per_h=90, cost_per_drive_h=180)
    one = problem(line(0, 10), [paid], [visit("a", 1, service_s=10)])
    # 7 + 20 m at 50 / 1000 + 30 s at 90 / 3600 + 20 s at 180 / 3600 = 9.75
    assert schedule(one, {"van": ["a"]}).cost == 10


def test_a_matrix_of_costs_stands_for_km_and_hours_of_driving() -> None:
    plain = line(0, 10)
    priced = Matrix(plain.durations, plain.distances, table([[0, 100], [33, 0]]).durations)
    one = problem(priced, [van(cost_per_h=3600, cost_per_drive_h=9999)], [visit("a", 1)])
    assert schedule(one, {"van": ["a"]}).cost == 133 + 20


def violations(matrix: Matrix, vehicle: Vehicle, *visits: Visit) -> dict[str, int]:
    """What breaks when a vehicle serves visits in order; the judge must say the same."""
    one = problem(matrix, [vehicle], visits)
    solution = schedule(one, {vehicle.id: [v.id for v in visits]})
    found = {v.code: v.amount for v in solution.violations}
    assert found == {v.code: v.amount for v in check(one, solution)}
    return found


def test_a_late_visit_is_reported_with_its_seconds() -> None:
    assert violations(line(0, 10), van(), visit("a", 1, (0, 4))) == {"late": 6}


def test_only_what_cannot_be_in_time_is_late() -> None:
    visits = [visit("a", 1, (0, 4)), visit("b", 2, (40, 50)), visit("c", 1, (0, 30))]
    three = problem(line(0, 10, 20), [van()], visits)
    solution = schedule(three, {"van": ["a", "b", "c"]})
    assert {v.visit: v.amount for v in solution.violations} == {"a": 6, "c": 20}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"shift": Window(0, 15)}, {"shift": 5}),
        ({"max_distance_m": 12}, {"max_distance": 8}),
        ({"max_duration_s": 12}, {"max_duration": 8}),
        ({"max_drive_s": 19}, {"max_drive": 1}),
        ({"max_stops": 0}, {"max_stops": 1}),
    ],
)
def test_a_limit_that_is_broken_is_reported(
    changes: dict[str, Any], expected: dict[str, int]
) -> None:
    assert violations(line(0, 10), van(**changes), visit("a", 1)) == expected


def test_an_overload_says_by_how_much_and_where() -> None:
    visits = [visit("a", 1, delivered=(3,)), visit("b", 2, picked_up=(9,)), visit("c", 1)]
    one = problem(line(0, 10, 20), [van(capacity=(5,))], visits, "kg")
    (overload,) = schedule(one, {"van": ["a", "b", "c"]}).violations
    assert (overload.code, overload.amount, overload.visit) == ("overload", 4, "b")
    assert "kg +4" in overload.cause
    assert "2-3" in overload.cause


def test_missing_skills_are_reported() -> None:
    skilled = visit("a", 1, skills=frozenset({"dg", "lift"}))
    assert violations(line(0, 10), van(), skilled) == {"skills": 2}


def test_a_leg_without_a_way_is_reported_and_counts_nothing() -> None:
    one_way = table([[0, 10], [NO_WAY, 0]])
    assert violations(one_way, van(), visit("a", 1)) == {"unreachable": 1}
    solution = schedule(problem(one_way, [van()], [visit("a", 1)]), {"van": ["a"]})
    assert solution.routes[0].distance_m == 10


def test_visits_in_no_sequence_are_unplanned_at_their_price() -> None:
    visits = [visit("a", 1, price_unplanned=70), visit("b", 1)]
    solution = schedule(problem(line(0, 10), [van()], visits), {})
    assert solution.price_unplanned == 70
    assert all(unplanned.reasons for unplanned in solution.unplanned)


def test_every_unknown_or_repeated_name_is_told() -> None:
    one = problem(line(0, 10), [van()], [visit("a", 1)])
    with pytest.raises(InvalidProblem) as caught:
        schedule(one, {"van": ["a", "x", "a"], "ghost": []})
    assert [fault.code for fault in caught.value.faults] == [
        "unknown_visit",
        "visit_twice",
        "unknown_vehicle",
    ]
