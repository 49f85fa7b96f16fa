"""What has expired is on hand, and nobody is promised any of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatch.catalogue.depots import Depot
from dispatch.intake import goods_in, warehouse
from dispatch.stock import availability, corrections, levels, picking, transfers
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import Lot, Place
from dispatch.stock.picking import Grab
from dispatch.stock.receiving import Goods
from dispatch.stock.reservations import Reservation
from dispatch.store import clock
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

TODAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)


class Day:
    """The clock of the firm, which goes on from a moment."""

    def __init__(self) -> None:
        self.behind = datetime.now(UTC) - MORNING

    def now(self) -> datetime:
        return datetime.now(UTC) - self.behind

    def pass_by(self, days: int) -> None:
        self.behind -= timedelta(days=days)


@pytest.fixture
def day() -> Iterator[Day]:
    day = Day()
    with clock.replaced(day.now):
        yield day


@pytest.fixture
def shop(db: Database, day: Day) -> Shop:
    return shops.opened(db)


def _receive(
    shop: Shop, quantity: int, lot: str, expires_on: date, depot: UUID | None = None
) -> None:
    goods = [Goods(shop.lot_part, quantity, f"B-{lot}", lot, expires_on)]
    with transaction(shop.db, actor=ACTOR) as session:
        goods_in.receive(session, depot or shop.depot, goods, supplier="S", document="D")


def _place(shop: Shop, lot: str) -> Place:
    with reading(shop.db) as session:
        lot_id = session.scalars(select(Lot.id).where(Lot.number == lot)).one()
    return Place(Shelf(shop.depot, shop.lot_part), f"B-{lot}", lot_id)


def _available(shop: Shop) -> tuple[int, int]:
    with reading(shop.db) as session:
        (row,) = availability.of_part(session, shop.lot_part)
        return row.available, row.expired


def test_expired_lot_is_not_promised_and_told_as_expired(shop: Shop) -> None:
    _receive(shop, 5, "old", TODAY - timedelta(days=1))
    _receive(shop, 2, "good", TODAY)

    order = shop.order(0, 0, 4)

    assert shop.of(order) == {"reserved": 2, "waiting": 2}
    assert _available(shop) == (0, 5)
    assert shop.level(shop.lot_part) == (7, 2)


def test_lot_expires_by_the_calendar_of_its_depot(shop: Shop) -> None:
    _receive(shop, 5, "old", TODAY - timedelta(days=1))
    west = datetime(2026, 3, 2, 1, tzinfo=UTC).astimezone().tzinfo
    assert west is not None

    with transaction(shop.db, actor=ACTOR) as session:
        session.get_one(Depot, shop.depot).time_zone = "America/Los_Angeles"

    assert _available(shop) == (5, 0)


def test_lot_that_expires_overnight_is_not_promised_any_more(shop: Shop, day: Day) -> None:
    _receive(shop, 5, "L7", TODAY)
    assert _available(shop) == (5, 0)

    day.pass_by(1)

    assert _available(shop) == (0, 5)
    assert shop.of(shop.order(0, 0, 1)) == {"waiting": 1}


def test_goods_that_come_in_expired_serve_nobody(shop: Shop) -> None:
    order = shop.order(0, 0, 3)

    _receive(shop, 5, "old", TODAY - timedelta(days=1))
    assert shop.of(order) == {"waiting": 3}
    _receive(shop, 1, "good", TODAY + timedelta(days=1))

    assert shop.of(order) == {"reserved": 1, "waiting": 2}


def test_what_expires_after_it_was_set_aside_is_not_picked(shop: Shop, day: Day) -> None:
    _receive(shop, 2, "L7", TODAY)
    shop.order(0, 0, 2)
    place = _place(shop, "L7")
    day.pass_by(1)

    with reading(shop.db) as session:
        one = session.scalars(select(Reservation.id)).one()
    with (
        pytest.raises(Conflict, match="lot_expired"),
        transaction(shop.db, actor=ACTOR) as session,
    ):
        picking.pick(session, one, Grab(place, 1))

    with reading(shop.db) as session:
        assert levels.available(session, place.shelf) == -2


def test_scrapping_what_has_expired_takes_nothing_from_orders(shop: Shop) -> None:
    _receive(shop, 5, "old", TODAY - timedelta(days=1))
    _receive(shop, 3, "good", TODAY)
    order = shop.order(0, 0, 3)

    with transaction(shop.db, actor=ACTOR) as session:
        outcome = corrections.scrap(session, _place(shop, "old"), 5, reason="expired")
        warehouse.follow(session, outcome)

    assert shop.of(order) == {"reserved": 3}
    assert _available(shop) == (0, 0)
    shops.assert_books_right(shop.db)


def test_transfer_leaves_what_orders_need_beside_expired_goods(shop: Shop) -> None:
    _receive(shop, 5, "old", TODAY - timedelta(days=1))
    _receive(shop, 3, "good", TODAY)
    shop.order(0, 0, 3)
    wanted = [transfers.Wanted(shop.lot_part, 1)]
    other = shops.other_depot(shop.db)

    with transaction(shop.db, actor=ACTOR) as session:
        moved = transfers.plan(
            session, shop.depot, other, wanted, expected_at=MORNING, document="T"
        )
    with (
        pytest.raises(Conflict, match="out_of_stock"),
        transaction(shop.db, actor=ACTOR) as session,
    ):
        warehouse.send_transfer(session, moved.id, today=TODAY, van="V")


def test_goods_that_expire_on_a_transfer_leave_their_order_waiting(shop: Shop, day: Day) -> None:
    _receive(shop, 3, "L7", TODAY)
    order = shop.order(0, 0, 3)
    other = shops.other_depot(shop.db)
    with transaction(shop.db, actor=ACTOR) as session:
        one = session.scalars(select(Reservation)).one()
        wanted = [transfers.Wanted(one.part_id, 3, one.id)]
        moved = transfers.plan(
            session, shop.depot, other, wanted, expected_at=MORNING, document="T"
        )
        warehouse.send_transfer(session, moved.id, today=TODAY, van="V")
    day.pass_by(1)

    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.receive_transfer(session, moved.id, bin="A")

    assert shop.of(order) == {"waiting": 3}
    shops.assert_books_right(shop.db)


def test_no_order_gets_expired_goods_while_both_come_and_go(shop: Shop) -> None:
    _receive(shop, 3, "good", TODAY)

    def receive(n: int) -> None:
        _receive(shop, 1, f"old-{n}", TODAY - timedelta(days=1))

    def order(_: int) -> UUID:
        return shop.order(0, 0, 1)

    with ThreadPoolExecutor(8) as pool:
        receipts, orders = pool.map(receive, range(12)), pool.map(order, range(12))
        assert len([*receipts, *orders]) == 24

    assert shop.level(shop.lot_part) == (15, 3)
    assert shops.waiting(shop, shop.lot_part) == 9
    shops.assert_books_right(shop.db)


@pytest.mark.parametrize("more", [2, levels.MOST, 10**12])
def test_more_than_can_be_counted_is_refused(shop: Shop, more: int) -> None:
    shop.receive(levels.MOST - 1)
    with pytest.raises(Conflict, match="too_much"):
        shop.receive(more)

    shop.receive(1)

    assert shop.level() == (levels.MOST, 0)
