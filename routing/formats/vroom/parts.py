"""What could be read of VROOM's input, part by part, and what the parts say of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from routing.formats.faults import Faults, refuse
from routing.formats.ids import task_id
from routing.formats.vroom.matrices import read_matrices
from routing.formats.vroom.models import Document, Job, Shipment, Task, Vehicle
from routing.formats.vroom.pydantic_faults import parse
from routing.problem import Matrix

Item = TypeVar("Item", Job, Shipment, Vehicle)


@dataclass(frozen=True, slots=True)
class Parts:
    """Jobs, shipments and vehicles by their row in the file; what is missing is a fault."""

    jobs: dict[int, Job]
    shipments: dict[int, Shipment]
    vehicles: dict[int, Vehicle]
    matrices: dict[str, Matrix]
    raw_matrices: Mapping[str, object]
    faults: Faults

    def given(self, profile: str) -> frozenset[str]:
        """Return the arrays that the file has for a profile."""
        keys = self.raw_matrices.get(profile)
        return frozenset(keys if isinstance(keys, dict) else ())

    def tasks(self) -> dict[str, Task]:
        """Return all that is served at a place, by its JSON path."""
        found: dict[str, Task] = {f"jobs[{row}]": job for row, job in self.jobs.items()}
        for row, shipment in self.shipments.items():
            found[f"shipments[{row}].pickup"] = shipment.pickup
            found[f"shipments[{row}].delivery"] = shipment.delivery
        return found


def parts(data: object) -> Parts:
    """
    Return the parts of a document, each read by itself so that every fault is found.

    Raises
    ------
    InvalidProblem
        The document is no object.
    """
    if not isinstance(data, dict):
        cause = f"the file holds {type(data).__name__}, not an object"
        raise refuse("file", "wrong_type", cause, "begin with { and the keys of VROOM's input")
    faults = Faults()
    # Only what is refused goes through the model as a whole.
    parse(Document, data, "", faults)
    found = data.get("matrices")
    matrices = found if isinstance(found, dict) else {}
    return Parts(
        jobs=_items(Job, data.get("jobs"), "jobs", faults),
        shipments=_items(Shipment, data.get("shipments"), "shipments", faults),
        vehicles=_items(Vehicle, data.get("vehicles"), "vehicles", faults),
        matrices=read_matrices(matrices, faults),
        raw_matrices=matrices,
        faults=faults,
    )


def visit_ids(parts: Parts) -> dict[str, str]:
    """
    Return the id of each task's visit, by the task's path.

    In VROOM a job, a pickup and a delivery may all be number 4. The job is visit ``4``, the others
    are ``pickup 4`` and ``delivery 4``; ids that are texts stay as they are.
    """
    found = {}
    for path, task in parts.tasks().items():
        kind = path.rpartition(".")[2]
        found[path] = task_id(kind, task.id) if kind in ("pickup", "delivery") else task.id
    return found


def task_setups(parts: Parts) -> dict[str, set[int]]:
    """Return the seconds of setup that the vehicles of the file need at each task."""
    types = {vehicle.type for vehicle in parts.vehicles.values()} or {""}
    return {
        path: {task.setup_per_type.get(kind, task.setup) for kind in types}
        for path, task in parts.tasks().items()
    }


def check_ids(parts: Parts) -> None:
    """Note every id that another one of its kind has."""
    vehicles = {f"vehicles[{row}]": vehicle.id for row, vehicle in parts.vehicles.items()}
    for names in (visit_ids(parts), vehicles):
        first: dict[str, str] = {}
        for path, name in names.items():
            if name in first:
                cause = f"{name} is also the id of {first[name]}"
                parts.faults.add(f"{path}.id", "duplicate_id", cause, "give each its own")
            first.setdefault(name, path)


def check_setups(parts: Parts) -> None:
    """Note every setup that depends on the vehicle: a visit has one for all."""
    for path, seconds in task_setups(parts).items():
        if len(seconds) > 1:
            cause = "not supported yet: setup_per_type that differs within the fleet"
            action = "give all vehicles' types the same, or add it to service_per_type"
            parts.faults.add(f"{path}.setup_per_type", "not_supported", cause, action)


def num_dimensions(parts: Parts) -> int:
    """Return the number of load dimensions, and note every load that disagrees on it."""
    given = [(where, length) for where, length in _lengths(parts) if length is not None]
    if not given:
        return 0
    first, model = given[0]
    for where, length in given:
        if length != model:
            cause = f"{length} numbers, but {first} has {model}"
            action = "give one number for each load dimension"
            parts.faults.add(where, "load_length", cause, action)
    return model


def _lengths(parts: Parts) -> Iterator[tuple[str, int | None]]:
    for row, vehicle in parts.vehicles.items():
        yield f"vehicles[{row}].capacity", _length(vehicle.capacity)
    for row, job in parts.jobs.items():
        yield f"jobs[{row}].delivery", _length(job.delivery)
        yield f"jobs[{row}].pickup", _length(job.pickup)
    for row, shipment in parts.shipments.items():
        yield f"shipments[{row}].amount", _length(shipment.amount)
    for row, vehicle in parts.vehicles.items():
        for number, pause in enumerate(vehicle.breaks):
            yield f"vehicles[{row}].breaks[{number}].max_load", _length(pause.max_load)


def _length(amounts: list[int] | None) -> int | None:
    return None if amounts is None else len(amounts)


def _items(model: type[Item], values: object, where: str, faults: Faults) -> dict[int, Item]:
    rows = enumerate(values if isinstance(values, list) else [])
    parsed = ((index, parse(model, value, f"{where}[{index}]", faults)) for index, value in rows)
    return {index: item for index, item in parsed if item is not None}
