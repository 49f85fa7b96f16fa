from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.stock import availability
from dispatch.stock.movements import Lot, Movement
from dispatch.store import events, keys
from dispatch.store.database import Database, reading
from dispatch.store.errors import Conflict, Invalid, NotFound
from tests.dispatch import shop as shops
from tests.dispatch.shop import Shop


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def test_goods_go_to_the_more_urgent_then_to_the_older(shop: Shop) -> None:
    old, new, urgent = shop.order(2), shop.order(2), shop.order(2, priority=1)

    shop.receive(3)

    assert shop.of(urgent) == {"reserved": 2}
    assert shop.of(old) == {"reserved": 1, "waiting": 1}
    assert shop.of(new) == {"waiting": 2}


def test_who_was_served_in_part_keeps_the_place_in_the_queue(shop: Shop) -> None:
    old, new = shop.order(2), shop.order(2)

    for _ in range(2):
        shop.receive(1)

    assert (shop.of(old), shop.of(new)) == ({"reserved": 2}, {"waiting": 2})


def test_s32_two_orders_share_a_lot(shop: Shop) -> None:
    shop.receive(2, part=shop.lot_part, lot="L7")

    first, second = shop.order(0, 0, 1), shop.order(0, 0, 1)

    assert (shop.of(first), shop.of(second)) == ({"reserved": 1}, {"reserved": 1})
    assert shop.level(shop.lot_part) == (2, 2)


def test_availability_tells_on_hand_reserved_and_waited_for(shop: Shop) -> None:
    shop.receive(5)
    shop.order(3)

    with reading(shop.db) as session:
        (found,) = availability.of_part(session, shop.part)
        nowhere = availability.of_part(session, shop.part, depot_ids=[])
    assert (found.on_hand, found.reserved, found.available, found.waiting) == (5, 3, 2, 0)
    assert nowhere == []

    shop.order(6)
    with reading(shop.db) as session:
        (found,) = availability.of_part(session, shop.part)
    assert (found.available, found.waiting) == (0, 4)


def test_lot_leads_back_to_its_receipt(shop: Shop) -> None:
    shop.receive(2, part=shop.lot_part, lot="L7")
    shop.receive(3, part=shop.lot_part, lot="L7")
    shop.receive(9, part=shop.lot_part, lot="L8")

    with reading(shop.db) as session:
        query = select(Movement).join(Lot, Lot.id == Movement.lot_id).where(Lot.number == "L7")
        found = session.scalars(query.order_by(Movement.id)).all()
    assert [(one.quantity, one.supplier, one.document) for one in found] == [
        (2, "S", "D"),
        (3, "S", "D"),
    ]


def test_receipt_is_told(shop: Shop) -> None:
    shop.receive(5)

    with reading(shop.db) as session:
        (event,) = events.of(session, shop.part)
    assert (event.kind, event.data["quantity"]) == ("stock.received", 5)


@pytest.mark.parametrize("quantity", [0, -1])
def test_receipt_of_nothing_is_refused(shop: Shop, quantity: int) -> None:
    with pytest.raises(Invalid, match="bad_quantity"):
        shop.receive(quantity)


def test_receipt_of_an_unknown_part_is_refused(shop: Shop) -> None:
    with pytest.raises(NotFound, match="not_found"):
        shop.receive(1, part=keys.new())


def test_tracked_part_without_a_lot_is_refused(shop: Shop) -> None:
    with pytest.raises(Invalid, match="lot_needed"):
        shop.receive(1, part=shop.lot_part)


def test_serial_number_is_one_unit_and_comes_in_once(shop: Shop) -> None:
    with pytest.raises(Conflict, match="serial_twice"):
        shop.receive(2, part=shop.serial_part, lot="SN-1")
    shop.receive(1, part=shop.serial_part, lot="SN-1")

    with pytest.raises(Conflict, match="serial_twice"):
        shop.receive(1, part=shop.serial_part, lot="SN-1")

    assert shop.level(shop.serial_part) == (1, 0)
