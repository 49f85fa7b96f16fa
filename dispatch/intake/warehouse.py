"""What happens to stock, with what it means for deliveries: these are lowered, or opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.intake import deliveries, orders
from dispatch.intake.deliveries import Delivery
from dispatch.stock import corrections, levels, picking, transfers
from dispatch.stock.corrections import Outcome
from dispatch.stock.reservations import PICKED, Reservation
from dispatch.stock.transfers import Transfer
from dispatch.store import rows, states
from dispatch.store.errors import Conflict


def follow(session: Session, outcome: Outcome) -> Outcome:
    """Lower the deliveries of who lost goods, and open those of who was served."""
    deliveries.lower(session, outcome.lost)
    orders.carry(session, outcome.served)
    return outcome


def ship(session: Session, delivery_id: UUID, *, van: str) -> list[Reservation]:
    """
    Load a delivery: its picked goods leave the depot.

    Refused (``not_picked``) unless all that it is to bring is picked.
    """
    delivery = rows.get(session, Delivery, delivery_id)
    orders.get(session, delivery.order_id)
    query = select(Reservation).where(
        Reservation.order_id == delivery.order_id,
        Reservation.depot_id == delivery.depot_id,
        Reservation.status == PICKED,
    )
    in_order = query.order_by(Reservation.part_id, Reservation.id)
    # The order, then levels, then the delivery: as a cancellation or a count takes them.
    levels.lock(session, {one.shelf for one in session.scalars(in_order).all()})
    delivery = rows.locked(session, Delivery, delivery_id)
    wanted = deliveries.lines_of(session, delivery_id)
    leaving: list[Reservation] = []
    fresh = in_order.execution_options(populate_existing=True)
    for one in session.scalars(fresh).all():
        if one.quantity <= wanted.get(one.order_line_id, 0):
            wanted[one.order_line_id] -= one.quantity
            leaving.append(one)
    missing = sum(wanted.values())
    if missing:
        cause = f"{delivery.title}: {missing} are not picked"
        raise Conflict("not_picked", cause=cause, action="pick them, or book them as short")
    for one in leaving:
        picking.ship(session, one.id, delivery_id=delivery.id, van=van)
    states.step(session, delivery, "load", data={"van": van})
    session.flush()
    return leaving


def hand_over(session: Session, order_id: UUID) -> list[Reservation]:
    """Hand what is picked of an order over the counter, with its lots and serial numbers."""
    order = orders.get(session, order_id)
    query = select(Reservation).where(
        Reservation.order_id == order.id, Reservation.status == PICKED
    )
    leaving = list(session.scalars(query.order_by(Reservation.part_id, Reservation.id)).all())
    if not leaving:
        cause = f"{order.title}: nothing is picked"
        raise Conflict("not_picked", cause=cause, action="pick it first")
    for one in leaving:
        picking.ship(session, one.id, delivery_id=None, van="counter")
    return leaving


def send_transfer(session: Session, transfer_id: UUID, *, today: date, van: str) -> None:
    """Let a transfer leave; deliveries that were to bring its goods from here are lowered."""
    transfer = rows.get(session, Transfer, transfer_id)
    sent = transfers.send(session, transfer, today=today, van=van)
    deliveries.lower(session, sent)


def receive_transfer(
    session: Session,
    transfer_id: UUID,
    *,
    bin: str,
    received: Mapping[UUID, int] | None = None,
) -> None:
    """Take a transfer in, and open deliveries for what it brought."""
    transfer = rows.get(session, Transfer, transfer_id)
    arrived = transfers.receive(session, transfer, bin=bin, received=received)
    orders.carry(session, [*arrived.reservations, *arrived.served])


def take_back(
    session: Session, reservation_id: UUID, quantity: int, *, bin: str, document: str
) -> None:
    """Put returned goods back into a bin, and open deliveries for who waited for them."""
    served = picking.take_back(session, reservation_id, quantity, bin=bin, document=document)
    orders.carry(session, served)


def release_quarantine(session: Session, quarantine_id: UUID, *, bin: str) -> Outcome:
    """Put goods from quarantine into a bin, and open deliveries for who waited for them."""
    quarantine = rows.get(session, corrections.Quarantine, quarantine_id)
    return follow(session, corrections.release(session, quarantine, bin=bin))
