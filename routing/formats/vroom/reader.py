"""VROOM's JSON input to a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from routing.formats.faults import Faults, refuse
from routing.formats.measure import Measure
from routing.formats.vroom import documents
from routing.formats.vroom.build import build
from routing.formats.vroom.matrices import read_matrices
from routing.formats.vroom.models import Document, Job, Vehicle
from routing.formats.vroom.places import Places, check_ends, given_places, located_places
from routing.formats.vroom.pydantic_faults import parse
from routing.problem import Matrix, Problem
from routing.validity import LARGEST

Item = TypeVar("Item", Job, Vehicle)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What could be read, by its row in the file; whatever is missing is among the faults."""

    jobs: dict[int, Job]
    vehicles: dict[int, Vehicle]
    matrices: dict[str, Matrix]
    raw_matrices: dict[str, object]
    faults: Faults

    def given(self, profile: str) -> frozenset[str]:
        """Return the arrays that the file has for a profile."""
        keys = self.raw_matrices.get(profile)
        return frozenset(keys if isinstance(keys, dict) else ())


def read(text: str, *, measure: Measure | None = None) -> Problem:
    """
    Return the problem that VROOM's JSON input describes.

    Jobs are visits that may be left out, at a price beyond all routes: as in VROOM the sum of
    priorities comes first, then the number of jobs, then the cost of the routes. ``per_hour`` is
    a price of driving. Vehicles without ``time_window`` start from 0 and end when they like.

    Parameters
    ----------
    text
        The JSON text.
    measure
        Answers for jobs and vehicles with a ``location`` when the file has no matrices.

    Raises
    ------
    InvalidProblem
        With every fault, by JSON path.
    """
    parts = _parts(documents.parse(text))
    dimensions = _check_amounts(parts)
    _check_ids(parts)
    places = _places(parts, measure)
    parts.faults.raise_any()
    matrices = parts.matrices
    if not parts.raw_matrices and measure is not None:
        profiles = sorted({vehicle.profile for vehicle in parts.vehicles.values()})
        assert places.points is not None
        matrices = {profile: measure(places.points, profile) for profile in profiles}
    return build(parts.jobs, parts.vehicles, places, matrices, num_dimensions=dimensions)


def _parts(data: object) -> _Parts:
    if not isinstance(data, dict):
        cause = f"the file holds {type(data).__name__}, not an object"
        raise refuse("file", "wrong_type", cause, "begin with { and the keys of VROOM's input")
    faults = Faults()
    # Only what is refused goes through the model as a whole: its parts are read one by one.
    parse(Document, data, "", faults)
    found = data.get("matrices")
    matrices = found if isinstance(found, dict) else {}
    return _Parts(
        jobs=_items(Job, data.get("jobs"), "jobs", faults),
        vehicles=_items(Vehicle, data.get("vehicles"), "vehicles", faults),
        matrices=read_matrices(matrices, faults),
        raw_matrices=matrices,
        faults=faults,
    )


def _items(model: type[Item], values: object, where: str, faults: Faults) -> dict[int, Item]:
    rows = enumerate(values if isinstance(values, list) else [])
    parsed = ((index, parse(model, value, f"{where}[{index}]", faults)) for index, value in rows)
    return {index: item for index, item in parsed if item is not None}


def _check_ids(parts: _Parts) -> None:
    for where, items in (("jobs", parts.jobs), ("vehicles", parts.vehicles)):
        first: dict[str, int] = {}
        for row, item in items.items():
            if item.id in first:
                cause = f"{item.id} is also the id of {where}[{first[item.id]}]"
                parts.faults.add(f"{where}[{row}].id", "duplicate_id", cause, "give each its own")
            first.setdefault(item.id, row)


def _check_amounts(parts: _Parts) -> int:
    """Return the number of load dimensions: all vehicles and jobs must agree on it."""
    amounts = [(f"vehicles[{row}].capacity", v.capacity) for row, v in parts.vehicles.items()]
    for row, job in parts.jobs.items():
        amounts.append((f"jobs[{row}].delivery", job.delivery))
        amounts.append((f"jobs[{row}].pickup", job.pickup))
    given = [(where, amount) for where, amount in amounts if amount is not None]
    if not given:
        return 0
    first, model = given[0]
    for where, amount in given:
        if len(amount) != len(model):
            cause = f"{len(amount)} numbers, but {first} has {len(model)}"
            action = "give one number for each load dimension"
            parts.faults.add(where, "load_length", cause, action)
    return len(model)


def _places(parts: _Parts, measure: Measure | None) -> Places:
    check_ends(parts.vehicles, parts.faults)
    if parts.raw_matrices:
        size = max((len(matrix.durations) for matrix in parts.matrices.values()), default=0)
        _check_profiles(parts)
        _check_prices(parts)
        # Without a readable matrix, indices cannot be judged.
        return given_places(parts.jobs, parts.vehicles, size or LARGEST, parts.faults)
    if measure is None and (parts.jobs or parts.vehicles):
        cause = "the file has no matrices, and locations alone have no travel times"
        parts.faults.add("matrices", "no_matrix", cause, "add matrices, or name a map")
    return located_places(parts.jobs, parts.vehicles, parts.faults)


def _check_profiles(parts: _Parts) -> None:
    known = ", ".join(sorted(parts.raw_matrices))
    for row, vehicle in parts.vehicles.items():
        if vehicle.profile not in parts.raw_matrices:
            where, name = f"vehicles[{row}].profile", vehicle.profile
            cause = f"{name!r} has no matrix; there are: {known}"
            parts.faults.add(where, "unknown_profile", cause, f"add matrices.{name}")


def _check_prices(parts: _Parts) -> None:
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
