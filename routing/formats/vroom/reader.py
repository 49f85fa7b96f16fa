"""VROOM's JSON input to a problem, and to the plan that a search of it begins with."""

from __future__ import annotations

from routing.formats.measure import Measure
from routing.formats.vroom import breaks, documents, steps
from routing.formats.vroom import parts as parts_
from routing.formats.vroom.build import build
from routing.formats.vroom.parts import Parts
from routing.formats.vroom.places import Places, check_ends, given_places, located_places
from routing.problem import Problem
from routing.validity import LARGEST


def read(text: str, *, measure: Measure | None = None) -> Problem:
    """
    Return the problem that VROOM's JSON input describes.

    Jobs and shipments are visits that may be left out, at a price beyond all routes: as in VROOM
    the sum of priorities comes first, then the number of tasks, then the cost of the routes.
    ``per_hour`` is a price of driving. Vehicles without ``time_window`` start from 0 and end when
    they like. Pickup 4 is visit ``pickup 4``, delivery 4 is ``delivery 4``, job 4 is ``4``.

    Parameters
    ----------
    text
        The JSON text.
    measure
        Answers for tasks and vehicles with a ``location`` when the file has no matrices.

    Raises
    ------
    InvalidProblem
        With every fault, by JSON path.
    """
    return read_with_start(text, measure=measure)[0]


def read_with_start(
    text: str, *, measure: Measure | None = None
) -> tuple[Problem, steps.Sequences | None]:
    """
    Return what `read` does, and the sequences of visits that ``steps`` give, by vehicle.

    None without ``steps``. As in VROOM, only jobs, pickups and deliveries count among these.
    """
    parts = parts_.parts(documents.parse(text))
    dimensions = parts_.num_dimensions(parts)
    parts_.check_ids(parts)
    parts_.check_setups(parts)
    breaks.check(parts.vehicles, parts.faults)
    sequences = steps.sequences(parts)
    places = _places(parts, measure)
    parts.faults.raise_any()
    matrices = parts.matrices
    if not parts.raw_matrices and measure is not None:
        profiles = sorted({vehicle.profile for vehicle in parts.vehicles.values()})
        assert places.points is not None
        matrices = {profile: measure(places.points, profile) for profile in profiles}
    return build(parts, places, matrices, num_dimensions=dimensions), sequences


def _places(parts: Parts, measure: Measure | None) -> Places:
    check_ends(parts.vehicles, parts.faults)
    if parts.raw_matrices:
        size = max((len(matrix.durations) for matrix in parts.matrices.values()), default=0)
        _check_profiles(parts)
        _check_prices(parts)
        # Without a readable matrix, indices cannot be judged.
        return given_places(parts.tasks(), parts.vehicles, size or LARGEST, parts.faults)
    if measure is None and (parts.tasks() or parts.vehicles):
        cause = "the file has no matrices, and locations alone have no travel times"
        parts.faults.add("matrices", "no_matrix", cause, "add matrices, or name a map")
    return located_places(parts.tasks(), parts.vehicles, parts.faults)


def _check_profiles(parts: Parts) -> None:
    known = ", ".join(sorted(parts.raw_matrices))
    for row, vehicle in parts.vehicles.items():
        if vehicle.profile not in parts.raw_matrices:
            where, name = f"vehicles[{row}].profile", vehicle.profile
            cause = f"{name!r} has no matrix; there are: {known}"
            parts.faults.add(where, "unknown_profile", cause, f"add matrices.{name}")


def _check_prices(parts: Parts) -> None:
    """Note what a vehicle needs and its matrix lacks, or the other way round."""
    for row, vehicle in parts.vehicles.items():
        given = parts.given(vehicle.profile)
        where = f"vehicles[{row}]"
        if "costs" in given and (vehicle.costs.per_hour != 3600 or vehicle.costs.per_km):
            cause = "per_hour or per_km contradicts the matrix of costs"
            parts.faults.add(f"{where}.costs", "costs_conflict", cause, "leave one of them")
        if vehicle.profile not in parts.matrices or "distances" in given:
            continue
        needs = [("costs.per_km", vehicle.costs.per_km), ("max_distance", vehicle.max_distance)]
        for name, value in needs:
            if value:
                cause = f"it needs distances, and matrices.{vehicle.profile} has none"
                parts.faults.add(f"{where}.{name}", "no_distances", cause, "add distances")
