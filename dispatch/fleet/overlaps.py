"""When two shifts that repeat weekly would run at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Weekly:
    """One weekday's times, up to 48:00 of it, from a first day to a last one; None: for good."""

    weekday: int
    starts: int
    ends: int
    first: date
    last: date | None


def day(one: Weekly, other: Weekly) -> date | None:
    """Return the first day of ``one`` on which both run at one moment; None: never."""
    # Times end at 48:00, so what is two days apart touches at most.
    for ahead in (-1, 0, 1):
        if (one.weekday + ahead) % 7 == other.weekday and _overlap(one, other, ahead * _DAY):
            return _common_day(one, other, timedelta(days=ahead))
    return None


def _overlap(one: Weekly, other: Weekly, later: int) -> bool:
    return one.starts < other.ends + later and other.starts + later < one.ends


def _common_day(one: Weekly, other: Weekly, ahead: timedelta) -> date | None:
    first = max(one.first, other.first - ahead)
    first += timedelta(days=(one.weekday - first.weekday()) % 7)
    lasts = [one.last, other.last - ahead if other.last else None]
    return first if all(last is None or first <= last for last in lasts) else None
