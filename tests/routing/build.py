"""Small problems for tests: places on a line, or a matrix written as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from routing.problem import Matrix, Problem, Vehicle, Visit, Window

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
