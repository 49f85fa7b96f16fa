"""Vans that are loaded: each delivery leaves once, with what is its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatch.intake import changes, orders, warehouse
from dispatch.intake.deliveries import Delivery
from dispatch.stock import picking
from dispatch.stock.reservations import Reservation
from dispatch.store import clock, states
from dispatch.store.database import Database, reading, retried, transaction
from dispatch.store.errors import Conflict
from dispatch.warehouse import loading, parcels
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def _pick(shop: Shop) -> None:
    today = clock.now().date()
    with transaction(shop.db, actor=ACTOR) as session:
        query = select(Reservation.id).where(Reservation.status == "reserved")
        for one in session.scalars(query.order_by(Reservation.id)).all():
            picking.pick_all(session, one, today=today)


def _deliveries(shop: Shop, order: UUID) -> list[UUID]:
    query = select(Delivery.id).where(Delivery.order_id == order)
    with reading(shop.db) as session:
        return list(session.scalars(query.order_by(Delivery.id)))


def _in_two(shop: Shop) -> tuple[UUID, list[UUID]]:
    """Return an order of three of one part, and its deliveries of one and of two."""
    order = shop.order(3)
    shop.receive(1)
    with transaction(shop.db, actor=ACTOR) as session:
        states.step(session, session.scalars(select(Delivery)).one(), "plan")
    shop.receive(2)
    _pick(shop)
    return order, _deliveries(shop, order)


@pytest.mark.parametrize("turn", [(0, 1), (1, 0)])
def test_two_deliveries_of_one_line_leave_in_either_order(shop: Shop, turn: Sequence[int]) -> None:
    order, both = _in_two(shop)

    for each in turn:
        with transaction(shop.db, actor=ACTOR) as session:
            warehouse.ship(session, both[each], van="V")

    assert shop.of(order) == {"shipped": 3}
    shops.assert_books_right(shop.db)


def test_delivery_leaves_with_its_own_parcels_and_not_with_those_of_another(shop: Shop) -> None:
    _, (first, second) = _in_two(shop)
    with transaction(shop.db, actor=ACTOR) as session:
        delivery = session.get_one(Delivery, second)
        *_, larger = sorted(parcels.to_pack(session, delivery), key=lambda one: one.quantity)
        packed = parcels.pack(session, second, {larger.id: 2})
        inside = [one.id for one in parcels.inside(session, [packed.id])]

    with transaction(shop.db, actor=ACTOR) as session:
        loading.load(session, [first], [], van="V")

    with reading(shop.db) as session:
        assert [session.get_one(Reservation, one).status for one in inside] == ["picked"]
    with transaction(shop.db, actor=ACTOR) as session:
        loading.load(session, [second], [packed.number], van="V")
    assert shop.level() == (0, 0)


def test_delivery_that_two_load_at_once_leaves_once(shop: Shop) -> None:
    shop.receive(4)
    both = [shop.order(2), shop.order(2)]
    _pick(shop)
    ids = [each for order in both for each in _deliveries(shop, order)]

    def load(turn: int) -> str:
        wanted = ids if turn % 2 else ids[::-1]
        try:
            retried(
                shop.db,
                lambda session: loading.load(session, wanted, [], van=f"V-{turn}"),
                actor=ACTOR,
            )
        except Conflict as error:
            return error.code
        return "loaded"

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(load, range(4)))

    assert told == ["loaded", "wrong_state", "wrong_state", "wrong_state"]
    assert shop.level() == (0, 0)
    shops.assert_books_right(shop.db)


def test_order_that_was_handed_over_is_neither_changed_nor_cancelled(shop: Shop) -> None:
    shop.receive(2)
    order = shop.place(2, pickup=True)
    shop.accept(order)
    _pick(shop)
    with transaction(shop.db, actor=ACTOR) as session:
        warehouse.hand_over(session, order)

    with pytest.raises(Conflict, match="goods_left"):
        shop.cancel(order)
    with (
        pytest.raises(Conflict, match="goods_left"),
        transaction(shop.db, actor=ACTOR) as session,
    ):
        changes.change(session, orders.get(session, order), {"priority": 5})

    assert shop.of(order) == {"shipped": 2}
