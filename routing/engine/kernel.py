"""The one way in which this package's inner loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numba.core.caching import FunctionCache

_P = ParamSpec("_P")
_R = TypeVar("_R")

_Cache: Any = FunctionCache

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
    dispatcher: Any = numba.njit(**_OPTIONS, **options)(function)
    # With NUMBA_DISABLE_JIT it is the function itself; where no folder is writable numba raises.
    if dispatcher is not function:
        try:
            dispatcher._cache = Kept(function)
        except RuntimeError:
            Kept.lost = True
    return dispatcher


class Kept(_Cache):  # type: ignore[misc]  # numba has no types
    """
    Machine code on disk, where it can be kept; where not, it is made again by each process.

    It counts as old when any module of this package has changed: numba looks at a function's own
    file alone, though the code of what it calls is in there too.

    Attributes
    ----------
    lost
        Some code of this package could not be kept: every other process has to make it again.
    """

    lost = False

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file._source_stamp = (self._cache_file._source_stamp, stamp())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what is kept; None where there is nothing, or it is damaged."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # to read a damaged pickle may raise anything
            self._forget()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep machine code, unless the disk is full or the folder cannot be written."""
        try:
            super().save_overload(sig, data)
        except OSError:
            self._forget()
            Kept.lost = True

    def _forget(self) -> None:
        """
        Remove the list of what is kept, or keep nothing more where that fails.

        numba writes the list first: without its code it would name that of an older version.
        """
        try:
            Path(self._cache_file._index_path).unlink(missing_ok=True)
        except OSError:
            self.disable()
            Kept.lost = True


@cache
def stamp() -> str:
    """Return what changes when any module of this package does."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    facts = ((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in modules)
    return repr(list(facts))
