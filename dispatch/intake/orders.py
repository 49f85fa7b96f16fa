"""Orders: placed, then accepted, which sets their parts aside, or rejected; cancelled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from dispatch.catalogue.customers import Customer, RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake import deliveries
from dispatch.stock import reservations
from dispatch.stock.levels import Shelf
from dispatch.stock.reservations import Reservation, Wish
from dispatch.store import clock, database, keys, pages, rows, states
from dispatch.store.base import Key, Money, Table, Versioned
from dispatch.store.errors import Conflict, Invalid, NotFound
from dispatch.store.pages import Page
from dispatch.store.states import Machine

MAX_QUANTITY = 1_000_000
LONGEST_NOTES = 2_000
_SLACK = timedelta(minutes=1)
"""An order's key is made when it is placed, give or take what a clock is set right by."""


class Fulfilment(StrEnum):
    """How the customer gets it."""

    DELIVERY = "delivery"
    PICKUP = "pickup"


class Order(Versioned, Table):
    """What a customer wants, where, and when: between ``earliest_at`` and ``latest_at``."""

    __tablename__ = "orders"
    # Each ends with the key, so that a page of what it finds needs no sorting.
    __table_args__ = (
        Index(None, "depot_id", "id"),
        Index(None, "depot_id", "status", "id"),
        Index(None, "status", "id"),
        Index(None, "customer_id", "id"),
    )
    machine: ClassVar[Machine] = states.ORDER

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(60), unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    repair_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("repair_points.id"))
    """None when the customer collects it."""
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    """Whose stock it is promised from."""
    fulfilment: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))
    priority: Mapped[int]
    placed_at: Mapped[datetime]
    downtime_cost_per_h: Mapped[Money] = mapped_column(default=0, server_default="0")
    """What the customer loses in each hour without the goods, such as for a blocked bay."""
    earliest_at: Mapped[datetime | None]
    latest_at: Mapped[datetime | None]
    notes: Mapped[str] = mapped_column(String(LONGEST_NOTES), default="", server_default=text("''"))
    """For who picks and who brings it."""
    content_hash: Mapped[str | None] = mapped_column(String(64))
    """Of what another system or a file last said of it."""

    lines: Mapped[list[OrderLine]] = relationship(
        lazy="raise", order_by="OrderLine.position", cascade="save-update, merge"
    )

    @property
    def title(self) -> str:
        return f"order {self.number}"

    def concerns(self) -> Mapping[str, UUID]:
        return {"customer": self.customer_id, "depot": self.depot_id}


class OrderLine(Table):
    """One part of an order, counted from 1; a quantity of 0 is a line that was taken out."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity >= 0", name="quantity"),
    )

    id: Mapped[Key]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"), index=True)
    quantity: Mapped[int]
    vin: Mapped[str | None] = mapped_column(String(17), index=True)
    """The car that it is for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part and how many of it, and for which car."""

    part_id: UUID
    quantity: int
    vin: str | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as it is placed; to be delivered to a repair point, or collected when none."""

    number: str
    customer_id: UUID
    depot_id: UUID
    lines: Sequence[Wanted]
    repair_point_id: UUID | None = None
    priority: int = 0
    downtime_cost_per_h: int = 0
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    notes: str = ""
    content_hash: str | None = None


def place(session: Session, new: NewOrder) -> Order:
    """Take an order down; nothing is promised yet."""
    _check(session, new)
    order = written(new)
    states.step(session, order, "place")
    session.flush()
    return order


def written(new: NewOrder) -> Order:
    """Return the rows of a new order, which is not placed yet."""
    return Order(
        id=keys.new(),
        number=new.number,
        customer_id=new.customer_id,
        repair_point_id=new.repair_point_id,
        depot_id=new.depot_id,
        fulfilment=Fulfilment.DELIVERY if new.repair_point_id else Fulfilment.PICKUP,
        priority=new.priority,
        downtime_cost_per_h=new.downtime_cost_per_h,
        placed_at=clock.now(),
        earliest_at=new.earliest_at,
        latest_at=new.latest_at,
        notes=new.notes,
        content_hash=new.content_hash,
        lines=[
            OrderLine(
                id=keys.new(),
                position=position,
                part_id=line.part_id,
                quantity=line.quantity,
                vin=line.vin,
            )
            for position, line in enumerate(new.lines, start=1)
        ],
    )


def get(session: Session, order_id: UUID) -> Order:
    """Return an order with its lines; in a transaction that writes, nobody else changes it then."""
    query = select(Order).where(Order.id == order_id).options(selectinload(Order.lines))
    if database.writes(session):
        query = query.with_for_update(key_share=True)
    order = session.scalar(query.execution_options(populate_existing=True))
    if order is None:
        cause = f"there is no order {order_id}"
        raise NotFound("not_found", cause=cause, action="look it up by its number")
    return order


@dataclass(frozen=True, slots=True)
class Filter:
    """Which orders to look at; None is any."""

    depot_ids: Collection[UUID] | None = None
    customer_id: UUID | None = None
    status: str | None = None
    number: str | None = None
    placed_from: datetime | None = None
    placed_until: datetime | None = None


