"""Whatever a warehouse does, in any order: the books are right."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.intake import goods_in, warehouse
from dispatch.intake.deliveries import Delivery
from dispatch.stock import corrections, levels, picking, transfers
from dispatch.stock.corrections import Quarantine
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import STAGING, BinStock, Place
from dispatch.stock.receiving import Goods
from dispatch.stock.reservations import Reservation
from dispatch.stock.transfers import Transfer
from dispatch.store import clock, keys
from dispatch.store.base import Table
from dispatch.store.database import Database, reading, retried
from dispatch.store.errors import Refused
from dispatch.warehouse import loading, parcels
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

TODAY = date(2026, 3, 2)


class Floor:
    """A warehouse floor on which anybody may do anything; refusals are answers as well."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.shop: Shop = shops.opened(db, suffix=f"-{keys.new()}")
        self.other = shops.other_depot(db)
        self.orders: list[UUID] = []
        self.refused: list[str] = []

    def do(self, work: Callable[[Session], object]) -> None:
        try:
            retried(self.db, work, actor=ACTOR)
        except Refused as error:
            self.refused.append(error.code)

    def any_of(self, table: type[Table], n: int, **wanted: str) -> UUID | None:
        """Return the key of some row of this firm."""
        depot = getattr(table, "depot_id", getattr(table, "from_depot_id", None))
        query = select(table.id).filter_by(**wanted)  # type: ignore[attr-defined]
        query = query.where(depot.in_([self.shop.depot, self.other]))  # type: ignore[union-attr]
        with reading(self.db) as session:
            found = sorted(session.scalars(query).all())
        return found[n % len(found)] if found else None

    def order(self, first: int, lots: int, priority: int) -> None:
        if first + lots:
            self.orders.append(self.shop.order(first, 0, lots, priority=priority))

    def cancel(self, n: int) -> None:
        if self.orders:
            order = self.orders[n % len(self.orders)]
            try:
                self.shop.cancel(order)
            except Refused as error:
                self.refused.append(error.code)

    def receive(self, quantity: int, lot: int | None) -> None:
        if lot is None:
            self.shop.receive(quantity)
        elif lot == 0:
            goods = [Goods(self.shop.lot_part, quantity, "OLD", "old", date(2020, 1, 1))]
            self.do(
                lambda session: goods_in.receive(
                    session, self.shop.depot, goods, supplier="S", document="D"
                )
            )
        else:
            self.shop.receive(quantity, part=self.shop.lot_part, lot=f"L{lot}")

    def pick(self, n: int) -> None:
        one = self.any_of(Reservation, n, status="reserved")
        if one:
            self.do(lambda session: picking.pick_all(session, one, today=TODAY))

    def ship(self, n: int) -> None:
        one = self.any_of(Delivery, n, status="pending")
        if one:
            self.do(lambda session: warehouse.ship(session, one, van="V-1"))

    def pack_and_load(self, n: int, quantity: int, missing: bool) -> None:
        """Pack some of a delivery, and load it with or without that parcel."""
        one = self.any_of(Delivery, n, status="pending")
        if one is None:
            return

        def pack(session: Session) -> None:
            delivery = session.get_one(Delivery, one)
            found = parcels.to_pack(session, delivery)
            if found:
                some = min(quantity, found[0].quantity)
                parcels.pack(session, one, {found[0].id: some})

        def load(session: Session) -> None:
            numbers = [parcel.number for parcel in parcels.of_deliveries(session, [one])]
            loading.load(session, [one], numbers[missing:], van="V-3")

        self.do(pack)
        self.do(load)

    def take_back(self, n: int, quantity: int) -> None:
        one = self.any_of(Reservation, n, status="shipped")
        if one:
            self.do(
                lambda session: warehouse.take_back(session, one, quantity, bin="R", document="B")
            )

    def _place(self, session: Session, n: int) -> Place | None:
        query = select(BinStock).where(BinStock.depot_id.in_([self.shop.depot, self.other]))
        found = session.scalars(query.where(BinStock.bin != STAGING).order_by(BinStock.id)).all()
        if not found:
            return None
        row = found[n % len(found)]
        return Place(Shelf(row.depot_id, row.part_id), row.bin, row.lot_id)

    def correct(self, how: str, n: int, quantity: int) -> None:
        def work(session: Session) -> None:
            place = self._place(session, n)
            if place is None:
                return
            if how == "count":
                outcome = corrections.count(session, place, quantity, document="Z")
            elif how == "adjust":
                outcome = corrections.adjust(session, place, quantity - 3, reason="found")
            elif how == "scrap":
                outcome = corrections.scrap(session, place, quantity, reason="broken")
            elif how == "set_apart":
                _, outcome = corrections.set_apart(session, place, quantity, reason="wet")
            else:
                corrections.move(session, place, "A-99", quantity)
                return
            warehouse.follow(session, outcome)

        self.do(work)

    def judge(self, n: int, good: bool) -> None:
        one = self.any_of(Quarantine, n, status="held")
        if one is None:
            return

        def scrap(session: Session) -> None:
            row = session.get(Quarantine, one)
            assert row is not None
            corrections.scrap_apart(session, row, reason="wet")

        if good:
            self.do(lambda session: warehouse.release_quarantine(session, one, bin="A-01"))
        else:
            self.do(scrap)

    def send(self, n: int, quantity: int, of_an_order: bool) -> None:
        def work(session: Session) -> None:
            wanted = transfers.Wanted(self.shop.part, quantity)
            one = self.any_of(Reservation, n, status="reserved") if of_an_order else None
            row = session.get(Reservation, one) if one else None
            if row and row.depot_id == self.shop.depot:
                wanted = transfers.Wanted(row.part_id, row.quantity, row.id)
            transfer = transfers.plan(
                session,
                self.shop.depot,
                self.other,
                [wanted],
                expected_at=clock.now() + timedelta(hours=3),
                document="T",
            )
            warehouse.send_transfer(session, transfer.id, today=TODAY, van="V-2")

        self.do(work)

    def arrive(self, n: int, missing: int) -> None:
        one = self.any_of(Transfer, n, status="in_transit")
        if one is None:
            return

        def work(session: Session) -> None:
            lines = transfers.lines_of(session, one)
            received = {lines[0].id: max(0, lines[0].quantity - missing)}
            warehouse.receive_transfer(session, one, bin="B-01", received=received)

        self.do(work)


