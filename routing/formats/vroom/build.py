"""A problem from what VROOM's input was read as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from routing.formats.vroom import breaks, models, prices
from routing.formats.vroom.parts import Parts, task_setups, visit_ids
from routing.formats.vroom.places import Places
from routing.problem import Matrix, Problem, Shipment, Vehicle, Visit, Window
from routing.validity import LARGEST

_ANY_TIME = Window(0, LARGEST)
"""Stands for a shift without bounds until the day's length is known."""


def build(
    parts: Parts, places: Places, matrices: Mapping[str, Matrix], *, num_dimensions: int
) -> Problem:
    """
    Return the problem; everything in it has been checked.

    Raises
    ------
    InvalidProblem
        For what only the problem as a whole can tell.
    """
    empty = (0,) * num_dimensions
    fleet = [
        _vehicle(vehicle, places.starts[row], places.ends[row], matrices, empty)
        for row, vehicle in parts.vehicles.items()
    ]
    visits = _visits(parts, places, empty)
    unplanned = prices.unplanned_prices([visit.priority for visit in visits], fleet, matrices)
    whole_day = _whole_day(parts, visits, fleet, matrices)
    ids = visit_ids(parts)
    return Problem(
        vehicles=tuple(
            _with_hours(vehicle, asked, whole_day)
            for vehicle, asked in zip(fleet, parts.vehicles.values(), strict=True)
        ),
        visits=tuple(
            replace(visit, price_unplanned=price)
            for visit, price in zip(visits, unplanned, strict=True)
        ),
        matrices=matrices,
        dimensions=tuple(f"load {number}" for number in range(1, num_dimensions + 1)),
        coordinates=places.points,
        shipments=tuple(
            Shipment(
                pickup=ids[f"shipments[{row}].pickup"],
                delivery=ids[f"shipments[{row}].delivery"],
                load=empty if shipment.amount is None else tuple(shipment.amount),
            )
            for row, shipment in parts.shipments.items()
        ),
    )


def _vehicle(
    vehicle: models.Vehicle,
    start: int | None,
    end: int | None,
    matrices: Mapping[str, Matrix],
    empty: tuple[int, ...],
) -> Vehicle:
    own_costs = vehicle.profile in matrices and matrices[vehicle.profile].costs is not None
    return Vehicle(
        id=vehicle.id,
        profile=vehicle.profile,
        start=start,
        end=end,
        shift=Window(*vehicle.time_window) if vehicle.time_window else _ANY_TIME,
        # As in VROOM: a vehicle without capacity carries nothing, if others have one.
        capacity=empty if vehicle.capacity is None else tuple(vehicle.capacity),
        skills=frozenset(vehicle.skills),
        cost_fixed=vehicle.costs.fixed,
        cost_per_km=vehicle.costs.per_km,
        cost_per_drive_h=0 if own_costs else vehicle.costs.per_hour,
        max_distance_m=vehicle.max_distance,
        max_drive_s=vehicle.max_travel_time,
        max_stops=vehicle.max_tasks,
        speed_factor=vehicle.speed_factor,
        description=vehicle.description,
        type=vehicle.type,
    )


def _with_hours(vehicle: Vehicle, asked: models.Vehicle, whole_day: Window) -> Vehicle:
    shift = whole_day if vehicle.shift == _ANY_TIME else vehicle.shift
    return replace(vehicle, shift=shift, breaks=tuple(breaks.planned(asked, shift)))


def _visits(parts: Parts, places: Places, empty: tuple[int, ...]) -> list[Visit]:
    """Return jobs, then the two ends of each shipment; without prices."""
    ids, setups = visit_ids(parts), task_setups(parts)
    tasks = {
        path: Visit(
            id=ids[path],
            place=places.tasks[path],
            windows=tuple(Window(*window) for window in task.time_windows),
            service_s=task.service,
            setup_s=min(setups[path]),
            delivered=empty,
            picked_up=empty,
            description=task.description,
            service_s_by_type=dict(task.service_per_type),
        )
        for path, task in parts.tasks().items()
    }
    for row, job in parts.jobs.items():
        tasks[f"jobs[{row}]"] = replace(
            tasks[f"jobs[{row}]"],
            delivered=empty if job.delivery is None else tuple(job.delivery),
            picked_up=empty if job.pickup is None else tuple(job.pickup),
            skills=frozenset(job.skills),
            priority=job.priority,
        )
    for row, shipment in parts.shipments.items():
        for path in (f"shipments[{row}].pickup", f"shipments[{row}].delivery"):
            tasks[path] = replace(
                tasks[path], skills=frozenset(shipment.skills), priority=shipment.priority
            )
    return list(tasks.values())


def _whole_day(
    parts: Parts,
    visits: Sequence[Visit],
    vehicles: Sequence[Vehicle],
    matrices: Mapping[str, Matrix],
) -> Window:
    """Return a shift that starts at 0 and is so long that it never binds."""
    pauses = [pause for vehicle in parts.vehicles.values() for pause in vehicle.breaks]
    ends = [window.latest for visit in visits for window in visit.windows]
    ends += [latest for pause in pauses for _, latest in pause.time_windows]
    work = sum(
        visit.setup_s + max(visit.service_s, *visit.service_s_by_type.values(), 0)
        for visit in visits
    )
    work += sum(pause.service for pause in pauses)
    driving = (len(visits) + 1) * prices.longest_drive(vehicles, matrices)
    return Window(0, min(max(ends, default=0) + work + driving, LARGEST))
