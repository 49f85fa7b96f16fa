"""
nextroute, whose licence allows an evaluation such as this one and no use in production.

Its program is called directly: the Python around it checks each number of the matrix again, for
longer than a short search lasts.
"""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.peers.ask import Ask, NoPlan, Sequences
from routing.peers.enough import enough
from routing.peers.plain import Plain, plain

_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_SPREAD_DEGREES = 1.0
_RESOURCE = "load"

MINUTE = 60
"""Its windows are of whole minutes: a second of ours is a minute to it, times and legs alike."""


def solve(ask: Ask) -> Sequences:
    """Search with as many runs side by side as there are cores; it has no seed."""
    deadline = time.monotonic() + ask.seconds
    asked = plain(enough(ask.problem))
    text = json.dumps(_document(asked))
    left = max(0.1, deadline - time.monotonic())
    program = resources.files("nextroute") / "bin" / "nextroute.exe"
    options = {
        "solve.duration": f"{left:.3f}s",
        "solve.parallelruns": ask.cores,
        "model.objectives.travelduration": 1,
        "model.objectives.vehiclesduration": 0,
        "model.objectives.vehicleactivationpenalty": 0,
        "model.properties.maximumtimehorizon": 2 * MINUTE * (asked.windows[0].latest + 1),
        "format.disable.progression": None,
    }
    words = [str(program)]
    for name, value in options.items():
        words += [f"-{name}"] if value is None else [f"-{name}", str(value)]
    answer = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise RuntimeError(answer.stderr.strip() or f"exit status {answer.returncode}")
    return asked.sequences(_routes(json.loads(answer.stdout)))


def _document(asked: Plain) -> dict[str, Any]:
    places = _degrees(asked)
    shift = asked.windows[0]
    # Leaving a visit out must not pay, and the sum of all must stay exact in its floats.
    price = MINUTE * 10 * (1000 + int(asked.legs.max(initial=0)))
    vehicle: dict[str, Any] = {
        "capacity": {_RESOURCE: asked.capacity},
        "start_location": places[0],
        "end_location": places[0],
        "start_time": _at(shift.earliest),
        "end_time": _at(shift.latest),
    }
    if asked.max_duration_s is not None:
        vehicle["max_duration"] = MINUTE * asked.max_duration_s
    nodes = range(1, len(asked.demands))
    return {
        "defaults": {"vehicles": vehicle},
        "vehicles": [{"id": str(number)} for number in range(len(asked.vehicle_ids))],
        "stops": [
            {
                "id": str(node),
                "location": places[node],
                "duration": MINUTE * asked.services[node],
                # Its sign says what is taken from the capacity.
                "quantity": {_RESOURCE: -asked.demands[node]},
                "start_time_window": [_at(second) for second in asked.windows[node]],
                "unplanned_penalty": price,
            }
            for node in nodes
        ],
        "duration_matrix": _matrix(asked),
    }


def _matrix(asked: Plain) -> list[list[int]]:
    """Return the legs in its order: the stops, then the start and the end of each vehicle."""
    order = [*range(1, len(asked.demands)), *(0 for _ in range(2 * len(asked.vehicle_ids)))]
    rows: list[list[int]] = (MINUTE * asked.legs[np.ix_(order, order)].astype(np.int64)).tolist()
    return rows


def _degrees(asked: Plain) -> list[dict[str, float]]:
    """
    Return the places as degrees near the equator, where they are nearly a plane.

    The legs come from the matrix, but it looks for near stops by their degrees.
    """
    points = asked.coordinates if asked.coordinates is not None else _drawn(asked)
    low = points.min(axis=0)
    extent = float((points - low).max(initial=0.0)) or 1.0
    degrees = 1.0 + _SPREAD_DEGREES * (points - low) / extent
    return [{"lon": lon, "lat": lat} for lon, lat in degrees.tolist()]


def _drawn(asked: Plain) -> NDArray[np.float64]:
    """Return places on a plane about as far apart as the legs: classical scaling (Torgerson)."""
    apart = (asked.legs + asked.legs.T) / 2.0
    size = len(apart)
    centre = np.eye(size) - 1.0 / size
    values, vectors = np.linalg.eigh(-0.5 * centre @ apart**2 @ centre)
    points: NDArray[np.float64] = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0))
    return points if points.shape[1] == 2 else np.zeros((size, 2))


def _at(second: int) -> str:
    return (_ZERO + timedelta(minutes=second)).isoformat()


def _routes(answer: dict[str, Any]) -> list[list[int]]:
    solutions = answer.get("solutions") or []
    if not solutions:
        raise NoPlan("no solution")
    stops = (
        [planned["stop"]["id"] for planned in vehicle.get("route") or []]
        for vehicle in solutions[-1].get("vehicles") or []
    )
    # Starts and ends have names, stops numbers.
    return [[int(name) for name in route if name.isdecimal()] for route in stops]
