"""Long lists of integers as short text, for pages that carry their own data."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray


def packed(numbers: NDArray[np.integer]) -> str:
    """
    Return integers of 0 and more as base64 of LEB128: seven bits a byte, the lowest first.

    LEB128 is the variable length code of DWARF and WebAssembly; small numbers take one byte.
    """
    rest = np.asarray(numbers, dtype=np.uint64).ravel()
    if not rest.size:
        return ""
    groups = max(1, -(-int(rest.max()).bit_length() // 7))
    shifts = np.arange(groups, dtype=np.uint64) * np.uint64(7)
    digits = (rest[:, None] >> shifts) & np.uint64(127)
    later = np.cumsum(digits[:, ::-1], axis=1)[:, ::-1] > 0
    later[:, 0] = True
    more = np.zeros_like(later)
    more[:, :-1] = later[:, 1:]
    data = (digits | (more.astype(np.uint64) << np.uint64(7))).astype(np.uint8)
    return base64.b64encode(data[later].tobytes()).decode("ascii")


def packed_steps(points: NDArray[np.integer]) -> str:
    """Return ``(n, 2)`` points as packed differences, each to the point before it.

    The sign goes to the lowest bit (zigzag), so that small steps either way stay short.
    """
    steps = np.asarray(points, dtype=np.int64).copy()
    steps[1:] -= steps[:-1].copy()
    return packed((steps << 1) ^ (steps >> 63))
