"""The one way in which this package's inner loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np

from compiled import kept
from compiled.kept import keep

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Without reference counting, loops make no array; with it, each look at a field of a tuple of
# arrays costs two locked instructions, and the search was half as fast.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


whole = cast(Callable[[Any], int], np.int64)
"""Makes a number of any width one of 64 bits: a function is compiled for each width it is given."""


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """
    Compile a function over arrays to machine code; kept on disk beside the module.

    The lock of the interpreter is released inside, so that threads use several cores.
    """
    return cast(Callable[_P, _R], _compiled(function))


def inlined(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function into each of its callers: it has many arguments and is called often."""
    return cast(Callable[_P, _R], _compiled(function, inline="always"))


def _compiled(function: Any, **options: Any) -> Any:
    return keep(numba.njit(**_OPTIONS, **options)(function), function, Kept)


class Kept(kept.Kept):
    """The machine code of a function of this package."""

    lost = False
