"""The one way in which inner loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

from compiled.kept import keep

_P = ParamSpec("_P")
_R = TypeVar("_R")


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """
    Compile a loop over arrays to machine code; kept on disk beside the module.

    The lock of the interpreter is released inside, so that threads use several cores; numba's own
    threads are not used, since one of its thread layers ends the process when two callers meet.
    """
    return cast(Callable[_P, _R], keep(numba.njit(nogil=True)(function), function))
