"""Deliveries: one attempt each to bring what is set aside to its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, attributes, mapped_column

from dispatch.stock.reservations import Lost, Reservation
from dispatch.store import clock, events, keys, pages, rows, states
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Conflict
from dispatch.store.pages import Page
from dispatch.store.statements import changed
from dispatch.store.states import Machine

_OVER = frozenset({"cancelled", "returned"})
HERE = frozenset({"pending", "planned"})
"""The states in which its goods are still at the depot."""


class Delivery(Versioned, Table):
    """One attempt; a second one is a new row."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "depot_id", "status"),)
    machine: ClassVar[Machine] = states.DELIVERY

    id: Mapped[Key]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(20))
    ready_at: Mapped[datetime]
    """Since when its goods are set aside: that decides its wave."""

    @property
    def title(self) -> str:
        return f"delivery {self.id}"

    def concerns(self) -> Mapping[str, UUID]:
        return {"order": self.order_id, "depot": self.depot_id}


class DeliveryLine(Table):
    """How much of an order line a delivery brings."""

    __tablename__ = "delivery_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    order_line_id: Mapped[UUID] = mapped_column(
        ForeignKey("order_lines.id"), primary_key=True, index=True
    )
    quantity: Mapped[int]


def carry(session: Session, reserved: Iterable[Reservation]) -> None:
    """Have a delivery bring what is set aside: one that nobody planned yet, else a new one."""
    by_trip = sorted(reserved, key=_trip)
    for (order_id, depot_id), ones in groupby(by_trip, key=_trip):
        delivery = _pending(session, order_id, depot_id) or _new(session, order_id, depot_id)
        for one in ones:
            _add(session, delivery.id, one.order_line_id, one.quantity)


def lower(session: Session, lost: Iterable[Lost]) -> None:
    """Take from deliveries what is no longer set aside for them; an empty one is cancelled."""
    for each in lost:
        short = each.quantity
        for line in _lines_to_lower(session, each):
            some = min(short, line.quantity)
            if some == 0:
                break
            short -= some
            delivery_id = line.delivery_id
            line.quantity -= some
            if line.quantity == 0:
                session.expunge(line)
                _remove(session, delivery_id, each.order_line_id)
            session.flush()
            _say_lowered(session, delivery_id, each, some)


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Delivery]:
    """Return deliveries, the newest first."""
    query = select(Delivery)
    if depot_ids is not None:
        query = query.where(Delivery.depot_id.in_(depot_ids))
    if status is not None:
        query = query.where(Delivery.status == status)
    return pages.newest(session, query, Delivery, cursor=cursor, limit=limit)


def split_off(session: Session, delivery: Delivery, quantities: Mapping[UUID, int]) -> Delivery:
    """Let another delivery bring so much of these order lines; the delivery must be locked."""
    new = _new(session, delivery.order_id, delivery.depot_id)
    for order_line_id, quantity in sorted(quantities.items()):
        line = session.get_one(DeliveryLine, (delivery.id, order_line_id))
        if quantity == line.quantity:
            session.expunge(line)
            _remove(session, delivery.id, order_line_id)
        else:
            line.quantity -= quantity
            session.flush()
        _add(session, new.id, order_line_id, quantity)
        data = {"order_line": str(order_line_id), "quantity": quantity, "to": str(new.id)}
        subjects = delivery.concerns()
        events.record(session, "delivery.lowered", delivery.id, subjects=subjects, data=data)
    return new


def lines_of(session: Session, delivery_id: UUID) -> dict[UUID, int]:
    """Return how much of which order line a delivery brings."""
    query = select(DeliveryLine.order_line_id, DeliveryLine.quantity)
    found = session.execute(query.where(DeliveryLine.delivery_id == delivery_id)).all()
    return {row.order_line_id: row.quantity for row in found}


def of_order(session: Session, order_id: UUID) -> list[tuple[Delivery, list[DeliveryLine]]]:
    """Return all attempts to bring an order, the first one first, each with what it brings."""
    query = select(Delivery).where(Delivery.order_id == order_id).order_by(Delivery.id)
    found = session.scalars(query).all()
    in_each = DeliveryLine.delivery_id.in_([one.id for one in found])
    in_order = (DeliveryLine.delivery_id, DeliveryLine.order_line_id)
    lines: dict[UUID, list[DeliveryLine]] = {one.id: [] for one in found}
    for line in session.scalars(select(DeliveryLine).where(in_each).order_by(*in_order)):
        lines[line.delivery_id].append(line)
    return [(one, lines[one.id]) for one in found]


