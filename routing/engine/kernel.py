"""The one way in which this package's inner loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Without reference counting, loops make no array; with it, each look at a field of a tuple of
# arrays costs two locked instructions, and the search was half as fast.
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}


whole = cast(Callable[[Any], int], np.int64)
"""Makes a number of any width one of 64 bits: a function is compiled for each width it is given."""


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """
    Compile a function over arrays to machine code; kept on disk beside the module.

    The lock of the interpreter is released inside, so that threads use several cores.
    """
    return cast(Callable[_P, _R], _stamped(numba.njit(**_OPTIONS)(function)))


def inlined(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function into each of its callers: it has many arguments and is called often."""
    return cast(Callable[_P, _R], _stamped(numba.njit(inline="always", **_OPTIONS)(function)))


@cache
def stamp() -> str:
    """Return what changes when any module of this package does."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    facts = ((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in modules)
    return repr(list(facts))


def _stamped(dispatcher: Any) -> Any:
    """
    Let kept machine code count as old when any module of this package has changed.

    numba looks at a function's own file alone, though the code of what it calls is in there too.
    """
    held = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if held is not None:
        held._source_stamp = (held._source_stamp, stamp())
    return dispatcher
