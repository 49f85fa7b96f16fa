"""
Tables of orders, one line of an order in each row, gathered to orders as they are written.

What an order says of itself (customer, place, window) stands in its first row; later rows of the
same number leave it empty or repeat it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatch.sheets import fields, tables, workbooks
from dispatch.sheets.cells import Cell
from dispatch.sheets.faults import BadDay, RowFault, in_order
from dispatch.sheets.tables import Columns, Row, Table
from dispatch.store.errors import Invalid

HEAD = (
    *("customer", "repair_point", "depot", "fulfilment", "date", "earliest", "latest"),
    *("priority", "downtime_per_h", "notes"),
)
LINE = ("brand", "part", "quantity")
COLUMNS = Columns(
    ("order", "customer", "depot", "part", "quantity"),
    ("brand", *(column for column in HEAD if column not in {"customer", "depot"})),
    {
        **{"订单": "order", "订单号": "order", "客户": "customer", "客户编号": "customer"},
        **{"维修点": "repair_point", "门店": "repair_point", "仓库": "depot", "品牌": "brand"},
        **{"配件": "part", "配件号": "part", "零件号": "part", "数量": "quantity"},
        **{"方式": "fulfilment", "日期": "date", "最早": "earliest", "最晚": "latest"},
        **{"优先级": "priority", "停工损失": "downtime_per_h", "备注": "notes"},
    },
)


@dataclass(frozen=True, slots=True)
class Written:
    """An order as somebody wrote it: its rows with the text of their cells, and their faults."""

    number: str
    rows: tuple[Row, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    decimal_comma: bool = False
    faults: tuple[RowFault, ...] = ()
    """Faults of the writing itself: what stands there was not understood as a row of an order."""

    @property
    def table(self) -> Table:
        return Table("orders", self.headers, self.rows, self.decimal_comma)

    @property
    def content_hash(self) -> str:
        """Return what is the same as long as the cells say the same, whatever their order."""
        cells = [dict(row.cells) for row in self.rows]
        text = json.dumps(cells, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def read(path: Path) -> tuple[list[Written], list[RowFault]]:
    """
    Return the orders of a CSV file or of the sheet ``orders``, and faults of rows without cells.

    Raises `BadDay` where the file as a whole cannot be read.
    """
    faults: list[RowFault] = []
    if path.suffix.casefold() in workbooks.SUFFIXES:
        table = tables.read(path, {"orders": COLUMNS}, faults).get("orders")
    else:
        table = tables.read_csv(path, COLUMNS, faults)
    by_row: dict[int, list[RowFault]] = {}
    for fault in faults:
        by_row.setdefault(fault.row, []).append(fault)
    known = {row.number for row in table.rows} if table else set()
    lost = [fault for fault in faults if fault.row not in known]
    if table is None or any(fault.code in _OF_THE_WHOLE for fault in lost):
        raise BadDay(in_order(faults))
    return gather(table, by_row), lost


def uploaded(name: str, content: bytes) -> tuple[list[Written], list[RowFault]]:
    """Return the same of a file as it was sent; refused (``bad_file``) as a whole."""
    with TemporaryDirectory(prefix="milkrun-") as folder:
        ending = Path(name).suffix.casefold()
        path = Path(folder) / f"orders{ending if ending in workbooks.SUFFIXES else '.csv'}"
        path.write_bytes(content)
        try:
            return read(path)
        except BadDay as error:
            told = [f"{one.where}: {one.code}: {one.cause}" for one in error.faults]
            actions = dict.fromkeys(one.action for one in error.faults)
            raise Invalid("bad_file", cause="; ".join(told), action="; ".join(actions)) from error


_OF_THE_WHOLE = frozenset({"unknown_column", "duplicate_column", "missing_column"})


def gather(table: Table, faults: Mapping[int, Sequence[RowFault]] | None = None) -> list[Written]:
    """Return the orders of a table; a row that contradicts the first of its number is alone."""
    orders: list[Written] = []
    rows_of: dict[str, list[Row]] = {}
    for row in table.rows:
        plain = Row(row.number, {key: text(cell) for key, cell in row.cells.items()}, row.broken)
        number = str(plain.cells.get("order", ""))
        first = rows_of.get(number, [None])[0] if number else None
        other = _contradiction(first, plain) if first else ""
        if first is None or other:
            told = [_twice(table, plain, number, other)] if other else []
            orders.append(_one(table, number, [plain], told))
            if number and not other:
                rows_of[number] = [plain]
        else:
            rows_of[number].append(plain)
    return [_whole(one, rows_of, faults or {}) for one in orders]


def text(cell: Cell) -> str:
    """Return a cell as the text that is kept, hashed, and read again after a repair."""
    return cell.isoformat() if isinstance(cell, date) else fields.text(cell)


def _one(table: Table, number: str, rows: Sequence[Row], faults: Sequence[RowFault]) -> Written:
    return Written(number, tuple(rows), table.headers, table.decimal_comma, tuple(faults))


def _whole(
    one: Written, rows_of: Mapping[str, list[Row]], faults: Mapping[int, Sequence[RowFault]]
) -> Written:
    """Add the rows that came later, and what was found wrong with any of them."""
    rows = rows_of.get(one.number, [])
    rows = rows if rows and rows[0] is one.rows[0] else list(one.rows)
    found = [fault for row in rows for fault in faults.get(row.number, ())]
    return Written(one.number, tuple(rows), one.headers, one.decimal_comma, (*one.faults, *found))


def _contradiction(first: Row, row: Row) -> str:
    """Return the column in which a later row says something else of the order than its first."""
    for column in HEAD:
        if column in row.cells and row.cells[column] != first.cells.get(column):
            return column
    return ""


def _twice(table: Table, row: Row, number: str, column: str) -> RowFault:
    return RowFault(
        table.name,
        row.number,
        table.headers.get("order", "order"),
        "order_number_twice",
        f"{number} is another order further up, with another {column}",
        f"give it a number of its own, or repeat the {column} of the first row",
    )
