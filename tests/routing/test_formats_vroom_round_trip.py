from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.check import check
from routing.formats import vroom
from routing.problem import Problem
from routing.schedule import schedule
from routing.solution import Solution
from tests.routing.vroom_problems import as_read, plans, sayable, told

Json = dict[str, Any]


def through_json(document: Json) -> str:
    return json.dumps(document)


@settings(max_examples=100)
@given(sayable())
def test_a_problem_survives_writing_and_reading(problem: Problem) -> None:
    again = vroom.read(through_json(vroom.write_problem(problem)))
    assert told(again) == told(problem)


@settings(max_examples=100)
@given(sayable())
def test_a_problem_with_numbers_for_names_is_the_same_but_for_them(problem: Problem) -> None:
    again = vroom.read(through_json(vroom.write_problem(problem, numbers=True)))
    assert [vehicle.shift for vehicle in again.vehicles] == [v.shift for v in problem.vehicles]
    assert [visit.place for visit in again.visits] == [visit.place for visit in problem.visits]
    assert [visit.description for visit in again.visits] == [visit.id for visit in problem.visits]
    numbered = vroom.write_problem(again, numbers=True)
    assert numbered == vroom.write_problem(again)


@settings(max_examples=100)
@given(sayable(), st.data())
def test_a_start_survives_writing_and_reading(problem: Problem, data: st.DataObject) -> None:
    names = data.draw(st.permutations([visit.id for visit in problem.visits]))
    wanted = {problem.vehicles[0].id: tuple(names)} if names else {}
    document = vroom.write_problem(problem, start=schedule(problem, wanted))
    _, sequences = vroom.read_with_start(through_json(document))
    assert (sequences or {}) == wanted


@settings(max_examples=200)
@given(plans())
def test_a_plan_survives_writing_and_reading(found: tuple[Problem, Solution]) -> None:
    problem, plan = found
    document = json.loads(through_json(vroom.write(problem, plan)))
    assert vroom.read_solution(problem, document) == as_read(plan)


@settings(max_examples=100)
@given(plans())
def test_a_plan_is_judged_alike_after_writing_and_reading(found: tuple[Problem, Solution]) -> None:
    problem, plan = found
    document = json.loads(through_json(vroom.write(problem, plan)))
    again = vroom.read_solution(problem, document)
    assert [v.code for v in check(problem, again)] == [v.code for v in check(problem, plan)]


@given(plans())
def test_seconds_of_a_route_add_up(found: tuple[Problem, Solution]) -> None:
    problem, plan = found
    for route in vroom.write(problem, plan)["routes"]:
        parts = ("duration", "setup", "service", "waiting_time")
        first, last = route["steps"][0], route["steps"][-1]
        assert sum(route[part] for part in parts) == last["arrival"] - first["arrival"]
        for part in ("setup", "service"):
            assert sum(step[part] for step in route["steps"]) == route[part]
