"""What tables are made of: cells as a spreadsheet has them, in rows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta
Grid = list[list[Cell]]


class NoValue(str):
    """Stands in a cell that should have a value and shows none; the text says why."""

    __slots__ = ()


def filled(cell: Cell) -> bool:
    """Tell whether there is anything in a cell."""
    return not isinstance(cell, str) or bool(cell.strip())
