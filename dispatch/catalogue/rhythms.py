"""What repeats by weekday: on which days it is due, and where it goes when nobody works then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.base import Document
from dispatch.store.errors import Invalid

REACH_D = 31
"""No further than this is anything moved: longer than any row of public holidays."""

MOST_WEEKS = 52
_DAY = timedelta(days=1)


class OnHoliday(StrEnum):
    """What becomes of a day on which the depot does not work."""

    SKIP = "skip"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Some weekdays of every so many weeks, counted from the week of ``first``."""

    weekdays: frozenset[int]
    first: date
    last: date | None = None
    every_weeks: int = 1
    on_holiday: OnHoliday = OnHoliday.SKIP


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due by its rhythm on ``due_on``, and comes on ``on``, a working day."""

    due_on: date
    on: date


class Repeats:
    """The columns of a row that repeats."""

    weekdays: Mapped[list[int]] = mapped_column(Document)
    every_weeks: Mapped[int] = mapped_column(default=1)
    valid_from: Mapped[date]
    """Its week is the first of every so many."""
    valid_to: Mapped[date | None]
    on_holiday: Mapped[str] = mapped_column(String(10), default=OnHoliday.SKIP)

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(
            frozenset(self.weekdays),
            self.valid_from,
            self.valid_to,
            self.every_weeks,
            OnHoliday(self.on_holiday),
        )


def check(values: Mapping[str, Any]) -> None:
    """Refuse (``bad_rhythm``) the columns of `Repeats` that make no sense together."""
    weekdays, every = values["weekdays"], values["every_weeks"]
    faults = []
    if not weekdays or not set(weekdays) <= set(range(7)):
        faults.append(f"its weekdays are {weekdays}")
    if not 1 <= every <= MOST_WEEKS:
        faults.append(f"it comes every {every} weeks")
    if values["valid_to"] and values["valid_to"] < values["valid_from"]:
        faults.append(f"{values['valid_to']} comes before {values['valid_from']}")
    if faults:
        action = "name weekdays from 0, Monday, to 6, every 1 to 52 weeks, and an end after its day"
        raise Invalid("bad_rhythm", cause="; ".join(faults), action=action)


def dates(
    rhythm: Rhythm,
    works: Callable[[date], bool],
    first: date,
    last: date,
    *,
    skipped: Collection[date] = (),
    settled: Collection[date] = (),
) -> list[Due]:
    """
    Return what comes on the days from ``first`` to ``last``, both included; no day has two.

    What is due on a skipped day, or would be moved to one, does not come. Where something is moved
    to a day that has its own, only that day's own comes. ``settled`` are days whose own is no
    longer asked for.
    """
    reach = timedelta(days=REACH_D)
    out = {*skipped, *settled}
    by_day: dict[date, Due] = {}
    for due_on in _by_rhythm(rhythm, first - reach, last + reach):
        on = None if due_on in out else _moved(rhythm.on_holiday, works, due_on)
        if on is None or on in skipped or not first <= on <= last:
            continue
        if on not in by_day or on == due_on:
            by_day[on] = Due(due_on, on)
    return [by_day[on] for on in sorted(by_day)]


def around(first: date, last: date) -> tuple[date, date]:
    """Return the first and last of the days that decide what comes on some days."""
    reach = timedelta(days=2 * REACH_D)
    return first - reach, last + reach


def _by_rhythm(rhythm: Rhythm, first: date, last: date) -> Iterator[date]:
    week = _monday(rhythm.first)
    day = max(first, rhythm.first)
    last = min(last, rhythm.last or last)
    while day <= last:
        weeks = (_monday(day) - week).days // 7
        if day.weekday() in rhythm.weekdays and weeks % rhythm.every_weeks == 0:
            yield day
        day += _DAY


def _moved(on_holiday: OnHoliday, works: Callable[[date], bool], due_on: date) -> date | None:
    if works(due_on):
        return due_on
    if on_holiday == OnHoliday.SKIP:
        return None
    step = _DAY if on_holiday == OnHoliday.AFTER else -_DAY
    days = (due_on + step * n for n in range(1, REACH_D + 1))
    return next((day for day in days if works(day)), None)


def _monday(day: date) -> date:
    return day - _DAY * day.weekday()