def open_new(session: Session, reserved: Iterable[Reservation]) -> None:
    """Have new deliveries bring what is set aside for orders that have none yet."""
    by_trip = sorted(reserved, key=_trip)
    for (order_id, depot_id), ones in groupby(by_trip, key=_trip):
        delivery = _written(order_id, depot_id)
        states.step(session, delivery, "create")
        session.add_all(
            DeliveryLine(
                delivery_id=delivery.id, order_line_id=one.order_line_id, quantity=one.quantity
            )
            for one in ones
        )


def cancel(session: Session, order_id: UUID) -> None:
    """Cancel what is still to be brought; refused (``goods_left``) once anything is loaded."""
    for delivery in still_here(session, order_id):
        states.step(session, delivery, "cancel")


def still_here(session: Session, order_id: UUID) -> list[Delivery]:
    """Return an order's deliveries that nobody has loaded, locked; or refuse (``goods_left``)."""
    query = select(Delivery).where(Delivery.order_id == order_id, Delivery.status.not_in(_OVER))
    in_order = query.order_by(Delivery.id).with_for_update(key_share=True)
    fresh = in_order.execution_options(populate_existing=True)
    found = list(session.scalars(fresh).all())
    for delivery in found:
        if delivery.status not in HERE:
            raise Conflict(
                "goods_left",
                cause=f"goods of the order have left the depot: its delivery is {delivery.status}",
                action="call the driver back, or take the goods back when they are delivered",
            )
    return found


def untouched(session: Session, order_id: UUID) -> bool:
    """Tell whether nobody has planned any delivery of an order."""
    query = select(Delivery.status).where(Delivery.order_id == order_id)
    return all(status in {"pending", "cancelled"} for status in session.scalars(query))


def touch(session: Session, delivery: Delivery) -> None:
    """Note that a delivery is not what it was, so that who planned with it finds out."""
    attributes.flag_modified(delivery, "status")
    events.record(session, "delivery.changed", delivery.id, subjects=delivery.concerns())


def _lines_to_lower(session: Session, lost: Lost) -> list[DeliveryLine]:
    """Return the lines that bring it, those that nobody planned yet first."""
    session.flush()
    query = (
        select(DeliveryLine)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(
            DeliveryLine.order_line_id == lost.order_line_id,
            Delivery.depot_id == lost.depot_id,
            Delivery.status.in_(HERE),
        )
        .order_by(Delivery.status, Delivery.id.desc())
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query).all())


def _remove(session: Session, delivery_id: UUID, order_line_id: UUID) -> None:
    here = (DeliveryLine.delivery_id == delivery_id) & (DeliveryLine.order_line_id == order_line_id)
    session.execute(delete(DeliveryLine).where(here))


def _say_lowered(session: Session, delivery_id: UUID, lost: Lost, quantity: int) -> None:
    delivery = rows.locked(session, Delivery, delivery_id)
    data = {"order_line": str(lost.order_line_id), "quantity": quantity}
    subjects = delivery.concerns()
    events.record(session, "delivery.lowered", delivery.id, subjects=subjects, data=data)
    if not lines_of(session, delivery_id):
        states.step(session, delivery, "cancel")
        session.flush()


def _trip(one: Reservation) -> tuple[UUID, UUID]:
    return one.order_id, one.depot_id


def _pending(session: Session, order_id: UUID, depot_id: UUID) -> Delivery | None:
    session.flush()
    query = select(Delivery).where(
        Delivery.order_id == order_id, Delivery.depot_id == depot_id, Delivery.status == "pending"
    )
    return session.scalars(query.with_for_update(key_share=True)).first()


def _new(session: Session, order_id: UUID, depot_id: UUID) -> Delivery:
    delivery = Delivery(id=keys.new(), order_id=order_id, depot_id=depot_id, ready_at=clock.now())
    states.step(session, delivery, "create")
    session.flush()
    return delivery


def _written(order_id: UUID, depot_id: UUID) -> Delivery:
    return Delivery(id=keys.new(), order_id=order_id, depot_id=depot_id, ready_at=clock.now())


def _add(session: Session, delivery_id: UUID, order_line_id: UUID, quantity: int) -> None:
    here = (DeliveryLine.delivery_id == delivery_id) & (DeliveryLine.order_line_id == order_line_id)
    more = update(DeliveryLine).where(here).values(quantity=DeliveryLine.quantity + quantity)
    if changed(session, more) == 0:
        line = DeliveryLine(delivery_id=delivery_id, order_line_id=order_line_id, quantity=quantity)
        session.add(line)
        session.flush()
