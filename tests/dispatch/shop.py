"""A small firm in a database: depots, parts, a customer; and its usual acts, each committed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from uuid import UUID

from sqlalchemy import func, select

from dispatch.catalogue.customers import Customer, RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part, Tracking
from dispatch.intake import changes, goods_in, orders
from dispatch.intake.deliveries import Delivery, DeliveryLine
from dispatch.intake.orders import NewOrder, Wanted
from dispatch.stock import reservations
from dispatch.stock.levels import Shelf, StockLevel
from dispatch.stock.movements import STAGING, BinStock, Movement
from dispatch.stock.receiving import Goods
from dispatch.stock.reservations import Reservation
from dispatch.store import keys
from dispatch.store.database import Database, reading, transaction

ACTOR = "user:test"


@dataclass(frozen=True, slots=True)
class Shop:
    """The keys of what is there."""

    db: Database
    depot: UUID
    part: UUID
    other_part: UUID
    lot_part: UUID
    serial_part: UUID
    customer: UUID
    repair_point: UUID
    numbers: count[int]
    suffix: str

    def place(self, *quantities: int, priority: int = 0, pickup: bool = False) -> UUID:
        """Place an order of so many of the first part, the second part, ..."""
        parts = (self.part, self.other_part, self.lot_part)
        lines = [Wanted(part, n) for part, n in zip(parts, quantities, strict=False) if n]
        new = NewOrder(
            number=f"A-{next(self.numbers)}{self.suffix}",
            customer_id=self.customer,
            depot_id=self.depot,
            lines=lines,
            repair_point_id=None if pickup else self.repair_point,
            priority=priority,
        )
        with transaction(self.db, actor=ACTOR) as session:
            return orders.place(session, new).id

    def accept(self, order_id: UUID) -> list[tuple[str, int]]:
        """Accept an order; return state and quantity of what became of it."""
        with transaction(self.db, actor=ACTOR) as session:
            made = orders.accept(session, orders.get(session, order_id))
            return [(one.status, one.quantity) for one in made]

    def order(self, *quantities: int, priority: int = 0) -> UUID:
        """Place and accept an order."""
        order_id = self.place(*quantities, priority=priority)
        self.accept(order_id)
        return order_id

    def cancel(self, order_id: UUID) -> None:
        with transaction(self.db, actor=ACTOR) as session:
            orders.cancel(session, orders.get(session, order_id), reason="not needed")

    def change(self, order_id: UUID, *quantities: int) -> None:
        """Change an order to so many of the first part, the second part, ..."""
        parts = (self.part, self.other_part)
        lines = [Wanted(part, n) for part, n in zip(parts, quantities, strict=False) if n]
        with transaction(self.db, actor=ACTOR) as session:
            changes.change(session, orders.get(session, order_id), {"lines": lines})

    def receive(self, quantity: int, *, part: UUID | None = None, lot: str | None = None) -> int:
        """Bring goods in; return how many lines were served by it."""
        goods = [Goods(part or self.part, quantity, "A-01", lot)]
        with transaction(self.db, actor=ACTOR) as session:
            return len(goods_in.receive(session, self.depot, goods, supplier="S", document="D"))

    def of(self, order_id: UUID) -> dict[str, int]:
        """Return how much of an order is in which state."""
        query = select(Reservation.status, func.sum(Reservation.quantity)).group_by(
            Reservation.status
        )
        with reading(self.db) as session:
            rows = session.execute(query.where(Reservation.order_id == order_id)).all()
            return {status: int(quantity) for status, quantity in rows}

    def level(self, part: UUID | None = None) -> tuple[int, int]:
        """Return what is on hand and what is reserved."""
        with reading(self.db) as session:
            level = session.get(StockLevel, (self.depot, part or self.part))
            return (level.on_hand, level.reserved) if level else (0, 0)


def opened(db: Database, *, suffix: str = "") -> Shop:
    """Return a new firm; ``suffix`` tells its orders from those of another one beside it."""
    with transaction(db, actor=ACTOR) as session:
        depot = Depot(name=f"W-{keys.new()}", lon=121.5, lat=31.2, time_zone="Asia/Shanghai")
        customer = Customer(number=str(keys.new()), name="王记汽修")
        brand = keys.new().hex
        parts = [
            Part(brand=brand, number=number, name="制动片", weight_g=900, volume_ml=700, tracking=t)
            for number, t in (
                ("1", Tracking.NONE),
                ("2", Tracking.NONE),
                ("3", Tracking.LOT),
                ("4", Tracking.SERIAL),
            )
        ]
        session.add_all([depot, customer, *parts])
        session.flush()
        point = RepairPoint(
            customer_id=customer.id,
            name="本店",
            address="南路1号",
            lon=121.4,
            lat=31.2,
            service_s=240,
        )
        session.add(point)
        session.flush()
        first, second, third, fourth = (part.id for part in parts)
        part_ids = (first, second, third, fourth)
        return Shop(db, depot.id, *part_ids, customer.id, point.id, count(1), suffix)


def assert_books_right(db: Database) -> None:
    """Recount: levels and bins are the sum of their movements, reserved the sum of reservations."""
    with reading(db) as session:
        moved = select(Movement.depot_id, Movement.part_id, func.sum(Movement.quantity))
        binned = select(BinStock.depot_id, BinStock.part_id, func.sum(BinStock.on_hand))
        held = select(
            Reservation.depot_id, Reservation.part_id, func.sum(Reservation.quantity)
        ).where(Reservation.status.in_(["reserved", "picked"]))

        def sums(query) -> dict[tuple[UUID, UUID], int]:  # type: ignore[no-untyped-def]
            columns = list(query.selected_columns)[:2]
            return {(a, b): int(n) for a, b, n in session.execute(query.group_by(*columns)) if n}

        levels = session.scalars(select(StockLevel)).all()
        shelves = [(level.depot_id, level.part_id) for level in levels]
        on_hand = {
            k: level.on_hand for k, level in zip(shelves, levels, strict=True) if level.on_hand
        }
        reserved = {
            k: level.reserved for k, level in zip(shelves, levels, strict=True) if level.reserved
        }
        assert on_hand == sums(moved) == sums(binned)
        assert reserved == sums(held)
        assert sums(binned.where(BinStock.bin == STAGING)) == sums(
            held.where(Reservation.status == "picked")
        )
        assert all(0 <= level.reserved <= level.on_hand for level in levels)


def other_depot(db: Database) -> UUID:
    """Return a second depot of the firm."""
    with transaction(db, actor=ACTOR) as session:
        depot = Depot(name=f"W-{keys.new()}", lon=121.3, lat=31.1, time_zone="Asia/Shanghai")
        session.add(depot)
        session.flush()
        return depot.id


def assert_deliveries_bring_what_is_set_aside(db: Database) -> None:
    """Recount, by order line: what open deliveries bring is what is reserved."""
    brought = (
        select(DeliveryLine.order_line_id, func.sum(DeliveryLine.quantity))
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(Delivery.status == "pending")
        .group_by(DeliveryLine.order_line_id)
    )
    held = (
        select(Reservation.order_line_id, func.sum(Reservation.quantity))
        .where(Reservation.status == "reserved")
        .group_by(Reservation.order_line_id)
    )
    with reading(db) as session:
        assert dict(session.execute(brought).all()) == dict(session.execute(held).all())


def waiting(shop: Shop, part: UUID) -> int:
    """Return how much orders wait for."""
    with reading(shop.db) as session:
        return reservations.waiting(session, Shelf(shop.depot, part))
