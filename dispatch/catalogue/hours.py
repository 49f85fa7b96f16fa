"""Opening hours: by weekday, with exceptions for single days, in clock times of the place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dispatch.sheets import fields
from dispatch.sheets.fields import DAY_S, BadField, clock_text
from dispatch.store.errors import Invalid

WHOLE_DAY = DAY_S
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ACTION = 'write {"week": {"mon": ["08:00-12:00"]}, "exceptions": {"2026-10-01": []}}'


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one clock time to another, in seconds since midnight; 26:00 is two in the morning."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Seven days from Monday, and days that are not as their weekday."""

    week: tuple[tuple[Span, ...], ...]
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def on(self, day: date) -> tuple[Span, ...]:
        """Return when it is open on a day; nothing when it is closed."""
        return self.exceptions.get(day, self.week[day.weekday()])


def read(document: Mapping[str, Any] | None) -> Hours | None:
    """Return hours from their stored form, None for always open; refuse all faults at once."""
    if document is None:
        return None
    faults: list[str] = [f"{key!r} has no meaning" for key in document.keys() - _KEYS]
    week = _mapping(document, "week", faults)
    exceptions = _mapping(document, "exceptions", faults)
    faults += [f"{day!r} is no weekday" for day in week.keys() - set(WEEKDAYS)]
    days = tuple(tuple(_spans(day, week.get(day, []), faults)) for day in WEEKDAYS)
    single = {
        on: tuple(_spans(day, spans, faults))
        for day, spans in exceptions.items()
        if (on := _date(day, faults))
    }
    if faults:
        raise Invalid("bad_hours", cause="; ".join(faults), action=_ACTION)
    return Hours(days, single)


def write(hours: Hours | None) -> dict[str, Any] | None:
    """Return the stored form of hours, which `read` takes back."""
    if hours is None:
        return None
    return {
        "week": dict(zip(WEEKDAYS, map(_texts, hours.week), strict=True)),
        "exceptions": {day.isoformat(): _texts(s) for day, s in sorted(hours.exceptions.items())},
    }


_KEYS = {"week", "exceptions"}


def _mapping(document: Mapping[str, Any], key: str, faults: list[str]) -> Mapping[str, Any]:
    value = document.get(key, {})
    if isinstance(value, Mapping):
        return value
    faults.append(f"{key} is no object")
    return {}


def _date(day: str, faults: list[str]) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        faults.append(f"{day!r} is no date")
        return None


def _spans(day: str, texts: object, faults: list[str]) -> Iterator[Span]:
    if not isinstance(texts, Sequence) or isinstance(texts, str):
        faults.append(f"{day}: not a list")
        return
    before = -1
    for span in sorted(filter(None, (_span(day, text, faults) for text in texts))):
        if span.opens <= before:
            faults.append(f"{day}: {_text(span)} begins before the one before it ends")
        before = span.closes
        yield span


def _span(day: str, text: object, faults: list[str]) -> Span | None:
    opens, _, closes = str(text).partition("-")
    try:
        span = Span(fields.clock(opens), fields.clock(closes))
    except BadField as bad:
        faults.append(f"{day}: {text!r}: {bad.cause}")
        return None
    if span.opens >= span.closes:
        faults.append(f"{day}: {text!r} ends before it begins")
        return None
    return span


def _texts(spans: Sequence[Span]) -> list[str]:
    return [_text(span) for span in spans]


def _text(span: Span) -> str:
    return f"{clock_text(span.opens)}-{clock_text(span.closes)}"
