"""Small problems for tests: places on a line, or a matrix written as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from routing.problem import (
    Break,
    Choice,
    Matrix,
    Option,
    Problem,
    Reload,
    Vehicle,
    Visit,
    Window,
)

DAY = Window(0, 100_000)


def table(rows: Sequence[Sequence[int]]) -> Matrix:
    """Seconds and metres alike."""
    array = np.array(rows, dtype=np.int32)
    return Matrix(array, array)


def line(*positions: int) -> Matrix:
    """Places on a line; a unit takes a second and is a metre."""
    points = np.array(positions, dtype=np.int32)
    return table(np.abs(points[:, None] - points[None, :]).tolist())


def van(id_: str = "van", **changes: Any) -> Vehicle:
    """A vehicle at place 0 all day that costs 1 a metre."""
    usual: dict[str, Any] = {
        "profile": "car",
        "start": 0,
        "end": 0,
        "shift": DAY,
        "cost_per_km": 1000,
    }
    return Vehicle(id_, **{**usual, **changes})


def visit(id_: str, place: int, *windows: tuple[int, int], **changes: Any) -> Visit:
    return Visit(id_, place, windows=tuple(Window(*window) for window in windows), **changes)


def problem(
    matrix: Matrix, vehicles: Sequence[Vehicle], visits: Sequence[Visit], *dimensions: str
) -> Problem:
    return Problem(tuple(vehicles), tuple(visits), {"car": matrix}, dimensions)


def rich_town(num_visits: int, num_vans: int = 4, *, seed: int = 0) -> Problem:
    """A town whose vans have lunch, load again and bring back; some visits are pinned or chosen."""
    plain = town(num_visits, num_vans, seed=seed)
    vans = [
        replace(
            vehicle,
            capacity=(-(-vehicle.capacity[0] // 2),),
            reloads=(Reload("again", 0, 60),),
            breaks=(Break("lunch", Window(1500, 3500), 300),),
        )
        for vehicle in plain.vehicles
    ]
    visits = list(plain.visits)
    for k, one in enumerate(visits):
        if k % 5 == 0:
            visits[k] = replace(one, delivered=(), picked_up=(1,))
        elif k % 7 == 0:
            visits[k] = replace(one, vehicles=frozenset({vans[k % num_vans].id, vans[0].id}))
    again = [replace(one, id=f"{one.id} later", windows=()) for one in visits[1::9]]
    choices = [
        Choice(f"choice {one.id}", (Option((one.id,)), Option((f"{one.id} later",), 30)))
        for one in visits[1::9]
    ]
    return replace(plain, vehicles=tuple(vans), visits=(*visits, *again), choices=tuple(choices))


def town(num_visits: int, num_vans: int = 4, *, seed: int = 0) -> Problem:
    """Visits spread over a square, some with windows, and vans that can carry six each."""
    random = np.random.default_rng(seed)
    points = random.integers(0, 1000, size=(num_visits + 1, 2))
    apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)).astype(np.int32)
    visits = []
    for k in range(num_visits):
        opens = int(random.integers(0, 3000))
        windows = [(opens, opens + 2500)] if k % 3 else []
        visits.append(visit(f"v{k}", k + 1, *windows, service_s=60, delivered=(1,)))
    capacity = -(-num_visits // num_vans) + 1
    vans = [van(f"van {k}", capacity=(capacity,)) for k in range(num_vans)]
    return problem(Matrix(apart, apart), vans, visits, "boxes")
