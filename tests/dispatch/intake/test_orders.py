from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.intake import orders
from dispatch.intake.deliveries import Delivery, DeliveryLine
from dispatch.intake.orders import NewOrder, Order, Wanted
from dispatch.store import events, keys
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid, NotFound, Refused
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def _brought(shop: Shop, status: str = "pending") -> list[int]:
    query = select(DeliveryLine.quantity).join(Delivery, Delivery.id == DeliveryLine.delivery_id)
    with reading(shop.db) as session:
        return list(session.scalars(query.where(Delivery.status == status)))


def test_accepted_order_has_its_parts_set_aside_and_a_delivery(shop: Shop) -> None:
    shop.receive(10)

    assert shop.accept(shop.place(4)) == [("reserved", 4)]

    assert shop.level() == (10, 4)
    assert _brought(shop) == [4]


def test_placed_order_sets_nothing_aside(shop: Shop) -> None:
    shop.receive(10)

    shop.place(4)

    assert shop.level() == (10, 0)


def test_short_line_is_served_in_part_and_waits_for_the_rest(shop: Shop) -> None:
    shop.receive(3)

    order = shop.order(5)

    assert shop.of(order) == {"reserved": 3, "waiting": 2}
    assert shop.level() == (3, 3)
    assert _brought(shop) == [3]


def test_part_that_the_depot_never_had_is_waited_for(shop: Shop) -> None:
    assert shop.of(shop.order(1)) == {"waiting": 1}
    assert _brought(shop) == []


def test_order_to_collect_has_no_delivery(shop: Shop) -> None:
    shop.receive(1)

    shop.accept(shop.place(1, pickup=True))

    assert _brought(shop) == []


def test_cancelled_order_gives_its_parts_to_who_waits(shop: Shop) -> None:
    shop.receive(5)
    first, second = shop.order(5), shop.order(3)

    shop.cancel(first)

    assert shop.of(first) == {"released": 5}
    assert shop.of(second) == {"reserved": 3}
    assert shop.level() == (5, 3)
    assert (_brought(shop), _brought(shop, "cancelled")) == ([3], [5])


def test_cancelled_order_leaves_the_queue(shop: Shop) -> None:
    order = shop.order(5)

    shop.cancel(order)
    shop.receive(5)

    assert shop.of(order) == {"released": 5}
    assert shop.level() == (5, 0)


def test_order_is_accepted_once(shop: Shop) -> None:
    order = shop.order(1)

    with pytest.raises(Conflict, match="order A-1 is accepted; to accept it, it must be placed"):
        shop.accept(order)


def test_events_tell_the_life_of_an_order(shop: Shop) -> None:
    order = shop.order(1)
    shop.cancel(order)

    with reading(shop.db) as session:
        told = events.of(session, order)
        assert [event.kind for event in told] == [
            "order.placed",
            "order.accepted",
            "order.cancelled",
        ]
        assert {event.actor for event in told} == {ACTOR}
        assert told[-1].data == {"reason": "not needed"}


def _new(shop: Shop, **changes: object) -> NewOrder:
    usual = {
        "number": "B-1",
        "customer_id": shop.customer,
        "depot_id": shop.depot,
        "lines": [Wanted(shop.part, 1)],
    }
    return NewOrder(**{**usual, **changes})  # type: ignore[arg-type]


def test_order_number_is_taken_once(shop: Shop) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        orders.place(session, _new(shop))

    with pytest.raises(Conflict, match="order_number_taken"):  # noqa: SIM117
        with transaction(shop.db, actor=ACTOR) as session:
            orders.place(session, _new(shop))


@pytest.mark.parametrize(
    ("changes", "family", "code"),
    [
        ({"lines": []}, Invalid, "no_lines"),
        ({"lines": [Wanted(keys.new(), 1)]}, NotFound, "not_found"),
        ({"depot_id": keys.new()}, NotFound, "not_found"),
        ({"customer_id": keys.new()}, NotFound, "not_found"),
        ({"repair_point_id": keys.new()}, NotFound, "not_found"),
    ],
)
def test_order_without_sense_is_refused(
    shop: Shop, changes: dict[str, object], family: type[Refused], code: str
) -> None:
    with pytest.raises(family, match=code), transaction(shop.db, actor=ACTOR) as session:
        orders.place(session, _new(shop, **changes))

    with reading(shop.db) as session:
        assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_quantity_without_sense_is_refused(shop: Shop, quantity: int) -> None:
    new = _new(shop, lines=[Wanted(shop.part, quantity)])

    with pytest.raises(Invalid, match="bad_quantity"), transaction(shop.db, actor=ACTOR) as session:
        orders.place(session, new)


def test_unknown_order_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound, match="not_found"), reading(shop.db) as session:
        orders.get(session, keys.new())
