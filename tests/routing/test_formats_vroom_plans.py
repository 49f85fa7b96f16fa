from __future__ import annotations

import contextlib
import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.check import check
from routing.faults import InvalidProblem
from routing.formats import vroom
from routing.problem import Problem
from routing.schedule import schedule
from routing.solution import Reason, Solution, Unplanned, Violation
from tests.routing.test_formats_vroom_read import anything

Json = dict[str, Any]

DURATIONS = [[0, 50, 60], [40, 0, 30], [30, 20, 0]]
DISTANCES = [[0, 500, 600], [400, 0, 300], [300, 200, 0]]
INPUT: Json = {
    "jobs": [
        {
            "id": 1,
            "location": [7.41, 43.73],
            "location_index": 1,
            "setup": 5,
            "service": 10,
            "delivery": [3],
            "priority": 7,
            "description": "面包店",
        },
        {"id": "b", "location": [7.42, 43.74], "location_index": 2, "pickup": [1]},
        {"id": 3, "location_index": 2, "time_windows": [[200, 300]]},
    ],
    "vehicles": [
        {
            "id": 7,
            "start": [7.4, 43.7],
            "start_index": 0,
            "end_index": 0,
            "capacity": [4],
            "costs": {"fixed": 100, "per_km": 1000},
            "description": "van",
        }
    ],
    "matrices": {"car": {"durations": DURATIONS, "distances": DISTANCES}},
}


def problem_of(data: Json) -> Problem:
    return vroom.read(json.dumps(data))


@pytest.fixture
def problem() -> Problem:
    return problem_of(INPUT)


def planned(problem: Problem, *visits: str) -> Solution:
    return schedule(problem, {"7": visits})


def written(problem: Problem, solution: Solution) -> Json:
    return json.loads(json.dumps(vroom.write(problem, solution)))  # type: ignore[no-any-return]


def test_steps_have_times_ways_and_loads(problem: Problem) -> None:
    (route,) = written(problem, planned(problem, "1", "b"))["routes"]
    rows = [
        [step.get(key) for key in ("type", "id", "arrival", "duration", "distance", "load")]
        for step in route["steps"]
    ]
    assert rows == [
        ["start", None, 0, 0, 0, [3]],
        ["job", 1, 50, 50, 500, [0]],
        ["job", "b", 95, 80, 800, [1]],
        ["end", None, 125, 110, 1100, [1]],
    ]
    assert [step["location_index"] for step in route["steps"]] == [0, 1, 2, 0]
    assert [step["location"] for step in route["steps"][1:3]] == [[7.41, 43.73], [7.42, 43.74]]


def test_routes_and_summary_sum_up(problem: Problem) -> None:
    document = written(problem, planned(problem, "1", "b"))
    sums = {
        "cost": 100 + 1100 + 110,
        "setup": 5,
        "service": 10,
        "duration": 110,
        "waiting_time": 0,
        "priority": 7,
        "distance": 1100,
        "delivery": [3],
        "pickup": [1],
        "violations": [],
    }
    (route,) = document["routes"]
    assert {key: route[key] for key in sums} == sums
    assert {key: document["summary"][key] for key in sums} == sums
    assert (route["vehicle"], route["description"]) == (7, "van")
    assert (document["code"], document["summary"]["routes"]) == (0, 1)
    assert route["steps"][1]["description"] == "面包店"


def test_what_is_left_out_has_its_reason(problem: Problem) -> None:
    reason = Reason("window_unreachable", cause="earliest at 310", action="widen the window")
    solution = planned(problem, "1", "b")
    solution = replace(solution, unplanned=(Unplanned("3", (reason,)),))
    (left_out,) = written(problem, solution)["unassigned"]
    assert (left_out["id"], left_out["type"], left_out["location_index"]) == (3, "job", 2)
    assert left_out["reason"] == "window_unreachable: earliest at 310"
    assert left_out["reasons"][0]["action"] == "widen the window"


def test_violations_have_the_names_that_vroom_gives_them(problem: Problem) -> None:
    late = Violation("late", "7", "1", "served 30 s late", 30)
    over = Violation("overload", "7", None, "load +2", 2)
    document = written(problem, replace(planned(problem, "1"), violations=(late, over)))
    (route,) = document["routes"]
    assert route["violations"] == [{"cause": "delay", "duration": 30}, {"cause": "load"}]
    assert route["steps"][1]["violations"] == [{"cause": "delay", "duration": 30}]
    assert document["summary"]["violations"] == route["violations"]


def test_without_distances_none_are_told() -> None:
    data = copy.deepcopy(INPUT)
    del data["matrices"]["car"]["distances"]
    del data["vehicles"][0]["costs"]
    problem = problem_of(data)
    document = written(problem, planned(problem, "1"))
    assert "distance" not in document["summary"]
    assert all("distance" not in step for step in document["routes"][0]["steps"])


def test_an_open_end_is_where_the_last_job_is() -> None:
    data = copy.deepcopy(INPUT)
    del data["vehicles"][0]["end_index"]
    problem = problem_of(data)
    (route,) = written(problem, planned(problem, "1"))["routes"]
    steps = [(step["type"], step["location_index"], step["arrival"]) for step in route["steps"]]
    assert steps == [("start", 0, 0), ("job", 1, 50), ("end", 1, 65)]


