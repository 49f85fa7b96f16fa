"""The rules that a problem obeys before anything plans it; every breach is reported."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from routing import validity_choices, validity_clock, validity_company
from routing import validity_values as values
from routing.faults import Fault
from routing.problem import NO_WAY, Problem, Vehicle, Visit
from routing.validity_values import LARGEST as LARGEST

SPEED_FACTORS = (0.01, 100.0)
"""A speed factor outside of this is a slip of the pen."""

_MONEY = ("cost_fixed", "cost_per_km", "cost_per_h", "cost_per_drive_h")
_LIMITS = ("max_distance_m", "max_duration_s", "max_drive_s", "max_stops")


def faults(problem: Problem) -> list[Fault]:
    """
    Return everything that is wrong with a problem; empty when it is valid.

    A visit that no vehicle can serve, or a place that no road reaches, is no fault: the visit
    is then left out of the plan, with reasons.
    """
    return [
        *_dimension_faults(problem),
        *_start_faults(problem),
        *validity_clock.faults(problem),
        *validity_company.faults(problem),
        *validity_choices.faults(problem),
        *_matrix_faults(problem),
        *values.of_ids("vehicles", [vehicle.id for vehicle in problem.vehicles]),
        *values.of_ids("visits", [visit.id for visit in problem.visits]),
        *_vehicle_faults(problem),
        *_visit_faults(problem),
        *_coordinate_faults(problem),
    ]


def _dimension_faults(problem: Problem) -> Iterator[Fault]:
    names = problem.dimensions
    for name in sorted({name for name in names if names.count(name) > 1}):
        cause = f"dimension {name!r} is named {names.count(name)} times"
        yield Fault("dimensions", "duplicate_dimension", cause, "name each load dimension once")


def _start_faults(problem: Problem) -> Iterator[Fault]:
    if problem.start is not None and problem.start.utcoffset() is None:
        cause = f"{problem.start.isoformat()} has no time zone"
        yield Fault("start", "no_timezone", cause, "give the start with its time zone")


def _matrix_faults(problem: Problem) -> Iterator[Fault]:
    size = values.num_places(problem)
    for profile, matrix in problem.matrices.items():
        for name in ("durations", "distances", "costs"):
            array = getattr(matrix, name)
            if array is not None or name != "costs":
                yield from values.of_array(f"matrices[{profile!r}].{name}", array, size)


def _vehicle_faults(problem: Problem) -> Iterator[Fault]:
    for index, vehicle in enumerate(problem.vehicles):
        where = f"vehicles[{index}] {vehicle.id!r}"
        for end in ("start", "end"):
            place = getattr(vehicle, end)
            if place is not None:
                yield from values.of_place(f"{where}.{end}", place, problem)
        if vehicle.profile not in problem.matrices:
            known = ", ".join(map(repr, problem.matrices)) or "none"
            cause = f"profile {vehicle.profile!r} has no matrix; there are: {known}"
            yield Fault(where, "unknown_profile", cause, "give a matrix for it, or mend the name")
        yield from values.of_window(f"{where}.shift", vehicle.shift)
        yield from values.of_load(f"{where}.capacity", vehicle.capacity, problem)
        yield from _vehicle_number_faults(where, vehicle, problem)


def _vehicle_number_faults(where: str, vehicle: Vehicle, problem: Problem) -> Iterator[Fault]:
    for name in _MONEY:
        yield from values.of_number(f"{where}.{name}", getattr(vehicle, name))
    for name in _LIMITS:
        limit = getattr(vehicle, name)
        if limit is not None:
            yield from values.of_number(f"{where}.{name}", limit)
    factor = vehicle.speed_factor
    low, high = SPEED_FACTORS
    if not (isinstance(factor, (int, float)) and math.isfinite(factor) and low <= factor <= high):
        cause = f"{factor!r} is no number from {low} to {high}"
        yield Fault(f"{where}.speed_factor", "bad_speed_factor", cause, "1.0 is the usual speed")
    elif factor < 1 and _longest(problem, vehicle.profile) / factor >= NO_WAY:
        cause = f"{factor!r} makes a leg last {NO_WAY} seconds or more"
        yield Fault(f"{where}.speed_factor", "too_large", cause, "raise it, or mend the durations")


def _longest(problem: Problem, profile: str) -> int:
    """Return the longest leg of a profile, in seconds; 0 where there is none to look at."""
    matrix = problem.matrices.get(profile)
    if matrix is None:
        return 0
    longest = [
        int(array.max(initial=0, where=array != NO_WAY))
        for array in (matrix.durations, *(durations for _, durations in matrix.hours))
        if isinstance(array, np.ndarray) and array.dtype == np.int32
    ]
    return max(longest, default=0)


def _visit_faults(problem: Problem) -> Iterator[Fault]:
    for index, visit in enumerate(problem.visits):
        where = f"visits[{index}] {visit.id!r}"
        yield from values.of_place(f"{where}.place", visit.place, problem)
        for k, window in enumerate(visit.windows):
            yield from values.of_window(f"{where}.windows[{k}]", window)
        yield from _visit_number_faults(where, visit)
        # Empty: nothing in any dimension, as a visit's default says.
        for name in ("delivered", "picked_up"):
            load = getattr(visit, name)
            if load:
                yield from values.of_load(f"{where}.{name}", load, problem)


def _visit_number_faults(where: str, visit: Visit) -> Iterator[Fault]:
    for name in ("service_s", "setup_s", "priority"):
        yield from values.of_number(f"{where}.{name}", getattr(visit, name))
    if visit.price_unplanned is not None:
        yield from values.of_number(f"{where}.price_unplanned", visit.price_unplanned)


def _coordinate_faults(problem: Problem) -> Iterator[Fault]:
    points = problem.coordinates
    if points is None:
        return
    wanted = (values.num_places(problem), 2)
    if not isinstance(points, np.ndarray) or points.shape != wanted:
        shape = getattr(points, "shape", type(points).__name__)
        cause = f"is {shape}, not {wanted}"
        yield Fault("coordinates", "bad_coordinates", cause, "give one point for each place")
    elif not np.isfinite(points).all():
        bad = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        cause = f"place {bad} has a coordinate that is no number"
        yield Fault("coordinates", "bad_coordinates", cause, "give finite numbers")
