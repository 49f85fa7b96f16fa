from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatch.intake import warehouse
from dispatch.intake.deliveries import Delivery, DeliveryLine
from dispatch.stock import corrections, movements, picking, transfers
from dispatch.stock.corrections import Outcome
from dispatch.stock.levels import Shelf, StockLevel
from dispatch.stock.movements import STAGING, Lot, Movement, Place
from dispatch.stock.picking import Grab
from dispatch.stock.receiving import Goods, take_in
from dispatch.stock.reservations import Reservation
from dispatch.store import clock
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def _reservations(shop: Shop, status: str) -> list[UUID]:
    with reading(shop.db) as session:
        query = select(Reservation.id).where(Reservation.status == status)
        return list(session.scalars(query.order_by(Reservation.id)))


def _pick(shop: Shop) -> None:
    for one in _reservations(shop, "reserved"):
        with transaction(shop.db, actor=ACTOR) as session:
            picking.pick_all(session, one, today=TODAY)


def _deliveries(shop: Shop) -> list[tuple[str, int]]:
    query = (
        select(Delivery.status, DeliveryLine.quantity)
        .outerjoin(DeliveryLine, Delivery.id == DeliveryLine.delivery_id)
        .order_by(Delivery.id)
    )
    with reading(shop.db) as session:
        return [(status, quantity or 0) for status, quantity in session.execute(query)]


def _ship(shop: Shop) -> UUID:
    with transaction(shop.db, actor=ACTOR) as session:
        delivery = session.scalars(select(Delivery.id).where(Delivery.status == "pending")).one()
        warehouse.ship(session, delivery, van="V-1")
        return delivery


def _moved(shop: Shop, kind: str) -> list[tuple[str, int]]:
    query = select(Movement.bin, Movement.quantity).where(Movement.kind == kind)
    with reading(shop.db) as session:
        return [(bin, n) for bin, n in session.execute(query.order_by(Movement.id))]


def _lots_received(shop: Shop, lots: Sequence[tuple[str, int, date | None]]) -> None:
    goods = [Goods(shop.lot_part, n, f"B-{lot}", lot, expires) for lot, n, expires in lots]
    with transaction(shop.db, actor=ACTOR) as session:
        take_in(session, shop.depot, goods, supplier="S", document="D")


def _lots_proposed(shop: Shop, quantity: int) -> list[tuple[str, int]]:
    with transaction(shop.db, actor=ACTOR) as session:
        shelf = Shelf(shop.depot, shop.lot_part)
        grabs = picking.propose(session, shelf, quantity, today=TODAY)
        return [(grab.place.bin, grab.quantity) for grab in grabs]


def test_what_expires_first_is_picked_first_and_what_has_expired_is_not(shop: Shop) -> None:
    _lots_received(
        shop,
        [
            ("never", 5, None),
            ("late", 2, TODAY + timedelta(days=90)),
            ("today", 1, TODAY),
            ("gone", 9, TODAY - timedelta(days=1)),
        ],
    )

    assert _lots_proposed(shop, 5) == [("B-today", 1), ("B-late", 2), ("B-never", 2)]


def test_of_what_never_expires_the_first_that_came_is_picked_first(shop: Shop) -> None:
    _lots_received(shop, [("z", 1, None)])
    _lots_received(shop, [("a", 1, None)])

    assert _lots_proposed(shop, 1) == [("B-z", 1)]


def test_picking_fixes_the_lot_and_moves_the_goods_to_staging(shop: Shop) -> None:
    shop.receive(5, part=shop.lot_part, lot="L7")
    order = shop.order(0, 0, 2)

    _pick(shop)

    assert shop.of(order) == {"picked": 2}
    assert shop.level(shop.lot_part) == (5, 2)
    assert _moved(shop, "pick") == [("A-01", -2), (STAGING, 2)]
    with reading(shop.db) as session:
        one = session.get(Reservation, _reservations(shop, "picked")[0])
        assert one is not None
        assert session.get(Lot, one.lot_id).number == "L7"  # type: ignore[union-attr]
    shops.assert_books_right(shop.db)


