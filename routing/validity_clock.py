"""Rules of a valid problem that are about the clock: breaks, rests, reloads, hours, wishes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from routing import validity_values as values
from routing.faults import Fault
from routing.problem import Matrix, Problem, Vehicle, Visit

MOST_BREAKS = 8
"""The search has a bit for each break of a vehicle, and a day has no more."""


def faults(problem: Problem) -> Iterator[Fault]:
    """Yield what is wrong with the times of a problem, beside its shifts and windows."""
    for profile, matrix in problem.matrices.items():
        yield from _hours(f"matrices[{profile!r}].hours", matrix, values.num_places(problem))
    for index, vehicle in enumerate(problem.vehicles):
        where = f"vehicles[{index}] {vehicle.id!r}"
        yield from _breaks(where, vehicle)
        yield from _reloads(where, vehicle, problem)
        yield from _vehicle_numbers(where, vehicle)
        matrix_of = problem.matrices.get(vehicle.profile)
        if vehicle.max_drive_s is not None and matrix_of is not None and matrix_of.hours:
            cause = f"driving depends on the hour: matrices[{vehicle.profile!r}] has hours"
            action = "limit the duration or the distance instead, or give one matrix for all hours"
            yield Fault(f"{where}.max_drive_s", "hours_and_max_drive", cause, action)
    for index, visit in enumerate(problem.visits):
        yield from _wishes(f"visits[{index}] {visit.id!r}", visit)
    yield from _prices(problem)


def _hours(where: str, matrix: Matrix, size: int) -> Iterator[Fault]:
    begins = [begin for begin, _ in matrix.hours]
    broken = [fault for begin in begins for fault in values.of_number(where, begin)]
    yield from broken
    if not broken and any(earlier >= later for earlier, later in pairwise(begins)):
        cause = f"begin at {', '.join(map(str, begins))}, which is not ascending"
        yield Fault(where, "hours_order", cause, "give each second once, the earliest first")
    for k, (_, durations) in enumerate(matrix.hours):
        yield from values.of_array(f"{where}[{k}]", durations, size)


def _breaks(where: str, vehicle: Vehicle) -> Iterator[Fault]:
    if len(vehicle.breaks) > MOST_BREAKS:
        cause = f"{len(vehicle.breaks)} breaks, of which {MOST_BREAKS} can be planned"
        yield Fault(f"{where}.breaks", "too_many_breaks", cause, "join some of them")
    yield from values.of_ids(f"{where}.breaks", [pause.id for pause in vehicle.breaks])
    for k, pause in enumerate(vehicle.breaks):
        yield from values.of_window(f"{where}.breaks[{k}].window", pause.window)
        yield from values.of_number(f"{where}.breaks[{k}].duration_s", pause.duration_s)
    if vehicle.rest is not None:
        for name in ("drive_s", "duration_s"):
            yield from values.of_number(f"{where}.rest.{name}", getattr(vehicle.rest, name))


def _reloads(where: str, vehicle: Vehicle, problem: Problem) -> Iterator[Fault]:
    ids = [reload.id for reload in vehicle.reloads]
    yield from values.of_ids(f"{where}.reloads", ids)
    taken = {visit.id for visit in problem.visits}
    for k, reload in enumerate(vehicle.reloads):
        own = f"{where}.reloads[{k}]"
        if reload.id in taken:
            cause = f"id {reload.id!r} is also a visit's"
            yield Fault(own, "duplicate_id", cause, "give each its own id")
        yield from values.of_place(f"{own}.place", reload.place, problem)
        yield from values.of_number(f"{own}.duration_s", reload.duration_s)
        if reload.window is not None:
            yield from values.of_window(f"{own}.window", reload.window)
    broken = list(values.of_number(f"{where}.max_trips", vehicle.max_trips))
    yield from broken
    if not broken and vehicle.max_trips < 1:
        cause = f"{vehicle.max_trips} is less than 1: loading at the start counts"
        yield Fault(f"{where}.max_trips", "out_of_range", cause, "give 1 or more")


def _vehicle_numbers(where: str, vehicle: Vehicle) -> Iterator[Fault]:
    yield from values.of_number(f"{where}.cost_per_overtime_h", vehicle.cost_per_overtime_h)
    if vehicle.overtime_from is not None:
        yield from values.of_number(f"{where}.overtime_from", vehicle.overtime_from)


def _wishes(where: str, visit: Visit) -> Iterator[Fault]:
    for kind, seconds in visit.service_s_by_type.items():
        yield from values.of_number(f"{where}.service_s_by_type[{kind!r}]", seconds)
    yield from values.of_number(f"{where}.cost_per_late_h", visit.cost_per_late_h)
    for name in ("due", "ready", "promised"):
        second = getattr(visit, name)
        if second is not None:
            yield from values.of_number(f"{where}.{name}", second)


def _prices(problem: Problem) -> Iterator[Fault]:
    """Yield what is wrong with the prices of changes and of uneven days."""
    for owner, names in (
        ("stability", ("cost_per_change", "max_changes", "cost_per_moved_h")),
        ("balance", ("cost_per_stop2", "cost_per_h2")),
    ):
        for name in names:
            number = getattr(getattr(problem, owner), name)
            if number is not None:
                yield from values.of_number(f"{owner}.{name}", number)
