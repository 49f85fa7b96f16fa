"""
What a dispatcher does to routes by hand, and what it would cost and break, before it is done.

An edit turns sequences into other sequences and knows no rule; `preview` says what becomes of them.
Nothing is forbidden: what a person wants in spite of a violation is theirs to decide, with a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatch.plans.plans import Sequences
from dispatch.store.errors import Invalid
from routing import rework
from routing.problem import Problem
from routing.rework import Change
from routing.schedule import schedule
from routing.solution import Solution, Violation


@dataclass(frozen=True, slots=True)
class Preview:
    """
    What an edit comes to.

    ``price`` is by how much the objective rises, in minor units. ``violations`` are those that
    were not there before; ``solved`` those that are gone. ``changes`` are all visits that another
    vehicle serves, or at another time.
    """

    solution: Solution
    price: int
    violations: tuple[Violation, ...]
    solved: tuple[Violation, ...]
    changes: tuple[Change, ...]


def preview(
    problem: Problem, before: Sequences, after: Sequences, *, under: Problem | None = None
) -> Preview:
    """
    Return what turning some routes into others would cost and break.

    Parameters
    ----------
    under
        The problem by which the new routes are judged, when it is another one.
    """
    old, new = schedule(problem, before), schedule(under or problem, after)
    return Preview(
        solution=new,
        price=new.objective - old.objective,
        violations=_new(new.violations, old.violations),
        solved=_new(old.violations, new.violations),
        changes=tuple(rework.changes(old, new)),
    )


def still_there(problem: Problem, routes: Sequences) -> Sequences:
    """Return what of some routes a problem still has: its vehicles, and their visits and loads."""
    loads = {vehicle.id: {reload.id for reload in vehicle.reloads} for vehicle in problem.vehicles}
    visits = {visit.id for visit in problem.visits}
    return {
        vehicle: [stop for stop in stops if stop in visits or stop in loads[vehicle]]
        for vehicle, stops in routes.items()
        if vehicle in loads
    }


def move(routes: Sequences, stops: Sequence[str], *, to: str, position: int) -> Sequences:
    """
    Put stops, wherever they are or on no route, one after the other on a vehicle's route.

    Parameters
    ----------
    position
        Before which stop of the route, counted from 0 without the stops that move.
    """
    rest = remove(routes, stops, unplanned=True)
    route = list(rest.get(to, ()))
    if not 0 <= position <= len(route):
        cause = f"position {position} is not on a route of {len(route)} stops"
        raise Invalid("bad_position", cause=cause, action="give one from 0 to that number")
    return _tidy({**rest, to: [*route[:position], *stops, *route[position:]]})


def remove(routes: Sequences, stops: Sequence[str], *, unplanned: bool = False) -> Sequences:
    """Take stops off their routes; ``unplanned``: they may be on none."""
    if len(set(stops)) < len(stops):
        cause = "a stop is named twice"
        raise Invalid("stop_twice", cause=cause, action="name each once")
    on_routes = {stop for route in routes.values() for stop in route}
    missing = [] if unplanned else sorted(set(stops) - on_routes)
    if missing:
        cause = f"{', '.join(missing)} is on no route"
        raise Invalid("not_on_a_route", cause=cause, action="look at the plan again")
    gone = set(stops)
    return _tidy({k: [stop for stop in route if stop not in gone] for k, route in routes.items()})


def swap(routes: Sequences, one: str, other: str) -> Sequences:
    """Let two vehicles drive each other's routes."""
    changed = {one: routes.get(other, ()), other: routes.get(one, ())}
    return _tidy({**routes, **changed})


def reverse(routes: Sequences, vehicle: str) -> Sequences:
    """Let a vehicle drive its route the other way round."""
    return _tidy({**routes, vehicle: [*routes.get(vehicle, ())][::-1]})


def _tidy(routes: Mapping[str, Sequence[str]]) -> Sequences:
    """Return routes without vehicles that have nothing to do."""
    return {vehicle: list(stops) for vehicle, stops in routes.items() if stops}


def _new(these: Sequence[Violation], those: Sequence[Violation]) -> tuple[Violation, ...]:
    """Return violations that are not among others, or are worse there."""
    known = {(v.code, v.vehicle, v.visit): v.amount for v in those}
    return tuple(v for v in these if v.amount > known.get((v.code, v.vehicle, v.visit), -1))