@pytest.mark.parametrize("missing", ["", "start_index", "end_index"])
@pytest.mark.parametrize("dimensions", [0, 1])
def test_a_plan_survives_writing_and_reading(missing: str, dimensions: int) -> None:
    data = copy.deepcopy(INPUT)
    data["vehicles"][0].pop(missing, None)
    if missing == "start_index":
        del data["vehicles"][0]["start"]
    if not dimensions:
        del data["jobs"][0]["delivery"]
        del data["jobs"][1]["pickup"]
        del data["vehicles"][0]["capacity"]
    problem = problem_of(data)
    solution = planned(problem, "b", "1", "3")
    assert vroom.read_solution(problem, written(problem, solution)) == solution


def claims(problem: Problem, document: Json) -> set[str]:
    return {v.code for v in check(problem, vroom.read_solution(problem, document))}


def test_an_honest_plan_has_no_violation(problem: Problem) -> None:
    document = written(problem, planned(problem, "b", "1", "3"))
    assert claims(problem, document) == set()


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("summary", "cost"), 1, "wrong_cost"),
        (("routes", 0, "cost"), 1, "wrong_cost"),
        (("routes", 0, "vehicle"), 8, "unknown_vehicle"),
        (("routes", 0, "steps", 1, "arrival"), 1, "wrong_arrival"),
        (("routes", 0, "steps", 1, "duration"), 1, "wrong_drive"),
        (("routes", 0, "steps", 1, "distance"), 1, "wrong_distance"),
        (("routes", 0, "steps", 1, "load"), [0], "wrong_load"),
        (("routes", 0, "steps", 1, "location_index"), 0, "wrong_place"),
        (("routes", 0, "steps", 1, "service"), 1, "wrong_service"),
        (("routes", 0, "steps", 1, "setup"), 1, "wrong_setup"),
        (("routes", 0, "steps", 1, "id"), 99, "unknown_visit"),
        (("routes", 0, "steps", 1, "id"), 3, "visit_twice"),
        (("routes", 0, "steps", 3, "arrival"), 150, "early"),
        (("routes", 0, "steps", 4, "arrival"), 1, "wrong_arrival"),
        (("routes", 0, "steps", 4, "duration"), 1, "wrong_drive"),
        (("routes",), [], "visit_missing"),
    ],
)
def test_a_false_claim_is_found(
    problem: Problem, path: tuple[str | int, ...], value: object, code: str
) -> None:
    document = written(problem, planned(problem, "b", "1", "3"))
    target: Any = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert code in claims(problem, document)


def test_what_a_plan_of_vroom_leaves_out_is_filled_in(problem: Problem) -> None:
    document = written(problem, planned(problem, "b", "1"))
    for step in document["routes"][0]["steps"]:
        for key in ("distance", "load", "location_index", "violations"):
            del step[key]
    document["unassigned"] = [{"id": 3, "type": "job"}]
    assert claims(problem, document) == set()


@pytest.mark.parametrize(
    ("document", "where", "code"),
    [
        ([], "file", "wrong_type"),
        ({"code": 2, "error": "invalid"}, "error", "no_plan"),
        ({"summary": {"cost": 1}, "routes": [{"vehicle": 1, "cost": 1, "steps": []}]},
         "routes[0].steps", "wrong_count"),
        ({"summary": {}}, "summary.cost", "missing_key"),
        ({"summary": {"cost": 1}, "routes": [{"vehicle": 1, "cost": 1, "steps": [
            {"type": "end", "arrival": 0, "duration": 0},
            {"type": "job", "arrival": 0, "duration": 0, "id": 1},
        ]}]}, "routes[0].steps[0].type", "out_of_order"),
        ({"summary": {"cost": 1}, "routes": [{"vehicle": 1, "cost": 1, "steps": [
            {"type": "lunch", "arrival": 0, "duration": 0}]}]},
         "routes[0].steps[0].type", "wrong_type"),
        ({"summary": {"cost": 1}, "routes": [{"vehicle": 1, "cost": 1, "steps": [
            {"type": "start", "arrival": 0, "duration": 0},
            {"type": "break", "arrival": 0, "duration": 0}]}]},
         "routes[0].steps", "wrong_count"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused(
    problem: Problem, document: object, where: str, code: str
) -> None:
    with pytest.raises(InvalidProblem) as error:
        vroom.read_solution(problem, document)
    assert [(fault.where, fault.code) for fault in error.value.faults] == [(where, code)]


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_a_plan_is_judged_or_refused(data: st.DataObject) -> None:
    problem = problem_of(INPUT)
    document = written(problem, planned(problem, "b", "1", "3"))
    target: Any = document
    while isinstance(target, (dict, list)) and target:
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(target[key], (dict, list)) or data.draw(st.booleans()):
            target[key] = data.draw(anything)
            break
        target = target[key]
    with contextlib.suppress(InvalidProblem):
        claims(problem, document)
