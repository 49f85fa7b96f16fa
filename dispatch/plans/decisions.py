"""
What a dispatcher lays down for a plan beside its routes: locks, and rules that may give.

It belongs to a version of the plan, so that undo takes it back as well. Ids are those of the
problem; seconds count from its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from dispatch.plans.plans import Sequences
from dispatch.store.errors import Conflict
from routing.problem import Problem, Vehicle, Visit, Window


@dataclass(frozen=True, slots=True)
class Decisions:
    """
    All of it.

    ``locked`` says by vehicle how many of its first halts stay as they are; None: its whole route.
    ``windows`` are those that a visit may have besides its own, ``overtime`` by how many seconds
    a shift may be longer, ``trips`` how often a vehicle may load. ``extra`` are deliveries that
    missed the wave and are taken along.
    """

    locked: Mapping[str, int | None] = field(default_factory=dict)
    windows: Mapping[str, list[list[int]]] = field(default_factory=dict)
    overtime: Mapping[str, int] = field(default_factory=dict)
    trips: Mapping[str, int] = field(default_factory=dict)
    extra: tuple[str, ...] = ()

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Return decisions from their stored form."""
        return cls(**{**document, "extra": tuple(document.get("extra", ()))})

    def write(self) -> dict[str, Any]:
        """Return the stored form: only what was decided."""
        return {name: value for name, value in asdict(self).items() if value}


def under(problem: Problem, decisions: Decisions, routes: Sequences) -> Problem:
    """Return the problem with what was decided; what is no longer there decides nothing."""
    if not decisions.write():
        return problem
    return replace(
        problem,
        vehicles=tuple(_vehicle(one, decisions, routes) for one in problem.vehicles),
        visits=tuple(_visit(one, decisions) for one in problem.visits),
    )


def granted(decisions: Decisions, asked: Problem, given: Problem) -> Decisions:
    """Return decisions that also grant what one problem allows beyond another."""
    windows, overtime, trips = dict(decisions.windows), dict(decisions.overtime), {}
    for old, new in zip(given.visits, asked.visits, strict=True):
        if more := [list(window) for window in new.windows if window not in old.windows]:
            windows[new.id] = [*windows.get(new.id, []), *more]
    for before, after in zip(given.vehicles, asked.vehicles, strict=True):
        longer = after.shift.latest - before.shift.latest
        if longer:
            overtime[after.id] = overtime.get(after.id, 0) + longer
        if after.max_trips != before.max_trips:
            trips[after.id] = after.max_trips
    return replace(
        decisions, windows=windows, overtime=overtime, trips={**decisions.trips, **trips}
    )


def refuse_broken_locks(
    decisions: Decisions, before: Sequences, after: Sequences, names: Mapping[str, str]
) -> None:
    """Refuse (``route_locked``) routes that change what is locked; ``names`` are for people."""
    for vehicle, number in decisions.locked.items():
        old, new = list(before.get(vehicle, ())), list(after.get(vehicle, ()))
        if old[:number] != new[:number] or (number is None and len(old) != len(new)):
            what = "the route" if number is None else f"the first {number} stops"
            raise Conflict(
                "route_locked",
                cause=f"{what} of {names.get(vehicle, vehicle)}: locked",
                action="unlock it first, or leave it as it is",
            )


def _vehicle(vehicle: Vehicle, decisions: Decisions, routes: Sequences) -> Vehicle:
    longer = decisions.overtime.get(vehicle.id, 0)
    if longer:
        shift = Window(vehicle.shift.earliest, vehicle.shift.latest + longer)
        vehicle = replace(vehicle, shift=shift)
    if trips := decisions.trips.get(vehicle.id):
        vehicle = replace(vehicle, max_trips=trips)
    if vehicle.id not in decisions.locked:
        return vehicle
    number = decisions.locked[vehicle.id]
    loads = {reload.id for reload in vehicle.reloads}
    visits = tuple(stop for stop in routes.get(vehicle.id, ()) if stop not in loads)
    return replace(vehicle, prefix=visits[:number], locked=number is None)


def _visit(visit: Visit, decisions: Decisions) -> Visit:
    more = decisions.windows.get(visit.id)
    if not more or not visit.windows:
        return visit
    return replace(visit, windows=(*visit.windows, *(Window(*window) for window in more)))
