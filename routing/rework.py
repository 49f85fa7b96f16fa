"""A running plan made better: how much may change, and what did."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from routing.problem import Problem, Visit
from routing.solution import Solution, Step
from routing.solve import Budget, solve

Strength = Literal["reorder_changed", "reorder", "redistribute"]
"""
How much may change: the order on some vehicles, the order on all, or who serves whom as well.

What is not planned yet may go anywhere that may change.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """
    What became of one visit: ``before`` and ``after`` are vehicles, None where it was on none.

    ``moved_s`` is how much later service starts. ``why``: ``new``, ``left_out``, ``vehicle``
    (another one serves it), ``order`` (other visits come before it) or ``time`` (it only shifts).
    """

    visit: str
    before: str | None
    after: str | None
    moved_s: int
    why: Literal["new", "left_out", "vehicle", "order", "time"]


@dataclass(frozen=True, slots=True)
class Rework:
    """A better plan, what it saves in minor units, and what changes; sorted as the new plan is."""

    solution: Solution
    saved: int
    changes: tuple[Change, ...]


def improve(
    problem: Problem,
    solution: Solution,
    budget: Budget,
    *,
    strength: Strength = "redistribute",
    changed: Collection[str] = (),
    seed: int = 0,
    cores: int = 1,
) -> Rework:
    """
    Return a plan at least as good as a running one, within what may change.

    Parameters
    ----------
    problem
        Says where the vehicles are now: their start, shift, load, and the prefix that is settled.
    solution
        The running plan of what is still open; what it breaks is mended first.
    strength
        See `Strength`.
    changed
        The vehicles that ``reorder_changed`` may touch.
    """
    narrow = _narrowed(problem, solution, strength, frozenset(changed))
    found = solve(narrow, budget, seed=seed, start=solution, cores=cores)
    saved = solution.objective - found.objective
    return Rework(found, saved, tuple(changes(solution, found)))


def changes(before: Solution, after: Solution) -> Iterator[Change]:
    """Yield the visits that another vehicle serves, or at another time, or not any more."""
    old, new = _places(before), _places(after)
    for visit, (vehicle, step, earlier) in new.items():
        if visit not in old:
            yield Change(visit, None, vehicle, 0, "new")
            continue
        was, was_step, was_earlier = old[visit]
        moved = step.service_start - was_step.service_start
        if was != vehicle:
            yield Change(visit, was, vehicle, moved, "vehicle")
        elif earlier != was_earlier:
            yield Change(visit, was, vehicle, moved, "order")
        elif moved:
            yield Change(visit, was, vehicle, moved, "time")
    for visit, (was, _, _) in old.items():
        if visit not in new:
            yield Change(visit, was, None, 0, "left_out")


def _places(solution: Solution) -> dict[str, tuple[str, Step, frozenset[str]]]:
    """Return the vehicle, the halt and the visits before it, for each visit."""
    found = {}
    for route in solution.routes:
        earlier: frozenset[str] = frozenset()
        for step in route.visits:
            found[step.visit] = route.vehicle, step, earlier
            earlier |= {step.visit}
    return found


def _narrowed(
    problem: Problem, solution: Solution, strength: Strength, changed: frozenset[str]
) -> Problem:
    """Return the problem in which nothing can change but what may."""
    if strength == "redistribute":
        return problem
    home = {step.visit: route.vehicle for route in solution.routes for step in route.visits}
    free = changed if strength == "reorder_changed" else {v.id for v in problem.vehicles}
    fixed = {r.vehicle: tuple(s.visit for s in r.visits) for r in solution.routes}
    vehicles = tuple(
        vehicle
        if vehicle.id in free
        else replace(vehicle, prefix=fixed.get(vehicle.id, ()), suffix=(), locked=True)
        for vehicle in problem.vehicles
    )
    visits = tuple(_kept_to(visit, home) for visit in problem.visits)
    return replace(problem, vehicles=vehicles, visits=visits)


def _kept_to(visit: Visit, home: dict[str, str]) -> Visit:
    if visit.id not in home:
        return visit
    own = frozenset([home[visit.id]])
    return replace(visit, vehicles=own if visit.vehicles is None else own & visit.vehicles)
