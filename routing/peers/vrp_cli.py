"""
vrp-cli (reinterpretcat/vrp) through its JSON; it has no seed.

Pins become skills of the vehicles that visits name. What leaving a visit out costs is said by
vehicles that are none: whom they serve is left out, and the way to a visit has its price.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import vrp_cli

from routing.peers.ask import Ask, CannotSay, NoPlan, Sequences, refuse, setups
from routing.peers.enough import enough
from routing.problem import NO_WAY, Break, Matrix, Problem, Reload, Vehicle, Visit, Window
from routing.tables import Tables

BREAKS = 0.5
"""How many visits a break counts as among what is left out: it may be no more than a wish to it."""

_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_KNOWN = ("breaks", "reloads", "vehicles", "not_vehicles")
_PANIC = "PanicException"
_STATIC = {"type": "static-selective"}
_LEFT_OUT = "left out"
_NOT_LEFT_OUT = "to be served"


def solve(ask: Ask) -> Sequences:
    """Search with a thread on each core."""
    deadline = time.monotonic() + ask.seconds
    refuse(ask.problem, _lacking(ask.problem), known=_KNOWN)
    problem = enough(ask.problem)
    model = _document(problem)
    matrices = [_matrix(name, matrix) for name, matrix in problem.matrices.items()]
    if _optional(problem):
        matrices.append(_prices(problem))
    documents = json.dumps(model), [json.dumps(matrix) for matrix in matrices]
    try:
        answer = _answer(documents, _config(ask.cores, deadline))
    except BaseException as error:
        # Its way of choosing heuristics while it runs can panic, mostly on tiny problems.
        if type(error).__name__ != _PANIC:
            raise
        answer = _answer(documents, {**_config(ask.cores, deadline), "hyper": _STATIC})
    return _sequences(problem, answer)


def _config(cores: int, deadline: float) -> dict[str, Any]:
    return {
        "termination": {"maxTime": max(1, round(deadline - time.monotonic()))},
        "environment": {"parallelism": {"numThreadPools": 1, "threadsPerPool": cores}},
    }


def _answer(documents: tuple[str, list[str]], config: dict[str, Any]) -> dict[str, Any]:
    problem, matrices = documents
    text = vrp_cli.solve_pragmatic(problem=problem, matrices=matrices, config=json.dumps(config))
    answer: dict[str, Any] = json.loads(text)
    return answer


def _lacking(problem: Problem) -> Iterator[str]:
    yield from _beyond_vehicles(problem)
    yield from setups(problem)
    yield from _beyond_visits(problem)


def _beyond_vehicles(problem: Problem) -> Iterator[str]:
    for vehicle in problem.vehicles:
        if vehicle.start is None:
            yield "routes without a start"
        if vehicle.cost_per_drive_h:
            yield "prices of driving"
        if vehicle.speed_factor != 1.0:
            yield "vehicles that are faster than others"
        if vehicle.max_drive_s is not None:
            yield "limits of driving"
        if len(vehicle.reloads) > 1:
            yield "reloads at several places"
        if vehicle.max_stops is not None and (vehicle.breaks or vehicle.reloads):
            yield "a limit of stops beside breaks or reloads"
    if any(matrix.costs is not None for matrix in problem.matrices.values()):
        yield "prices of legs"


def _beyond_visits(problem: Problem) -> Iterator[str]:
    prices: dict[int, int] = {}
    for visit in problem.visits:
        if any(visit.delivered) and any(visit.picked_up) and visit.delivered != visit.picked_up:
            yield "goods in both directions at one visit, unless they are as many"
        price = visit.price_unplanned
        if price is not None and prices.setdefault(visit.place, price) != price:
            yield "visits at one place that may be left out at different prices"


def _optional(problem: Problem) -> list[Visit]:
    return [visit for visit in problem.visits if visit.price_unplanned is not None]


def _document(problem: Problem) -> dict[str, Any]:
    named = _named(problem)
    vehicles = [_vehicles(group, named) for group in _kinds(problem)]
    profiles = [{"name": name} for name in problem.matrices]
    if _optional(problem):
        vehicles.append(_vehicles_of_none(problem))
        profiles.append({"name": _LEFT_OUT})
    return {
        "plan": {"jobs": [_job(problem, visit) for visit in problem.visits]},
        "fleet": {"vehicles": vehicles, "profiles": profiles},
        "objectives": [
            [{"type": "minimize-unassigned", "breaks": BREAKS}],
            [{"type": "minimize-cost"}],
        ],
    }


def _job(problem: Problem, visit: Visit) -> dict[str, Any]:
    place: dict[str, Any] = {"location": {"index": visit.place}, "duration": visit.service_s}
    if visit.windows:
        place["times"] = [_times(window) for window in visit.windows]
    kind, load = _goods(problem, visit)
    job = {"id": visit.id, kind: [{"places": [place], "demand": list(load)}]}
    skills = _skills(problem, visit)
    return {**job, "skills": skills} if skills else job


def _goods(problem: Problem, visit: Visit) -> tuple[str, tuple[int, ...]]:
    """Return its word for what a visit does with goods, and how many; a replacement does both."""
    if any(visit.delivered) and any(visit.picked_up):
        return "replacements", visit.delivered
    if any(visit.picked_up):
        return "pickups", visit.picked_up
    return "deliveries", visit.delivered or (0,) * max(1, len(problem.dimensions))


def _skills(problem: Problem, visit: Visit) -> dict[str, list[str]]:
    needed = sorted(map(_skill, visit.skills))
    if visit.price_unplanned is None and _optional(problem):
        needed.append(_NOT_LEFT_OUT)
    one_of = sorted(map(_pin, visit.vehicles or ()))
    if visit.vehicles is not None and visit.price_unplanned is not None:
        one_of.append(_LEFT_OUT)
    none_of = sorted(map(_pin, visit.not_vehicles))
    asked = {"allOf": needed, "oneOf": one_of, "noneOf": none_of}
    if visit.vehicles is not None and not one_of:
        raise CannotSay("visits that no vehicle may serve")
    return {word: skills for word, skills in asked.items() if skills}


def _skill(name: str) -> str:
    return f"skill {name}"


def _pin(vehicle: str) -> str:
    return f"vehicle {vehicle}"


def _named(problem: Problem) -> set[str]:
    """Return the vehicles that visits name."""
    named: set[str] = set()
    for visit in problem.visits:
        named |= visit.not_vehicles | (visit.vehicles or frozenset())
    return named


def _kinds(problem: Problem) -> list[list[Vehicle]]:
    """Return like vehicles together: each type that differs is tried for every visit."""
    groups: dict[int, list[Vehicle]] = {}
    for vehicle, kind in zip(problem.vehicles, Tables(problem).vehicle_kinds, strict=True):
        groups.setdefault(kind, []).append(vehicle)
    return list(groups.values())


def _vehicles(group: Sequence[Vehicle], named: set[str]) -> dict[str, Any]:
    vehicle = group[0]
    assert vehicle.start is not None
    limits = {
        "maxDistance": vehicle.max_distance_m,
        "maxDuration": vehicle.max_duration_s,
        "tourSize": vehicle.max_stops,
    }
    known = {name: limit for name, limit in limits.items() if limit is not None}
    pins = [_pin(vehicle.id)] if vehicle.id in named else []
    return {
        "typeId": f"type {vehicle.id}",
        "vehicleIds": [each.id for each in group],
        "profile": {"matrix": vehicle.profile},
        "costs": {
            "fixed": vehicle.cost_fixed,
            "distance": vehicle.cost_per_km / 1000,
            "time": vehicle.cost_per_h / 3600,
        },
        "shifts": [_shift(vehicle)],
        "capacity": list(vehicle.capacity) or [0],
        "skills": [_NOT_LEFT_OUT, *sorted(map(_skill, vehicle.skills)), *pins],
        **({"limits": known} if known else {}),
    }


def _shift(vehicle: Vehicle) -> dict[str, Any]:
    shift: dict[str, Any] = {
        "start": {"earliest": _at(vehicle.shift.earliest), "location": {"index": vehicle.start}}
    }
    if vehicle.end is not None:
        latest = _at(vehicle.shift.latest)
        shift["end"] = {"latest": latest, "location": {"index": vehicle.end}}
    if vehicle.breaks:
        shift["breaks"] = [_break(pause) for pause in vehicle.breaks]
    # Each of its reloads is used once at most.
    reloads = [_reload(reload) for reload in vehicle.reloads] * (vehicle.max_trips - 1)
    return {**shift, "reloads": reloads} if reloads else shift


def _break(pause: Break) -> dict[str, Any]:
    return {
        "time": _times(pause.window),
        "places": [{"duration": pause.duration_s}],
        "policy": "skip-if-arrival-before-end",
    }


def _reload(reload: Reload) -> dict[str, Any]:
    place = {"location": {"index": reload.place}, "duration": reload.duration_s}
    return {**place, "times": list(map(_times, reload.windows))} if reload.windows else place


def _vehicles_of_none(problem: Problem) -> dict[str, Any]:
    """Return vehicles, one for each visit that may be left out, that stand for leaving it out."""
    optional = _optional(problem)
    home = {"index": problem.vehicles[0].start}
    earliest = min(vehicle.shift.earliest for vehicle in problem.vehicles)
    loads = zip(*(_goods(problem, visit)[1] for visit in optional), strict=True)
    skills = {_skill(name) for visit in optional for name in visit.skills}
    return {
        "typeId": _LEFT_OUT,
        "vehicleIds": [f"{_LEFT_OUT} {k}" for k in range(len(optional))],
        "profile": {"matrix": _LEFT_OUT},
        "costs": {"fixed": 0, "distance": 1, "time": 0},
        "shifts": [{"start": {"earliest": _at(earliest), "location": home}}],
        "capacity": [sum(load) for load in loads],
        "skills": [_LEFT_OUT, *sorted(skills)],
    }


def _prices(problem: Problem) -> dict[str, Any]:
    """Return a matrix where the way to a place is what leaving out its visit costs, in no time."""
    size = len(next(iter(problem.matrices.values())).durations)
    prices = np.zeros((size, size), dtype=np.int64)
    for visit in _optional(problem):
        prices[:, visit.place] = visit.price_unplanned or 0
    return {
        "profile": _LEFT_OUT,
        "travelTimes": [0] * size**2,
        "distances": prices.ravel().tolist(),
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


def _times(window: Window) -> list[str]:
    return [_at(second) for second in window]


def _at(second: int) -> str:
    return (_ZERO + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sequences(problem: Problem, answer: dict[str, Any]) -> Sequences:
    tours = answer.get("tours") or []
    if not tours:
        raise NoPlan("no tours")
    reloads = {
        vehicle.id: [reload.id for reload in vehicle.reloads] for vehicle in problem.vehicles
    }
    return {
        tour["vehicleId"]: list(_ids(tour, reloads[tour["vehicleId"]]))
        for tour in tours
        if tour["vehicleId"] in reloads
    }


def _ids(tour: dict[str, Any], reloads: Sequence[str]) -> Iterator[str]:
    for stop in tour["stops"]:
        for activity in stop["activities"]:
            if activity["type"] == "reload":
                yield reloads[0]
            elif activity["type"] in {"delivery", "pickup", "replacement", "service"}:
                yield activity["jobId"]
