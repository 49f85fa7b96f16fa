"""Empty tables of orders to fill in, with one example, in Chinese or English."""

from __future__ import annotations

import csv
import io

from dispatch.intake.order_rows import COLUMNS
from dispatch.store.errors import Invalid

_CHINESE = {
    **{"order": "订单号", "customer": "客户编号", "depot": "仓库", "repair_point": "维修点"},
    **{"brand": "品牌", "part": "配件号", "quantity": "数量", "fulfilment": "方式", "date": "日期"},
    **{"earliest": "最早", "latest": "最晚", "priority": "优先级", "downtime_per_h": "停工损失"},
    **{"notes": "备注"},
}
_EXAMPLE = {
    **{"order": "N-1", "customer": "C-1", "depot": "W1", "repair_point": "North garage"},
    **{"brand": "Bosch", "part": "0986", "quantity": "2", "fulfilment": "delivery"},
    **{"date": "2026-03-02", "earliest": "08:30", "latest": "11:00", "priority": "0"},
    **{"downtime_per_h": "260", "notes": "Ring at the gate"},
}


def rows(language: str) -> list[list[str]]:
    """Return the header and an example; the order is deleted before the file is used."""
    if language not in {"zh", "en"}:
        cause = f"there is no template in {language!r}"
        raise Invalid("unknown_language", cause=cause, action="ask for zh or en")
    known = COLUMNS.known
    header = [_CHINESE[column] for column in known] if language == "zh" else list(known)
    return [header, [_EXAMPLE[column] for column in known]]


def csv_file(language: str) -> bytes:
    """Return the template as CSV that Excel opens with its letters right."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows(language))
    return out.getvalue().encode("utf-8-sig")


def workbook(language: str) -> bytes:
    """Return the template as a workbook with a sheet ``orders``."""
    from openpyxl import Workbook

    book = Workbook()
    for sheet in book.worksheets:
        sheet.title = "orders"
        for row in rows(language):
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
