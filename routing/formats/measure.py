"""What a problem file without matrices needs from outside: a map's answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from routing.problem import Matrix

Measure = Callable[[NDArray[np.float64], str], Matrix]
"""Returns times and distances between ``(n, 2)`` lon, lat points for a profile."""
