"""
What stands in one cell, as a number, a clock time, a set of skills.

Digits and signs may be full-width, times may be cells of a spreadsheet; what is not understood is
refused with a `BadField`, never guessed.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta

from dispatch.sheets.cells import Cell

DAY_S = 24 * 3600

MAX_CLOCK = 2 * DAY_S
"""Clock times run to 48:00, so that a shift may end after midnight."""

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d*", re.ASCII)
_COLONS = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0*)?)?(?:\s*([ap])\.?m?\.?)?", re.ASCII)
_CHINESE = re.compile(r"(\d{1,2})[点时](?:(\d{1,2})分?|(半))?", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00)?)?", re.ASCII)
_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-"})
_BETWEEN_SKILLS = re.compile(r"[\s;|/、,]+")

# Spreadsheets keep a time without a date as a moment of their day zero.
_LAST_DAY_ZERO = date(1904, 1, 1)


class BadField(ValueError):
    """A value that cannot be what its column says: code, cause and action."""

    def __init__(self, code: str, cause: str, action: str) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause
        self.action = action


def text(cell: Cell) -> str:
    """Return a cell as its reader sees it: 1001.0 of a spreadsheet is 1001."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def number(cell: Cell, *, decimal_comma: bool = False) -> float:
    """Return a finite number."""
    if isinstance(cell, bool | date | time | timedelta):
        raise _no_number(cell)
    value = _written_number(cell, decimal_comma) if isinstance(cell, str) else float(cell)
    if not math.isfinite(value):
        raise _no_number(cell)
    return value


def _written_number(cell: str, decimal_comma: bool) -> float:
    written = unicodedata.normalize("NFKC", cell).strip().translate(_MINUS).casefold()
    if _PLAIN.fullmatch(written):
        return float(written)
    if decimal_comma and _DECIMAL_COMMA.fullmatch(written):
        return float(written.replace(",", "."))
    if not decimal_comma and _THOUSANDS.fullmatch(written):
        return float(written.replace(",", ""))
    raise _no_number(cell)


def _no_number(cell: Cell) -> BadField:
    cause = f"{shown(cell)} is no number"
    return BadField("bad_number", cause, "write a plain number such as 12.5, without a unit")


def clock(cell: Cell) -> int:
    """Return a clock time in seconds since midnight, 0 … `MAX_CLOCK`."""
    if isinstance(cell, bool):
        raise _no_time(cell)
    if isinstance(cell, time):
        return _seconds(cell.hour, cell.minute, cell.second)
    if isinstance(cell, timedelta):
        return _within(round(cell.total_seconds()), cell)
    if isinstance(cell, date):
        return _clock_of_moment(cell)
    if isinstance(cell, int | float):
        return _clock_of_fraction(float(cell), cell)
    return _written_clock(cell)


def _clock_of_moment(cell: date) -> int:
    if isinstance(cell, datetime) and cell.date() <= _LAST_DAY_ZERO:
        return _seconds(cell.hour, cell.minute, cell.second)
    cause = f"{shown(cell)} has a date"
    raise BadField("bad_time", cause, "write the time alone, such as 08:30; the plan has the date")


def _written_clock(cell: str) -> int:
    written = unicodedata.normalize("NFKC", cell).strip().casefold()
    if match := _COLONS.fullmatch(written):
        hour, minute, second, half = match.groups()
        return _of_parts(cell, int(hour), int(minute), int(second or 0), half)
    if match := _CHINESE.fullmatch(written):
        minutes = 30 if match[3] else int(match[2] or 0)
        return _of_parts(cell, int(match[1]), minutes, 0, None)
    if "." in written and _PLAIN.fullmatch(written):
        return _clock_of_fraction(float(written), cell)
    raise _no_time(cell)


def _of_parts(cell: Cell, hour: int, minute: int, second: int, half: str | None) -> int:
    if minute > 59 or second > 59 or (half and not 1 <= hour <= 12):
        raise _no_time(cell)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return _within(_seconds(hour, minute, second), cell)


def _clock_of_fraction(value: float, cell: Cell) -> int:
    """Read the number behind a spreadsheet's time cell: the part of a day."""
    if not 0 <= value < 1:
        raise _no_time(cell)
    return round(value * DAY_S)


def _within(second: int, cell: Cell) -> int:
    if not 0 <= second <= MAX_CLOCK:
        raise _no_time(cell)
    return second


def _seconds(hour: int, minute: int, second: int) -> int:
    return hour * 3600 + minute * 60 + second


def _no_time(cell: Cell) -> BadField:
    return BadField("bad_time", f"{shown(cell)} is no time of day", "write it like 08:30")


def day(cell: Cell) -> date:
    """Return a date: a spreadsheet's, or written as 2026-03-02, 2026/3/2 or 2026年3月2日."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    written = unicodedata.normalize("NFKC", text(cell)).strip()
    try:
        if match := _DATE.fullmatch(written):
            return date(*map(int, match.groups()))
    except ValueError:
        pass
    raise BadField("bad_date", f"{shown(cell)} is no date", "write it like 2026-03-02")


def skills(cell: Cell) -> frozenset[str]:
    """Return the skills named in a cell, parted by spaces, commas or ; | / 、; case is ignored."""
    written = unicodedata.normalize("NFKC", text(cell)).casefold()
    return frozenset(word for word in _BETWEEN_SKILLS.split(written) if word)


def shown(cell: Cell) -> str:
    """Return a value as a fault quotes it: short, and without what a terminal could act on."""
    whole = text(cell)
    clean = "".join(letter if letter.isprintable() else "�" for letter in whole)
    return f"'{clean[:40]}…'" if len(clean) > 41 else f"'{clean}'"


def clock_text(second: int) -> str:
    """Return a clock time as people write it: 08:30."""
    hours, rest = divmod(second, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")
