"""Custom matrices of VROOM's input: square arrays of whole numbers by profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from routing.formats.faults import Faults
from routing.formats.vroom.models import MatrixOfProfile
from routing.formats.vroom.pydantic_faults import parse
from routing.problem import NO_WAY, IntMatrix, Matrix


def read_matrices(data: Mapping[str, Any], faults: Faults) -> dict[str, Matrix]:
    """
    Return the matrices without faults, by profile.

    A matrix without ``distances`` gets zeros: VROOM then knows no distances either. The
    diagonal is 0 whatever the file says, since nobody drives from a place to itself.
    """
    matrices: dict[str, Matrix] = {}
    sizes: dict[str, int] = {}
    for profile, value in data.items():
        matrix = _matrix(f"matrices.{profile}", value, faults, sizes)
        if matrix is not None:
            matrices[profile] = matrix
    return matrices


def _matrix(where: str, value: object, faults: Faults, sizes: dict[str, int]) -> Matrix | None:
    model = parse(MatrixOfProfile, value, where, faults)
    if model is None:
        return None
    if model.durations is None:
        cause = "the key 'durations' is missing"
        faults.add(f"{where}.durations", "missing_key", cause, "add the travel times in seconds")
    given = {
        name: _array(f"{where}.{name}", rows, faults, sizes)
        for name, rows in model
        if rows is not None
    }
    durations = given.get("durations")
    if durations is None or any(array is None for array in given.values()):
        return None
    distances = given.get("distances")
    if distances is None:
        distances = np.zeros_like(durations)
    return Matrix(durations, distances, given.get("costs"))


def _array(where: str, rows: list[Any], faults: Faults, sizes: dict[str, int]) -> IntMatrix | None:
    """Return the rows as an array; the first array of the file decides the size of all."""
    size = sizes.setdefault("all", len(rows))
    if len(rows) != size:
        cause = f"{len(rows)} rows instead of {size}"
        faults.add(where, "matrix_shape", cause, "give square matrices of one size")
        return None
    good = [_good_row(f"{where}[{index}]", row, size, faults) for index, row in enumerate(rows)]
    if not all(good):
        return None
    array = np.array(rows, dtype=np.int32).reshape(size, size)
    np.fill_diagonal(array, 0)
    return array


def _good_row(where: str, row: object, size: int, faults: Faults) -> bool:
    if not isinstance(row, list) or len(row) != size:
        found = f"{len(row)} values" if isinstance(row, list) else repr(row)[:40]
        faults.add(where, "matrix_shape", f"{found} instead of {size} values", "complete the row")
        return False
    # type() and not isinstance(): true and false are no travel times.
    if set(map(type, row)) <= {int} and min(row, default=0) >= 0 and max(row, default=0) <= NO_WAY:
        return True
    bad = next(
        k for k, value in enumerate(row) if type(value) is not int or not 0 <= value <= NO_WAY
    )
    cause = f"{repr(row[bad])[:40]} is no whole number from 0 to {NO_WAY:,}"
    faults.add(f"{where}[{bad}]", "wrong_type", cause, "write whole seconds, metres or costs")
    return False
