"""
What the clock costs a route, where more than a window per visit and a shift matters.

The same spans as in `routing.timing`, compiled; the words are explained there.
"""

from __future__ import annotations

from typing import Any

from routing.engine import cuts
from routing.engine.instance import Instance
from routing.engine.kernel import inlined, kernel, whole
from routing.engine.records import NO_PLACE
from routing.engine.spans import NO_TIME, ROWS


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
        cuts.starts(
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
            count = cuts.wait_for(spans, row, count, ready, instance.moved)
            row = (row + 1) % ROWS
        if clock.pausing:
            count = cuts.pauses(spans, row, count, instance.breaks, clock, instance.moved)
            row = (row + 1) % ROWS
        place = there
    return cuts.least(
        spans[row],
        count,
        instance.nodes[start + 1].latest,
        instance.breaks,
        clock,
        asked.per_s,
        asked.max_duration,
    )


@inlined
def _drive(
    instance: Instance, spans: Any, row: int, count: int, vehicle: int, place: int, there: int
) -> tuple[int, int]:
    asked, clock = instance.vehicles[vehicle], instance.clocks[vehicle]
    if len(instance.hours) == 1:
        seconds = instance.durations[asked.matrix, place, there]
        return row, cuts.leg(spans[row], count, seconds, clock.rest_drive)
    count = cuts.hourly_leg(
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
        count = cuts.pauses(spans, row, count, instance.breaks, clock, moved)
        row = (row + 1) % ROWS
    begin, end = instance.first_window[node], instance.first_window[node + 1]
    if begin != end:
        count = cuts.windows_of(spans, row, count, instance.windows, begin, end, moved)
        row = (row + 1) % ROWS
    if wish.per_late > 0.0:
        count = cuts.sloped(spans, row, count, wish.due, 0.0, wish.per_late, moved)
        row = (row + 1) % ROWS
    if wish.per_moved > 0.0:
        both = wish.per_moved
        count = cuts.sloped(spans, row, count, wish.promised, both, both, moved)
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
