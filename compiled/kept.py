"""Machine code on disk, where it can be kept; where not, it is made again by each process."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache

_Cache: Any = FunctionCache


class Kept(_Cache):  # type: ignore[misc]  # numba has no types
    """
    The machine code of one function.

    It counts as old when any module of the function's folder has changed: numba looks at a
    function's own file alone, though the code of what it calls is in there too.

    Attributes
    ----------
    lost
        Some code could not be kept: every other process has to make it again. Each package that
        asks for it has a subclass with its own.
    """

    lost = False

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        held = self._cache_file
        held._source_stamp = (held._source_stamp, stamp(Path(inspect.getfile(function)).parent))

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
            type(self).lost = True

    def _forget(self) -> None:
        """
        Remove the list of what is kept, or keep nothing more where that fails.

        numba writes the list first: without its code it would name that of an older version.
        """
        try:
            Path(self._cache_file._index_path).unlink(missing_ok=True)
        except OSError:
            self.disable()
            type(self).lost = True


def keep(dispatcher: Any, function: Callable[..., Any], kept: type[Kept] = Kept) -> Any:
    """Return a compiled function whose code is kept on disk from now on, if it can be."""
    # With NUMBA_DISABLE_JIT it is the function itself; where no folder is writable numba raises.
    if dispatcher is not function:
        try:
            dispatcher._cache = kept(function)
        except RuntimeError:
            kept.lost = True
    return dispatcher


@cache
def stamp(folder: Path) -> str:
    """Return what changes when any module of a folder does."""
    modules = ((path.name, path.stat()) for path in sorted(folder.glob("*.py")))
    return repr([(name, facts.st_mtime_ns, facts.st_size) for name, facts in modules])
