"""VROOM itself reads what we write, and its plans pass our check."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from routing.check import check
from routing.formats import vroom
from routing.problem import NO_WAY, Matrix, Problem
from routing.solve import Budget, solve
from tests.routing.vroom_problems import sayable

Json = dict[str, Any]

peer: Any = pytest.importorskip("vroom", reason="pyvroom is not installed: set up with --bench")

DOCUMENT: Json = {
    "vehicles": [
        {
            "id": 1,
            "start_index": 0,
            "end_index": 0,
            "capacity": [4],
            "time_window": [0, 20_000],
            "type": "van",
            "skills": [7],
            "breaks": [{"id": 1, "time_windows": [[1000, 4000]], "service": 600}],
        },
        {
            "id": 2,
            "start_index": 0,
            "capacity": [4],
            "costs": {"fixed": 500, "per_hour": 3600},
            "time_window": [0, 20_000],
            "breaks": [{"id": 1, "time_windows": [[500, 9000]], "service": 300}],
        },
    ],
    "jobs": [
        {
            "id": 1,
            "location_index": 1,
            "service": 300,
            "delivery": [1],
            "service_per_type": {"van": 200},
        },
        {"id": 2, "location_index": 2, "service": 300, "pickup": [1], "setup": 60},
        {"id": 3, "location_index": 4, "time_windows": [[4000, 5000]], "delivery": [2]},
    ],
    "shipments": [
        {
            "amount": [2],
            "skills": [7],
            "priority": 3,
            "pickup": {"id": 1, "location_index": 3, "service": 100},
            "delivery": {"id": 1, "location_index": 4, "service": 50},
        }
    ],
    "matrices": {
        "car": {
            "durations": [
                [0, 900, 700, 800, 1200],
                [900, 0, 500, 700, 900],
                [700, 500, 0, 300, 800],
                [800, 700, 300, 0, 400],
                [1200, 900, 800, 400, 0],
            ]
        }
    },
}


def answer(document: Json, folder: Path) -> Json:
    path = folder / "problem.json"
    path.write_text(json.dumps(document))
    found = peer.Input.from_json(path).solve(exploration_level=1, nb_threads=1)
    return found.to_dict()  # type: ignore[no-any-return]


@pytest.fixture
def problem() -> Problem:
    return vroom.read(json.dumps(DOCUMENT))


def test_a_plan_of_vroom_with_shipments_and_breaks_passes_check(
    problem: Problem, tmp_path: Path
) -> None:
    found = answer(DOCUMENT, tmp_path)
    kinds = {step["type"] for route in found["routes"] for step in route["steps"]}
    assert kinds == {"start", "job", "pickup", "delivery", "break", "end"}
    plan = vroom.read_solution(problem, found)
    assert (plan.unplanned, check(problem, plan)) == ((), [])


def test_vroom_takes_our_problem_and_our_plan_as_its_start(
    problem: Problem, tmp_path: Path
) -> None:
    ours = solve(problem, Budget(iterations=200), seed=1)
    found = answer(vroom.write_problem(problem, start=ours), tmp_path)
    assert found["summary"]["cost"] <= ours.cost
    assert found["summary"]["unassigned"] == len(ours.unplanned) == 0


def test_our_plan_and_that_of_vroom_have_the_same_keys(problem: Problem, tmp_path: Path) -> None:
    theirs = answer(DOCUMENT, tmp_path)
    ours = vroom.write(problem, vroom.read_solution(problem, theirs))
    deprecated = {"amount", "job"}
    assert set(theirs["summary"]) - deprecated <= set(ours["summary"])
    for route, other in zip(theirs["routes"], ours["routes"], strict=True):
        assert {k: v for k, v in other.items() if k in route and k != "steps"} == {
            k: v for k, v in route.items() if k not in {*deprecated, "steps"}
        }
        for step, same in zip(route["steps"], other["steps"], strict=True):
            told = {k: v for k, v in step.items() if k not in deprecated}
            assert {k: v for k, v in same.items() if k in told} == told


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sayable())
def test_vroom_reads_what_we_write_and_its_plans_pass_check(
    tmp_path: Path, problem: Problem
) -> None:
    document = vroom.write_problem(_whole(problem), numbers=True)
    if not document["jobs"] and not document["shipments"]:
        return
    found = answer(document, tmp_path)
    assert found["code"] == 0
    again = vroom.read(json.dumps(document))
    # Its breaks may be on the way, or at home while ours are not.
    if not any(vehicle.breaks for vehicle in again.vehicles):
        assert check(again, vroom.read_solution(again, found)) == []


def _whole(problem: Problem) -> Problem:
    """Return a problem where nothing is rounded, and no sum of VROOM's overflows."""
    matrices = {name: _reachable(matrix) for name, matrix in problem.matrices.items()}
    vehicles = []
    for vehicle in problem.vehicles:
        priced = matrices[vehicle.profile].costs is not None
        by_hour, by_km = (0, 0) if priced else (3600, 1000)
        usual = replace(vehicle, cost_per_drive_h=by_hour, cost_per_km=by_km)
        vehicles.append(replace(usual, speed_factor=1.0))
    visits = tuple(replace(visit, price_unplanned=None) for visit in problem.visits)
    return replace(problem, vehicles=tuple(vehicles), visits=visits, matrices=matrices)


def _reachable(matrix: Matrix) -> Matrix:
    durations, distances = matrix.durations % NO_WAY, matrix.distances % NO_WAY
    return replace(matrix, durations=durations, distances=distances)