def test_line_from_two_lots_is_picked_as_two(shop: Shop) -> None:
    _lots_received(shop, [("a", 1, None), ("b", 1, None)])
    order = shop.order(0, 0, 2)

    _pick(shop)

    assert shop.of(order) == {"picked": 2}
    assert len(_reservations(shop, "picked")) == 2


def test_shipped_goods_are_off_the_books(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(2)
    _pick(shop)

    _ship(shop)

    assert shop.of(order) == {"shipped": 2}
    assert shop.level() == (3, 0)
    assert _deliveries(shop) == [("loaded", 2)]
    with pytest.raises(Conflict, match="goods_left"):
        shop.cancel(order)


def test_s32_orders_that_share_a_lot_ship_one_after_the_other(shop: Shop) -> None:
    shop.receive(2, part=shop.lot_part, lot="L7")
    first, second = shop.order(0, 0, 1), shop.order(0, 0, 1)
    _pick(shop)

    with transaction(shop.db, actor=ACTOR) as session:
        for delivery in session.scalars(select(Delivery.id).order_by(Delivery.id)).all():
            warehouse.ship(session, delivery, van="V-1")

    assert (shop.of(first), shop.of(second)) == ({"shipped": 1}, {"shipped": 1})
    assert shop.level(shop.lot_part) == (0, 0)


def test_delivery_does_not_leave_before_all_of_it_is_picked(shop: Shop) -> None:
    shop.receive(5)
    shop.order(2)

    with pytest.raises(Conflict, match=r"not_picked: delivery .*: 2 are not picked"):
        _ship(shop)


def test_cancelled_order_puts_what_was_picked_back_into_its_bin(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(2)
    _pick(shop)

    shop.cancel(order)

    assert shop.level() == (5, 0)
    assert _moved(shop, "pick") == [("A-01", -2), (STAGING, 2), (STAGING, -2), ("A-01", 2)]
    shops.assert_books_right(shop.db)


def test_returned_goods_serve_who_waits(shop: Shop) -> None:
    shop.receive(2)
    first = shop.order(2)
    _pick(shop)
    _ship(shop)
    second = shop.order(1)

    with transaction(shop.db, actor=ACTOR) as session:
        (shipped,) = _reservations(shop, "shipped")
        warehouse.take_back(session, shipped, 1, bin="R-01", document="RMA 7")

    assert shop.of(first) == {"shipped": 1, "returned": 1}
    assert shop.of(second) == {"reserved": 1}
    assert shop.level() == (1, 1)


@pytest.mark.parametrize("quantity", [0, 3])
def test_no_more_comes_back_than_left(shop: Shop, quantity: int) -> None:
    shop.receive(2)
    shop.order(2)
    _pick(shop)
    _ship(shop)

    (shipped,) = _reservations(shop, "shipped")
    with pytest.raises(Invalid, match="too_many"), transaction(shop.db, actor=ACTOR) as session:
        warehouse.take_back(session, shipped, quantity, bin="R-01", document="RMA 7")


def test_no_more_is_picked_from_a_bin_than_lies_there(shop: Shop) -> None:
    shop.receive(2)
    shop.order(2)
    (one,) = _reservations(shop, "reserved")
    grab = Grab(Place(Shelf(shop.depot, shop.part), "A-02"), 2)

    with pytest.raises(Conflict, match="bin_short"), transaction(shop.db, actor=ACTOR) as session:
        picking.pick(session, one, grab)


def test_order_to_collect_is_handed_over_with_its_lots(shop: Shop) -> None:
    shop.receive(1, part=shop.lot_part, lot="L7")
    order = shop.place(0, 0, 1, pickup=True)
    shop.accept(order)
    _pick(shop)

    with transaction(shop.db, actor=ACTOR) as session:
        (handed,) = warehouse.hand_over(session, order)
        assert handed.lot_id is not None

    assert shop.of(order) == {"shipped": 1}


def _correct(shop: Shop, how: str, *args: object, **words: object) -> Outcome:
    place = Place(Shelf(shop.depot, shop.part), "A-01")
    with transaction(shop.db, actor=ACTOR) as session:
        outcome: Outcome = getattr(corrections, how)(session, place, *args, **words)
        return warehouse.follow(session, outcome)


def test_count_books_the_difference(shop: Shop) -> None:
    shop.receive(10)

    _correct(shop, "count", 8, document="Z-1")
    _correct(shop, "count", 9, document="Z-2")

    assert _moved(shop, "count") == [("A-01", -2), ("A-01", 1)]
    assert shop.level() == (9, 0)


def test_what_moved_after_the_count_is_no_difference(shop: Shop) -> None:
    shop.receive(10)
    counted_at = clock.now()
    shop.order(4)
    _pick(shop)

    _correct(shop, "count", 9, document="Z-1", counted_at=counted_at)

    assert _moved(shop, "count") == [("A-01", -1)]
    assert shop.level() == (9, 4)


def test_who_queues_last_loses_what_is_not_there_after_all(shop: Shop) -> None:
    shop.receive(5)
    first, second = shop.order(3), shop.order(2)

    outcome = _correct(shop, "count", 4, document="Z-1")

    assert [lost.quantity for lost in outcome.lost] == [1]
    assert shop.of(first) == {"reserved": 3}
    assert shop.of(second) == {"reserved": 1, "waiting": 1}
    assert _deliveries(shop) == [("pending", 3), ("pending", 1)]
    shops.assert_books_right(shop.db)


def test_delivery_that_lost_all_it_had_is_cancelled(shop: Shop) -> None:
    shop.receive(2)
    order = shop.order(2)

    _correct(shop, "scrap", 2, reason="fell from the shelf")

    assert shop.of(order) == {"waiting": 2}
    assert _deliveries(shop) == [("cancelled", 0)]


def test_goods_found_serve_who_waits(shop: Shop) -> None:
    order = shop.order(2)

    _correct(shop, "count", 2, document="Z-1")

    assert shop.of(order) == {"reserved": 2}
    assert _deliveries(shop) == [("pending", 2)]


def test_quarantine_is_not_on_hand_until_it_is_released(shop: Shop) -> None:
    shop.receive(5)
    place = Place(Shelf(shop.depot, shop.part), "A-01")
    with transaction(shop.db, actor=ACTOR) as session:
        row, _ = corrections.set_apart(session, place, 2, reason="wet")
    assert shop.level() == (3, 0)

    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.release_quarantine(session, row.id, bin="A-02")

    assert shop.level() == (5, 0)
    shops.assert_books_right(shop.db)


def test_scrap_from_quarantine_stands_in_the_ledger(shop: Shop) -> None:
    shop.receive(5)
    place = Place(Shelf(shop.depot, shop.part), "A-01")
    with transaction(shop.db, actor=ACTOR) as session:
        row, _ = corrections.set_apart(session, place, 2, reason="wet")
        corrections.scrap_apart(session, row, reason="rusted")

    assert shop.level() == (3, 0)
    assert _moved(shop, "scrap") == [("QUARANTINE", -2)]


def test_serial_number_is_not_counted_into_two_bins(shop: Shop) -> None:
    shop.receive(1, part=shop.serial_part, lot="SN-1")

    with transaction(shop.db, actor=ACTOR) as session:
        lot = movements.lot(session, shop.serial_part, "SN-1").id
    place = Place(Shelf(shop.depot, shop.serial_part), "A-02", lot)

    with pytest.raises(Conflict, match="serial_twice"):  # noqa: SIM117
        with transaction(shop.db, actor=ACTOR) as session:
            corrections.count(session, place, 1, document="Z-1")


def test_lot_of_another_part_and_the_staging_bin_are_not_counted(shop: Shop) -> None:
    shop.receive(1, part=shop.lot_part, lot="L7")
    with transaction(shop.db, actor=ACTOR) as session:
        lot = movements.lot(session, shop.lot_part, "L7").id

    shelf = Shelf(shop.depot, shop.part)
    for place, code in ((Place(shelf, "A", lot), "wrong_lot"), (Place(shelf, STAGING), "staging")):
        with pytest.raises(Invalid, match=code), transaction(shop.db, actor=ACTOR) as session:
            corrections.count(session, place, 1, document="Z-1")


def _transfer(shop: Shop, to: UUID, wanted: transfers.Wanted) -> UUID:
    with transaction(shop.db, actor=ACTOR) as session:
        planned = transfers.plan(
            session, shop.depot, to, [wanted], expected_at=NOON, document="T-1"
        )
        return planned.id


def _at(shop: Shop, depot: UUID) -> tuple[int, int]:
    with reading(shop.db) as session:
        level = session.get(StockLevel, (depot, shop.part))
        return (level.on_hand, level.reserved) if level else (0, 0)


def test_goods_on_the_way_are_in_neither_depot(shop: Shop) -> None:
    shop.receive(5)
    other = shops.other_depot(shop.db)
    transfer = _transfer(shop, other, transfers.Wanted(shop.part, 3))
    assert shop.level() == (5, 0)

    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.send_transfer(session, transfer, today=TODAY, van="V-2")
    assert (shop.level(), _at(shop, other)) == ((2, 0), (0, 0))

    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.receive_transfer(session, transfer, bin="B-01")
    assert (shop.level(), _at(shop, other)) == ((2, 0), (3, 0))
    shops.assert_books_right(shop.db)


def test_reservation_goes_along_and_is_set_aside_again(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(4)
    other = shops.other_depot(shop.db)
    (one,) = _reservations(shop, "reserved")
    transfer = _transfer(shop, other, transfers.Wanted(shop.part, 4, one))

    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.send_transfer(session, transfer, today=TODAY, van="V-2")
    assert shop.of(order) == {"in_transit": 4}
    assert shop.level() == (1, 0)
    assert _deliveries(shop) == [("cancelled", 0)]

    with transaction(shop.db, actor=ACTOR) as session:
        (line,) = transfers.lines_of(session, transfer)
        warehouse.receive_transfer(session, transfer, bin="B-01", received={line.id: 3})
    assert shop.of(order) == {"reserved": 3, "waiting": 1}
    assert _at(shop, other) == (3, 3)
    assert _deliveries(shop) == [("cancelled", 0), ("pending", 3)]


def test_order_cancelled_on_the_way_leaves_its_goods_to_others(shop: Shop) -> None:
    shop.receive(4)
    order = shop.order(4)
    other = shops.other_depot(shop.db)
    (one,) = _reservations(shop, "reserved")
    transfer = _transfer(shop, other, transfers.Wanted(shop.part, 4, one))
    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.send_transfer(session, transfer, today=TODAY, van="V-2")

    shop.cancel(order)
    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.receive_transfer(session, transfer, bin="B-01")

    assert shop.of(order) == {"released": 4}
    assert _at(shop, other) == (4, 0)


def test_transfer_of_more_than_is_available_is_refused(shop: Shop) -> None:
    shop.receive(5)
    shop.order(3)
    transfer = _transfer(shop, shops.other_depot(shop.db), transfers.Wanted(shop.part, 3))

    with pytest.raises(Conflict, match="out_of_stock"):  # noqa: SIM117
        with transaction(shop.db, actor=ACTOR) as session:
            warehouse.send_transfer(session, transfer, today=TODAY, van="V-2")


def test_transfer_to_itself_is_refused(shop: Shop) -> None:
    with pytest.raises(Invalid, match="bad_transfer"):
        _transfer(shop, shop.depot, transfers.Wanted(shop.part, 1))
