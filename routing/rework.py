"""A running plan made better: how much may change, and what did."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from routing import itinerary, reasons, schedule
from routing.problem import Problem, Visit
from routing.solution import Route, Solution, Step
from routing.solve import Budget, solve
from routing.tables import Tables

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
    if strength == "reorder_changed":
        found = _partly(problem, solution, frozenset(changed), budget, seed=seed, cores=cores)
    else:
        narrow = problem if strength == "redistribute" else _kept_home(problem, solution)
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


def _kept_home(problem: Problem, solution: Solution) -> Problem:
    """Return the problem in which planned visits keep their vehicle."""
    home = {step.visit: route.vehicle for route in solution.routes for step in route.visits}
    return replace(problem, visits=tuple(_kept_to(visit, home) for visit in problem.visits))


def _partly(
    problem: Problem,
    solution: Solution,
    changed: frozenset[str],
    budget: Budget,
    *,
    seed: int,
    cores: int,
) -> Solution:
    """Return the plan with some vehicles' routes made better, the others as they are."""
    others = [route for route in solution.routes if route.vehicle not in changed]
    part = _without(_kept_home(problem, solution), changed, others)
    names = {visit.id for visit in part.visits}
    begun = replace(
        solution,
        routes=tuple(route for route in solution.routes if route.vehicle in changed),
        unplanned=tuple(one for one in solution.unplanned if one.visit in names),
    )
    found = solve(part, budget, seed=seed, start=begun, cores=cores)
    tables = Tables(problem)
    whole = replace(found, routes=(*others, *found.routes))
    orders = itinerary.orders(tables, whole.sequences)
    return schedule.solution(tables, orders, reasons=reasons.of_orders(tables, orders))


def _without(problem: Problem, changed: frozenset[str], others: list[Route]) -> Problem:
    """Return a problem of some vehicles, without what is on other ones or belongs to them."""
    gone = {step.visit for route in others for step in route.visits}
    homes = {route.vehicle: {step.visit for step in route.visits} for route in others}
    for vehicle in problem.vehicles:
        if vehicle.id not in changed:
            gone |= {*vehicle.prefix, *vehicle.suffix}
    groups = {visit.together for visit in problem.visits if visit.id in gone} - {""}
    gone |= {visit.id for visit in problem.visits if visit.together in groups}
    for shipment in problem.shipments:
        if gone & {shipment.pickup, shipment.delivery}:
            gone |= {shipment.pickup, shipment.delivery}
    for choice in problem.choices:
        members = {name for option in choice.options for name in option.visits}
        if gone & members:
            gone |= members
    most = problem.stability.max_changes
    if most is not None:
        was = {visit.id: visit.was for visit in problem.visits}
        moved = sum(was[v] not in (None, own) for own, ids in homes.items() for v in ids)
        most = max(0, most - moved)
    return replace(
        problem,
        vehicles=tuple(v for v in problem.vehicles if v.id in changed),
        visits=tuple(
            replace(
                visit,
                vehicles=None if visit.vehicles is None else visit.vehicles & changed,
                not_vehicles=visit.not_vehicles & changed,
            )
            for visit in problem.visits
            if visit.id not in gone
        ),
        shipments=tuple(s for s in problem.shipments if s.pickup not in gone),
        choices=tuple(c for c in problem.choices if c.options[0].visits[0] not in gone),
        stability=replace(problem.stability, max_changes=most),
    )


def _kept_to(visit: Visit, home: dict[str, str]) -> Visit:
    if visit.id not in home:
        return visit
    own = frozenset([home[visit.id]])
    return replace(visit, vehicles=own if visit.vehicles is None else own & visit.vehicles)
