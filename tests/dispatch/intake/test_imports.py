from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select, update

from dispatch.catalogue.customers import Customer
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake import changes, imports, order_rows, orders
from dispatch.intake.deliveries import Delivery
from dispatch.intake.imports import QuarantinedOrder, Report
from dispatch.intake.orders import Order
from dispatch.intake.upserts import Fate, Mode
from dispatch.sheets.faults import BadDay
from dispatch.store import clock
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

HEADER = ["order", "customer", "depot", "repair_point", "brand", "part", "quantity", "latest"]


@pytest.fixture
def shop(db: Database) -> Iterator[Shop]:
    """A firm at 08:40 in Shanghai."""
    with clock.replaced(lambda: datetime(2026, 3, 2, 0, 40, tzinfo=UTC)):
        yield shops.opened(db)


class Sheet:
    """A file of orders of the firm's customer, as a person keeps it."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        with reading(shop.db) as session:
            customer, depot = session.get(Customer, shop.customer), session.get(Depot, shop.depot)
            part = session.get(Part, shop.part)
        assert customer
        assert depot
        assert part
        self.shop, self.path = shop, folder / "orders.csv"
        self.usual = dict(
            zip(
                HEADER,
                ["", customer.number, depot.name, "本店", part.brand, "1", "1", ""],
                strict=True,
            )
        )
        self.rows: list[dict[str, str]] = []

    def add(self, order: str, **cells: object) -> None:
        self.rows.append({**self.usual, "order": order, **{k: str(v) for k, v in cells.items()}})

    def run(self, mode: Mode = Mode.CREATE) -> Report:
        written, _ = self.written()
        return imports.run(self.shop.db, written, name="orders.csv", mode=mode, actor=ACTOR)

    def written(self) -> tuple[list[order_rows.Written], object]:
        with self.path.open("w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, HEADER)
            out.writeheader()
            out.writerows(self.rows)
        return order_rows.read(self.path)


@pytest.fixture
def sheet(shop: Shop, tmp_path: Path) -> Sheet:
    return Sheet(shop, tmp_path)


def _num_orders(shop: Shop) -> int:
    with reading(shop.db) as session:
        return session.scalar(select(func.count()).select_from(Order)) or 0


def _waiting(shop: Shop, report: Report) -> list[QuarantinedOrder]:
    assert report.import_id
    with reading(shop.db) as session:
        return list(imports.quarantine(session, report.import_id))


def test_s1_117_of_120_are_accepted_and_three_wait(shop: Shop, sheet: Sheet) -> None:
    shop.receive(100)
    for n in range(1, 121):
        sheet.add(f"N-{n}")
    sheet.rows[9]["repair_point"] = ""
    sheet.rows[19]["quantity"] = "-1"
    sheet.rows[29] |= {"order": "N-1", "latest": "11:00"}

    report = sheet.run()

    assert report.fates == {Fate.CREATED: 117, Fate.REFUSED: 3}
    assert {(f.row, f.column, f.code) for f in report.faults} == {
        (11, "repair_point", "missing_value"),
        (21, "quantity", "negative_number"),
        (31, "order", "order_number_twice"),
    }
    assert shop.level() == (100, 100)

    # Repaired in the file, which is imported again as a whole.
    sheet.rows[9]["repair_point"] = "本店"
    sheet.rows[19]["quantity"] = "1"
    sheet.rows[29]["order"] = "N-30"
    assert sheet.run().fates == {Fate.CREATED: 3, Fate.UNCHANGED: 117}
    assert _num_orders(shop) == 120
    shops.assert_books_right(shop.db)
    shops.assert_deliveries_bring_what_is_set_aside(shop.db)


def test_order_is_repaired_in_place_and_not_doubled_by_either_file(
    shop: Shop, sheet: Sheet
) -> None:
    sheet.add("N-1", quantity="x")
    report = sheet.run()
    (entry,) = _waiting(shop, report)

    with transaction(shop.db, actor=ACTOR) as session:
        left = imports.repair(session, session.merge(entry), {2: {"quantity": "?"}})
        assert [fault.code for fault in left] == ["bad_number"]
    with transaction(shop.db, actor=ACTOR) as session:
        found = session.get(QuarantinedOrder, entry.id)
        assert found is not None
        assert imports.repair(session, found, {2: {"quantity": "2"}}) == []

    assert _waiting(shop, report) == []
    assert sheet.run().fates == {Fate.REFUSED: 1}
    sheet.rows[0]["quantity"] = "2"
    assert sheet.run().fates == {Fate.UNCHANGED: 1}
    assert _num_orders(shop) == 1


def test_repaired_order_is_not_repaired_again(shop: Shop, sheet: Sheet) -> None:
    sheet.add("N-1", quantity="0")
    (entry,) = _waiting(shop, sheet.run())
    with transaction(shop.db, actor=ACTOR) as session:
        entry = session.merge(entry)
        imports.repair(session, entry, {2: {"quantity": "2"}})
        with pytest.raises(Conflict, match="already_repaired"):
            imports.repair(session, entry, {})


def test_bad_rows_wait_once_however_often_they_come(shop: Shop, sheet: Sheet) -> None:
    sheet.add("N-1", quantity="x")
    first, second = sheet.run(), sheet.run()

    assert (len(_waiting(shop, first)), len(_waiting(shop, second))) == (1, 0)


def test_rows_of_one_number_are_one_order(shop: Shop, sheet: Sheet) -> None:
    sheet.add("N-1", quantity=2)
    sheet.add("N-1", part="2", quantity=3)

    assert sheet.run().fates == {Fate.CREATED: 1}

    with reading(shop.db) as session:
        key = session.scalars(select(Order.id)).one()
        assert [line.quantity for line in orders.get(session, key).lines] == [2, 3]


def test_bad_line_keeps_its_whole_order_back(shop: Shop, sheet: Sheet) -> None:
    sheet.add("N-1")
    sheet.add("N-1", part="unknown")

    assert sheet.run().fates == {Fate.REFUSED: 1}
    assert _num_orders(shop) == 0


def test_dry_run_tells_all_and_does_nothing(shop: Shop, sheet: Sheet) -> None:
    sheet.add("N-1")
    sheet.add("N-2", customer="nobody")
    written, _ = sheet.written()

    with reading(shop.db) as session:
        report = imports.try_out(session, written, mode=Mode.CREATE)

    assert report.fates == {Fate.CREATED: 1, Fate.REFUSED: 1}
    assert [fault.code for fault in report.faults] == ["unknown_customer"]
    assert _num_orders(shop) == 0


@pytest.mark.parametrize(
    ("mode", "fates", "codes"),
    [
        (Mode.CREATE, {Fate.CREATED: 1, Fate.REFUSED: 1}, ["order_differs"]),
        (Mode.UPDATE, {Fate.UPDATED: 1, Fate.REFUSED: 1}, ["order_unknown"]),
        (Mode.MERGE, {Fate.CREATED: 1, Fate.UPDATED: 1}, []),
    ],
)
def test_mode_says_what_may_be_done(
    shop: Shop, sheet: Sheet, mode: Mode, fates: dict[Fate, int], codes: list[str]
) -> None:
    sheet.add("N-1", quantity=2)
    sheet.run()
    sheet.rows[0]["quantity"] = "5"
    sheet.add("N-2")

    report = sheet.run(mode)

    assert report.fates == fates
    assert [fault.code for fault in report.faults] == codes
    wanted = 5 if mode != Mode.CREATE else 2
    assert sum(shop_waits(shop).values()) == wanted + (mode != Mode.UPDATE)


def shop_waits(shop: Shop) -> Counter[str]:
    return Counter({"1": shops.waiting(shop, shop.part)})


def test_import_is_undone_and_can_be_imported_again(shop: Shop, sheet: Sheet) -> None:
    shop.receive(5)
    sheet.add("N-1", quantity=2)
    report = sheet.run()
    assert report.import_id

    assert [one.why_kept for one in imports.undo(shop.db, report.import_id, actor=ACTOR)] == [""]

    assert shop.level() == (5, 0)
    assert sheet.run().fates == {Fate.CREATED: 1}
    with pytest.raises(Conflict, match="already_undone"):
        imports.undo(shop.db, report.import_id, actor=ACTOR)


def test_undoing_leaves_what_was_touched_and_says_why(shop: Shop, sheet: Sheet) -> None:
    shop.receive(9)
    for n in range(1, 4):
        sheet.add(f"N-{n}")
    report = sheet.run()
    assert report.import_id
    with transaction(shop.db, actor=ACTOR) as session:
        first, second, _ = session.scalars(select(Order).order_by(Order.number)).all()
        changes.change(session, orders.get(session, first.id), {"priority": 1})
        planned = update(Delivery).where(Delivery.order_id == second.id)
        session.execute(planned.values({"status": "planned"}))

    told = imports.undo(shop.db, report.import_id, actor=ACTOR)

    assert {one.number: one.why_kept for one in told} == {
        "N-1": "it was changed since",
        "N-2": "its delivery is planned, or further",
        "N-3": "",
    }
    assert shop.level() == (9, 2)


def test_undone_update_says_again_what_it_said_before(shop: Shop, sheet: Sheet) -> None:
    shop.receive(9)
    sheet.add("N-1", quantity=2, latest="11:00")
    sheet.run()
    sheet.rows[0] |= {"quantity": "5", "latest": "12:00"}
    report = sheet.run(Mode.MERGE)
    assert report.import_id

    imports.undo(shop.db, report.import_id, actor=ACTOR)

    assert shop.level() == (9, 2)
    with reading(shop.db) as session:
        latest = session.scalars(select(Order.latest_at)).one()
        assert latest == datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_chinese_workbook_is_read_like_a_csv_file(shop: Shop, sheet: Sheet, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "orders"
    page.append(["订单号", "客户编号", "仓库", "维修点", "品牌", "配件号", "数量", "日期", "最晚"])
    row = [*sheet.usual.values()][:-1]
    page.append(
        ["N-1", *row[1:-1], 2, datetime(2026, 3, 3, tzinfo=UTC).replace(tzinfo=None), "10:30"]
    )
    book.save(tmp_path / "orders.xlsx")
    written, lost = order_rows.read(tmp_path / "orders.xlsx")

    report = imports.run(shop.db, written, name="x", mode=Mode.CREATE, actor=ACTOR)

    assert (report.fates, lost) == ({Fate.CREATED: 1}, [])
    with reading(shop.db) as session:
        order = session.scalars(select(Order)).one()
        assert order.latest_at == datetime(2026, 3, 3, 2, 30, tzinfo=UTC)
        assert order.earliest_at == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_file_without_a_needed_column_is_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("order,part\nN-1,1\n", encoding="utf-8")

    with pytest.raises(BadDay) as refused:
        order_rows.read(tmp_path / "a.csv")

    assert {fault.column for fault in refused.value.faults} == {"customer", "depot", "quantity"}


def test_order_says_the_same_whatever_order_its_columns_have(sheet: Sheet) -> None:
    sheet.add("N-1")
    (one,), _ = sheet.written()
    turned = replace(one.rows[0], cells=dict(reversed(list(one.rows[0].cells.items()))))

    assert replace(one, rows=(turned,)).content_hash == one.content_hash
