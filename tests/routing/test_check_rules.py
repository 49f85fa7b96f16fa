"""A plan that keeps every rule, then one that breaks one of them: both judges say which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from routing.check import check
from routing.problem import (
    Balance,
    Break,
    Choice,
    Matrix,
    Option,
    Problem,
    Reload,
    Rest,
    Shipment,
    Stability,
    Vehicle,
    Visit,
    Window,
)
from routing.schedule import schedule
from routing.solution import Pause, Route, Solution
from tests.routing.build import line, van, visit

PLACES = line(0, 100, -100)


@dataclass(frozen=True)
class Case:
    """A day on which one sequence keeps a rule and another breaks it."""

    code: str
    visits: Sequence[Visit]
    good: Mapping[str, Sequence[str]]
    bad: Mapping[str, Sequence[str]]
    vehicles: Sequence[Vehicle] = (van("x"), van("y"))
    more: Mapping[str, Any] = field(default_factory=dict)

    def problem(self) -> Problem:
        return Problem(tuple(self.vehicles), tuple(self.visits), {"car": PLACES}, **self.more)


A, B = visit("a", 1), visit("b", 2)
ACID: dict[str, Any] = {"apart": frozenset({"acid"})}

SHIPPED: dict[str, Any] = {"shipments": (Shipment("a", "b"),)}


SPLIT: dict[str, Any] = {"choices": (Choice("order", (Option(("a", "b")),)),)}

EITHER: dict[str, Any] = {"choices": (Choice("order", (Option(("a",)), Option(("b",), 9))),)}


def loading(place: int = 0, *, window: Window | None = None, **changes: Any) -> Vehicle:
    """A van that may load again at one place."""
    return van("x", reloads=(Reload("r", place, 0, window),), **changes)


CASES = [
    Case("pinned", [replace(A, vehicles=frozenset("x"))], {"x": "a"}, {"y": "a"}),
    Case("pinned", [replace(A, not_vehicles=frozenset("y"))], {"x": "a"}, {"y": "a"}),
    Case("locked", [A, B], {"x": "ab"}, {"x": "ba"}, [van("x", prefix=("a",))]),
    Case("locked", [A, B], {"x": "ba"}, {"x": "ab"}, [van("x", suffix=("a",))]),
    Case("locked", [A, B], {"x": "a"}, {"x": "ab"}, [van("x", prefix=("a",), locked=True)]),
    Case("locked", [A, B], {"x": "ab"}, {"y": "ba"}, [van("x", prefix=("a",)), van("y")]),
    Case("apart", [replace(A, **ACID), replace(B, **ACID)], {"x": "a", "y": "b"}, {"x": "ab"}),
    Case(
        "together",
        [replace(A, together="order"), replace(B, together="order")],
        {"x": "ab"},
        {"x": "a", "y": "b"},
    ),
    Case(
        "source",
        [replace(A, sources=frozenset({2}))],
        {"y": "a"},
        {"x": "a"},
        [van("x"), van("y", start=2)],
    ),
    Case(
        "max_changes",
        [replace(A, was="x"), replace(B, was="gone")],
        {"x": "ab"},
        {"y": "ab"},
        more={"stability": Stability(max_changes=1)},
    ),
    Case("max_trips", [A, B], {"x": "ab"}, {"x": "arb"}, [loading(max_trips=1)]),
    Case("max_trips", [A, B], {"x": "arb"}, {"x": "rarb"}, [loading(max_trips=2)]),
    Case("late", [A, B], {"x": "ab"}, {"x": "arb"}, [loading(window=Window(0, 199))]),
    Case("source", [replace(A, sources=frozenset({2}))], {"x": "ra"}, {"x": "a"}, [loading(2)]),
    Case("source", [replace(A, sources=frozenset({0}))], {"x": "a"}, {"x": "ra"}, [loading(2)]),
    Case("shipment", [A, B], {"x": "ab"}, {"x": "ba"}, more=SHIPPED),
    Case("shipment", [A, B], {"x": "ab"}, {"x": "a", "y": "b"}, more=SHIPPED),
    Case("shipment", [A, B], {"x": "ab"}, {"x": "a"}, more=SHIPPED),
    Case("shipment", [A, B], {"x": "rab"}, {"x": "arb"}, [loading()], SHIPPED),
    Case("choice", [A, B], {"x": "a"}, {"x": "ab"}, more=EITHER),
    Case("choice", [A, B], {"x": "b", "y": ""}, {"x": "b", "y": "a"}, more=EITHER),
    Case("choice", [A, B], {"x": "a", "y": "b"}, {"y": "b"}, more=SPLIT),
    Case(
        "overload",
        [replace(A, delivered=(3,)), replace(B, delivered=(2,))],
        {"x": "arb"},
        {"x": "ab"},
        [loading(capacity=(3,))],
        {"dimensions": ("kg",)},
    ),
    Case(
        "overload",
        [replace(A, delivered=(1,))],
        {"x": "ra"},
        {"x": "a"},
        [loading(capacity=(3,), load=(3,))],
        {"dimensions": ("kg",)},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_the_rule_and_what_breaks_it_are_told_apart(case: Case) -> None:
    asked = case.problem()
    kept, broken = schedule(asked, case.good), schedule(asked, case.bad)
    assert kept.violations == ()
    assert {v.code for v in check(asked, kept)} <= {"must_be_planned", "no_reason"}
    assert {v.code for v in broken.violations} == {case.code}
    assert {v.code for v in check(asked, broken)} - {"must_be_planned", "no_reason"} == {case.code}


def day() -> Problem:
    """Lunch at b from 200 to 350, while waiting for 500; a rest at c; fast from 650 on."""
    slow, fast = line(0, 100, 200, 260), line(0, 100, 200, 230)
    rich = van(
        type="bike",
        capacity=(9,),
        load=(4,),
        breaks=(Break("lunch", Window(200, 400), 150),),
        rest=Rest(255, 60),
        overtime_from=700,
        cost_per_overtime_h=3600,
    )
    visits = (
        visit("a", 1, (0, 100), ready=0, delivered=(1,), promised=90),
        visit("b", 2, (500, 600), due=450, cost_per_late_h=3600, was="gone"),
        visit("c", 3, service_s=70, service_s_by_type={"bike": 50}),
    )
    return Problem(
        (rich,),
        visits,
        {"car": Matrix(slow.durations, slow.distances, hours=((605, fast.durations),))},
        ("kg",),
        stability=Stability(cost_per_change=5, cost_per_moved_h=3600),
        balance=Balance(cost_per_stop2=2, cost_per_h2=3600),
    )


def good() -> Solution:
    return schedule(day(), {"van": ["a", "b", "c"]})


def test_a_day_with_everything_passes() -> None:
    assert good().violations == ()
    assert check(day(), good()) == []
    assert [(pause.id, pause.step, pause.after) for pause in good().routes[0].pauses] == [
        ("lunch", 1, False),
        ("", 2, False),
    ]


Lie = Callable[[Route], Route]


def pauses(change: Callable[[list[Pause]], list[Pause]]) -> Lie:
    return lambda route: replace(route, pauses=tuple(change(list(route.pauses))))


def step(number: int, **changes: Any) -> Lie:
    def lie(route: Route) -> Route:
        steps = list(route.steps)
        steps[number] = replace(steps[number], **changes)
        return replace(route, steps=tuple(steps))

    return lie


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (pauses(lambda told: told[1:]), "break"),
        (pauses(lambda told: [told[0], *told]), "break"),
        (pauses(lambda told: [replace(told[0], id="tea"), told[1]]), "break"),
        (pauses(lambda told: [replace(told[0], start=199), told[1]]), "break"),
        (pauses(lambda told: [replace(told[0], start=199), told[1]]), "wrong_pause"),
        (pauses(lambda told: [replace(told[0], start=401), told[1]]), "break"),
        (pauses(lambda told: [replace(told[0], duration_s=149), told[1]]), "wrong_pause"),
        (pauses(lambda told: told[:1]), "rest"),
        (pauses(lambda told: [told[0], replace(told[1], duration_s=59)]), "rest"),
        (pauses(lambda told: [told[0], replace(told[1], duration_s=900)]), "wrong_pause"),
        (step(1, pause_before_s=100, wait_s=200), "wrong_pause"),
        (step(1, pause_before_s=-1), "wrong_wait"),
        (step(2, pause_after_s=-1), "wrong_wait"),
        (step(2, service_s=70), "wrong_service"),
        (step(2, drive_s=30), "wrong_drive"),
        (step(0, load=(0,)), "wrong_load"),
        (lambda route: replace(route, start_load=(1,)), "wrong_load"),
        (lambda route: replace(route, departure=-1), "not_ready"),
        (lambda route: replace(route, cost=route.cost - 1), "wrong_cost"),
        (lambda route: replace(route, end_drive_s=260), "wrong_drive"),
    ],
)
def test_a_lie_about_breaks_hours_and_loads_is_found(lie: Lie, code: str) -> None:
    plan = good()
    told = replace(plan, routes=(lie(plan.routes[0]),))
    assert code in {violation.code for violation in check(day(), told)}


def test_a_rest_that_nobody_asked_for_is_found() -> None:
    free = replace(day(), vehicles=(replace(day().vehicles[0], rest=None),))
    assert "break" in {violation.code for violation in check(free, good())}


def test_a_lie_about_the_price_of_options_is_found() -> None:
    asked = Problem((van("x"),), (A, B), {"car": PLACES}, **EITHER)
    plan = schedule(asked, {"x": "b"})
    assert (check(asked, plan), plan.price_options) == ([], 9)
    for claimed in (0, 8):
        told = check(asked, replace(plan, price_options=claimed))
        assert [(v.code, v.amount) for v in told] == [("wrong_price", 9 - claimed)]


def test_who_leaves_a_reload_before_the_goods_are_ready_is_found() -> None:
    visits = (visit("a", 1), visit("b", 2, ready=500))
    asked = Problem((loading(),), visits, {"car": PLACES})
    plan = schedule(asked, {"x": "arb"})
    assert check(asked, plan) == []
    at_depot = plan.routes[0].steps[1]
    assert (at_depot.arrival + at_depot.pause_after_s, at_depot.departure) == (500, 500)
    told = step(1, pause_after_s=at_depot.pause_after_s - 1)(plan.routes[0])
    found = check(asked, replace(plan, routes=(told,)))
    assert ("not_ready", "b", 1) in {(v.code, v.visit, v.amount) for v in found}


def test_a_load_after_a_reload_is_of_the_next_trip_alone() -> None:
    visits = (visit("a", 1, picked_up=(2,)), visit("b", 2, delivered=(3,)))
    asked = Problem((loading(capacity=(3,), load=(1,)),), visits, {"car": PLACES}, ("kg",))
    plan = schedule(asked, {"x": "arb"})
    assert check(asked, plan) == []
    assert [plan.routes[0].start_load, *(s.load for s in plan.routes[0].steps)] == [
        (1,),
        (3,),
        (3,),
        (0,),
    ]
