from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from dispatch.catalogue import hazards, numbers
from dispatch.intake import warehouse
from dispatch.intake.deliveries import Delivery, DeliveryLine
from dispatch.intake.orders import Order
from dispatch.reports import labels
from dispatch.stock.receiving import Goods, take_in
from dispatch.stock.reservations import Reservation
from dispatch.store import clock, events
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid
from dispatch.warehouse import parcels, pick_lists
from dispatch.warehouse.pick_lists import PickTask, Scan
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

TODAY = date(2026, 3, 2)


@pytest.fixture
def shop(db: Database) -> Iterator[Shop]:
    """Return a firm whose clock goes on from the morning of that day."""
    behind = datetime.now(UTC) - datetime(2026, 3, 2, 1, tzinfo=UTC)
    with clock.replaced(lambda: datetime.now(UTC) - behind):
        yield shops.opened(db)


def _receive(shop: Shop, *goods: Goods) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        take_in(session, shop.depot, goods, supplier="S", document="D")


def _list(shop: Shop, *orders: UUID) -> list[PickTask]:
    with transaction(shop.db, actor=ACTOR) as session:
        made = pick_lists.make(session, shop.depot, orders, wave="1", route="R-1", today=TODAY)
        return pick_lists.tasks(session, made.id)


def _scan(shop: Shop, task: PickTask, number: str, lot: str | None = None, n: int = 1) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        pick_lists.scan(session, task.id, Scan(number, lot, n))


def _short(shop: Shop, task: PickTask) -> int:
    with transaction(shop.db, actor=ACTOR) as session:
        return pick_lists.short(session, task.id, document="short", today=TODAY)


def _brought(shop: Shop) -> list[int]:
    query = select(DeliveryLine.quantity).join(Delivery, Delivery.id == DeliveryLine.delivery_id)
    with reading(shop.db) as session:
        return list(session.scalars(query.where(Delivery.status == "pending")))


def test_list_leads_through_the_bins_in_order_and_takes_what_expires_first(shop: Shop) -> None:
    _receive(
        shop,
        Goods(shop.part, 5, "C-01"),
        Goods(shop.other_part, 5, "A-01"),
        Goods(shop.lot_part, 1, "B-02", "late", TODAY + timedelta(days=9)),
        Goods(shop.lot_part, 1, "B-01", "soon", TODAY + timedelta(days=1)),
    )
    first, second = shop.order(2, 1, 1), shop.order(1, 0, 1)

    found = _list(shop, first, second)

    assert [task.bin for task in found] == ["A-01", "B-01", "B-02", "C-01", "C-01"]


def test_what_is_on_a_list_is_on_no_other(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(2)
    _list(shop, order)

    assert _list(shop, order) == []


def test_lists_made_at_once_do_not_propose_the_same_goods(shop: Shop) -> None:
    for n in range(6):
        _receive(shop, Goods(shop.part, 1, f"A-{n}"))
    orders = [shop.order(1) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda order: _list(shop, order), orders))

    assert sorted(task.bin for tasks in found for task in tasks) == [f"A-{n}" for n in range(6)]


@pytest.mark.parametrize("number", ["1", " 1 ", "5q0-615"])
def test_scan_picks_by_any_number_of_the_part(shop: Shop, number: str) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        numbers.add(session, shop.part, maker="VW", number="5Q0 615")
    shop.receive(5)
    order = shop.order(2)
    (task,) = _list(shop, order)

    _scan(shop, task, number)
    assert shop.of(order) == {"picked": 1, "reserved": 1}
    _scan(shop, task, number)

    assert shop.of(order) == {"picked": 2}
    with pytest.raises(Conflict, match="task_done"):
        _scan(shop, task, number)
    shops.assert_books_right(shop.db)


@pytest.mark.parametrize(
    ("number", "lot", "n", "code"),
    [
        ("2", "L7", 1, "wrong_part"),
        ("3", "L8", 1, "wrong_lot"),
        ("3", None, 1, "wrong_lot"),
        ("3", "L7", 3, "too_many"),
        ("3", "L7", 0, "too_many"),
    ],
)
def test_wrong_scan_is_refused_and_changes_nothing(
    shop: Shop, number: str, lot: str | None, n: int, code: str
) -> None:
    shop.receive(5, part=shop.lot_part, lot="L7")
    order = shop.order(0, 0, 2)
    (task,) = _list(shop, order)

    with pytest.raises(Invalid, match=code):
        _scan(shop, task, number, lot, n)

    assert shop.of(order) == {"reserved": 2}


