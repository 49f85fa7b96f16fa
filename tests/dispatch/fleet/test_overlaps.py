from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.fleet import overlaps
from dispatch.fleet.overlaps import Weekly

MONDAY = date(2026, 3, 2)
HOUR = 3600
DAYS = st.integers(0, 40).map(lambda n: MONDAY + timedelta(days=n))


@st.composite
def weekly(draw: st.DrawFn) -> Weekly:
    starts = draw(st.integers(0, 47)) * HOUR
    ends = draw(st.integers(starts // HOUR + 1, 48)) * HOUR
    first = draw(DAYS)
    last = draw(st.one_of(st.none(), st.integers(0, 20).map(lambda n: first + timedelta(days=n))))
    return Weekly(draw(st.integers(0, 6)), starts, ends, first, last)


def _days(one: Weekly) -> list[date]:
    """Return the days of ten weeks on which it is worked."""
    days = (MONDAY + timedelta(days=n) for n in range(70))
    return [
        day
        for day in days
        if day.weekday() == one.weekday
        and one.first <= day
        and (one.last is None or day <= one.last)
    ]


def _first_by_looking(one: Weekly, other: Weekly) -> date | None:
    def begins(day: date, clock: int) -> int:
        return (day - MONDAY).days * 24 * HOUR + clock

    for day in _days(one):
        for its in _days(other):
            if begins(day, one.starts) < begins(its, other.ends) and begins(
                its, other.starts
            ) < begins(day, one.ends):
                return day
    return None


@given(one=weekly(), other=weekly())
def test_is_what_looking_at_every_day_finds(one: Weekly, other: Weekly) -> None:
    found = _first_by_looking(one, other)

    assert overlaps.day(one, other) == found
    assert (overlaps.day(other, one) is None) == (found is None)