def page(
    session: Session, only: Filter, *, cursor: str | None = None, limit: int = 50
) -> Page[Order]:
    """Return orders with their lines, the newest first."""
    wanted = [
        (Order.depot_id.in_, only.depot_ids),
        (Order.customer_id.__eq__, only.customer_id),
        (Order.status.__eq__, only.status),
        (Order.number.__eq__, only.number),
        (Order.placed_at.__ge__, only.placed_from),
        (Order.placed_at.__lt__, only.placed_until),
    ]
    if only.placed_from:
        wanted.append((Order.id.__ge__, keys.first(only.placed_from - _SLACK)))
    if only.placed_until:
        wanted.append((Order.id.__lt__, keys.first(only.placed_until + _SLACK)))
    query = select(Order).options(selectinload(Order.lines))
    for condition, value in wanted:
        if value is not None:
            query = query.where(condition(value))
    return pages.newest(session, query, Order, cursor=cursor, limit=limit)


def accept(session: Session, order: Order) -> list[Reservation]:
    """
    Promise an order: set aside what there is, queue for the rest, and open its delivery.

    Returns its reservations; those that wait are its backorders.
    """
    states.step(session, order, "accept")
    session.flush()
    made = reservations.reserve_many(session, wishes(order))
    if order.fulfilment == Fulfilment.DELIVERY:
        deliveries.open_new(session, [one for one in made if one.status in reservations.ACTIVE])
    return made


def reject(session: Session, order: Order, *, reason: str) -> None:
    """Refuse an order that was placed; nothing was promised."""
    states.step(session, order, "reject", data={"reason": reason})


def cancel(session: Session, order: Order, *, reason: str) -> None:
    """
    Cancel an order, unless its goods have left (``goods_left``).

    What it had goes to who waits for it.
    """
    states.step(session, order, "cancel", data={"reason": reason})
    session.flush()
    served = reservations.release(session, order.id)
    deliveries.cancel(session, order.id)
    refuse_left(session, order)
    carry(session, served)


def refuse_left(session: Session, order: Order) -> None:
    """Refuse (``goods_left``) once anything of an order has left the depot for good."""
    if reservations.left(session, order.id):
        cause = f"goods of {order.title} have left, or were handed over"
        action = "take the goods back first, or place another order"
        raise Conflict("goods_left", cause=cause, action=action)


def counted(session: Session, *, depot_ids: Collection[UUID] | None = None) -> dict[str, int]:
    """Return how many orders are in which state, of some depots or of all."""
    query = select(Order.status, func.count()).group_by(Order.status)
    if depot_ids is not None:
        query = query.where(Order.depot_id.in_(depot_ids))
    return {status: int(number) for status, number in session.execute(query)}


def reserved(session: Session, order: Order) -> Sequence[Reservation]:
    """Return what became of each line: set aside, waiting, released."""
    query = select(Reservation).where(Reservation.order_id == order.id)
    return session.scalars(query.order_by(Reservation.id)).all()


def carry(session: Session, served: Sequence[Reservation]) -> None:
    """Open deliveries for what was set aside, where the order is not one to be collected."""
    ids = {one.order_id for one in served}
    query = select(Order.id).where(Order.id.in_(ids), Order.fulfilment == Fulfilment.DELIVERY)
    delivered = set(session.scalars(query)) if ids else set()
    deliveries.carry(session, [one for one in served if one.order_id in delivered])


def wish(order: Order, line: OrderLine, quantity: int, *, since: datetime) -> Wish:
    """Return what a line wants from the stock of the order's depot."""
    return Wish(
        order_id=order.id,
        order_line_id=line.id,
        shelf=Shelf(order.depot_id, line.part_id),
        quantity=quantity,
        priority=order.priority,
        since=since,
    )


def wishes(order: Order) -> list[Wish]:
    """Return what all lines of an order want."""
    return [
        wish(order, line, line.quantity, since=order.placed_at)
        for line in order.lines
        if line.quantity
    ]


def check_window(earliest_at: datetime | None, latest_at: datetime | None) -> None:
    """Refuse a window that ends before it begins (``window_reversed``)."""
    if earliest_at and latest_at and latest_at < earliest_at:
        cause = f"{latest_at.isoformat()} comes before {earliest_at.isoformat()}"
        raise Invalid("window_reversed", cause=cause, action="let the window end after it begins")


def check_place(session: Session, customer_id: UUID, repair_point_id: UUID | None) -> None:
    """Refuse a repair point of somebody else (``wrong_repair_point``)."""
    if repair_point_id is None:
        return
    point = rows.get(session, RepairPoint, repair_point_id)
    if point.customer_id != customer_id:
        cause = f"{point.name} is another customer's"
        raise Invalid("wrong_repair_point", cause=cause, action="choose one of the customer's")


def check_lines(session: Session, number: str, lines: Sequence[Wanted]) -> None:
    """Refuse lines without sense (``no_lines``, ``bad_quantity``)."""
    if not lines:
        cause = f"order {number} has no lines"
        raise Invalid("no_lines", cause=cause, action="name at least one part")
    for line in lines:
        part = rows.get(session, Part, line.part_id)
        if not 0 < line.quantity <= MAX_QUANTITY:
            cause = f"{part.title}: the quantity is {line.quantity}"
            action = f"give a whole number from 1 to {MAX_QUANTITY:,}"
            raise Invalid("bad_quantity", cause=cause, action=action)


def _check(session: Session, new: NewOrder) -> None:
    check_lines(session, new.number, new.lines)
    rows.get(session, Depot, new.depot_id)
    rows.get(session, Customer, new.customer_id)
    check_place(session, new.customer_id, new.repair_point_id)
    check_window(new.earliest_at, new.latest_at)
    if session.scalar(select(Order.id).where(Order.number == new.number)):
        cause = f"order {new.number} is there already"
        raise Conflict("order_number_taken", cause=cause, action="change that one, or renumber")
