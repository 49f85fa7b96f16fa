"""vrp-cli (reinterpretcat/vrp) through its JSON; it has no seed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import vrp_cli

from routing.peers.ask import Ask, CannotSay, NoPlan, Sequences, choosy_visits, refuse
from routing.peers.enough import enough
from routing.problem import NO_WAY, Matrix, Problem, Vehicle, Visit
from routing.tables import Tables

_ZERO = datetime(2000, 1, 1, tzinfo=UTC)


def solve(ask: Ask) -> Sequences:
    """Search with a thread on each core."""
    deadline = time.monotonic() + ask.seconds
    refuse(ask.problem, [*_beyond_vehicles(ask.problem), *choosy_visits(ask.problem)])
    problem = enough(ask.problem)
    model = _document(problem)
    matrices = [_matrix(name, matrix) for name, matrix in problem.matrices.items()]
    left = max(1, round(deadline - time.monotonic()))
    config = {
        "termination": {"maxTime": left},
        "environment": {"parallelism": {"numThreadPools": 1, "threadsPerPool": ask.cores}},
    }
    answer = vrp_cli.solve_pragmatic(
        problem=json.dumps(model),
        matrices=[json.dumps(matrix) for matrix in matrices],
        config=json.dumps(config),
    )
    return _sequences(json.loads(answer))


def _beyond_vehicles(problem: Problem) -> Iterator[str]:
    for vehicle in problem.vehicles:
        if vehicle.start is None:
            yield "routes without a start"
        if vehicle.cost_fixed or vehicle.cost_per_h or vehicle.cost_per_drive_h:
            yield "prices other than of distance"
        if vehicle.cost_per_km != 1000 or vehicle.speed_factor != 1.0:
            yield "vehicles that are dearer or faster than others"
        if vehicle.max_drive_s is not None:
            yield "limits of driving"
    if any(matrix.costs is not None for matrix in problem.matrices.values()):
        yield "prices other than of distance"


def _document(problem: Problem) -> dict[str, Any]:
    return {
        "plan": {"jobs": [_job(problem, visit) for visit in problem.visits]},
        "fleet": {
            "vehicles": [_vehicles(group) for group in _kinds(problem)],
            "profiles": [{"name": name} for name in problem.matrices],
        },
        "objectives": [[{"type": "minimize-unassigned"}], [{"type": "minimize-distance"}]],
    }


def _job(problem: Problem, visit: Visit) -> dict[str, Any]:
    place: dict[str, Any] = {"location": {"index": visit.place}, "duration": visit.service_s}
    if visit.windows:
        place["times"] = [[_at(second) for second in window] for window in visit.windows]
    nothing = (0,) * max(1, len(problem.dimensions))
    loads = {"deliveries": visit.delivered, "pickups": visit.picked_up}
    asked = {name: load for name, load in loads.items() if any(load)} or {"deliveries": nothing}
    if len(asked) > 1:
        raise CannotSay("goods in both directions at one visit")
    tasks = {name: [{"places": [place], "demand": list(load)}] for name, load in asked.items()}
    return {"id": visit.id, **tasks}


def _kinds(problem: Problem) -> list[list[Vehicle]]:
    """Return like vehicles together: each type that differs is tried for every visit."""
    groups: dict[int, list[Vehicle]] = {}
    for vehicle, kind in zip(problem.vehicles, Tables(problem).vehicle_kinds, strict=True):
        groups.setdefault(kind, []).append(vehicle)
    return list(groups.values())


def _vehicles(group: Sequence[Vehicle]) -> dict[str, Any]:
    vehicle = group[0]
    assert vehicle.start is not None
    shift: dict[str, Any] = {
        "start": {"earliest": _at(vehicle.shift.earliest), "location": {"index": vehicle.start}}
    }
    if vehicle.end is not None:
        latest = _at(vehicle.shift.latest)
        shift["end"] = {"latest": latest, "location": {"index": vehicle.end}}
    limits = {
        "maxDistance": vehicle.max_distance_m,
        "maxDuration": vehicle.max_duration_s,
        "tourSize": vehicle.max_stops,
    }
    known = {name: limit for name, limit in limits.items() if limit is not None}
    return {
        "typeId": f"type {vehicle.id}",
        "vehicleIds": [each.id for each in group],
        "profile": {"matrix": vehicle.profile},
        "costs": {"fixed": 0, "distance": 1, "time": 0},
        "shifts": [shift],
        "capacity": list(vehicle.capacity) or [0],
        **({"limits": known} if known else {}),
    }


def _matrix(name: str, matrix: Matrix) -> dict[str, Any]:
    document = {
        "profile": name,
        "travelTimes": matrix.durations.ravel().tolist(),
        "distances": matrix.distances.ravel().tolist(),
    }
    barred = (matrix.durations == NO_WAY) | (matrix.distances == NO_WAY)
    if barred.any():
        document["errorCodes"] = barred.ravel().astype(int).tolist()
    return document


def _at(second: int) -> str:
    return (_ZERO + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sequences(answer: dict[str, Any]) -> Sequences:
    tours = answer.get("tours") or []
    if not tours:
        raise NoPlan("no tours")
    return {
        tour["vehicleId"]: [
            activity["jobId"]
            for stop in tour["stops"]
            for activity in stop["activities"]
            if activity["type"] in {"delivery", "pickup", "service"}
        ]
        for tour in tours
    }
