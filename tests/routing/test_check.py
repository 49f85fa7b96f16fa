from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from routing.check import check
from routing.problem import Problem, Window
from routing.schedule import schedule
from routing.solution import Reason, Route, Solution, Unplanned
from tests.routing.build import line, problem, van, visit

REASONS = (Reason("because", "so it is", "nothing"),)


def day() -> Problem:
    visits = [
        visit("a", 1, (0, 500), service_s=5, setup_s=3, delivered=(2,)),
        visit("b", 2, (100, 400), delivered=(1,), picked_up=(3,)),
        visit("c", 1, price_unplanned=90),
    ]
    paid = van(capacity=(4,), cost_per_h=1800, cost_fixed=11, max_stops=2)
    return problem(line(0, 10, 20), [paid, van("spare", capacity=(4,))], visits, "kg")


def good() -> Solution:
    made = schedule(day(), {"van": ["a", "b"]})
    return replace(made, unplanned=(Unplanned("c", REASONS),))


def test_a_good_plan_passes() -> None:
    assert check(day(), good()) == []


def route(**changes: object) -> Callable[[Solution], Solution]:
    return lambda plan: replace(plan, routes=(replace(plan.routes[0], **changes),))  # type: ignore[arg-type]


def step(number: int, **changes: object) -> Callable[[Solution], Solution]:
    def change(plan: Solution) -> Solution:
        steps = list(plan.routes[0].steps)
        steps[number] = replace(steps[number], **changes)  # type: ignore[arg-type]
        return replace(plan, routes=(replace(plan.routes[0], steps=tuple(steps)),))

    return change


def plan(**changes: object) -> Callable[[Solution], Solution]:
    return lambda plan: replace(plan, **changes)  # type: ignore[arg-type]


def also(more: Callable[[Solution], Route]) -> Callable[[Solution], Solution]:
    return lambda plan: replace(plan, routes=(*plan.routes, more(plan)))


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (step(0, place=2), "wrong_place"),
        (step(0, arrival=91), "wrong_arrival"),
        (step(0, wait_s=-1), "wrong_wait"),
        (step(0, setup_s=0), "wrong_setup"),
        (step(0, service_s=4), "wrong_service"),
        (step(1, drive_s=9), "wrong_drive"),
        (step(1, distance_m=9), "wrong_distance"),
        (step(1, load=(1,)), "wrong_load"),
        (step(1, load=()), "wrong_load"),
        (step(0, visit="b"), "visit_twice"),
        (step(0, visit="ghost"), "unknown_visit"),
        (route(arrival=200), "wrong_arrival"),
        (route(end_drive_s=1), "wrong_drive"),
        (route(end_distance_m=1), "wrong_distance"),
        (route(start_load=(2,)), "wrong_load"),
        (route(cost=1), "wrong_cost"),
        (route(vehicle="ghost"), "unknown_vehicle"),
        (route(steps=()), "empty_route"),
        (plan(cost=1), "wrong_cost"),
        (plan(price_unplanned=1), "wrong_price"),
        (plan(unplanned=()), "visit_missing"),
        (plan(unplanned=(Unplanned("c", ()),)), "no_reason"),
        (plan(unplanned=(Unplanned("c", REASONS), Unplanned("a", REASONS))), "must_be_planned"),
        (also(lambda plan: plan.routes[0]), "vehicle_twice"),
    ],
)
def test_a_lie_is_found(lie: Callable[[Solution], Solution], code: str) -> None:
    assert code in {violation.code for violation in check(day(), lie(good()))}


def test_service_before_the_window_is_found() -> None:
    early = good()
    first, second = early.routes[0].steps
    steps = (first, replace(second, arrival=99, wait_s=0))
    assert "early" in {
        v.code
        for v in check(day(), replace(early, routes=(replace(early.routes[0], steps=steps),)))
    }


def test_leaving_before_the_shift_is_found() -> None:
    late_shift = replace(day().vehicles[0], shift=Window(90, 500))
    changed = replace(day(), vehicles=(late_shift, day().vehicles[1]))
    departure = good().routes[0].departure
    found = {(v.code, v.amount) for v in check(changed, good())}
    assert ("shift", 90 - departure) in found
