"""Which visits are near which: where a search looks first."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.engine.kernel import inlined, kernel
from routing.problem import NO_WAY
from routing.tables import Tables

MOST = 40
"""So many visits before and after a visit are looked at when it is put into a plan."""

MOST_AROUND = 200
"""So many visits around a visit may be taken out of a plan with it."""

WAIT, LATE = 0.2, 1.0
"""What a second of waiting or of being late counts against one of driving: as in PyVRP 0.14."""

FAR = np.float32(1e30)
"""What a pair costs between which no way leads."""

NEVER = 2**62
"""When a window that is none ends; times and services are far below."""

TILE = 32
"""So many rows and columns of a matrix are looked at together: each is in the cache, then."""


class Nearness(NamedTuple):
    """``before``, ``after``, ``around``: ``(n, k)`` uint32, best first; around: itself first."""

    before: NDArray[np.uint32]
    after: NDArray[np.uint32]
    around: NDArray[np.uint32]


def none(count: int) -> Nearness:
    """Return that no visit is near any other."""
    nobody = np.zeros((count, 0), np.uint32)
    return Nearness(nobody, nobody, nobody)


def of(
    tables: Tables, durations: NDArray[np.int32], costs: NDArray[np.int32], vehicle: Any
) -> Nearness:
    """
    Return for each visit those that are good neighbours on a route.

    How good is measured as Vidal et al. 2013 do ("A hybrid genetic algorithm with adaptive
    diversity management for a large class of vehicle routing problems with time windows"): what
    the way costs, and the waiting and lateness that cannot be avoided between the two windows.
    Of visits that are equally good the first counts as better.

    Parameters
    ----------
    durations, costs
        ``(places, places)`` int32, ``[from, to]``; ``costs`` is what an arc is priced by.
    vehicle
        A record of `records.VEHICLE`, whose prices apply.
    """
    count = len(tables.visits)
    measure = _measure(tables, durations, costs, vehicle)
    found = Nearness(
        before=np.zeros((count, min(MOST, count)), np.uint32),
        after=np.zeros((count, min(MOST, count)), np.uint32),
        around=np.zeros((count, min(MOST_AROUND, count)), np.uint32),
    )
    keys = Keys(*(np.zeros((TILE, ranks.shape[1]), np.float32) for ranks in found))
    _choose(measure, found, keys)
    return found


class Measure(NamedTuple):
    """
    How far visits are from each other, in the money of the way between them.

    ``second`` is what a second of waiting or lateness is weighed with; windows are in seconds,
    ``busy`` is setup and service.
    """

    durations: NDArray[np.int32]
    costs: NDArray[np.int32]
    place: NDArray[np.int64]
    earliest: NDArray[np.int64]
    latest: NDArray[np.int64]
    busy: NDArray[np.int64]
    per_arc: np.float32
    per_s: np.float32
    second: float


class Keys(NamedTuple):
    """How far the visits are that are chosen so far: ``(TILE, k)`` float32, as in `Nearness`."""

    before: NDArray[np.float32]
    after: NDArray[np.float32]
    around: NDArray[np.float32]


def _measure(
    tables: Tables, durations: NDArray[np.int32], costs: NDArray[np.int32], vehicle: Any
) -> Measure:
    windows = tables.windows
    place = np.array([visit.place for visit in tables.visits], np.int64)
    per_s = float(vehicle.per_drive_s) + float(vehicle.per_s)
    seconds = durations[place[:50, None], place[None, :]].astype(np.float64)
    ways = float(vehicle.per_arc) * costs[place[:50, None], place[None, :]] + per_s * seconds
    linked = seconds != NO_WAY
    driven, paid = float(seconds.sum(where=linked)), float(ways.sum(where=linked))
    return Measure(
        durations=durations,
        costs=costs,
        place=place,
        earliest=np.array([w[0].earliest if w else 0 for w in windows], np.int64),
        latest=np.array([w[-1].latest if w else NEVER for w in windows], np.int64),
        busy=np.array([visit.service_s + visit.setup_s for visit in tables.visits], np.int64),
        per_arc=np.float32(vehicle.per_arc),
        per_s=np.float32(per_s),
        second=paid / driven if paid and driven else 1.0,
    )


@kernel
def _choose(measure: Measure, found: Nearness, keys: Keys) -> None:
    """Fill the rows, a tile of the matrix at a time: no column is walked down alone."""
    count = len(measure.place)
    for first in range(0, count, TILE):
        rows = min(TILE, count - first)
        for start in range(0, count, TILE):
            end = min(start + TILE, count)
            for row in range(rows):
                _look(measure, found, keys, first + row, row, start, end)
        for row in range(rows):
            k = first + row
            _in_order(keys.before, row, found.before, k)
            _in_order(keys.after, row, found.after, k)
            _in_order(keys.around, row, found.around, k)


@inlined
def _look(
    measure: Measure, found: Nearness, keys: Keys, k: int, row: int, start: int, end: int
) -> None:
    """Weigh the visits ``start … end - 1`` as neighbours of visit ``k``."""
    durations, costs = measure.durations, measure.costs
    here = measure.place[k]
    for other in range(start, end):
        there = measure.place[other]
        to, onward = durations[there, here], durations[here, there]
        way_to = _way(measure, to, costs[there, here])
        way_onward = _way(measure, onward, costs[here, there])
        if other == k:
            way_to = way_onward = np.float32(np.inf)
        # The clock adds to a way: most visits are too far without it.
        if _is_open(keys.before, row, other, way_to):
            key = np.float32(way_to + measure.second * _clock(measure, other, k, to))
            _offer(keys.before, row, found.before, k, other, key)
        if _is_open(keys.after, row, other, way_onward):
            key = np.float32(way_onward + measure.second * _clock(measure, k, other, onward))
            _offer(keys.after, row, found.after, k, other, key)
        around = np.float32(-1) if other == k else min(way_to, way_onward)
        if _is_open(keys.around, row, other, around):
            _offer(keys.around, row, found.around, k, other, around)


@inlined
def _is_open(keys: NDArray[np.float32], row: int, visit: int, key: np.float32) -> bool:
    """Return whether a visit may be one of the nearest of all so far."""
    return visit < keys.shape[1] or key < keys[row, 0]


@inlined
def _way(measure: Measure, seconds: np.int32, cost: np.int32) -> np.float32:
    """Return what a way costs."""
    if seconds == NO_WAY:
        return FAR
    return measure.per_arc * np.float32(cost) + measure.per_s * np.float32(seconds)


@inlined
def _clock(measure: Measure, one: int, next_: int, seconds: np.int32) -> float:
    """Return the seconds of waiting and lateness from one visit to the next, weighed."""
    busy = measure.busy[one] + seconds
    wait = measure.earliest[next_] - (measure.latest[one] + busy)
    late = measure.earliest[one] + busy - measure.latest[next_]
    return WAIT * max(wait, 0) + LATE * max(late, 0)


@kernel
def _offer(
    keys: NDArray[np.float32],
    row: int,
    ranks: NDArray[np.uint32],
    k: int,
    visit: int,
    key: np.float32,
) -> None:
    """
    Take a visit among the nearest if it is one of them; visits come in ascending order.

    A row is a heap with the farthest on top, of equal ones the last, once it is full.
    """
    size = keys.shape[1]
    if visit < size:
        # Upward, from the end of what is there.
        place = visit
        while place > 0 and keys[row, (place - 1) // 2] <= key:
            up = (place - 1) // 2
            keys[row, place], ranks[k, place] = keys[row, up], ranks[k, up]
            place = up
        keys[row, place], ranks[k, place] = key, visit
    elif key < keys[row, 0]:
        _sink(keys, row, ranks, k, size, key, visit)


@kernel
def _sink(
    keys: NDArray[np.float32],
    row: int,
    ranks: NDArray[np.uint32],
    k: int,
    size: int,
    key: np.float32,
    visit: int,
) -> None:
    """Put a visit in the stead of the top of a heap of a size."""
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and _farther(keys, row, ranks, k, below + 1, below):
            below += 1
        if keys[row, below] < key or (keys[row, below] == key and ranks[k, below] < visit):
            break
        keys[row, place], ranks[k, place] = keys[row, below], ranks[k, below]
        place = below
    keys[row, place], ranks[k, place] = key, visit


@inlined
def _farther(
    keys: NDArray[np.float32], row: int, ranks: NDArray[np.uint32], k: int, one: int, other: int
) -> bool:
    return keys[row, one] > keys[row, other] or (
        keys[row, one] == keys[row, other] and ranks[k, one] > ranks[k, other]
    )


@kernel
def _in_order(keys: NDArray[np.float32], row: int, ranks: NDArray[np.uint32], k: int) -> None:
    """Sort a heap: nearest first, of equal ones the first."""
    for size in range(keys.shape[1] - 1, 0, -1):
        key, visit = keys[row, size], ranks[k, size]
        keys[row, size], ranks[k, size] = keys[row, 0], ranks[k, 0]
        _sink(keys, row, ranks, k, size, key, visit)
