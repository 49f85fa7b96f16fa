"""Parcels: what is picked for a delivery, packed under a number that is scanned when loading."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.intake import orders
from dispatch.intake.deliveries import Delivery
from dispatch.intake.orders import Order
from dispatch.stock import reservations
from dispatch.stock.reservations import PICKED, Reservation
from dispatch.store import clock, events, keys, rows
from dispatch.store.base import Key, Table
from dispatch.store.errors import Conflict, Invalid

_PLAIN = re.compile(r"[A-Z0-9][A-Z0-9./-]{0,29}")


class Parcel(Table):
    """One parcel of a delivery; its number is on its label."""

    __tablename__ = "parcels"

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), index=True)
    packed_at: Mapped[datetime]


class ParcelLine(Table):
    """How much of what is picked lies in a parcel."""

    __tablename__ = "parcel_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"), primary_key=True)
    reservation_id: Mapped[UUID] = mapped_column(
        ForeignKey("reservations.id"), primary_key=True, index=True
    )
    quantity: Mapped[int]


@dataclass(frozen=True, slots=True)
class LoadCheck:
    """What was scanned beside what is to be loaded; right when only ``found`` has any."""

    found: list[str]
    missing: list[str]
    strange: list[str]
    """Parcels of other deliveries, and numbers that no parcel has."""

    @property
    def right(self) -> bool:
        return not self.missing and not self.strange


def pack(session: Session, delivery_id: UUID, contents: Mapping[UUID, int]) -> Parcel:
    """
    Pack quantities of picked reservations (``not_picked``, ``wrong_delivery``, ``too_many``).

    What goes in is a reservation of its own from then on, so that parcels can go apart.
    """
    order = orders.get(session, rows.get(session, Delivery, delivery_id).order_id)
    delivery = rows.locked(session, Delivery, delivery_id)
    if not contents:
        raise Invalid("empty_parcel", cause="nothing is in it", action="scan what goes in")
    for reservation_id, quantity in sorted(contents.items()):
        _check(session, delivery, reservation_id, quantity)
    parcel = Parcel(
        id=keys.new(),
        number=_number(session, order, delivery),
        delivery_id=delivery_id,
        packed_at=clock.now(),
    )
    session.add(parcel)
    session.flush()
    for reservation_id, quantity in sorted(contents.items()):
        one = rows.get(session, Reservation, reservation_id)
        if quantity < one.quantity:
            one = reservations.part(session, one, quantity)
        session.add(ParcelLine(parcel_id=parcel.id, reservation_id=one.id, quantity=quantity))
    session.flush()
    subjects = {**delivery.concerns(), "delivery": delivery.id}
    data = {"number": parcel.number}
    events.record(session, "parcel.packed", parcel.id, subjects=subjects, data=data)
    return parcel


def of_deliveries(session: Session, delivery_ids: Collection[UUID]) -> list[Parcel]:
    """Return the parcels of deliveries, by number."""
    query = select(Parcel).where(Parcel.delivery_id.in_(delivery_ids))
    return list(session.scalars(query.order_by(Parcel.number)))


def to_pack(session: Session, delivery: Delivery) -> list[Reservation]:
    """Return what is picked for a delivery's order at its depot, and lies in no parcel yet."""
    query = select(Reservation).where(
        Reservation.order_id == delivery.order_id,
        Reservation.depot_id == delivery.depot_id,
        Reservation.status == PICKED,
        Reservation.id.not_in(select(ParcelLine.reservation_id)),
    )
    return list(session.scalars(query.order_by(Reservation.id)))


def inside(session: Session, parcel_ids: Collection[UUID]) -> list[Reservation]:
    """Return what lies in parcels."""
    query = select(Reservation).join(ParcelLine, ParcelLine.reservation_id == Reservation.id)
    packed = query.where(ParcelLine.parcel_id.in_(parcel_ids)).order_by(Reservation.id)
    return list(session.scalars(packed.execution_options(populate_existing=True)))


def check_load(
    session: Session, delivery_ids: Collection[UUID], scanned: Collection[str]
) -> LoadCheck:
    """Compare what was scanned into a van with the parcels of its deliveries."""
    wanted = {parcel.number for parcel in of_deliveries(session, delivery_ids)}
    seen = {number.strip().upper() for number in scanned}
    return LoadCheck(sorted(wanted & seen), sorted(wanted - seen), sorted(seen - wanted))


def _check(session: Session, delivery: Delivery, reservation_id: UUID, quantity: int) -> None:
    one = session.get(Reservation, reservation_id)
    if one is None or one.status != PICKED:
        cause = f"{quantity} of it are not picked"
        raise Conflict("not_picked", cause=cause, action="pick them first")
    if (one.order_id, one.depot_id) != (delivery.order_id, delivery.depot_id):
        cause = f"it is not for {delivery.title}"
        raise Invalid("wrong_delivery", cause=cause, action="pack it with its own delivery")
    packed = select(func.sum(ParcelLine.quantity)).where(
        ParcelLine.reservation_id == reservation_id
    )
    left = one.quantity - (session.scalar(packed) or 0)
    if not 0 < quantity <= left:
        cause = f"{quantity} go in, {left} are left to pack"
        raise Invalid("too_many", cause=cause, action=f"pack up to {left}")


def _number(session: Session, order: Order, delivery: Delivery) -> str:
    """
    Return the order's number with the parcel's, counted on over all deliveries of the order.

    An order's number that bars or a reader cannot tell gives way to the delivery's key.
    """
    query = (
        select(func.count())
        .select_from(Parcel)
        .join(Delivery, Delivery.id == Parcel.delivery_id)
        .where(Delivery.order_id == order.id)
    )
    plain = _PLAIN.fullmatch(order.number)
    name = order.number if plain else f"D{delivery.id.hex[-12:].upper()}"
    return f"{name}-P{(session.scalar(query) or 0) + 1}"
