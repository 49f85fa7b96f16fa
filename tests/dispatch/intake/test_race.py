"""What several do at once, on real threads and real databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from dispatch.intake.orders import Order
from dispatch.store.database import Database, transaction
from dispatch.store.errors import Conflict
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

CLIENTS = 50


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def _at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Run acts on threads that all begin together; return what came of each, errors as well."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _accepting(shop: Shop, order_id: UUID) -> Callable[[], object]:
    return lambda: tuple(shop.accept(order_id))


def test_s31_fifty_orders_at_once_for_the_last_twenty(shop: Shop) -> None:
    shop.receive(20)
    placed = [shop.place(1) for _ in range(CLIENTS)]

    became = Counter(_at_once([_accepting(shop, order_id) for order_id in placed]))

    assert became == {(("reserved", 1),): 20, (("waiting", 1),): 30}
    assert shop.level() == (20, 20)
    shops.assert_books_right(shop.db)


def test_orders_of_two_parts_in_either_order_do_not_block_each_other(shop: Shop) -> None:
    shop.receive(30)
    shop.receive(30, part=shop.other_part)
    placed = [shop.place(1, 1) for _ in range(20)]

    became = _at_once([_accepting(shop, order_id) for order_id in placed])

    assert became == [(("reserved", 1), ("reserved", 1))] * 20


def test_receipts_and_orders_at_once_leave_nobody_waiting_beside_stock(shop: Shop) -> None:
    placed = [shop.place(2) for _ in range(20)]
    acts = [_accepting(shop, order_id) for order_id in placed]
    acts += [lambda: shop.receive(4)] * 10

    _at_once(acts)

    assert shop.level() == (40, 40)
    assert all(shop.of(order_id) == {"reserved": 2} for order_id in placed)
    shops.assert_books_right(shop.db)


def test_cancelling_and_receiving_at_once_keeps_the_books(shop: Shop) -> None:
    accepted = [shop.order(2) for _ in range(16)]
    acts: list[Callable[[], object]] = [
        lambda order_id=order_id: shop.cancel(order_id)  # type: ignore[misc]
        for order_id in accepted[::2]
    ]
    acts += [lambda: shop.receive(2)] * 8

    _at_once(acts)

    assert shop.level() == (16, 16)
    assert all(shop.of(order_id) == {"released": 2} for order_id in accepted[::2])
    assert all(shop.of(order_id) == {"reserved": 2} for order_id in accepted[1::2])
    shops.assert_books_right(shop.db)


def test_changing_cancelling_and_receiving_at_once_keeps_the_books(shop: Shop) -> None:
    accepted = [shop.order(2, 1) for _ in range(18)]
    acts: list[Callable[[], object]] = []
    for n, order_id in enumerate(accepted):
        first, second = (n % 4, 3 - n % 3)
        acts.append(lambda o=order_id, a=first, b=second: shop.change(o, a, b))  # type: ignore[misc]
        if n % 3 == 0:
            acts.append(lambda o=order_id: shop.cancel(o))  # type: ignore[misc]
    acts += [lambda: shop.receive(3)] * 6
    acts += [lambda: shop.receive(2, part=shop.other_part)] * 6

    codes = {became for became in _at_once(acts) if isinstance(became, str)}

    assert codes <= {"order_closed"}
    shops.assert_books_right(shop.db)
    shops.assert_deliveries_bring_what_is_set_aside(shop.db)
    for part in (shop.part, shop.other_part):
        on_hand, reserved = shop.level(part)
        assert on_hand == reserved or shops.waiting(shop, part) == 0


def test_order_accepted_twice_at_once_is_accepted_once(shop: Shop) -> None:
    shop.receive(10)
    order = shop.place(3)

    became = _at_once([_accepting(shop, order)] * 8)

    assert Counter(became) == {(("reserved", 3),): 1, "wrong_state": 7}
    assert shop.level() == (10, 3)


def test_second_of_two_editors_of_one_row_is_refused(shop: Shop) -> None:
    order_id = shop.place(1)
    read = Barrier(2)

    def edit(priority: int) -> None:
        with transaction(shop.db, actor=ACTOR) as session:
            order = session.get(Order, order_id)
            assert order is not None
            order.priority = priority
            read.wait(timeout=10)

    if shop.db.is_sqlite:
        pytest.skip("one after the other: the second waits before it reads")

    assert Counter(_at_once([lambda: edit(1), lambda: edit(2)])) == {
        None: 1,
        "changed_meanwhile": 1,
    }


def test_edit_of_what_was_read_before_another_edit_is_refused(shop: Shop) -> None:
    order_id = shop.place(1)
    with transaction(shop.db, actor=ACTOR) as session:
        stale = session.get(Order, order_id)
    with transaction(shop.db, actor=ACTOR) as session:
        first = session.get(Order, order_id)
        assert first is not None
        first.priority = 1

    assert stale is not None
    stale.priority = 2
    with pytest.raises(Conflict, match="changed_meanwhile"):  # noqa: SIM117
        with transaction(shop.db, actor=ACTOR) as session:
            session.add(stale)
