from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing import timing
from routing.problem import Vehicle, Window
from routing.timing import Halt
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
    times = timing.shortest(shift, stops, last_drive_s)
    found = None if times is None else (times.end - times.departure, times.departure)
    assert found == min(tried, default=None)
    vehicle = Vehicle("v", "car", 0, 0, shift)
    assert timing.duration(vehicle, stops, last_drive_s) == (found and found[0])


@given(halts, windows(60), st.integers(0, 10))
def test_late_visits_are_served_as_early_as_can_be(
    stops: list[Halt], shift: Window, last_drive_s: int
) -> None:
    times = timing.least_late(shift, stops, last_drive_s)
    earliest = shift.earliest
    for stop, start in zip(stops, times.starts, strict=True):
        earliest += stop.drive_s
        in_time = [max(w.earliest, earliest) for w in stop.windows if earliest <= w.latest]
        earliest = min(in_time, default=earliest)
        if stop.windows and start > stop.windows[-1].latest:
            assert start == earliest
        elif stop.windows:
            assert any(w.earliest <= start <= w.latest for w in stop.windows)
        earliest += stop.setup_s + stop.service_s
    assert times.departure >= shift.earliest
