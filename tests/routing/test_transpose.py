from __future__ import annotations

import numpy as np
import pytest

from routing.engine.transpose import transposed


@pytest.mark.parametrize("size", [1, 31, 32, 33, 100])
def test_rows_become_columns(size: int) -> None:
    matrices = np.random.default_rng(size).integers(0, 2, (2, size, size), np.int32)
    np.testing.assert_array_equal(transposed(matrices), matrices.transpose(0, 2, 1))


@pytest.mark.parametrize("at", [(0, 69), (69, 0), (40, 39), (3, 20)])
def test_one_pair_that_differs_makes_a_matrix_asymmetric(at: tuple[int, int]) -> None:
    matrices = np.zeros((1, 70, 70), np.int32)
    assert transposed(matrices) is matrices
    matrices[0][at] = 1
    assert transposed(matrices) is not matrices
