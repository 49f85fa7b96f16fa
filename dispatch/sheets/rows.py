"""Reads one row field by field, and keeps every fault on the way instead of stopping at one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from dispatch.sheets import fields
from dispatch.sheets.cells import Cell
from dispatch.sheets.faults import RowFault
from dispatch.sheets.fields import BadField
from dispatch.sheets.tables import Row, Table

_T = TypeVar("_T")


class RowReader:
    """The fields of one row; ``sound`` is false once one of them was refused."""

    def __init__(self, table: Table, row: Row, faults: list[RowFault]) -> None:
        self.table = table
        self.row = row
        self.sound = not row.broken
        self._faults = faults

    def refuse(self, column: str, code: str, cause: str, action: str) -> None:
        """Note a fault of this row; ``column`` is given as the user wrote it."""
        if column in self.row.broken:
            return
        header = self.table.headers.get(column, column)
        fault = RowFault(self.table.name, self.row.number, header, code, cause, action)
        self._faults.append(fault)
        self.sound = False

    def has(self, column: str) -> bool:
        return column in self.row.cells

    def text(self, column: str, default: str = "") -> str:
        """Return the text of a cell, or the default when it is empty."""
        return fields.text(self.row.cells[column]) if self.has(column) else default

    def name(self, column: str) -> str:
        """Return a text that must be there."""
        if not self.has(column):
            self._empty(column)
        return self.text(column)

    def skills(self, column: str) -> frozenset[str]:
        return fields.skills(self.row.cells[column]) if self.has(column) else frozenset()

    def clock(self, column: str, default: int | None = None) -> int | None:
        """Return a clock time, or the default when the cell is empty."""
        return self._parsed(column, fields.clock, default)

    def needed_clock(self, column: str) -> int:
        if not self.has(column):
            self._empty(column)
        found = self.clock(column)
        return 0 if found is None else found

    def day(self, column: str) -> date | None:
        """Return a date, or None when the cell is empty."""
        return self._parsed(column, fields.day, None)

    def number(
        self, column: str, default: float | None = None, *, most: float, least: float = 0
    ) -> float | None:
        """Return a number within its limits, or the default when the cell is empty."""
        value = self._parsed(column, self._as_number, None)
        if value is None:
            return default
        if value < least:
            negative = value < 0 <= least
            code = "negative_number" if negative else "number_too_small"
            cause = f"{self.text(column)} is less than {least:.10g}"
            self.refuse(column, code, cause, f"write a number from {least:.10g} to {most:.10g}")
            return default
        if value > most:
            cause = f"{self.text(column)} is more than {most:.10g}"
            action = f"write a number from {least:.10g} to {most:.10g}; check the unit"
            self.refuse(column, "number_too_large", cause, action)
            return default
        return value

    def scaled(
        self, column: str, unit: int, default: float | None = None, *, most: float
    ) -> int | None:
        """Return a number in a smaller unit, as an integer: 1.5 kg with unit 1000 is 1500."""
        value = self.number(column, default, most=most)
        return None if value is None else round(value * unit)

    def whole(
        self, column: str, default: int | None = None, *, most: int, least: int = 0
    ) -> int | None:
        """Return an integer within its limits, or the default when the cell is empty."""
        value = self.number(column, default, most=most, least=least)
        if value is None:
            return None
        if value != int(value):
            cause = f"{self.text(column)} is no whole number"
            self.refuse(column, "bad_number", cause, "write a whole number")
        return int(value)

    def _as_number(self, cell: Cell) -> float:
        return fields.number(cell, decimal_comma=self.table.decimal_comma)

    def _parsed(self, column: str, parse: Callable[[Cell], _T], default: _T | None) -> _T | None:
        if not self.has(column):
            return default
        try:
            return parse(self.row.cells[column])
        except BadField as bad:
            self.refuse(column, bad.code, bad.cause, bad.action)
            return None

    def _empty(self, column: str) -> None:
        self.refuse(column, "missing_value", f"{column} is empty", "fill it in")
