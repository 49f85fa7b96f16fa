"""Who drives which route: answers known by hand, and all assignments tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings

from routing import beginning, itinerary, rules, schedule
from routing import draft as draft_
from routing.check import check
from routing.feasible import feasible_cost
from routing.problem import Problem, Stability, Vehicle, Visit
from routing.reassign import Orders, reassigned
from routing.solve import Budget, solve
from routing.tables import Tables
from tests.routing.build import line, problem, van, visit
from tests.routing.random_problems import locked_problems, problems

FREE = Stability()

FOUR_HOMES = line(0, 100, -100, 300, -300)
"""A depot, and where four drivers live."""


def crossed(stability: Stability = FREE) -> Problem:
    """Four routes, each of which ends where another driver lives; two have a stop, two have two."""
    vans = [van(name, end=k + 1) for k, name in enumerate("wxyz")]
    stops = [("a", 2, "w"), ("b", 1, "x"), ("c", 4, "y"), ("d", 4, "y"), ("e", 3, "z")]
    visits = [visit(name, place, was=was) for name, place, was in [*stops, ("f", 3, "z")]]
    return replace(problem(FOUR_HOMES, vans, visits), stability=stability)


CROSSED = {"w": ["a"], "x": ["b"], "y": ["c", "d"], "z": ["e", "f"]}


def driven(asked: Problem, sequences: dict[str, list[str]]) -> dict[str, str]:
    """Return the visits of each vehicle in one word, after the routes changed hands."""
    tables = Tables(asked)
    orders = reassigned(tables, itinerary.orders(tables, sequences))
    plan = schedule.solution(tables, orders)
    assert [v for v in check(asked, plan) if v.code != "must_be_planned"] == []
    return {route.vehicle: "".join(route.sequence) for route in plan.routes}


def test_each_driver_takes_the_route_that_ends_at_home() -> None:
    assert driven(crossed(), CROSSED) == {"w": "b", "x": "a", "y": "ef", "z": "cd"}


@pytest.mark.parametrize(
    ("most", "routes"),
    [
        # To swap the short routes saves 400 and is two changes, the long ones 1200 and four.
        (6, {"w": "b", "x": "a", "y": "ef", "z": "cd"}),
        (5, {"w": "a", "x": "b", "y": "ef", "z": "cd"}),
        (2, {"w": "b", "x": "a", "y": "cd", "z": "ef"}),
        (1, {"w": "a", "x": "b", "y": "cd", "z": "ef"}),
    ],
)
def test_no_more_visits_change_vehicle_than_may(most: int, routes: dict[str, str]) -> None:
    assert driven(crossed(Stability(max_changes=most)), CROSSED) == routes


def test_a_swap_that_costs_more_than_it_saves_is_left_alone() -> None:
    # 400 for two changes, 1200 for four.
    asked = crossed(Stability(cost_per_change=250))
    assert driven(asked, CROSSED) == {"w": "a", "x": "b", "y": "ef", "z": "cd"}


def test_routes_go_back_to_the_vehicles_that_were_told() -> None:
    visits = [visit(name, 1, was=was) for name, was in [("a", "x"), ("b", "y"), ("c", "z")]]
    asked = problem(line(0, 10), [van(name) for name in "xyz"], visits)
    asked = replace(asked, stability=Stability(cost_per_change=1))
    turned = {"x": ["b"], "y": ["c"], "z": ["a"]}
    assert driven(asked, turned) == {"x": "a", "y": "b", "z": "c"}


CHEAP_AND_DEAR = [van("dear", cost_fixed=500), van("cheap", cost_fixed=100)]


@pytest.mark.parametrize(
    ("asked", "vans"),
    [
        (visit("a", 1), CHEAP_AND_DEAR),
        (visit("a", 1, vehicles=frozenset({"dear"})), CHEAP_AND_DEAR),
        (visit("a", 1, not_vehicles=frozenset({"cheap"})), CHEAP_AND_DEAR),
        (visit("a", 1, skills=frozenset({"lift"})), CHEAP_AND_DEAR),
        (visit("a", 1), [replace(CHEAP_AND_DEAR[0], prefix=("a",)), CHEAP_AND_DEAR[1]]),
        (visit("a", 1), [CHEAP_AND_DEAR[0], replace(CHEAP_AND_DEAR[1], locked=True)]),
        (visit("a", 1), [CHEAP_AND_DEAR[0], van("cheap", max_distance_m=199)]),
    ],
)
def test_an_idle_vehicle_takes_a_route_if_it_may(asked: Visit, vans: list[Vehicle]) -> None:
    able = [replace(vans[0], skills=frozenset({"lift"})), vans[1]]
    free = asked == visit("a", 1) and vans == CHEAP_AND_DEAR
    expected = {"cheap" if free else "dear": "a"}
    assert driven(problem(line(0, 100), able, [asked]), {"dear": ["a"]}) == expected


def test_a_search_ends_with_routes_in_the_best_hands() -> None:
    asked = crossed()
    tables = Tables(asked)
    start = schedule.solution(tables, itinerary.orders(tables, CROSSED))
    found = solve(asked, Budget(iterations=0), start=start)
    # Each drives to its stop and is at home.
    assert (start.cost, found.cost) == (2 * 300 + 2 * 900, 2 * 100 + 2 * 300)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_no_assignment_is_cheaper(asked: Problem) -> None:
    _compare(asked)


@settings(max_examples=80, deadline=None)
@given(locked_problems())
def test_no_assignment_is_cheaper_with_locks(asked: Problem) -> None:
    _compare(asked)


def _compare(asked: Problem) -> None:
    tables = Tables(asked)
    begun = beginning.begun(tables, {})
    before = draft_.first_plan(tables, begun, stop=lambda: False).orders
    after = reassigned(tables, before)
    plan = schedule.solution(tables, after)
    assert [v for v in check(asked, plan) if v.code != "must_be_planned"] == []
    assert reassigned(tables, before) == after
    assert _cost(tables, after) == min(_costs(tables, before))


def _costs(tables: Tables, orders: Orders) -> Iterator[int]:
    """Yield the cost of each assignment of routes to vehicles that breaks no rule."""
    routes = [order for order in orders.values() if order]
    for vehicles in permutations(range(len(tables.vehicles)), len(routes)):
        cost = _cost(tables, dict(zip(vehicles, routes, strict=True)))
        if cost is not None:
            yield cost


def _cost(tables: Tables, orders: Orders) -> int | None:
    if next(rules.of_plan(tables, orders), None) is not None:
        return None
    total = 0
    for vehicle, order in orders.items():
        if any(~item >= len(tables.vehicles[vehicle].reloads) for item in order if item < 0):
            return None
        cost = feasible_cost(tables, vehicle, order)
        if cost is None:
            return None
        total += cost
    return total
