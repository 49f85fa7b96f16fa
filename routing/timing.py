"""
When a vehicle leaves, pauses and arrives, for a given order of halts: what costs least.

A route is a set of *spans*: leaving the start at any second of ``first … last`` brings the vehicle
here ``taken`` seconds later, at a price that is a straight line over these departures. A leg or a
service makes ``taken`` longer. A window cuts a span to the departures that arrive inside, and turns
those that arrive before into the best of them, waiting. A price for being late cuts a span where
the price begins, another hour's matrix where the hour does. A break may be taken on arriving at a
halt or after its service: each choice is a span of its own. With one window per visit and none of
the rest there is always one span (the forward slack of Savelsbergh 1992, "The vehicle routing
problem with time windows: minimizing route duration"). Spans that another one beats are dropped.

Nobody waits on the way for anything but a window or a break: a vehicle that is early leaves later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from routing.problem import Break, Rest, Vehicle, Window

TOO_LATE = 10**15
"""What a second of breaking a rule counts where rules may be broken: more than all money."""

REST = -1
"""Stands for the rest that driving asks for among the numbers of breaks."""

Drive = int | tuple[tuple[int, int | None], ...]
"""Seconds of a leg; or, by the second of leaving, from when on and how long (None: barred)."""


class Halt(NamedTuple):
    """
    What one stop of a route asks for: the leg that leads there, then its own times.

    ``due`` and ``promised`` are seconds with the price, in 1/18000 of a minor unit, of each second
    of service that starts after the one, or before or after the other. ``ready`` is when the
    vehicle may leave at the earliest.
    """

    drive_s: Drive
    windows: tuple[Window, ...] = ()
    setup_s: int = 0
    service_s: int = 0
    due: tuple[int, int] | None = None
    promised: tuple[int, int] | None = None
    ready: int | None = None


class Asked(NamedTuple):
    """
    What a vehicle asks of its times, and what they cost in 1/18000 of a minor unit.

    ``per_s`` is the price of a second between start and end, ``per_min2`` of the square of the
    whole minutes between them, ``per_drive_s`` of a second of driving (only where that depends on
    the hour), ``per_overtime_s`` of one after ``overtime_from``. ``ready`` is when the vehicle may
    leave its start at the earliest.
    """

    shift: Window
    ready: int | None = None
    breaks: tuple[Break, ...] = ()
    rest: Rest | None = None
    per_s: int = 0
    per_min2: int = 0
    per_drive_s: int = 0
    overtime_from: int | None = None
    per_overtime_s: int = 0
    max_duration_s: int | None = None


class Pause(NamedTuple):
    """A break or rest taken: its number (`REST` for a rest), when it begins, how long it lasts."""

    number: int
    start: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class Times:
    """
    Departure from the start; per halt arrival, start of service, leaving, leg, pauses; the end.

    ``pauses_before`` are between arriving and service, ``pauses_after`` between that and leaving.
    ``price`` is for what is late, moved, or overtime, in 1/18000 of a minor unit.
    """

    departure: int
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    leaves: tuple[int, ...]
    drives: tuple[int, ...]
    pauses_before: tuple[tuple[Pause, ...], ...]
    pauses_after: tuple[tuple[Pause, ...], ...]
    end: int
    last_drive_s: int
    price: int

    @property
    def drive_s(self) -> int:
        """All legs."""
        return sum(self.drives) + self.last_drive_s


class _Taken(NamedTuple):
    """A pause that a span has chosen, and those before it."""

    halt: int
    after: bool
    number: int
    before: _Taken | None


class Span(NamedTuple):
    """
    Leave in ``first … last``, be here ``taken`` seconds later; ``cost + slope * (t - first)``.

    ``done`` has a bit for each break that is taken or not needed, ``driven`` is since a rest.
    """

    first: int
    last: int
    taken: int
    cost: int = 0
    slope: int = 0
    done: int = 0
    driven: int = 0
    pauses: _Taken | None = None

    def at(self, departure: int) -> int:
        """Return the cost of leaving at a second."""
        return self.cost + self.slope * (departure - self.first)

    def part(self, first: int, last: int) -> Span:
        """Return the span of some of the departures."""
        return self._replace(first=first, last=last, cost=self.at(first))

    def later(self, seconds: int) -> Span:
        """Return the span so many seconds on."""
        return self._replace(taken=self.taken + seconds)


def best(asked: Asked, halts: Sequence[Halt], last_drive_s: Drive) -> Times | None:
    """
    Return the times of least cost, of these the shortest route, of these the earliest; or None.

    None: no departure within the shift keeps every window, break, rest, and the shift's end.
    """
    return _Timer(asked, halts, last_drive_s, strict=True).best()


def at_any_price(asked: Asked, halts: Sequence[Halt], last_drive_s: Drive) -> Times:
    """
    Return times for an order that may break windows, breaks, rests or the shift.

    The sum of the seconds by which they are broken is the least there is; within that, the cost.
    Of a long route with breaks and many windows the `FOLLOWED` cheapest departures are followed at
    each halt: there it may be a little more than the least.
    """
    times = _Timer(asked, halts, last_drive_s, strict=False).best()
    assert times is not None  # the earliest departure is late, but it is one
    return times


def duration(vehicle: Vehicle, halts: Sequence[Halt], last_drive_s: int) -> int | None:
    """
    Return the shortest route duration where nothing but windows, shift and duration count.

    None where the order cannot be in time. Every halt has one window at most.
    """
    shift = vehicle.shift
    first, last, taken = shift.earliest, shift.latest, 0
    for halt in halts:
        assert isinstance(halt.drive_s, int)
        taken += halt.drive_s
        for earliest, latest in halt.windows:
            if first + taken > latest:
                return None
            if last + taken < earliest:
                first, taken = last, earliest - last
            else:
                first = max(first, earliest - taken)
                last = min(last, latest - taken)
        taken += halt.setup_s + halt.service_s
    taken += last_drive_s
    return taken if first + taken <= shift.latest else None


FOLLOWED = 64
"""
So many kinds of departures are followed at most where rules may be broken.

