"""``steps`` of VROOM's vehicles: the plan that a search begins with."""

from __future__ import annotations

from collections.abc import Iterator

from routing.formats.ids import task_id
from routing.formats.vroom.models import VehicleStep
from routing.formats.vroom.parts import Parts, visit_ids

Sequences = dict[str, tuple[str, ...]]
"""Ids of visits in order, by vehicle: what `routing.schedule` takes."""

_TASKS = ("job", "pickup", "delivery")


def sequences(parts: Parts) -> Sequences | None:
    """Return what the steps say; note tasks that do not exist, or come twice."""
    if parts.faults:
        return None  # a task that could not be read is not one that does not exist
    known = {(_kind(path), name) for path, name in visit_ids(parts).items()}
    first: dict[str, str] = {}
    found: Sequences = {}
    for row, vehicle in parts.vehicles.items():
        visits = []
        for where, step, name in _tasks(parts, f"vehicles[{row}].steps", vehicle.steps):
            if (step.type, name) not in known:
                cause = f"no {step.type} {step.id}"
                parts.faults.add(where, "unknown_visit", cause, "name a task of this file")
            elif name in first:
                cause = f"{step.type} {step.id} is at {first[name]} already"
                parts.faults.add(where, "visit_twice", cause, "name each task once")
            else:
                first[name] = where
                visits.append(name)
        if visits:
            found[vehicle.id] = tuple(visits)
    return found or None


def _tasks(
    parts: Parts, where: str, steps: list[VehicleStep]
) -> Iterator[tuple[str, VehicleStep, str]]:
    """Yield the steps that serve someone, with the ids of their visits."""
    for number, step in enumerate(steps):
        if step.type not in _TASKS:
            continue
        if step.id is None:
            cause = f"a {step.type} without id"
            parts.faults.add(f"{where}[{number}].id", "missing_key", cause, "add its id")
            continue
        name = step.id if step.type == "job" else task_id(step.type, step.id)
        yield f"{where}[{number}].id", step, name


def _kind(path: str) -> str:
    return path.rpartition(".")[2] if "." in path else "job"
