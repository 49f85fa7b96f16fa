"""Arrays as compiled loops want them: of one width, one behind the other, not to be written to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def amounts(loads: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return loads as an array, a row each."""
    return np.array(loads, np.int64).reshape(len(loads), -1)


def stack(matrices: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Return matrices as one array; a single one is not copied."""
    if len(matrices) == 1:
        return frozen(np.ascontiguousarray(matrices[0])[None])
    return frozen(np.stack(matrices))


def frozen(matrices: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return a view that nobody writes through: else loops are compiled for either kind."""
    view = matrices.view()
    view.flags.writeable = False
    return view


def same(one: NDArray[np.int32], other: NDArray[np.int32]) -> bool:
    """Return whether two arrays are one."""
    return one is other or (one.shape == other.shape and np.shares_memory(one, other))