Nothing prunes them there: without an end a route of thirty halts took minutes.
"""


class _Timer:
    """Follows all departures of one route at once."""

    def __init__(
        self, asked: Asked, halts: Sequence[Halt], last_drive_s: Drive, *, strict: bool
    ) -> None:
        self.asked = asked
        self.halts = halts
        self.last_drive = last_drive_s
        self.strict = strict
        # With a price for being early, being here earlier is no advantage.
        self.moved = any(halt.promised for halt in halts)
        self.pausing = bool(asked.breaks or asked.rest)

    def best(self) -> Times | None:
        spans = self._starts()
        for number, halt in enumerate(self.halts):
            spans = self._drive(spans, halt.drive_s)
            spans = self._pause(spans, number, after=False)
            spans = self._serve(spans, halt)
            busy = halt.setup_s + halt.service_s
            spans = [span.later(busy) for span in spans]
            if halt.ready is not None:
                spans = self._kept(list(self._waited(spans, halt.ready)))
            spans = self._pause(spans, number, after=True)
        chosen = self._chosen(self._drive(spans, self.last_drive))
        return None if chosen is None else self._followed(*chosen)

    def _starts(self) -> list[Span]:
        """Return all departures, cut where a break falls before work begins."""
        first, last = self.asked.shift
        if self.asked.ready is not None:
            first = max(first, self.asked.ready)
        if first > last and self.strict:
            return []
        spans = [Span(first, max(first, last), 0)]
        for number, pause in enumerate(self.asked.breaks):
            parts = []
            for span in spans:
                if span.first <= pause.window.latest:
                    parts.append(span.part(span.first, min(span.last, pause.window.latest)))
                if span.last > pause.window.latest:
                    later = span.part(max(span.first, pause.window.latest + 1), span.last)
                    parts.append(later._replace(done=later.done | 1 << number))
            spans = parts
        return spans

    def _drive(self, spans: Sequence[Span], drive: Drive) -> list[Span]:
        if isinstance(drive, int):
            return [leg for span in spans for leg in self._leg(span, drive)]
        found: list[Span] = []
        until = [*(begin for begin, _ in drive[1:]), None]
        for span in spans:
            for (begin, seconds), end in zip(drive, until, strict=True):
                first = max(span.first, begin - span.taken)
                last = span.last if end is None else min(span.last, end - 1 - span.taken)
                if first > last or (seconds is None and self.strict):
                    continue
                found += self._leg(span.part(first, last), seconds or 0)
        return self._kept(found)

    def _leg(self, span: Span, seconds: int) -> Iterator[Span]:
        cost, driven = span.cost + self.asked.per_drive_s * seconds, span.driven + seconds
        rest = self.asked.rest
        if rest is not None and driven > rest.drive_s:
            if self.strict:
                return
            # The excess counts once, where it arises.
            cost += TOO_LATE * (driven - max(rest.drive_s, span.driven))
        yield span._replace(taken=span.taken + seconds, cost=cost, driven=driven)

    def _pause(self, spans: list[Span], halt: int, *, after: bool) -> list[Span]:
        """Return spans as they are and with pauses taken here, in every order."""
        if not self.pausing:
            return spans
        found, new = spans, spans
        while new:
            new = [
                paused._replace(pauses=_Taken(halt, after, number, span.pauses))
                for span in new
                for number in (*range(len(self.asked.breaks)), REST)
                for paused in self._paused(span, number)
            ]
            kept = self._kept([*found, *new])
            # Only what is worth keeping can lead to more that is.
            new = [span for span in new if any(span is other for other in kept)]
            found = kept
        return found

    def _paused(self, span: Span, number: int) -> Iterator[Span]:
        rest = self.asked.rest
        if number == REST:
            if rest is not None and span.driven:
                yield span.later(rest.duration_s)._replace(driven=0)
            return
        pause = self.asked.breaks[number]
        if span.done & 1 << number:
            return
        for part in self._inside(span, (pause.window,)):
            driven = 0 if rest is not None and pause.duration_s >= rest.duration_s else part.driven
            done = part.done | 1 << number
            yield part.later(pause.duration_s)._replace(driven=driven, done=done)

    def _serve(self, spans: list[Span], halt: Halt) -> list[Span]:
        found = spans
        if halt.windows:
            found = [part for span in found for part in self._inside(span, halt.windows)]
        if halt.due is not None:
            found = [part for span in found for part in _sloped(span, halt.due[0], 0, halt.due[1])]
        if halt.promised is not None:
            at, price = halt.promised
            found = [part for span in found for part in _sloped(span, at, -price, price)]
        return found if found is spans else self._kept(found)

    def _inside(self, span: Span, windows: Sequence[Window]) -> Iterator[Span]:
        """Yield how something begins in one of some windows: on arriving, or after waiting."""
        after: int | None = None
        for window in windows:
            first = span.first if after is None else max(span.first, after - span.taken)
            yield from self._waiting(span, first, window.earliest)
            first = max(span.first, window.earliest - span.taken)
            last = min(span.last, window.latest - span.taken)
            if first <= last:
                yield span.part(first, last)
            after = window.latest + 1
        if not self.strict and after is not None:
            first = max(span.first, after - span.taken)
            if first <= span.last:
                yield from _sloped(span.part(first, span.last), after - 1, 0, TOO_LATE)

    def _waiting(self, span: Span, first: int, until: int) -> Iterator[Span]:
        """Yield the best of the departures from one on that wait here until a second."""
        last = min(span.last, until - 1 - span.taken)
        if first > last:
            return
        yield span.part(last, last)._replace(taken=until - last, slope=0)
        if span.slope > 0 and first < last:
            yield span.part(first, first)._replace(taken=until - first, slope=0)

    def _waited(self, spans: Sequence[Span], until: int) -> Iterator[Span]:
        for span in spans:
            yield from self._waiting(span, span.first, until)
            first = max(span.first, until - span.taken)
            if first <= span.last:
                yield span.part(first, span.last)

    def _kept(self, spans: Sequence[Span]) -> list[Span]:
        """Drop spans that another one beats at every second."""
        if len(spans) < 2:
            return list(spans)
        kept: list[Span] = []
        for span in spans:
            if any(_beats(other, span, moved=self.moved) for other in kept):
                continue
            kept = [other for other in kept if not _beats(span, other, moved=self.moved)]
            kept.append(span)
        if not self.strict and len(kept) > FOLLOWED:
            kept = sorted(kept, key=lambda span: min(span.at(span.first), span.at(span.last)))
            kept = kept[:FOLLOWED]
        return kept

    def _chosen(self, spans: Sequence[Span]) -> tuple[int, Span] | None:
        """Return the best departure and its span; None where there is none."""
        asked = self.asked
        ends = [end for span in spans for end in self._ended(span)]
        found = [
            (span.at(t) + asked.per_s * span.taken + minutes2 * asked.per_min2, span.taken, t, span)
            for span in ends
            for minutes2 in [(span.taken // 60) ** 2]
            for t in {span.first, span.last}
        ]
        if not found:
            return None
        _, _, departure, span = min(found, key=lambda choice: choice[:3])
        return departure, span

    def _ended(self, span: Span) -> Iterator[Span]:
        """Yield the parts of a span whose end is allowed, with the price of what is overtime."""
        asked = self.asked
        last = asked.shift.latest
        missed = [
            pause.window.latest
            for number, pause in enumerate(asked.breaks)
            if not span.done & 1 << number
        ]
        parts = [span]
        if self.strict:
            last = min([span.last, *(bound - span.taken for bound in (last, *missed))])
            too_long = asked.max_duration_s is not None and span.taken > asked.max_duration_s
            parts = [] if too_long or span.first > last else [span.part(span.first, last)]
        else:
            for bound in (last, *missed):
                parts = [cut for part in parts for cut in _sloped(part, bound, 0, TOO_LATE)]
        if asked.overtime_from is not None:
            price, begin = asked.per_overtime_s, asked.overtime_from
            parts = [cut for part in parts for cut in _sloped(part, begin, 0, price)]
        yield from parts

    def _followed(self, departure: int, span: Span) -> Times:
        """Return the times of leaving at a second with the pauses that a span has chosen."""
        chosen: dict[tuple[int, bool], list[int]] = {}
        taken = span.pauses
        while taken is not None:
            chosen.setdefault((taken.halt, taken.after), []).insert(0, taken.number)
            taken = taken.before
        now = departure
        arrivals, starts, leaves, drives = [], [], [], []
        before: list[tuple[Pause, ...]] = []
        after: list[tuple[Pause, ...]] = []
        for number, halt in enumerate(self.halts):
            drives.append(_seconds(halt.drive_s, now))
            now += drives[-1]
            arrivals.append(now)
            now = self._take(chosen.get((number, False), ()), now, before)
            now = _earliest(halt.windows, now)
            starts.append(now)
            now += halt.setup_s + halt.service_s
            if halt.ready is not None:
                now = max(now, halt.ready)
            now = self._take(chosen.get((number, True), ()), now, after)
            leaves.append(now)
        last = _seconds(self.last_drive, now)
        return Times(
            departure=departure,
            arrivals=tuple(arrivals),
            starts=tuple(starts),
            leaves=tuple(leaves),
            drives=tuple(drives),
            pauses_before=tuple(before),
            pauses_after=tuple(after),
            end=now + last,
            last_drive_s=last,
            price=self._price(starts, now + last),
        )

    def _price(self, starts: Sequence[int], end: int) -> int:
        price = 0
        for halt, start in zip(self.halts, starts, strict=True):
            if halt.due is not None:
                price += halt.due[1] * max(0, start - halt.due[0])
            if halt.promised is not None:
                price += halt.promised[1] * abs(start - halt.promised[0])
        if self.asked.overtime_from is not None:
            price += self.asked.per_overtime_s * max(0, end - self.asked.overtime_from)
        return price

    def _take(self, numbers: Sequence[int], now: int, told: list[tuple[Pause, ...]]) -> int:
        pauses = []
        for number in numbers:
            if number == REST:
                assert self.asked.rest is not None
                start, lasts = now, self.asked.rest.duration_s
            else:
                pause = self.asked.breaks[number]
                start, lasts = _earliest((pause.window,), now), pause.duration_s
            pauses.append(Pause(number, start, lasts))
            now = start + lasts
        told.append(tuple(pauses))
        return now


def _sloped(span: Span, at: int, early: int, late: int) -> Iterator[Span]:
    """Yield a span with a price for each second here before and after one, cut there."""
    turn = at - span.taken
    if span.first <= turn:
        part = span.part(span.first, min(span.last, turn))
        cost = part.cost - early * (turn - part.first)
        yield part._replace(cost=cost, slope=part.slope + early)
    if span.last > turn:
        part = span.part(max(span.first, turn + 1), span.last)
        cost = part.cost + late * (part.first - turn)
        yield part._replace(cost=cost, slope=part.slope + late)


def _beats(one: Span, other: Span, *, moved: bool) -> bool:
    """Return whether a span is as good as another whatever comes, for every departure of it."""
    if one.driven > other.driven or other.done & ~one.done:
        return False
    if moved:
        # It must be here at each of the other's seconds, having left no earlier, for no more.
        if one.taken > other.taken or one.first + one.taken > other.first + other.taken:
            return False
        if one.last + one.taken < other.last + other.taken:
            return False
        apart = other.taken - one.taken
        return all(one.at(t + apart) <= other.at(t) for t in (other.first, other.last))
    if one.last < other.last or one.last + one.taken > other.first + other.taken:
        return False
    return one.at(one.last) <= min(other.at(other.first), other.at(other.last))


def _earliest(windows: Sequence[Window], now: int) -> int:
    """Return the first second from now on that is in a window, or now when all are over."""
    return next((max(now, w.earliest) for w in windows if now <= w.latest), now)


def _seconds(drive: Drive, leave: int) -> int:
    """Return how long a leg lasts; one that is barred counts 0."""
    if isinstance(drive, int):
        return drive
    found: int | None = 0
    for begin, seconds in drive:
        if leave >= begin:
            found = seconds
    return found or 0
