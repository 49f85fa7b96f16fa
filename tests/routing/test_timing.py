from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from routing import timing
from routing.problem import Break, Rest, Vehicle, Window
from routing.timing import Asked, Halt
from tests.routing.random_problems import windows

halts = st.lists(
    st.builds(
        Halt,
        drive_s=st.integers(0, 20),
        windows=st.lists(windows(60), max_size=3).map(
            lambda found: tuple(w for k, w in enumerate(sorted(found)) if _apart(found, k))
        ),
        setup_s=st.integers(0, 3),
        service_s=st.integers(0, 5),
        due=st.none(),
        promised=st.none(),
        ready=st.none(),
    ),
    max_size=5,
)


def _apart(found: list[Window], k: int) -> bool:
    ordered = sorted(found)
    return all(other.latest + 1 < ordered[k].earliest for other in ordered[:k])


def serve(departure: int, stops: list[Halt], last_drive_s: int) -> int | None:
    """The end of a route, or None when a window is missed: one second after the other."""
    now = departure
    for stop in stops:
        assert isinstance(stop.drive_s, int)
        now += stop.drive_s
        while stop.windows and not any(w.earliest <= now <= w.latest for w in stop.windows):
            now += 1
            if now > 200:
                return None
        now += stop.setup_s + stop.service_s
    return now + last_drive_s


@given(halts, windows(60), st.integers(0, 10))
def test_the_shortest_duration_is_that_of_trying_every_departure(
    stops: list[Halt], shift: Window, last_drive_s: int
) -> None:
    tried = [
        (end - departure, departure)
        for departure in range(shift.earliest, shift.latest + 1)
        if (end := serve(departure, stops, last_drive_s)) is not None and end <= shift.latest
    ]
    times = timing.best(Asked(shift), stops, last_drive_s)
    found = None if times is None else (times.end - times.departure, times.departure)
    assert found == min(tried, default=None)
    vehicle = Vehicle("v", "car", 0, 0, shift)
    if all(len(stop.windows) < 2 for stop in stops):
        assert timing.duration(vehicle, stops, last_drive_s) == (found and found[0])


@given(halts, windows(60), st.integers(0, 10))
def test_late_visits_are_served_as_early_as_can_be(
    stops: list[Halt], shift: Window, last_drive_s: int
) -> None:
    times = timing.at_any_price(Asked(shift), stops, last_drive_s)
    earliest = shift.earliest
    for stop, start in zip(stops, times.starts, strict=True):
        assert isinstance(stop.drive_s, int)
        earliest += stop.drive_s
        in_time = [max(w.earliest, earliest) for w in stop.windows if earliest <= w.latest]
        earliest = min(in_time, default=earliest)
        if stop.windows and start > stop.windows[-1].latest:
            assert start == earliest
        elif stop.windows:
            assert any(w.earliest <= start <= w.latest for w in stop.windows)
        earliest += stop.setup_s + stop.service_s
    assert times.departure >= shift.earliest


@st.composite
def rich_halts(draw: st.DrawFn) -> Halt:
    windows_ = draw(halts.filter(bool))[0].windows
    priced = st.one_of(st.none(), st.tuples(st.integers(0, 60), st.integers(1, 9)))
    first = draw(st.integers(0, 20))
    drive: timing.Drive = first
    if draw(st.integers(0, 3)) == 0:
        later = st.one_of(st.none(), st.integers(0, 20))
        drive = ((-(2**62), first), (draw(st.integers(0, 60)), draw(later)))
    return Halt(
        drive,
        windows_,
        service_s=draw(st.integers(0, 5)),
        due=draw(priced),
        promised=draw(priced),
        ready=draw(st.one_of(st.none(), st.none(), st.integers(0, 60))),
    )


breaks = st.builds(Break, st.just("b"), windows(60), st.integers(0, 9))
asked_ = st.builds(
    Asked,
    shift=windows(60).map(lambda window: Window(window.earliest, window.latest + 60)),
    ready=st.one_of(st.none(), st.integers(0, 60)),
    breaks=st.lists(breaks, max_size=2).map(tuple),
    rest=st.one_of(st.none(), st.builds(Rest, st.integers(5, 30), st.integers(1, 9))),
    per_s=st.integers(0, 5),
    per_min2=st.just(0),
    per_drive_s=st.integers(0, 3),
    overtime_from=st.one_of(st.none(), st.integers(0, 90)),
    per_overtime_s=st.integers(1, 9),
    max_duration_s=st.none(),
)


