from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.catalogue import rhythms
from dispatch.catalogue.rhythms import Due, OnHoliday, Rhythm
from dispatch.store.errors import Invalid

MONDAY = date(2026, 3, 2)
DAYS = [MONDAY + timedelta(days=n) for n in range(56)]
FIRST, LAST = DAYS[0], DAYS[-1]

some_days = st.sets(st.sampled_from(DAYS), max_size=20)
rhythm_of_any_kind = st.builds(
    Rhythm,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from(DAYS),
    st.none() | st.sampled_from(DAYS),
    st.integers(1, 4),
    st.sampled_from(OnHoliday),
)


def every_day(_: date) -> bool:
    return True


def days(rhythm: Rhythm, *closed: date, skipped: frozenset[date] = frozenset()) -> list[date]:
    found = rhythms.dates(
        rhythm, lambda day: day not in closed, MONDAY, MONDAY + timedelta(days=13), skipped=skipped
    )
    return [due.on for due in found]


@given(rhythm_of_any_kind, some_days, some_days)
def test_nothing_comes_twice_on_a_day_or_on_one_that_is_skipped_or_closed(
    rhythm: Rhythm, closed: set[date], skipped: set[date]
) -> None:
    found = rhythms.dates(rhythm, lambda day: day not in closed, FIRST, LAST, skipped=skipped)

    on = [due.on for due in found]
    assert on == sorted(set(on))
    assert not {*on, *(due.due_on for due in found)} & skipped
    assert not set(on) & closed
    assert len({due.due_on for due in found}) == len(found)


@given(rhythm_of_any_kind, some_days, some_days)
def test_what_is_due_on_a_working_day_comes_on_it(
    rhythm: Rhythm, closed: set[date], skipped: set[date]
) -> None:
    week = timedelta(days=7 * rhythm.every_weeks)
    monday = rhythm.first - timedelta(days=rhythm.first.weekday())
    counted = {
        monday + week * n + timedelta(days=weekday)
        for n in range(60)
        for weekday in rhythm.weekdays
    }
    wanted = {
        day
        for day in counted & set(DAYS) - closed - skipped
        if rhythm.first <= day <= (rhythm.last or day)
    }

    found = rhythms.dates(rhythm, lambda day: day not in closed, FIRST, LAST, skipped=skipped)

    assert {due.on for due in found if due.on == due.due_on} == wanted


@given(rhythm_of_any_kind, some_days, st.lists(st.sampled_from(DAYS), max_size=8))
def test_any_cuts_of_a_time_find_the_same_days(
    rhythm: Rhythm, closed: set[date], cuts: list[date]
) -> None:
    whole = rhythms.dates(rhythm, lambda day: day not in closed, FIRST, LAST)
    edges = sorted({FIRST, *cuts, LAST + timedelta(days=1)})
    parts: list[Due] = []
    for first, until in pairwise(edges):
        last = until - timedelta(days=1)
        parts += rhythms.dates(rhythm, lambda day: day not in closed, first, last)

    assert parts == whole


def test_weeks_are_counted_from_the_week_of_the_first_day() -> None:
    rhythm = Rhythm(frozenset({0, 4}), first=MONDAY + timedelta(days=2), every_weeks=2)

    found = rhythms.dates(rhythm, every_day, MONDAY, MONDAY + timedelta(days=20))

    assert [(due.on - MONDAY).days for due in found] == [4, 14, 18]


@pytest.mark.parametrize(
    ("on_holiday", "expected"),
    [(OnHoliday.SKIP, [7]), (OnHoliday.BEFORE, [7]), (OnHoliday.AFTER, [2, 7])],
)
def test_holiday_moves_or_drops_what_is_due(on_holiday: OnHoliday, expected: list[int]) -> None:
    rhythm = Rhythm(frozenset({0}), MONDAY, on_holiday=on_holiday)

    found = days(rhythm, MONDAY, MONDAY + timedelta(days=1))

    # The working day before the first Monday is outside of what is asked for.
    assert [(day - MONDAY).days for day in found] == expected


def test_working_day_before_is_found() -> None:
    rhythm = Rhythm(frozenset({0}), MONDAY, on_holiday=OnHoliday.BEFORE)
    second = MONDAY + timedelta(days=7)

    assert days(rhythm, second, second - timedelta(days=1)) == [MONDAY, MONDAY + timedelta(days=5)]


def test_what_is_moved_to_a_day_that_has_its_own_does_not_double_it() -> None:
    rhythm = Rhythm(frozenset({0, 1}), MONDAY, on_holiday=OnHoliday.AFTER)
    tuesday = MONDAY + timedelta(days=1)

    found = rhythms.dates(rhythm, lambda day: day != MONDAY, MONDAY, tuesday)

    assert found == [Due(tuesday, tuesday)]


def test_what_would_be_moved_to_a_skipped_day_does_not_come() -> None:
    rhythm = Rhythm(frozenset({0}), MONDAY, on_holiday=OnHoliday.AFTER)
    tuesday = MONDAY + timedelta(days=1)

    assert tuesday in days(rhythm, MONDAY)
    assert tuesday not in days(rhythm, MONDAY, skipped=frozenset({tuesday}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": []},
        {"weekdays": [7]},
        {"every_weeks": 0},
        {"valid_to": MONDAY - timedelta(days=1)},
    ],
)
def test_rhythm_without_sense_is_refused(wrong: dict[str, object]) -> None:
    right = {"weekdays": [0], "every_weeks": 1, "valid_from": MONDAY, "valid_to": None}
    rhythms.check(right)

    with pytest.raises(Invalid, match="bad_rhythm"):
        rhythms.check({**right, **wrong})
