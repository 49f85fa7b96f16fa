"""What is wrong with a day's files: by table, row and column, with what a person can do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowFault:
    """
    One fault of the user's tables.

    ``row`` counts as a spreadsheet does: the header is row 1; 0 when the whole table is meant.
    ``column`` is the table's own word for it, empty when the whole row is meant.
    """

    table: str
    row: int
    column: str
    code: str
    cause: str
    action: str

    @property
    def where(self) -> str:
        """The place in words: ``orders, row 7, weight_kg``."""
        row = f"row {self.row}" if self.row else ""
        return ", ".join(part for part in (self.table, row, self.column) if part)


class BadDay(Exception):
    """The files are no day that can be planned; ``faults`` holds every fault, not the first."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        super().__init__(
            "; ".join(f"{fault.where}: {fault.code}: {fault.cause}" for fault in faults)
        )
        self.faults = tuple(faults)


def in_order(faults: Iterable[RowFault]) -> tuple[RowFault, ...]:
    """Return the faults as a person mends them: table by table, from the top down."""
    return tuple(sorted(faults, key=lambda fault: (fault.table, fault.row)))
