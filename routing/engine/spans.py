"""
Rows of spans: all departures of a route that may still be the best, as in `routing.timing`.

Helpers take scalars and rows alone: an instance as an argument is hundreds of words on the stack.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from routing.engine.kernel import kernel

SPAN = np.dtype(
    [
        ("first", "i8"),
        ("last", "i8"),
        ("taken", "i8"),
        ("cost", "f8"),
        ("slope", "f8"),
        ("done", "i8"),
        ("driven", "i8"),
    ]
)
"""Leave in ``first … last``, be here ``taken`` later; costs as in `routing.timing.Span`."""

MOST = 128
"""No more spans are kept: a route that would need more may seem dearer than it is."""

ROWS = 4
"""A row is cut into the next one; a pause needs two more for what is new."""

NO_TIME = 2**40
"""No second is as late as this."""


@kernel
def wait(into: Any, kept: int, span: Any, first: int, until: int, moved: bool) -> int:
    """Add the best of the departures from one on that wait here until a second."""
    last = min(span.last, until - 1 - span.taken)
    if first > last:
        return kept
    cost = span.cost + span.slope * (last - span.first)
    kept = put(into, kept, last, last, until - last, cost, 0.0, span.done, span.driven, moved)
    if span.slope > 0.0 and first < last:
        cost = span.cost + span.slope * (first - span.first)
        kept = put(
            into, kept, first, first, until - first, cost, 0.0, span.done, span.driven, moved
        )
    return kept


@kernel
def put_span(into: Any, kept: int, span: Any, moved: bool) -> int:
    """Add a span of another row."""
    return put(
        into,
        kept,
        span.first,
        span.last,
        span.taken,
        span.cost,
        span.slope,
        span.done,
        span.driven,
        moved,
    )


@kernel
def put(
    into: Any,
    kept: int,
    first: int,
    last: int,
    taken: int,
    cost: float,
    slope: float,
    done: int,
    driven: int,
    moved: bool,
) -> int:
    """Add a span unless another beats it; drop those that it beats. Returns how many there are."""
    for k in range(kept):
        other = into[k]
        if _beats(
            other.first,
            other.last,
            other.taken,
            other.cost,
            other.slope,
            other.done,
            other.driven,
            first,
            last,
            taken,
            cost,
            slope,
            done,
            driven,
            moved,
        ):
            return kept
    left = 0
    for k in range(kept):
        other = into[k]
        if not _beats(
            first,
            last,
            taken,
            cost,
            slope,
            done,
            driven,
            other.first,
            other.last,
            other.taken,
            other.cost,
            other.slope,
            other.done,
            other.driven,
            moved,
        ):
            if left != k:
                copy(into, k, left)
            left += 1
    if left == MOST:
        return left
    span = into[left]
    span.first, span.last, span.taken, span.cost, span.slope = first, last, taken, cost, slope
    span.done, span.driven = done, driven
    return left + 1


@kernel
def _beats(
    first: int,
    last: int,
    taken: int,
    cost: float,
    slope: float,
    done: int,
    driven: int,
    first_: int,
    last_: int,
    taken_: int,
    cost_: float,
    slope_: float,
    done_: int,
    driven_: int,
    moved: bool,
) -> bool:
    """Return whether a span is as good as another whatever comes, for every departure of it."""
    if driven > driven_ or done_ & ~done:
        return False
    if moved:
        if taken > taken_ or first + taken > first_ + taken_ or last + taken < last_ + taken_:
            return False
        shift = taken_ - taken
        if cost + slope * (first_ + shift - first) > cost_:
            return False
        return cost + slope * (last_ + shift - first) <= cost_ + slope_ * (last_ - first_)
    if last < last_ or last + taken > first_ + taken_:
        return False
    worst = cost + slope * (last - first)
    return worst <= cost_ and worst <= cost_ + slope_ * (last_ - first_)


@kernel
def copy(row: Any, k: int, into: int) -> None:
    """Copy a span within its row."""
    one, other = row[k], row[into]
    other.first, other.last, other.taken, other.cost = one.first, one.last, one.taken, one.cost
    other.slope, other.done, other.driven = one.slope, one.done, one.driven