def outcomes(asked: Asked, stops: list[Halt], last_drive_s: int) -> Iterator[tuple[int, int, int]]:
    """Cost, duration and departure of every way to drive a route: each second, each pause."""
    first = max(asked.shift.earliest, asked.ready or 0)
    for departure in range(first, asked.shift.latest + 1):
        for cost, end in _ways(asked, stops, last_drive_s, 0, departure, departure):
            over = max(0, end - asked.overtime_from) if asked.overtime_from is not None else 0
            cost += asked.per_s * (end - departure) + asked.per_overtime_s * over
            yield cost, end - departure, departure


def _ways(
    asked: Asked,
    stops: list[Halt],
    last: int,
    number: int,
    departure: int,
    now: int,
    done: int = 0,
    driven: int = 0,
) -> Iterator[tuple[int, int]]:
    """What the rest of the way costs, and when it ends, from leaving a halt on."""
    asked_drive = stops[number].drive_s if number < len(stops) else last
    drive: int | None = asked_drive if isinstance(asked_drive, int) else None
    if not isinstance(asked_drive, int):
        drive = [seconds for begin, seconds in asked_drive if now >= begin][-1]
    if drive is None or (asked.rest and driven + drive > asked.rest.drive_s):
        return
    now, driven = now + drive, driven + drive
    if number == len(stops):
        missed = (b for k, b in enumerate(asked.breaks) if not done & 1 << k)
        needed = any(departure <= b.window.latest < now for b in missed)
        if now <= asked.shift.latest and not needed:
            yield asked.per_drive_s * drive, now
        return
    stop = stops[number]
    for begun, done_, driven_ in _pauses(asked, now, done, driven):
        start = begun
        if stop.windows:
            start = next((max(start, w.earliest) for w in stop.windows if start <= w.latest), -1)
        if start < 0:
            continue
        cost = asked.per_drive_s * drive
        cost += max(0, start - stop.due[0]) * stop.due[1] if stop.due else 0
        cost += abs(start - stop.promised[0]) * stop.promised[1] if stop.promised else 0
        left = max(start + stop.service_s, stop.ready or 0)
        for leave, done__, driven__ in _pauses(asked, left, done_, driven_):
            on = _ways(asked, stops, last, number + 1, departure, leave, done__, driven__)
            for more, end in on:
                yield cost + more, end


def _pauses(asked: Asked, now: int, done: int, driven: int) -> Iterator[tuple[int, int, int]]:
    yield now, done, driven
    if asked.rest and driven:
        yield from _pauses(asked, now + asked.rest.duration_s, done, 0)
    for k, pause in enumerate(asked.breaks):
        if not done & 1 << k and now <= pause.window.latest:
            after = max(now, pause.window.earliest) + pause.duration_s
            rested = asked.rest is not None and pause.duration_s >= asked.rest.duration_s
            yield from _pauses(asked, after, done | 1 << k, 0 if rested else driven)


@settings(deadline=None, max_examples=300)
@given(asked_, st.lists(rich_halts(), max_size=3), st.integers(0, 10))
def test_the_cheapest_times_are_those_of_trying_every_departure_and_pause(
    asked: Asked, stops: list[Halt], last_drive_s: int
) -> None:
    stops = [stop._replace(promised=None) for stop in stops]
    times = timing.best(asked, stops, last_drive_s)
    least = min(outcomes(asked, stops, last_drive_s), default=None)
    if times is None or least is None:
        assert times is None
        assert least is None
        return
    taken = times.end - times.departure
    cost = times.price + asked.per_s * taken + asked.per_drive_s * times.drive_s
    assert (cost, taken, times.departure) == least


@settings(deadline=None, max_examples=200)
@given(asked_, st.lists(rich_halts(), max_size=3), st.integers(0, 10))
def test_a_promise_is_kept_as_well_as_any_departure_and_pause_can(
    asked: Asked, stops: list[Halt], last_drive_s: int
) -> None:
    times = timing.best(asked, stops, last_drive_s)
    least = min(outcomes(asked, stops, last_drive_s), default=None)
    assert (times is None) == (least is None)
    if times is not None and least is not None:
        taken = times.end - times.departure
        assert times.price + asked.per_s * taken + asked.per_drive_s * times.drive_s == least[0]
