"""
What the clock costs a route, where more than a window per visit and a shift matters.

The same spans as in `routing.timing`, compiled; the words are explained there. A row of spans is
cut into another one by each halt; helpers take scalars and rows alone, since an instance as an
argument is some hundred words on the stack.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.instance import NO_PLACE, Instance
from routing.engine.kernel import inlined, kernel, whole
from routing.problem import NO_WAY

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


@kernel
def price(
    instance: Instance, spans: Any, links: Any, vehicle: int, before: int, visit: int
) -> float:
    """
    Return what the clock costs a route with a visit after a node; inf where it cannot be in time.

    Parameters
    ----------
    spans
        ``(ROWS, MOST)`` `SPAN`, scratch.
    links
        Those of a `Plan`.
    visit
        -1: the route as it is.
    """
    asked, clock = instance.vehicles[vehicle], instance.clocks[vehicle]
    start = instance.num_visits + 2 * vehicle
    row, count = (
        0,
        _starts(
            spans,
            instance.nodes[start].earliest,
            instance.nodes[start].latest,
            _ready(instance, links, whole(start), before, visit),
            instance.breaks,
            clock.first_break,
            clock.num_breaks,
        ),
    )
    if clock.num_breaks & 1:
        row = 1
    node, place = start, instance.nodes[start].place
    while count > 0:
        node = visit if node == before and visit >= 0 else _next(links, node, before, visit)
        there = instance.nodes[node].place
        if place != NO_PLACE and there != NO_PLACE:
            row, count = _drive(instance, spans, row, count, vehicle, place, there)
        if node == start + 1:
            break
        row, count = _serve(instance, spans, row, count, vehicle, node)
        busy = instance.services[asked.type, node]
        if place != there:
            busy += instance.nodes[node].setup
        for k in range(count):
            spans[row, k].taken += busy
        if node >= instance.num_visits:
            ready = _ready(instance, links, whole(node), before, visit)
            count = _wait_for(spans, row, count, ready, instance.moved)
            row = (row + 1) % ROWS
        if clock.pausing:
            count = _pauses(spans, row, count, instance.breaks, clock, instance.moved)
            row = (row + 1) % ROWS
        place = there
    return _least(
        spans[row],
        count,
        instance.nodes[start + 1].latest,
        instance.breaks,
        clock,
        asked.per_s,
        asked.max_duration,
    )


NO_TIME = 2**40


@inlined
def _drive(
    instance: Instance, spans: Any, row: int, count: int, vehicle: int, place: int, there: int
) -> tuple[int, int]:
    asked, clock = instance.vehicles[vehicle], instance.clocks[vehicle]
    if len(instance.hours) == 1:
        seconds = instance.durations[asked.matrix, place, there]
        return row, _leg(spans[row], count, seconds, clock.rest_drive)
    count = _hourly_leg(
        spans,
        row,
        count,
        instance.by_hour[asked.matrix],
        instance.hours,
        place,
        there,
        clock.per_drive_s,
        clock.rest_drive,
        instance.moved,
    )
    return (row + 1) % ROWS, count


@inlined
def _serve(
    instance: Instance, spans: Any, row: int, count: int, vehicle: int, node: int
) -> tuple[int, int]:
    """Pause, wait for a window, and pay for being late or moved."""
    clock, wish, moved = instance.clocks[vehicle], instance.asks[node], instance.moved
    if clock.pausing:
        count = _pauses(spans, row, count, instance.breaks, clock, moved)
        row = (row + 1) % ROWS
    begin, end = instance.first_window[node], instance.first_window[node + 1]
    if begin != end:
        count = _windows(spans, row, count, instance.windows, begin, end, moved)
        row = (row + 1) % ROWS
    if wish.per_late > 0.0:
        count = _sloped_all(spans, row, count, wish.due, 0.0, wish.per_late, moved)
        row = (row + 1) % ROWS
    if wish.per_moved > 0.0:
        both = wish.per_moved
        count = _sloped_all(spans, row, count, wish.promised, both, both, moved)
        row = (row + 1) % ROWS
    return row, count


@kernel
def _next(links: Any, node: int, before: int, visit: int) -> int:
    return links[before].next if node == visit else links[node].next


@kernel
def _ready(instance: Instance, links: Any, node: int, before: int, visit: int) -> int:
    """Return when the last goods of the trip that begins at a node can be loaded."""
    ready = -NO_TIME
    if not instance.has_ready:
        return ready
    while True:
        node = visit if node == before and visit >= 0 else _next(links, node, before, visit)
        if node >= instance.num_visits:
            return ready
        ready = max(ready, instance.asks[node].ready)


@kernel
def _starts(
    spans: Any,
    first: int,
    last: int,
    ready: int,
    breaks: NDArray[np.int64],
    first_break: int,
    num_breaks: int,
) -> int:
    """Put all departures into a row, cut where a break falls before work begins."""
    first = max(first, ready)
    if first > last:
        return 0
    count = _put(spans[0], 0, first, last, 0, 0.0, 0.0, 0, 0, True)
    for number in range(num_breaks):
        row, into = number & 1, 1 - (number & 1)
        latest = breaks[first_break + number, 1]
        kept = 0
        for k in range(count):
            span = spans[row, k]
            if span.first <= latest:
                kept = _put(
                    spans[into],
                    kept,
                    span.first,
                    min(span.last, latest),
                    0,
                    0.0,
                    0.0,
                    span.done,
                    0,
                    True,
                )
            if span.last > latest:
                kept = _put(
                    spans[into],
                    kept,
                    max(span.first, latest + 1),
                    span.last,
                    0,
                    0.0,
                    0.0,
                    span.done | 1 << number,
                    0,
                    True,
                )
        count = kept
    return count


@kernel
def _leg(row: Any, count: int, seconds: int, most: int) -> int:
    kept = 0
    for k in range(count):
        span = row[k]
        if span.driven + seconds > most:
            continue
        span.taken += seconds
        span.driven += seconds
        if kept != k:
            _copy(row, k, kept)
        kept += 1
    return kept


@kernel
def _hourly_leg(
    spans: Any,
    row: int,
    count: int,
    by_hour: NDArray[np.int32],
    hours: NDArray[np.int64],
    place: int,
    there: int,
    per_drive_s: float,
    most: int,
    moved: bool,
) -> int:
    into, kept = spans[(row + 1) % ROWS], 0
    least = by_hour[0, place, there]
    for hour in range(1, len(hours)):
        least = min(least, by_hour[hour, place, there])
    for k in range(count):
        span = spans[row, k]
        for hour in range(len(hours)):
            seconds = by_hour[hour, place, there]
            first = max(span.first, hours[hour] - span.taken)
            last = span.last
            if hour + 1 < len(hours):
                last = min(last, hours[hour + 1] - 1 - span.taken)
            if first > last or seconds == NO_WAY or span.driven + seconds > most:
                continue
            cost = span.cost + span.slope * (first - span.first) + per_drive_s * (seconds - least)
            kept = _put(
                into,
                kept,
                first,
                last,
                span.taken + seconds,
                cost,
                span.slope,
                span.done,
                span.driven + seconds,
                moved,
            )
    return kept


@kernel
def _pauses(
    spans: Any, row: int, count: int, breaks: NDArray[np.int64], clock: Any, moved: bool
) -> int:
    """Keep spans as they are and with pauses taken here, in every order."""
    into = spans[(row + 1) % ROWS]
    old, new = row, (row + 2) % ROWS
    kept = 0
    for k in range(count):
        kept = _put_span(into, kept, spans[row, k], moved)
    while count > 0:
        fresh = 0
        for k in range(count):
            span = spans[old, k]
            if span.driven > 0 and clock.rest_drive < NO_TIME:
                fresh = _put(
                    spans[new],
                    fresh,
                    span.first,
                    span.last,
                    span.taken + clock.rest_duration,
                    span.cost,
                    span.slope,
                    span.done,
                    0,
                    moved,
                )
            for number in range(clock.num_breaks):
                if not span.done & (1 << number):
                    fresh = _take(
                        spans[new],
                        fresh,
                        span,
                        breaks[clock.first_break + number],
                        number,
                        clock.rest_duration,
                        moved,
                    )
        for k in range(fresh):
            kept = _put_span(into, kept, spans[new, k], moved)
        # A pause more each time: it ends with the breaks, since a rest clears what was driven.
        count = fresh
        old, new = new, (row + 3) % ROWS if new == (row + 2) % ROWS else (row + 2) % ROWS
    return kept


@kernel
def _take(
    into: Any,
    kept: int,
    span: Any,
    pause: NDArray[np.int64],
    number: int,
    rest: int,
    moved: bool,
) -> int:
    done, driven = span.done | (1 << number), span.driven
    if pause[2] >= rest:
        driven = 0
    last = min(span.last, pause[0] - 1 - span.taken)
    if span.first <= last:
        cost = span.cost + span.slope * (last - span.first)
        kept = _put(
            into, kept, last, last, pause[0] - last + pause[2], cost, 0.0, done, driven, moved
        )
        if span.slope > 0.0 and span.first < last:
            kept = _put(
                into,
                kept,
                span.first,
                span.first,
                pause[0] - span.first + pause[2],
                span.cost,
                0.0,
                done,
                driven,
                moved,
            )
    first, last = max(span.first, pause[0] - span.taken), min(span.last, pause[1] - span.taken)
    if first <= last:
        cost = span.cost + span.slope * (first - span.first)
        kept = _put(
            into, kept, first, last, span.taken + pause[2], cost, span.slope, done, driven, moved
        )
    return kept


@kernel
def _windows(
    spans: Any,
    row: int,
    count: int,
    windows: NDArray[np.int64],
    begin: int,
    end: int,
    moved: bool,
) -> int:
    into, kept = spans[(row + 1) % ROWS], 0
    for k in range(count):
        span = spans[row, k]
        begun = span.first
        for window in range(begin, end):
            earliest, latest = windows[window, 0], windows[window, 1]
            kept = _wait(into, kept, span, begun, earliest, moved)
            first, last = (
                max(span.first, earliest - span.taken),
                min(span.last, latest - span.taken),
            )
            if first <= last:
                cost = span.cost + span.slope * (first - span.first)
                kept = _put(
                    into,
                    kept,
                    first,
                    last,
                    span.taken,
                    cost,
                    span.slope,
                    span.done,
                    span.driven,
                    moved,
                )
            begun = max(span.first, latest + 1 - span.taken)
    return kept


@kernel
def _wait(into: Any, kept: int, span: Any, first: int, until: int, moved: bool) -> int:
    """Add the best of the departures from one on that wait here until a second."""
    last = min(span.last, until - 1 - span.taken)
    if first > last:
        return kept
    cost = span.cost + span.slope * (last - span.first)
    kept = _put(into, kept, last, last, until - last, cost, 0.0, span.done, span.driven, moved)
    if span.slope > 0.0 and first < last:
        cost = span.cost + span.slope * (first - span.first)
        kept = _put(
            into, kept, first, first, until - first, cost, 0.0, span.done, span.driven, moved
        )
    return kept


@kernel
def _wait_for(spans: Any, row: int, count: int, ready: int, moved: bool) -> int:
    into, kept = spans[(row + 1) % ROWS], 0
    for k in range(count):
        span = spans[row, k]
        kept = _wait(into, kept, span, span.first, ready, moved)
        first = max(span.first, ready - span.taken)
        if first <= span.last:
            cost = span.cost + span.slope * (first - span.first)
            kept = _put(
                into,
                kept,
                first,
                span.last,
                span.taken,
                cost,
                span.slope,
                span.done,
                span.driven,
                moved,
            )
    return kept


@kernel
def _sloped_all(
    spans: Any, row: int, count: int, at: int, early: float, late: float, moved: bool
) -> int:
    """Give spans a price for each second here before and after one, cut there."""
    into, kept = spans[(row + 1) % ROWS], 0
    for k in range(count):
        span = spans[row, k]
        turn = at - span.taken
        if span.first <= turn:
            cost = span.cost + early * (turn - span.first)
            kept = _put(
                into,
                kept,
                span.first,
                min(span.last, turn),
                span.taken,
                cost,
                span.slope - early,
                span.done,
                span.driven,
                moved,
            )
        if span.last > turn:
            first = max(span.first, turn + 1)
            cost = span.cost + span.slope * (first - span.first) + late * (first - turn)
            kept = _put(
                into,
                kept,
                first,
                span.last,
                span.taken,
                cost,
                span.slope + late,
                span.done,
                span.driven,
                moved,
            )
    return kept


@kernel
def _least(
    row: Any,
    count: int,
    latest: int,
    breaks: NDArray[np.int64],
    clock: Any,
    per_s: float,
    max_duration: int,
) -> float:
    """Return the least price of all departures that end as they may; inf where there is none."""
    best = np.inf
    for k in range(count):
        span = row[k]
        last = min(span.last, latest - span.taken)
        for number in range(clock.num_breaks):
            if not span.done & (1 << number):
                last = min(last, breaks[clock.first_break + number, 1] - span.taken)
        if span.first > last or span.taken > max_duration:
            continue
        minutes = span.taken // 60
        base = span.cost + per_s * span.taken + clock.per_min2 * minutes * minutes
        best = min(best, base + _overtime(clock, span.first + span.taken))
        cost = base + span.slope * (last - span.first)
        best = min(best, cost + _overtime(clock, last + span.taken))
        turn = clock.overtime_from - span.taken
        if span.first < turn < last:
            best = min(best, base + span.slope * (turn - span.first))
    return best


@kernel
def _overtime(clock: Any, end: int) -> float:
    return clock.per_overtime_s * max(0, end - clock.overtime_from)


@kernel
def _put_span(into: Any, kept: int, span: Any, moved: bool) -> int:
    return _put(
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
def _put(
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
                _copy(into, k, left)
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
def _copy(row: Any, k: int, into: int) -> None:
    one, other = row[k], row[into]
    other.first, other.last, other.taken, other.cost = one.first, one.last, one.taken, one.cost
    other.slope, other.done, other.driven = one.slope, one.done, one.driven
