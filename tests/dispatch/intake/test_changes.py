from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

from dispatch.intake import changes, orders
from dispatch.intake.changes import Changes
from dispatch.intake.deliveries import Delivery, DeliveryLine
from dispatch.intake.orders import Wanted
from dispatch.stock.reservations import Reservation
from dispatch.store import events, keys
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid, NotFound
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def _change(shop: Shop, order_id: UUID, wanted: Changes) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        changes.change(session, orders.get(session, order_id), wanted)


def _brought(shop: Shop, order_id: UUID) -> dict[str, list[int]]:
    query = (
        select(Delivery.status, DeliveryLine.quantity)
        .outerjoin(DeliveryLine)
        .where(Delivery.order_id == order_id)
        .order_by(Delivery.id)
    )
    found: dict[str, list[int]] = {}
    with reading(shop.db) as session:
        for status, quantity in session.execute(query):
            found.setdefault(status, []).extend([quantity] if quantity else [])
    return found


def _mark(shop: Shop, order_id: UUID, status: str) -> None:
    """Put an order's deliveries in a state that only the day on the road leads to."""
    with transaction(shop.db, actor=ACTOR) as session:
        wanted = update(Delivery).where(Delivery.order_id == order_id)
        session.execute(wanted.values({"status": status}))


def test_lower_quantity_gives_back_what_is_too_much(shop: Shop) -> None:
    shop.receive(10)
    order = shop.order(8)

    _change(shop, order, {"lines": [Wanted(shop.part, 3)]})

    assert shop.level() == (10, 3)
    assert _brought(shop, order) == {"pending": [3]}
    shops.assert_books_right(shop.db)


def test_what_is_given_back_goes_to_who_waits(shop: Shop) -> None:
    shop.receive(10)
    order, other = shop.order(8), shop.order(5)

    _change(shop, order, {"lines": [Wanted(shop.part, 4)]})

    assert shop.of(other) == {"reserved": 5}
    assert sum(_brought(shop, other)["pending"]) == 5
    assert shop.level() == (10, 9)


def test_what_waits_is_given_up_before_what_is_set_aside(shop: Shop) -> None:
    shop.receive(3)
    order = shop.order(5)

    _change(shop, order, {"lines": [Wanted(shop.part, 3)]})

    assert shop.of(order) == {"reserved": 3, "released": 2}