def test_order_that_was_cancelled_is_not_picked(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(2)
    (task,) = _list(shop, order)
    shop.cancel(order)

    with pytest.raises(Conflict, match="not_set_aside"):
        _scan(shop, task, "1")


def test_short_pick_sends_the_line_to_another_lot(shop: Shop) -> None:
    _receive(shop, Goods(shop.lot_part, 2, "A-01", "L7"), Goods(shop.lot_part, 5, "A-02", "L8"))
    order = shop.order(0, 0, 2)
    (task,) = _list(shop, order)
    _scan(shop, task, "3", "L7")

    assert _short(shop, task) == 0

    with reading(shop.db) as session:
        found = pick_lists.tasks(session, task.list_id)
    assert [(one.bin, one.left, one.open) for one in found] == [
        ("A-01", 1, False),
        ("A-02", 1, True),
    ]
    _scan(shop, found[1], "3", "L8")
    assert shop.of(order) == {"picked": 2}
    assert _brought(shop) == [2]
    assert shop.level(shop.lot_part) == (6, 2)
    shops.assert_books_right(shop.db)


def test_short_pick_without_another_lot_waits_and_lowers_the_delivery(shop: Shop) -> None:
    shop.receive(3)
    order = shop.order(3)
    (task,) = _list(shop, order)
    _scan(shop, task, "1")

    assert _short(shop, task) == 2

    assert shop.of(order) == {"picked": 1, "waiting": 2}
    assert _brought(shop) == [1]
    assert shop.level() == (1, 1)
    with reading(shop.db) as session:
        delivery = session.scalars(select(Delivery.id)).one()
        told = [event.kind for event in events.of(session, delivery, task.id, shop.part)]
    assert told[-3:] == ["stock.counted", "delivery.lowered", "pick_task.short"]
    shops.assert_books_right(shop.db)


def _picked(shop: Shop, quantity: int = 3) -> tuple[UUID, UUID]:
    """Return a delivery and its picked reservation."""
    shop.receive(quantity)
    order = shop.order(quantity)
    (task,) = _list(shop, order)
    _scan(shop, task, "1", n=quantity)
    with reading(shop.db) as session:
        delivery = session.scalars(select(Delivery.id).where(Delivery.order_id == order)).one()
        one = session.scalars(select(Reservation.id).where(Reservation.order_id == order)).one()
        return delivery, one


def _pack(shop: Shop, delivery: UUID, contents: dict[UUID, int]) -> str:
    with transaction(shop.db, actor=ACTOR) as session:
        return parcels.pack(session, delivery, contents).number


def test_picked_goods_are_packed_into_numbered_parcels(shop: Shop) -> None:
    delivery, one = _picked(shop)

    assert [_pack(shop, delivery, {one: n}) for n in (2, 1)] == ["A-1-P1", "A-1-P2"]


@pytest.mark.parametrize("number", ["订单 7", "a-1", "A" * 40])
def test_number_that_bars_cannot_tell_gives_way_to_the_delivery(shop: Shop, number: str) -> None:
    delivery, one = _picked(shop)
    with transaction(shop.db, actor=ACTOR) as session:
        session.scalars(select(Order)).one().number = number

    packed = _pack(shop, delivery, {one: 1})

    assert packed == f"D{delivery.hex[-12:].upper()}-P1"
    label = labels.Label(packed, number, "王记汽修", "", 1)
    assert labels.labels([label]).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("quantity", "code"), [(4, "too_many"), (0, "too_many"), (None, "empty_parcel")]
)
def test_parcel_without_sense_is_refused(shop: Shop, quantity: int | None, code: str) -> None:
    delivery, one = _picked(shop)

    with pytest.raises(Invalid, match=code):
        _pack(shop, delivery, {} if quantity is None else {one: quantity})


def test_goods_are_not_packed_twice_or_for_another_or_before_they_are_picked(shop: Shop) -> None:
    delivery, one = _picked(shop)
    _pack(shop, delivery, {one: 3})
    other_delivery, _ = _picked(shop)
    shop.receive(1)
    shop.order(1)
    with reading(shop.db) as session:
        raw = session.scalars(select(Reservation.id).where(Reservation.status == "reserved")).one()

    with pytest.raises(Invalid, match="too_many"):
        _pack(shop, delivery, {one: 1})
    with pytest.raises(Invalid, match="wrong_delivery"):
        _pack(shop, other_delivery, {one: 1})
    with pytest.raises(Conflict, match="not_picked"):
        _pack(shop, delivery, {raw: 1})


def test_load_check_tells_what_is_missing_and_what_is_strange(shop: Shop) -> None:
    first, one = _picked(shop)
    for n in (1, 2):
        _pack(shop, first, {one: n})
    second, other = _picked(shop)
    _pack(shop, second, {other: 3})

    with reading(shop.db) as session:
        check = parcels.check_load(session, [first], ["a-1-p1 ", "A-2-P1", "X"])
        right = parcels.check_load(session, [first], ["A-1-P2", "A-1-P1", "A-1-P1"])
    assert (check.found, check.missing, check.strange) == (
        ["A-1-P1"],
        ["A-1-P2"],
        ["A-2-P1", "X"],
    )
    assert not check.right
    assert right.right


def test_packed_delivery_is_shipped(shop: Shop) -> None:
    delivery, one = _picked(shop)
    _pack(shop, delivery, {one: 3})

    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.ship(session, delivery, van="V-1")

    assert shop.level() == (0, 0)


def test_labels_have_number_customer_and_dangerous_goods(shop: Shop) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        hazards.declare(session, shop.part, un_number="3268", hazard_class="9")
    delivery, one = _picked(shop)
    for n in (1, 2):
        _pack(shop, delivery, {one: n})

    with reading(shop.db) as session:
        made = labels.labels(labels.of_deliveries(session, [delivery], route="R-1"))
    pages = [page.extract_text() for page in PdfReader(BytesIO(made)).pages]
    assert len(pages) == 2
    for words in ("A-1-P1", "王记汽修", "南路1号", "R-1", "UN 3268"):
        assert words in pages[0]
    assert "A-1-P2" in pages[1]
