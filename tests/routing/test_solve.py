from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.check import check
from routing.engine import nearness
from routing.problem import NO_WAY, InvalidProblem, Problem, Window
from routing.schedule import schedule
from routing.solution import Solution
from routing.solve import Budget, Progress, solve
from tests.routing import brute_force
from tests.routing.build import line, problem, table, town, van, visit
from tests.routing.random_problems import locked_problems, problems


def served(solution: Solution) -> list[str]:
    return [step.visit for route in solution.routes for step in route.visits]


@settings(deadline=None)
@given(st.one_of(problems(), problems(), locked_problems()), st.integers(0, 3))
def test_every_visit_is_planned_or_has_a_reason(asked: Problem, seed: int) -> None:
    found = solve(asked, Budget(iterations=20), seed=seed)
    assert [v for v in check(asked, found) if v.code != "must_be_planned"] == []
    names = served(found) + [unplanned.visit for unplanned in found.unplanned]
    others = {n for choice in asked.choices for option in choice.options for n in option.visits}
    assert len(set(names)) == len(names)
    assert {v.id for v in asked.visits} - others <= {*names} <= {v.id for v in asked.visits}
    assert all(unplanned.reasons for unplanned in found.unplanned)


@settings(deadline=None, max_examples=40)
@given(problems(max_visits=4, max_vehicles=2, roads=True))
def test_small_problems_are_solved_to_the_optimum(asked: Problem) -> None:
    found = solve(asked, Budget(iterations=1000))
    worth, best = brute_force.worth(asked, found), brute_force.best(asked)
    assert worth <= best
    # Brute force does not load again.
    assert worth == best or any(vehicle.reloads for vehicle in asked.vehicles)


@settings(deadline=None, max_examples=30)
@given(problems(), st.integers(0, 3))
def test_the_same_seed_and_iterations_give_the_same_plan(asked: Problem, seed: int) -> None:
    budget = Budget(iterations=50)
    assert solve(asked, budget, seed=seed) == solve(asked, budget, seed=seed)


@settings(deadline=None, max_examples=30)
@given(problems())
def test_the_plan_is_never_worse_than_the_start(asked: Problem) -> None:
    first = solve(asked, Budget(iterations=0))
    second = solve(asked, Budget(iterations=30), start=first)
    worths = [brute_force.worth(asked, found) for found in (first, second)]
    assert worths[1] <= worths[0]


def test_a_start_is_kept_when_there_is_no_time() -> None:
    asked = town(12)
    first = solve(asked, Budget(iterations=200))
    assert solve(asked, Budget(iterations=0), start=first) == first


def test_a_start_that_breaks_rules_is_mended() -> None:
    asked = town(12)
    bad = schedule(asked, {"van 0": [v.id for v in asked.visits]})
    assert bad.violations
    assert not solve(asked, Budget(iterations=10), start=bad).unplanned


def test_a_start_of_another_problem_is_refused() -> None:
    other = solve(problem(line(0, 10), [van("ghost")], [visit("a", 1)]), Budget(iterations=1))
    with pytest.raises(InvalidProblem, match="unknown_vehicle"):
        solve(town(3), Budget(iterations=1), start=other)


def test_each_plan_told_is_better_than_the_one_before() -> None:
    told: list[Progress] = []
    found = solve(town(40), Budget(iterations=300), on_best=told.append)
    worths = [(progress.num_unplanned, progress.objective) for progress in told]
    assert worths == sorted(set(worths), reverse=True)
    assert worths[-1] == (0, found.objective)
    assert [p.elapsed_s for p in told] == sorted(p.elapsed_s for p in told)
    assert told[-1].solution().routes == found.routes


def test_it_ends_within_the_time() -> None:
    began = time.monotonic()
    solve(town(60), Budget(seconds=0.5))
    assert time.monotonic() - began < 5


def test_without_time_there_is_still_a_plan() -> None:
    assert not solve(town(30), Budget(seconds=0)).unplanned


def test_arrays_that_take_longer_than_the_time_leave_no_visit_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    near = nearness.of

    def slow(*arguments: Any) -> nearness.Nearness:
        time.sleep(2)
        return near(*arguments)

    monkeypatch.setattr(nearness, "of", slow)
    assert not solve(town(30), Budget(seconds=0.1)).unplanned


def test_it_ends_when_told_to() -> None:
    began = time.monotonic()
    found = solve(town(60), Budget(seconds=60), stop=lambda: time.monotonic() - began > 0.3)
    assert time.monotonic() - began < 30
    assert not found.unplanned


def test_told_to_stop_at_once_there_is_still_a_plan() -> None:
    asked = town(5)
    found = solve(asked, Budget(seconds=60), stop=lambda: True)
    assert [v for v in check(asked, found) if v.code != "must_be_planned"] == []


def test_a_small_problem_does_not_use_up_its_time() -> None:
    began = time.monotonic()
    solve(town(2), Budget(seconds=300))
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "asked",
    [
        Problem((), (), {}),
        problem(line(0, 10), [van()], []),
        problem(line(0, 10), [], [visit("a", 1)]),
        problem(table([[0, NO_WAY], [NO_WAY, 0]]), [van()], [visit("a", 1)]),
        problem(line(0, 10), [van(shift=Window(5, 5))], [visit("a", 1, (0, 4))]),
        problem(line(0, 10), [van(capacity=(1,))], [visit("a", 1, delivered=(2**40,))], "kg"),
    ],
)
def test_when_nothing_can_be_planned_the_plan_is_empty(asked: Problem) -> None:
    found = solve(asked, Budget(seconds=30))
    assert found.routes == ()
    assert len(found.unplanned) == len(asked.visits)


def test_high_priority_stays_when_not_all_fit() -> None:
    visits = [visit(f"v{k}", 1, delivered=(1,), priority=k % 2) for k in range(8)]
    asked = problem(line(0, 10), [van(capacity=(4,))], visits, "boxes")
    assert sorted(served(solve(asked, Budget(iterations=200)))) == ["v1", "v3", "v5", "v7"]


def test_what_pyvrp_cannot_say_is_searched_all_the_same() -> None:
    asked = town(20)
    limited = [replace(v, cost_per_drive_h=500, max_distance_m=6000) for v in asked.vehicles]
    asked = replace(asked, vehicles=tuple(limited))
    first = solve(asked, Budget(iterations=0))
    better = solve(asked, Budget(iterations=300))
    assert not better.unplanned
    assert better.cost < first.cost


@pytest.mark.parametrize(
    ("budget", "cores", "code"),
    [
        (Budget(), 1, "no_budget"),
        (Budget(seconds=-1), 1, "bad_budget"),
        (Budget(seconds=float("nan")), 1, "bad_budget"),
        (Budget(iterations=5), 0, "bad_cores"),
    ],
)
def test_a_call_without_sense_is_refused(budget: Budget, cores: int, code: str) -> None:
    with pytest.raises(InvalidProblem) as caught:
        solve(town(2), budget, cores=cores)
    assert [fault.code for fault in caught.value.faults] == [code]
