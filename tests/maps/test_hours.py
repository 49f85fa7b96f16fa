"""Hours of the week as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.roads import hours

MONDAY, TUESDAY, SATURDAY, SUNDAY = 0, 24, 120, 144


def touched(text: str) -> set[int]:
    span = hours.parse(text)
    assert span is not None
    return {hour for hour in range(168) if span.touches(hour)}


def filled(text: str) -> set[int]:
    span = hours.parse(text)
    assert span is not None
    return {hour for hour in range(168) if span.fills(hour)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24/7", set(range(168))),
        ("Mo", set(range(24))),
        ("07:00-09:00", {day * 24 + hour for day in range(7) for hour in (7, 8)}),
        ("Mo-Fr 07:00-09:00", {day * 24 + hour for day in range(5) for hour in (7, 8)}),
        ("Mo,Tu 07:00-08:00,10:00-11:00", {7, 10, 31, 34}),
        ("Mo 07:00-08:00; Sa 10:00-11:00", {7, SATURDAY + 10}),
        ("Mo 07:00-08:00, Sa 10:00-11:00", {7, SATURDAY + 10}),
        ("Sa-Mo 06:00-07:00", {6, SATURDAY + 6, SUNDAY + 6}),
        ("Mo 22:00-02:00", {22, 23, TUESDAY, TUESDAY + 1}),
        ("Su 23:00-01:00", {SUNDAY + 23, 0}),
        ("Mo 22:00-26:00", {22, 23, TUESDAY, TUESDAY + 1}),
        ("Mo 22:00+", {22, 23}),
        ("Mo-Tu; Tu off", set(range(24))),
        ("Mo,PH 07:00-08:00", {7}),
        ("monday 7-8", {7}),
        ("Mo 07：00–08：00", {7}),
        ("Mo sunrise-08:00", {6, 7}),
    ],
)
def test_hours_are_read(text: str, expected: set[int]) -> None:
    assert touched(text) == expected
    assert filled(text) == expected


def test_part_of_an_hour_is_touched_but_not_filled() -> None:
    assert touched("Mo 07:30-09:30") == {7, 8, 9}
    assert filled("Mo 07:30-09:30") == {8}


@pytest.mark.parametrize(
    "text", ["", "winter", "Nov-Mar", "2026 Jan 1", "week 1-10", "Mo[1]", "ab"]
)
def test_what_is_not_understood_is_none(text: str) -> None:
    assert hours.parse(text) is None


def test_holidays_alone_cover_no_hour_of_a_usual_week() -> None:
    assert touched("PH 07:00-09:00") == set()


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 23), st.integers(1, 24))
def test_every_span_covers_as_many_hours_as_it_says(
    first: int, last: int, start: int, length: int
) -> None:
    names = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
    days = (last - first) % 7 + 1
    end = start + length if length < 24 else start
    text = f"{names[first]}-{names[last]} {start:02}:00-{end % 24:02}:00"
    covered = touched(text)
    assert first * 24 + start in covered
    assert days == 7 or len(covered) <= days * length
    assert len(covered) >= length
