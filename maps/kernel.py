"""The one way in which inner loops are compiled."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """
    Compile a loop over arrays to machine code; kept on disk beside the module.

    The lock of the interpreter is released inside, so that threads use several cores; numba's own
    threads are not used, since one of its thread layers ends the process when two callers meet.
    What is kept counts as old when any module of the same folder has changed: numba looks at a
    function's own file alone, though the code of what it calls is in there too.
    """
    dispatcher: Any = numba.njit(cache=True, nogil=True)(function)
    held = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if held is not None:
        held._source_stamp = (held._source_stamp, stamp(Path(inspect.getfile(function)).parent))
    return cast(Callable[_P, _R], dispatcher)


@cache
def stamp(folder: Path) -> str:
    """Return what changes when any module of a folder does."""
    modules = ((path.name, path.stat()) for path in sorted(folder.glob("*.py")))
    return repr([(name, facts.st_mtime_ns, facts.st_size) for name, facts in modules])
