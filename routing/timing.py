"""
When a vehicle leaves and arrives, for a given order of visits: the shortest route duration.

A route is a set of *spans*: leaving the start at any second of ``first … last`` brings the
vehicle here ``taken`` seconds later. A leg or a service makes ``taken`` longer. A window cuts a
span to the departures that arrive inside, and turns those that arrive before into the latest of
them, waiting. With one window per visit there is always one span (the forward slack of
Savelsbergh 1992, "The vehicle routing problem with time windows: minimizing route duration");
with several windows there are a few. In the end the span that takes least is the best, and its
first second the earliest best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from routing.problem import NO_WAY, Vehicle, Window
from routing.tables import Tables


class Span(NamedTuple):
    """Leave in ``first … last``, be here ``taken`` seconds later."""

    first: int
    last: int
    taken: int


class Halt(NamedTuple):
    """What one visit of a route asks for: the leg that leads there, then its own times."""

    drive_s: int
    windows: tuple[Window, ...]
    setup_s: int
    service_s: int


@dataclass(frozen=True, slots=True)
class Times:
    """Departure from the start, arrival and start of service at each visit, arrival at the end."""

    departure: int
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    end: int


def halts(tables: Tables, vehicle: int, order: Sequence[int]) -> tuple[list[Halt], int]:
    """
    Return what the visits of a route ask for, and the drive from the last one to the end.

    A leg without a way counts 0 seconds here; who asks must look for such legs first.
    """
    durations = tables.legs(vehicle).durations
    place = tables.vehicles[vehicle].start
    found = []
    for index in order:
        visit = tables.visits[index]
        drive = 0 if place is None else durations.item(place, visit.place)
        setup = 0 if place == visit.place else visit.setup_s
        drive = 0 if drive == NO_WAY else drive
        found.append(Halt(drive, tables.windows[index], setup, visit.service_s))
        place = visit.place
    end = tables.vehicles[vehicle].end
    last = 0 if end is None or place is None else durations.item(place, end)
    return found, 0 if last == NO_WAY else last


def shortest(shift: Window, stops: Sequence[Halt], last_drive_s: int) -> Times | None:
    """
    Return the times of the shortest route duration, the earliest of these, or None.

    None: no departure within the shift meets every window and the end of the shift.
    """
    spans = _spans(shift, stops)
    back = last_drive_s
    ends = [
        Span(span.first, min(span.last, shift.latest - span.taken - back), span.taken + back)
        for span in spans
    ]
    possible = [span for span in ends if span.first <= span.last]
    if not possible:
        return None
    best = min(possible, key=lambda span: (span.taken, span.first))
    return _follow(best.first, stops, last_drive_s)


def least_late(shift: Window, stops: Sequence[Halt], last_drive_s: int) -> Times:
    """
    Return times for an order that may break windows or the shift: as little late as can be.

    Each visit that cannot be served in time is served as early as can be, the others in a
    window; within that, the shortest route duration.
    """
    earliest = _follow(shift.earliest, stops, last_drive_s)
    pinned = [
        stop._replace(windows=(Window(start, start),)) if _is_late(stop, start) else stop
        for stop, start in zip(stops, earliest.starts, strict=True)
    ]
    longest = Window(shift.earliest, max(shift.latest, earliest.end))
    times = shortest(longest, pinned, last_drive_s)
    assert times is not None  # the earliest departure keeps every pinned window
    return times


def duration(vehicle: Vehicle, stops: Sequence[Halt], last_drive_s: int) -> int | None:
    """Return the shortest route duration in seconds, None where the order cannot be in time."""
    shift = vehicle.shift
    first, last, taken = shift.earliest, shift.latest, 0
    for stop in stops:
        taken += stop.drive_s
        if len(stop.windows) > 1:
            times = shortest(shift, stops, last_drive_s)
            return None if times is None else times.end - times.departure
        for earliest, latest in stop.windows:
            if first + taken > latest:
                return None
            if last + taken < earliest:
                first, taken = last, earliest - last
            else:
                first = max(first, earliest - taken)
                last = min(last, latest - taken)
        taken += stop.setup_s + stop.service_s
    taken += last_drive_s
    return taken if first + taken <= shift.latest else None


def _spans(shift: Window, stops: Sequence[Halt]) -> list[Span]:
    spans = [Span(shift.earliest, shift.latest, 0)]
    for stop in stops:
        spans = [span._replace(taken=span.taken + stop.drive_s) for span in spans]
        if stop.windows:
            spans = [cut for window in stop.windows for cut in _cut(spans, window)]
            spans = spans if len(spans) < 2 else _worth_keeping(spans)
        busy = stop.setup_s + stop.service_s
        spans = [span._replace(taken=span.taken + busy) for span in spans]
    return spans


def _cut(spans: Sequence[Span], window: Window) -> list[Span]:
    """Return how service can start within a window: without waiting, or at its first second."""
    found = []
    waiting: Span | None = None
    for first, last, taken in spans:
        if last + taken < window.earliest:
            if waiting is None or last > waiting.last:
                waiting = Span(last, last, window.earliest - last)
        elif first + taken <= window.latest:
            inside = max(first, window.earliest - taken), min(last, window.latest - taken)
            found.append(Span(*inside, taken))
    return [waiting, *found] if waiting is not None else found


def _worth_keeping(spans: Sequence[Span]) -> list[Span]:
    """Drop spans that another one beats at every second: leaves later, is here earlier."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.last + span.taken, -span.last)):
        here = span.first + span.taken
        if not any(o.last >= span.last and o.last + o.taken <= here for o in kept):
            kept.append(span)
    return kept


def _follow(departure: int, stops: Sequence[Halt], last_drive_s: int) -> Times:
    """Return the times of leaving at a second and then serving each visit as early as can be."""
    now = departure
    arrivals, starts = [], []
    for stop in stops:
        now += stop.drive_s
        arrivals.append(now)
        now = next((max(now, w.earliest) for w in stop.windows if now <= w.latest), now)
        starts.append(now)
        now += stop.setup_s + stop.service_s
    return Times(departure, tuple(arrivals), tuple(starts), now + last_drive_s)


def _is_late(stop: Halt, start: int) -> bool:
    return bool(stop.windows) and start > stop.windows[-1].latest
