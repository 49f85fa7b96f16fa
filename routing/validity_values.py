"""What is wrong with a single number, window, place, load, list of ids or array of a problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from routing.faults import Fault
from routing.problem import Problem, Window

LARGEST = 2**40
"""No time, load, limit or price is larger: sums of a whole plan then stay exact in 64 bits."""


def num_places(problem: Problem) -> int:
    """Return the number of places that the matrices cover; 0 without matrices."""
    return max((len(matrix.durations) for matrix in problem.matrices.values()), default=0)


def of_number(where: str, number: object) -> Iterable[Fault]:
    """Return what is wrong with a whole number from 0 on."""
    if not _is_integer(number):
        return [Fault(where, "not_an_integer", f"{number!r} is no whole number", "round it")]
    if number < 0:  # type: ignore[operator]  # _is_integer has seen to that
        return [Fault(where, "negative_number", f"{number} is less than 0", "give 0 or more")]
    if number > LARGEST:  # type: ignore[operator]  # _is_integer has seen to that
        cause = f"{number} is more than {LARGEST}"
        return [Fault(where, "too_large", cause, "use larger units, or leave it out")]
    return []


def of_place(where: str, place: object, problem: Problem) -> Iterator[Fault]:
    """Yield what is wrong with an index into the matrices."""
    size = num_places(problem)
    if not _is_integer(place):
        yield Fault(where, "not_an_integer", f"{place!r} is no whole number", "give a place")
    elif not 0 <= place < size:  # type: ignore[operator]  # _is_integer has seen to that
        cause = f"place {place} is not in the matrices, which cover {size} places from 0"
        yield Fault(where, "place_out_of_range", cause, "give a place that the matrices cover")


def of_window(where: str, window: Window) -> Iterator[Fault]:
    """Yield what is wrong with a window or shift."""
    broken = [fault for end in window for fault in of_number(where, end)]
    yield from broken
    if not broken and window.earliest > window.latest:
        cause = f"ends at {window.latest}, before it starts at {window.earliest}"
        yield Fault(where, "window_reversed", cause, "swap the ends, or mend one")


def of_load(where: str, load: tuple[int, ...], problem: Problem) -> Iterator[Fault]:
    """Yield what is wrong with a load that has one number for each dimension."""
    if len(load) != len(problem.dimensions):
        named = ", ".join(problem.dimensions) or "none"
        cause = f"has {len(load)} numbers for {len(problem.dimensions)} dimensions ({named})"
        yield Fault(where, "load_length", cause, "give one number for each load dimension")
    for amount in load:
        yield from of_number(where, amount)


def of_array(where: str, array: object, size: int) -> Iterator[Fault]:
    """Yield what is wrong with a matrix of so many places."""
    if not isinstance(array, np.ndarray) or array.ndim != 2 or array.shape != (size, size):
        shape = getattr(array, "shape", type(array).__name__)
        cause = f"is {shape}, not {(size, size)}"
        yield Fault(where, "matrix_shape", cause, "give square matrices of one size")
        return
    if array.dtype != np.int32:
        cause = f"holds {array.dtype}, not int32"
        yield Fault(where, "matrix_dtype", cause, "give whole numbers as int32")
        return
    negative = np.argwhere(array < 0)
    if len(negative):
        pair = tuple(int(index) for index in negative[0])
        cause = f"{len(negative)} entries are negative, the first at {pair}"
        yield Fault(where, "matrix_negative", cause, "mark pairs without a way by NO_WAY")
    diagonal = np.flatnonzero(np.diagonal(array))
    if len(diagonal):
        cause = f"{len(diagonal)} diagonal entries are not 0, the first at {int(diagonal[0])}"
        yield Fault(where, "matrix_diagonal", cause, "set the diagonal to 0")


def of_ids(where: str, ids: list[str]) -> Iterator[Fault]:
    """Yield ids that are no text, empty, or given before."""
    first: dict[str, int] = {}
    for index, name in enumerate(ids):
        if not isinstance(name, str) or not name:
            cause = f"id {name!r} is no text, or empty"
            yield Fault(f"{where}[{index}]", "bad_id", cause, "give each an id")
        elif name in first:
            cause = f"id {name!r} is also {where}[{first[name]}]'s"
            yield Fault(f"{where}[{index}]", "duplicate_id", cause, "give each its own id")
        else:
            first[name] = index


def _is_integer(number: object) -> bool:
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)