N = st.integers(0, 30)
FEW = st.integers(0, 6)
CORRECTION = st.sampled_from(["count", "adjust", "scrap", "set_apart", "move"])


class Machine(RuleBasedStateMachine):
    def __init__(self, db: Database) -> None:
        super().__init__()
        self.floor = Floor(db)

    order = rule(first=FEW, lots=FEW, priority=st.integers(0, 2))(
        lambda self, **words: self.floor.order(**words)
    )
    cancel = rule(n=N)(lambda self, n: self.floor.cancel(n))
    receive = rule(quantity=st.integers(1, 9), lot=st.none() | st.integers(0, 3))(
        lambda self, **words: self.floor.receive(**words)
    )
    pick = rule(n=N)(lambda self, n: self.floor.pick(n))
    ship = rule(n=N)(lambda self, n: self.floor.ship(n))
    pack_and_load = rule(n=N, quantity=FEW, missing=st.booleans())(
        lambda self, **words: self.floor.pack_and_load(**words)
    )
    take_back = rule(n=N, quantity=FEW)(lambda self, **words: self.floor.take_back(**words))
    correct = rule(how=CORRECTION, n=N, quantity=FEW)(
        lambda self, **words: self.floor.correct(**words)
    )
    judge = rule(n=N, good=st.booleans())(lambda self, **words: self.floor.judge(**words))
    send = rule(n=N, quantity=st.integers(1, 4), of_an_order=st.booleans())(
        lambda self, **words: self.floor.send(**words)
    )
    arrive = rule(n=N, missing=st.integers(0, 2))(lambda self, **words: self.floor.arrive(**words))

    def teardown(self) -> None:
        shops.assert_books_right(self.floor.db)
        assert_nobody_waits_beside_stock(self.floor)


def assert_nobody_waits_beside_stock(floor: Floor) -> None:
    shop = floor.shop
    for part in (shop.part, shop.lot_part):
        with reading(shop.db) as session:
            left = levels.available(session, Shelf(shop.depot, part))
        assert left == 0 or shops.waiting(shop, part) == 0


def test_books_are_right_whatever_is_done(db: Database) -> None:
    class OnThis(Machine):
        def __init__(self) -> None:
            super().__init__(db)

    examples = 25 if db.is_sqlite else 8
    run_state_machine_as_test(
        OnThis, settings=settings(max_examples=examples, stateful_step_count=30)
    )


def _act(floor: Floor, random: Random) -> None:
    n, few = random.randrange(31), random.randrange(7)
    acts: list[Callable[[], None]] = [
        lambda: floor.order(few, random.randrange(4), random.randrange(3)),
        lambda: floor.receive(1 + few, random.choice([None, 1, 2])),
        lambda: floor.receive(1 + few, random.choice([None, 0, 1, 2])),
        lambda: floor.cancel(n),
        lambda: floor.pack_and_load(n, few, random.random() < 0.5),
        lambda: floor.pick(n),
        lambda: floor.pick(n),
        lambda: floor.ship(n),
        lambda: floor.take_back(n, few),
        lambda: floor.correct(random.choice(["count", "adjust", "scrap", "set_apart"]), n, few),
        lambda: floor.judge(n, random.random() < 0.5),
        lambda: floor.send(n, 1 + few % 3, random.random() < 0.5),
        lambda: floor.arrive(n, few % 2),
    ]
    random.choice(acts)()


@pytest.mark.parametrize("seed", [1, 2])
def test_books_are_right_when_many_work_at_once(db: Database, seed: int) -> None:
    floor = Floor(db)

    def work(number: int) -> None:
        random = Random(seed * 100 + number)
        for _ in range(25):
            _act(floor, random)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))

    shops.assert_books_right(db)
    assert_nobody_waits_beside_stock(floor)
