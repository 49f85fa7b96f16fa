"""A problem from what VROOM's input was read as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from routing.formats.vroom import models, prices
from routing.formats.vroom.places import Places
from routing.problem import Matrix, Problem, Vehicle, Visit, Window
from routing.validity import LARGEST

_ANY_TIME = Window(0, LARGEST)
"""Stands for a shift without bounds until the day's length is known."""


def build(
    jobs: Mapping[int, models.Job],
    vehicles: Mapping[int, models.Vehicle],
    places: Places,
    matrices: Mapping[str, Matrix],
    *,
    num_dimensions: int,
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
        for row, vehicle in vehicles.items()
    ]
    priorities = [job.priority for job in jobs.values()]
    unplanned = prices.unplanned_prices(priorities, fleet, matrices)
    visits = [
        _visit(job, places.jobs[row], price, empty)
        for (row, job), price in zip(jobs.items(), unplanned, strict=True)
    ]
    whole_day = _whole_day(visits, fleet, matrices)
    return Problem(
        vehicles=tuple(
            replace(vehicle, shift=whole_day) if vehicle.shift == _ANY_TIME else vehicle
            for vehicle in fleet
        ),
        visits=tuple(visits),
        matrices=matrices,
        dimensions=tuple(f"load {number}" for number in range(1, num_dimensions + 1)),
        coordinates=places.points,
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
    )


def _visit(job: models.Job, place: int, price: int, empty: tuple[int, ...]) -> Visit:
    return Visit(
        id=job.id,
        place=place,
        windows=tuple(Window(*window) for window in job.time_windows),
        service_s=job.service,
        setup_s=job.setup,
        delivered=empty if job.delivery is None else tuple(job.delivery),
        picked_up=empty if job.pickup is None else tuple(job.pickup),
        skills=frozenset(job.skills),
        priority=job.priority,
        price_unplanned=price,
        description=job.description,
    )


def _whole_day(
    visits: Sequence[Visit], vehicles: Sequence[Vehicle], matrices: Mapping[str, Matrix]
) -> Window:
    """Return a shift that starts at 0 and is so long that it never binds."""
    ends = [window.latest for visit in visits for window in visit.windows]
    work = sum(visit.setup_s + visit.service_s for visit in visits)
    driving = (len(visits) + 1) * prices.longest_drive(vehicles, matrices)
    return Window(0, min(max(ends, default=0) + work + driving, LARGEST))
