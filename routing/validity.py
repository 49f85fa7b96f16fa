"""The rules that a problem obeys before anything plans it; every breach is reported."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from routing.faults import Fault
from routing.problem import NO_WAY, Problem, Vehicle, Visit, Window

LARGEST = 2**40
"""No time, load, limit or price is larger: sums of a whole plan then stay exact in 64 bits."""

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
        *_matrix_faults(problem),
        *_id_faults("vehicles", [vehicle.id for vehicle in problem.vehicles]),
        *_id_faults("visits", [visit.id for visit in problem.visits]),
        *_vehicle_faults(problem),
        *_visit_faults(problem),
        *_coordinate_faults(problem),
    ]


def num_places(problem: Problem) -> int:
    """Return the number of places that the matrices cover; 0 without matrices."""
    return max((len(matrix.durations) for matrix in problem.matrices.values()), default=0)


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
    size = num_places(problem)
    for profile, matrix in problem.matrices.items():
        for name in ("durations", "distances", "costs"):
            array = getattr(matrix, name)
            if array is not None or name != "costs":
                yield from _array_faults(f"matrices[{profile!r}].{name}", array, size)


def _array_faults(where: str, array: object, size: int) -> Iterator[Fault]:
    if not isinstance(array, np.ndarray) or array.ndim != 2 or array.shape != (size, size):
        shape = getattr(array, "shape", type(array).__name__)
        cause = f"is {shape}, not {(size, size)}"
        yield Fault(where, "matrix_shape", cause, "give square matrices of one size")
        return
    if array.dtype != np.int32:
        cause = f"holds {array.dtype}, not int32"
        yield Fault(where, "matrix_dtype", cause, "give whole numbers as int32")
        return
    negative = np.argwhere(array < 0)
    if len(negative):
        pair = tuple(int(index) for index in negative[0])
        cause = f"{len(negative)} entries are negative, the first at {pair}"
        yield Fault(where, "matrix_negative", cause, "mark pairs without a way by NO_WAY")
    diagonal = np.flatnonzero(np.diagonal(array))
    if len(diagonal):
        cause = f"{len(diagonal)} diagonal entries are not 0, the first at {int(diagonal[0])}"
        yield Fault(where, "matrix_diagonal", cause, "set the diagonal to 0")


def _id_faults(where: str, ids: list[str]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, name in enumerate(ids):
        if not isinstance(name, str) or not name:
            cause = f"id {name!r} is no text, or empty"
            yield Fault(f"{where}[{index}]", "bad_id", cause, "give each an id")
        elif name in first:
            cause = f"id {name!r} is also {where}[{first[name]}]'s"
            yield Fault(f"{where}[{index}]", "duplicate_id", cause, "give each its own id")
        else:
            first[name] = index


def _vehicle_faults(problem: Problem) -> Iterator[Fault]:
    for index, vehicle in enumerate(problem.vehicles):
        where = f"vehicles[{index}] {vehicle.id!r}"
        for end in ("start", "end"):
            place = getattr(vehicle, end)
            if place is not None:
                yield from _place_faults(f"{where}.{end}", place, problem)
        if vehicle.profile not in problem.matrices:
            known = ", ".join(map(repr, problem.matrices)) or "none"
            cause = f"profile {vehicle.profile!r} has no matrix; there are: {known}"
            yield Fault(where, "unknown_profile", cause, "give a matrix for it, or mend the name")
        yield from _window_faults(f"{where}.shift", vehicle.shift)
        yield from _load_faults(f"{where}.capacity", vehicle.capacity, problem)
        yield from _vehicle_number_faults(where, vehicle, problem)


def _vehicle_number_faults(where: str, vehicle: Vehicle, problem: Problem) -> Iterator[Fault]:
    for name in _MONEY:
        yield from _number_faults(f"{where}.{name}", getattr(vehicle, name))
    for name in _LIMITS:
        limit = getattr(vehicle, name)
        if limit is not None:
            yield from _number_faults(f"{where}.{name}", limit)
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
    durations = getattr(matrix, "durations", None)
    if not isinstance(durations, np.ndarray) or durations.dtype != np.int32:
        return 0
    return int(durations.max(initial=0, where=durations != NO_WAY))


def _visit_faults(problem: Problem) -> Iterator[Fault]:
    for index, visit in enumerate(problem.visits):
        where = f"visits[{index}] {visit.id!r}"
        yield from _place_faults(f"{where}.place", visit.place, problem)
        for k, window in enumerate(visit.windows):
            yield from _window_faults(f"{where}.windows[{k}]", window)
        yield from _visit_number_faults(where, visit)
        # Empty: nothing in any dimension, as a visit's default says.
        for name in ("delivered", "picked_up"):
            load = getattr(visit, name)
            if load:
                yield from _load_faults(f"{where}.{name}", load, problem)


def _visit_number_faults(where: str, visit: Visit) -> Iterator[Fault]:
    for name in ("service_s", "setup_s", "priority"):
        yield from _number_faults(f"{where}.{name}", getattr(visit, name))
    if visit.price_unplanned is not None:
        yield from _number_faults(f"{where}.price_unplanned", visit.price_unplanned)


def _place_faults(where: str, place: object, problem: Problem) -> Iterator[Fault]:
    size = num_places(problem)
    if not _is_integer(place):
        yield Fault(where, "not_an_integer", f"{place!r} is no whole number", "give a place")
    elif not 0 <= place < size:  # type: ignore[operator]  # _is_integer has seen to that
        cause = f"place {place} is not in the matrices, which cover {size} places from 0"
        yield Fault(where, "place_out_of_range", cause, "give a place that the matrices cover")


def _window_faults(where: str, window: Window) -> Iterator[Fault]:
    broken = [fault for end in window for fault in _number_faults(where, end)]
    yield from broken
    if not broken and window.earliest > window.latest:
        cause = f"ends at {window.latest}, before it starts at {window.earliest}"
        yield Fault(where, "window_reversed", cause, "swap the ends, or mend one")


def _load_faults(where: str, load: tuple[int, ...], problem: Problem) -> Iterator[Fault]:
    if len(load) != len(problem.dimensions):
        named = ", ".join(problem.dimensions) or "none"
        cause = f"has {len(load)} numbers for {len(problem.dimensions)} dimensions ({named})"
        yield Fault(where, "load_length", cause, "give one number for each load dimension")
    for amount in load:
        yield from _number_faults(where, amount)


def _coordinate_faults(problem: Problem) -> Iterator[Fault]:
    points = problem.coordinates
    if points is None:
        return
    wanted = (num_places(problem), 2)
    if not isinstance(points, np.ndarray) or points.shape != wanted:
        shape = getattr(points, "shape", type(points).__name__)
        cause = f"is {shape}, not {wanted}"
        yield Fault("coordinates", "bad_coordinates", cause, "give one point for each place")
    elif not np.isfinite(points).all():
        bad = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        cause = f"place {bad} has a coordinate that is no number"
        yield Fault("coordinates", "bad_coordinates", cause, "give finite numbers")


def _number_faults(where: str, number: object) -> Iterable[Fault]:
    if not _is_integer(number):
        return [Fault(where, "not_an_integer", f"{number!r} is no whole number", "round it")]
    if number < 0:  # type: ignore[operator]  # _is_integer has seen to that
        return [Fault(where, "negative_number", f"{number} is less than 0", "give 0 or more")]
    if number > LARGEST:  # type: ignore[operator]  # _is_integer has seen to that
        cause = f"{number} is more than {LARGEST}"
        return [Fault(where, "too_large", cause, "use larger units, or leave it out")]
    return []


def _is_integer(number: object) -> bool:
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)
