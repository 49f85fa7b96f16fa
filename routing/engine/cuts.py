"""What a halt does to a row of spans: each way cuts one row into the next; see `spans`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.kernel import kernel
from routing.engine.spans import NO_TIME, ROWS, copy, put, put_span, wait
from routing.problem import NO_WAY


@kernel
def starts(
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
    count = put(spans[0], 0, first, last, 0, 0.0, 0.0, 0, 0, True)
    for number in range(num_breaks):
        row, into = number & 1, 1 - (number & 1)
        latest = breaks[first_break + number, 1]
        kept = 0
        for k in range(count):
            span = spans[row, k]
            if span.first <= latest:
                kept = put(
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
                kept = put(
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
def leg(row: Any, count: int, seconds: int, most: int) -> int:
    """Drive a leg that lasts the same at every hour; drop who drives too long without a rest."""
    kept = 0
    for k in range(count):
        span = row[k]
        if span.driven + seconds > most:
            continue
        span.taken += seconds
        span.driven += seconds
        if kept != k:
            copy(row, k, kept)
        kept += 1
    return kept


@kernel
def hourly_leg(
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
    """Drive a leg that lasts what the hour of leaving says; ``per_drive_s`` prices what is more."""
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
            kept = put(
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
def pauses(
    spans: Any, row: int, count: int, breaks: NDArray[np.int64], clock: Any, moved: bool
) -> int:
    """Keep spans as they are and with pauses taken here, in every order."""
    into = spans[(row + 1) % ROWS]
    old, new = row, (row + 2) % ROWS
    kept = 0
    for k in range(count):
        kept = put_span(into, kept, spans[row, k], moved)
    while count > 0:
        fresh = 0
        for k in range(count):
            span = spans[old, k]
            if span.driven > 0 and clock.rest_drive < NO_TIME:
                fresh = put(
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
            kept = put_span(into, kept, spans[new, k], moved)
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
        kept = put(
            into, kept, last, last, pause[0] - last + pause[2], cost, 0.0, done, driven, moved
        )
        if span.slope > 0.0 and span.first < last:
            kept = put(
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
        kept = put(
            into, kept, first, last, span.taken + pause[2], cost, span.slope, done, driven, moved
        )
    return kept


@kernel
def windows_of(
    spans: Any,
    row: int,
    count: int,
    windows: NDArray[np.int64],
    begin: int,
    end: int,
    moved: bool,
) -> int:
    """Begin service within one of the windows ``begin … end - 1``, on arriving or after waiting."""
    into, kept = spans[(row + 1) % ROWS], 0
    for k in range(count):
        span = spans[row, k]
        begun = span.first
        for window in range(begin, end):
            earliest, latest = windows[window, 0], windows[window, 1]
            kept = wait(into, kept, span, begun, earliest, moved)
            first, last = (
                max(span.first, earliest - span.taken),
                min(span.last, latest - span.taken),
            )
            if first <= last:
                cost = span.cost + span.slope * (first - span.first)
                kept = put(
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
def wait_for(spans: Any, row: int, count: int, ready: int, moved: bool) -> int:
    """Wait here until a second, those that arrive before it."""
    into, kept = spans[(row + 1) % ROWS], 0
    for k in range(count):
        span = spans[row, k]
        kept = wait(into, kept, span, span.first, ready, moved)
        first = max(span.first, ready - span.taken)
        if first <= span.last:
            cost = span.cost + span.slope * (first - span.first)
            kept = put(
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
def sloped(
    spans: Any, row: int, count: int, at: int, early: float, late: float, moved: bool
) -> int:
    """Give spans a price for each second here before and after one, cut there."""
    into, kept = spans[(row + 1) % ROWS], 0
    for k in range(count):
        span = spans[row, k]
        turn = at - span.taken
        if span.first <= turn:
            cost = span.cost + early * (turn - span.first)
            kept = put(
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
            kept = put(
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
def least(
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
