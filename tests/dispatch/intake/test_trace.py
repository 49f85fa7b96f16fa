from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, select

from dispatch.intake import orders, trace, warehouse
from dispatch.intake.deliveries import Delivery
from dispatch.intake.orders import NewOrder, Wanted
from dispatch.stock import corrections, movements, picking, transfers
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import Place
from dispatch.stock.reservations import Reservation
from dispatch.store.database import Database, reading, transaction
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

TODAY = date(2026, 3, 2)
VIN = "LSVAA4187E2123456"


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def _ordered(shop: Shop) -> None:
    """Have one of the lot shipped for a car."""
    new = NewOrder(
        number="T-1",
        customer_id=shop.customer,
        depot_id=shop.depot,
        lines=[Wanted(shop.lot_part, 1, VIN)],
        repair_point_id=shop.repair_point,
    )
    with transaction(shop.db, actor=ACTOR) as session:
        order = orders.place(session, new)
        orders.accept(session, order)
    with transaction(shop.db, actor=ACTOR) as session:
        (one,) = session.scalars(select(Reservation.id)).all()
        picking.pick_all(session, one, today=TODAY)
        (delivery,) = session.scalars(select(Delivery.id)).all()
        warehouse.ship(session, delivery, van="V-7")


def test_lot_leads_to_every_bin_van_customer_and_car_in_one_query(shop: Shop) -> None:
    shop.receive(5, part=shop.lot_part, lot="L7")
    other = shops.other_depot(shop.db)
    _ordered(shop)
    with transaction(shop.db, actor=ACTOR) as session:
        (lot,) = trace.lots_numbered(session, "L7")
        place = Place(Shelf(shop.depot, shop.lot_part), "A-01", lot.id)
        corrections.scrap(session, place, 1, reason="bent")
        moved = transfers.plan(
            session,
            shop.depot,
            other,
            [transfers.Wanted(shop.lot_part, 1)],
            expected_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
            document="T-9",
        )
        warehouse.send_transfer(session, moved.id, today=TODAY, van="V-2")
        warehouse.receive_transfer(session, moved.id, bin="B-01")

    queries: list[str] = []
    event.listen(
        shop.db.engine, "before_cursor_execute", lambda *args: queries.append(str(args[2]))
    )
    with reading(shop.db) as session:
        trail = trace.forwards(session, lot.id)
    assert len([query for query in queries if query.startswith("SELECT")]) == 1

    assert [(one.kind, one.bin, one.quantity, one.van) for one in trail] == [
        ("receipt", "A-01", 5, None),
        ("pick", "A-01", -1, None),
        ("pick", "PICKED", 1, None),
        ("ship", "PICKED", -1, "V-7"),
        ("scrap", "A-01", -1, None),
        ("transfer_out", "A-01", -1, "V-2"),
        ("transfer_in", "B-01", 1, None),
    ]
    (shipped,) = [one for one in trail if one.kind == "ship"]
    assert (shipped.order, shipped.customer_name, shipped.vin) == ("T-1", "王记汽修", VIN)
    assert shipped.delivery_id is not None
    assert len({one.depot for one in trail}) == 2


def test_lot_order_and_car_lead_back_to_supplier_and_receipt(shop: Shop) -> None:
    shop.receive(5, part=shop.lot_part, lot="L7")
    shop.receive(5, part=shop.lot_part, lot="L8")
    _ordered(shop)

    with reading(shop.db) as session:
        (lot,) = trace.lots_numbered(session, "L7")
        (order_id,) = session.scalars(select(orders.Order.id)).all()
        of_lot = trace.backwards(session, lot.id)
        of_order = trace.behind_order(session, order_id)
        of_car = trace.behind_vin(session, VIN)
        here = trace.behind_vin(session, VIN, depot_ids=[shop.depot])
        elsewhere = trace.behind_vin(session, VIN, depot_ids=[])
    assert [(one.lot, one.supplier, one.document, one.quantity) for one in of_lot] == [
        ("L7", "S", "D", 5)
    ]
    assert of_order == of_car == here == of_lot
    assert elsewhere == []


def test_serial_number_is_traced_like_a_lot(shop: Shop) -> None:
    shop.receive(1, part=shop.serial_part, lot="SN-1")

    with transaction(shop.db, actor=ACTOR) as session:
        serial = movements.lot(session, shop.serial_part, "SN-1")
        assert [one.quantity for one in trace.forwards(session, serial.id)] == [1]
