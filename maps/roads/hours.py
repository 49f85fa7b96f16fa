"""Hours of the week, as people and mappers write them: "Mo-Fr 07:00-09:00,16:00-18:00; Sa"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

HOURS_OF_WEEK = 168

_DAY = 1440
_WEEK = 7 * _DAY
_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_DAY_WORD = (
    r"(?:mo(?:n(?:day)?)?|tu(?:e(?:s(?:day)?)?)?|we(?:d(?:nesday)?)?|th(?:u(?:r(?:s(?:day)?)?)?)?"
    r"|fr(?:i(?:day)?)?|sa(?:t(?:urday)?)?|su(?:n(?:day)?)?)"
)
_CLOCK = r"([0-4]?\d)(?:[:.]([0-5]\d))?"
_TOKEN = re.compile(
    rf"(?P<always>24/7|always)"
    rf"|(?P<day>{_DAY_WORD})\b(?:\s*-\s*(?P<last>{_DAY_WORD})\b)?"
    rf"|(?P<holiday>(?:ph|sh)\b)"
    rf"|(?P<off>(?:off|closed)\b)"
    rf"|(?P<span>{_CLOCK}\s*-\s*{_CLOCK})"
    rf"|(?P<open_end>{_CLOCK}\s*\+)"
    r"|(?P<end>;)"
    r"|(?P<space>[\s,]+)"
)
# Where the sun stands is not known here; a day of twelve hours is assumed.
_SUN = {"sunrise": "06:00", "dawn": "06:00", "sunset": "18:00", "dusk": "18:00"}


@dataclass(frozen=True, slots=True)
class Hours:
    """
    A set of minutes of the week, seen by whole hours; hour 0 is Monday 00:00–01:00.

    ``touched`` has bit h set when any minute of hour h is inside, ``filled`` when all are: a ban
    counts by the first, a permission by the second, so that neither is broken within the hour.
    """

    touched: int
    filled: int

    def touches(self, hour: int) -> bool:
        """Tell whether any part of this hour of the week is inside."""
        return bool(self.touched >> hour & 1)

    def fills(self, hour: int) -> bool:
        """Tell whether all of this hour of the week is inside."""
        return bool(self.filled >> hour & 1)


ALWAYS = Hours((1 << HOURS_OF_WEEK) - 1, (1 << HOURS_OF_WEEK) - 1)
NEVER = Hours(0, 0)


@lru_cache(maxsize=4096)
def parse(text: str) -> Hours | None:
    """
    Read days and times of the week.

    Rules add up, unless one says ``off``; a span over midnight runs into the next day. Holidays
    (``PH``, ``SH``) are passed over, since no calendar is known here.

    Returns
    -------
    hours
        None where the text is not understood, as with dates and seasons.
    """
    minutes = np.zeros(_WEEK, dtype=np.bool_)
    rule = _Rule()
    num_rules = 0
    for kind, token in _tokens(text):
        if kind == "bad":
            return None
        if kind == "end" or (kind in {"day", "holiday"} and rule.spans):
            num_rules += rule.apply(minutes)
            rule = _Rule()
        rule.take(kind, token)
    num_rules += rule.apply(minutes)
    return _of_minutes(minutes) if num_rules else None


class _Rule:
    """Days and spans read so far; what is missing means every day, or the whole day."""

    def __init__(self) -> None:
        self.days: list[int] = []
        self.spans: list[tuple[int, int]] = []
        self.holiday = False
        self.off = False
        self.always = False

    def take(self, kind: str, token: re.Match[str] | None) -> None:
        if token is None:
            return
        if kind == "day":
            self.days += _day_range(token["day"], token["last"] or token["day"])
        elif kind in {"span", "open_end"}:
            self.spans.append(_span(token))
        elif kind in {"holiday", "off", "always"}:
            setattr(self, kind, True)

    def apply(self, minutes: NDArray[np.bool_]) -> int:
        """Write the rule into the week; return 1 where it said anything, else 0."""
        if not (self.days or self.spans or self.holiday or self.off or self.always):
            return 0
        days = self.days or ([] if self.holiday else list(range(7)))
        for day in days:
            for start, end in self.spans or [(0, _DAY)]:
                where = np.arange(day * _DAY + start, day * _DAY + end) % _WEEK
                minutes[where] = not self.off
        return 1


def _tokens(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    text = text.lower().replace("：", ":").replace("–", "-").replace("—", "-")
    for word, clock in _SUN.items():
        text = text.replace(word, clock)
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            yield "bad", None
            return
        groups = ("always", "day", "holiday", "off", "span", "open_end", "end", "space")
        yield next(name for name in groups if token[name] is not None), token
        position = token.end()


def _day_range(first: str, last: str) -> list[int]:
    start, end = _DAYS.index(first[:2]), _DAYS.index(last[:2])
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _span(token: re.Match[str]) -> tuple[int, int]:
    clocks = [int(hour) * 60 + int(minute or 0) for hour, minute in re.findall(_CLOCK, token[0])]
    if len(clocks) == 1:
        return clocks[0], _DAY
    start, end = clocks
    return start, end if end > start else end + _DAY


def _of_minutes(minutes: NDArray[np.bool_]) -> Hours:
    by_hour = minutes.reshape(HOURS_OF_WEEK, 60)
    return Hours(_bits(by_hour.any(axis=1)), _bits(by_hour.all(axis=1)))


def _bits(flags: np.bool_ | NDArray[np.bool_]) -> int:
    return sum(1 << int(hour) for hour in np.flatnonzero(flags))