def test_higher_quantity_sets_more_aside_and_waits_for_the_rest(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(3)

    _change(shop, order, {"lines": [Wanted(shop.part, 9)]})

    assert shop.of(order) == {"reserved": 5, "waiting": 4}
    assert _brought(shop, order) == {"pending": [5]}


def test_line_is_added_and_another_taken_out(shop: Shop) -> None:
    shop.receive(5)
    shop.receive(5, part=shop.other_part)
    order = shop.order(3)

    _change(shop, order, {"lines": [Wanted(shop.other_part, 2)]})

    assert (shop.level(), shop.level(shop.other_part)) == ((5, 0), (5, 2))
    with reading(shop.db) as session:
        lines = orders.get(session, order).lines
        assert [(line.position, line.quantity) for line in lines] == [(1, 0), (2, 2)]
    shops.assert_books_right(shop.db)


def test_line_that_was_taken_out_comes_back(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(3, 1)

    _change(shop, order, {"lines": [Wanted(shop.other_part, 1)]})
    _change(shop, order, {"lines": [Wanted(shop.part, 2), Wanted(shop.other_part, 1)]})

    assert shop.level() == (5, 2)
    shops.assert_books_right(shop.db)


def test_later_wish_does_not_overtake_who_waits(shop: Shop) -> None:
    shop.receive(2)
    early = shop.order(2)
    late = shop.order(3)

    _change(shop, early, {"lines": [Wanted(shop.part, 4)]})
    shop.receive(3)

    assert shop.of(late) == {"reserved": 3}
    assert shop.of(early) == {"reserved": 2, "waiting": 2}


def test_placed_order_is_changed_without_setting_aside(shop: Shop) -> None:
    shop.receive(5)
    order = shop.place(3)

    _change(shop, order, {"lines": [Wanted(shop.part, 4)], "priority": 2})

    assert shop.level() == (5, 0)
    assert shop.accept(order) == [("reserved", 4)]


def test_more_urgent_order_is_served_first(shop: Shop) -> None:
    first, second = shop.order(2), shop.order(2)

    _change(shop, second, {"priority": 5})
    shop.receive(2)

    assert (shop.of(first), shop.of(second)) == ({"waiting": 2}, {"reserved": 2})


def test_change_of_the_window_is_told_to_who_planned(shop: Shop) -> None:
    shop.receive(1)
    order = shop.order(1)

    _change(shop, order, {"latest_at": datetime(2026, 3, 2, 12, tzinfo=UTC)})

    with reading(shop.db) as session:
        delivery = session.scalars(select(Delivery)).one()
        assert events.of(session, delivery.id)[-1].kind == "delivery.changed"
        assert delivery.version == 2
        changed = events.of(session, order)[-1].data
        assert changed == {"latest_at": {"from": None, "to": "2026-03-02T12:00:00+00:00"}}


def test_order_that_is_to_be_collected_instead_has_no_delivery(shop: Shop) -> None:
    shop.receive(3)
    order = shop.order(2)

    _change(shop, order, {"repair_point_id": None, "lines": [Wanted(shop.part, 3)]})
    assert _brought(shop, order) == {"cancelled": [2]}

    _change(shop, order, {"repair_point_id": shop.repair_point, "lines": [Wanted(shop.part, 1)]})
    assert _brought(shop, order) == {"cancelled": [2], "pending": [1]}
    assert shop.level() == (3, 1)


@pytest.mark.parametrize("status", ["loaded", "en_route", "delivered", "failed"])
def test_order_whose_goods_have_left_is_neither_changed_nor_cancelled(
    shop: Shop, status: str
) -> None:
    shop.receive(5)
    order = shop.order(3)
    _mark(shop, order, status)

    with pytest.raises(Conflict, match=f"goods_left.*{status}"):
        _change(shop, order, {"priority": 1})
    with pytest.raises(Conflict, match="goods_left"):
        shop.cancel(order)

    assert shop.level() == (5, 3)


def test_planned_delivery_may_still_be_changed(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(3)
    _mark(shop, order, "planned")

    _change(shop, order, {"lines": [Wanted(shop.part, 1)]})

    assert _brought(shop, order) == {"planned": [1]}


def test_picked_goods_are_not_given_back(shop: Shop) -> None:
    shop.receive(5)
    order = shop.order(3)
    with transaction(shop.db, actor=ACTOR) as session:
        session.execute(update(Reservation).values({"status": "picked"}))

    with pytest.raises(Conflict, match="already_picked"):
        _change(shop, order, {"lines": [Wanted(shop.part, 1)]})


def test_cancelled_order_is_not_changed(shop: Shop) -> None:
    order = shop.order(3)
    shop.cancel(order)

    with pytest.raises(Conflict, match="order_closed"):
        _change(shop, order, {"priority": 1})


@pytest.mark.parametrize(
    ("wanted", "family", "code"),
    [
        ({"lines": []}, Invalid, "no_lines"),
        ({"lines": [Wanted(keys.new(), 1)]}, NotFound, "not_found"),
        ({"repair_point_id": keys.new()}, NotFound, "not_found"),
        (
            {
                "earliest_at": datetime(2026, 3, 2, tzinfo=UTC),
                "latest_at": datetime(2026, 3, 1, tzinfo=UTC),
            },
            Invalid,
            "window_reversed",
        ),
    ],
)
def test_change_without_sense_is_refused(
    shop: Shop, wanted: Changes, family: type[Exception], code: str
) -> None:
    order = shop.order(1)

    with pytest.raises(family, match=code):
        _change(shop, order, wanted)
