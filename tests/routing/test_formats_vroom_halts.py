"""Breaks, shipments and reloads in plans as VROOM's JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from routing.check import check
from routing.faults import InvalidProblem
from routing.formats import vroom
from routing.problem import Break, Problem, Reload, Rest, Shipment, Vehicle, Visit, Window
from routing.schedule import schedule
from routing.solution import Violation
from tests.routing.build import line, van, visit

Json = dict[str, Any]


def problem(van: Vehicle, *visits: Visit, shipments: tuple[Shipment, ...] = ()) -> Problem:
    """Places 100 s apart on a line."""
    vehicle = replace(van, capacity=(9,))
    return Problem((vehicle,), visits, {"car": line(0, 100, 200)}, ("kg",), shipments=shipments)


def document(asked: Problem, *halts: str) -> Json:
    plan = vroom.write(asked, schedule(asked, {"van": halts}))
    return json.loads(json.dumps(plan))  # type: ignore[no-any-return]


def rows(plan: Json, *keys: str) -> list[list[object]]:
    return [[step.get(key) for key in keys] for step in plan["routes"][0]["steps"]]


def codes(asked: Problem, plan: Json) -> list[str]:
    return [v.code for v in check(asked, vroom.read_solution(asked, plan))]


LUNCH = Break("1", Window(250, 260), 30, "lunch")


def lunch() -> Problem:
    """A break that only begins after the second of two visits is reached."""
    asked = visit("a", 1, service_s=10), visit("b", 2, (0, 210), service_s=10, delivered=(2,))
    return problem(van(breaks=(LUNCH,), shift=Window(0, 900)), *asked)


def test_a_break_is_a_step_with_its_place_and_its_waiting() -> None:
    plan = document(lunch(), "a", "b")
    found = rows(plan, "type", "location_index", "arrival", "waiting_time", "service", "duration")
    assert found == [
        ["start", 0, 0, 0, 0, 0],
        ["job", 1, 100, 0, 10, 100],
        ["job", 2, 210, 0, 10, 200],
        ["break", 2, 220, 30, 30, 200],
        ["end", 0, 480, 0, 0, 400],
    ]
    (route,) = plan["routes"]
    assert (route["service"], route["waiting_time"]) == (50, 30)
    assert rows(plan, "id", "description", "load")[3] == ["1", "lunch", [0]]


def test_a_rest_is_a_break_without_a_name() -> None:
    plan = document(problem(van(rest=Rest(250, 40)), visit("a", 2)), "a")
    assert rows(plan, "type", "id", "service")[1:3] == [["break", None, 40], ["job", "a", 0]]


def test_shipments_are_pickups_and_deliveries() -> None:
    pair = (Shipment("a", "b", (3,)),)
    plan = document(problem(van(), visit("a", 1), visit("b", 2), shipments=pair), "a", "b")
    found = rows(plan, "type", "id", "load")[1:3]
    assert found == [["pickup", "a", [3]], ["delivery", "b", [0]]]
    assert (plan["summary"]["pickup"], plan["summary"]["delivery"]) == ([3], [3])


def test_what_is_left_out_tells_its_kind() -> None:
    pair = (Shipment("a", "b", (3,)),)
    asked = problem(van(), visit("a", 1), visit("b", 2), visit("c", 2), shipments=pair)
    plan = document(asked, "c")
    assert [(item["type"], item["id"]) for item in plan["unassigned"]] == [
        ("pickup", "a"),
        ("delivery", "b"),
    ]


def loading_again() -> Problem:
    """The goods of the second trip are ready long after the vehicle is back for them."""
    reload = Reload("depot", 0, duration_s=20)
    first, second = visit("a", 1, (0, 100), delivered=(5,)), visit("b", 2, ready=900)
    return problem(van(reloads=(reload,)), first, replace(second, delivered=(6,)))


def test_a_halt_to_load_again_is_a_step_of_its_own() -> None:
    plan = document(loading_again(), "a", "depot", "b")
    found = rows(plan, "type", "id", "arrival", "service", "load", "departure")
    assert found[2:4] == [
        ["reload", "depot", 200, 20, [6], 900],
        ["job", "b", 1100, 0, [0], None],
    ]
    assert plan["routes"][0]["waiting_time"] == 680


def test_violations_of_shipments_and_breaks_have_the_names_that_vroom_gives_them() -> None:
    asked = problem(van(), visit("a", 1), visit("b", 2), shipments=(Shipment("a", "b"),))
    plan = schedule(asked, {"van": ("b", "a")})
    missed = Violation("break", "van", None, "break 1 is not taken", 5)
    found = vroom.write(asked, replace(plan, violations=(*plan.violations, missed)))
    causes = [violation["cause"] for violation in found["summary"]["violations"]]
    assert causes == ["precedence", "missing_break"]


def test_what_a_plan_leaves_out_is_filled_in_with_breaks_and_reloads() -> None:
    for asked, halts in ((lunch(), ("a", "b")), (loading_again(), ("a", "depot", "b"))):
        plan = document(asked, *halts)
        for step in plan["routes"][0]["steps"]:
            for key in ("distance", "load", "location_index", "violations"):
                del step[key]
        assert codes(asked, plan) == []


@pytest.mark.parametrize(
    ("step", "key", "value", "code"),
    [
        (3, "arrival", 215, "break"),
        (3, "waiting_time", 0, "break"),
        (3, "service", 10, "wrong_pause"),
        (3, "id", 2, "break"),
        (4, "arrival", 470, "wrong_arrival"),
        (2, "type", "pickup", None),
    ],
)
def test_a_false_claim_about_a_break_is_found(
    step: int, key: str, value: object, code: str | None
) -> None:
    plan = document(lunch(), "a", "b")
    plan["routes"][0]["steps"][step][key] = value
    found = codes(lunch(), plan)
    assert code in found if code else found == []


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [("departure", 890, "not_ready"), ("id", "yard", "unknown_visit"), ("service", 5, None)],
)
def test_a_false_claim_about_a_reload_is_found(key: str, value: object, code: str | None) -> None:
    plan = document(loading_again(), "a", "depot", "b")
    plan["routes"][0]["steps"][2][key] = value
    assert (code or "wrong_service") in codes(loading_again(), plan)


def test_the_place_of_a_break_tells_between_halts_without_a_way_between_them() -> None:
    asked = Problem(
        (van(breaks=(LUNCH,), shift=Window(0, 400)),),
        (visit("a", 1, service_s=100), visit("b", 2)),
        {"car": line(0, 100, 100)},
    )
    plan = schedule(asked, {"van": ("a", "b")})
    for place, after in ((1, True), (2, False)):
        told = vroom.write(asked, plan)
        (step,) = [step for step in told["routes"][0]["steps"] if step["type"] == "break"]
        step["location_index"] = place
        steps = [step for step in told["routes"][0]["steps"] if step["type"] != "break"]
        told["routes"][0]["steps"] = [*steps[:2], step, *steps[2:]]
        (found,) = vroom.read_solution(asked, told).routes[0].pauses
        assert (found.step, found.after) == ((0, True) if after else (1, False))


def test_a_break_between_two_halts_is_refused() -> None:
    plan = document(lunch(), "a", "b")
    plan["routes"][0]["steps"][3]["duration"] += 50
    with pytest.raises(InvalidProblem) as error:
        vroom.read_solution(lunch(), plan)
    places = [(fault.where, fault.code) for fault in error.value.faults]
    assert places == [("routes[0].steps[3]", "break_under_way")]


def test_a_break_at_home_is_none_of_the_route() -> None:
    asked = problem(van(breaks=(Break("1", Window(0, 50), 30),)), visit("a", 1, (900, 900)))
    plan = document(asked, "a")
    assert rows(plan, "type", "arrival")[0] == ["start", 800]
    steps = plan["routes"][0]["steps"]
    pause = {"type": "break", "id": "1", "arrival": 10, "duration": 0, "service": 30}
    steps[0]["arrival"] = 10
    steps.insert(1, pause)
    late = {**pause, "arrival": steps[-1]["arrival"], "duration": steps[-1]["duration"]}
    steps.insert(-1, late)
    steps[-1]["arrival"] += 30
    assert codes(asked, plan) == []
