"""Matrices turned over a tile at a time; numpy walks down whole columns, far from any cache."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routing.engine.kernel import kernel

TILE = 32


def transposed(matrices: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return ``(m, n, n)`` matrices ``[to, from]``; those given, where all are symmetric."""
    if all(_symmetric(matrix) for matrix in matrices):
        return matrices
    found = np.empty_like(matrices)
    for matrix, turned in zip(matrices, found, strict=True):
        _turn(matrix, turned)
    return found


@kernel
def _symmetric(matrix: NDArray[np.int32]) -> bool:
    count = len(matrix)
    for top in range(0, count, TILE):
        for left in range(0, top + 1, TILE):
            for row in range(top, min(top + TILE, count)):
                for column in range(left, min(left + TILE, row)):
                    if matrix[row, column] != matrix[column, row]:
                        return False
    return True


@kernel
def _turn(matrix: NDArray[np.int32], turned: NDArray[np.int32]) -> None:
    count = len(matrix)
    for top in range(0, count, TILE):
        for left in range(0, count, TILE):
            for row in range(top, min(top + TILE, count)):
                for column in range(left, min(left + TILE, count)):
                    turned[row, column] = matrix[column, row]
