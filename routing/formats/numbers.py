"""Rows of numbers in benchmark files, with every fault by line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from routing.formats.faults import Faults
from routing.problem import Window

MOST = 10**8
"""Larger numbers are typing errors, and would overflow int32 once scaled."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name: whether its numbers may be negative, and must be whole."""

    name: str
    signed: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """
    A line of a table, as numbers.

    Solomon's files and Li and Lim's begin alike: number, x, y, demand, ready, due, service.
    """

    line: int
    values: tuple[Decimal, ...]

    @property
    def number(self) -> int:
        """Which customer or task it is."""
        return int(self.values[0])

    @property
    def demand(self) -> int:
        """What is loaded there."""
        return int(self.values[3])

    def window(self, scale: int) -> Window:
        """Return when service may begin, in parts of the file's unit of time."""
        return Window(int(self.values[4] * scale), int(self.values[5] * scale))

    def service(self, scale: int) -> int:
        """Return how long service takes, in parts of the file's unit of time."""
        return int(self.values[6] * scale)


def row(line: int, words: Sequence[str], columns: Sequence[Column], faults: Faults) -> Row | None:
    """Return the numbers of a line; None where it has a fault, which is noted."""
    where = f"line {line}"
    if len(words) != len(columns):
        names = ", ".join(column.name for column in columns)
        cause = f"{len(words)} values instead of {len(columns)}"
        faults.add(where, "wrong_count", cause, f"write: {names}")
        return None
    values = [
        _number(where, column, word, faults) for column, word in zip(columns, words, strict=True)
    ]
    good = tuple(value for value in values if value is not None)
    return Row(line, good) if len(good) == len(values) else None


def _number(where: str, column: Column, word: str, faults: Faults) -> Decimal | None:
    place = f"{where}, {column.name}"
    try:
        value = Decimal(word)
    except InvalidOperation:
        faults.add(place, "not_a_number", f"{word!r} is no number", "write a number")
        return None
    if not value.is_finite() or abs(value) > MOST:
        faults.add(place, "out_of_range", f"{word} is too large", f"stay within ±{MOST:,}")
        return None
    if value < 0 and not column.signed:
        faults.add(place, "out_of_range", f"{word} is negative", "write 0 or more")
        return None
    if column.whole and value != int(value):
        faults.add(place, "not_a_number", f"{word} is no whole number", "write a whole number")
        return None
    return value


def check(rows: Sequence[Row], faults: Faults) -> None:
    """Note numbers that come twice, and windows that are reversed."""
    seen: dict[int, int] = {}
    for one in rows:
        where = f"line {one.line}"
        if one.number in seen:
            cause = f"customer {one.number} is already in line {seen[one.number]}"
            faults.add(where, "duplicate_id", cause, "give each customer its own number")
        seen.setdefault(one.number, one.line)
        ready, due = one.values[4:6]
        if due < ready:
            cause = f"due {due} is before ready {ready}"
            faults.add(where, "window_reversed", cause, "let the window end after it starts")
