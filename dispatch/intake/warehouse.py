"""What happens to stock, with what it means for deliveries: these are lowered, or opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.intake import deliveries, orders
from dispatch.intake.deliveries import Delivery
from dispatch.intake.orders import Fulfilment, Order
from dispatch.stock import corrections, levels, picking, reservations, transfers
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


def ship(
    session: Session,
    delivery_id: UUID,
    *,
    van: str,
    first: Collection[UUID] = (),
    never: Collection[UUID] = (),
) -> list[Reservation]:
    """
    Load a delivery: its picked goods leave the depot.

    Refused (``not_picked``) unless all that it is to bring is picked. Of what is picked for the
    order, the reservations that are named go ``first``, or ``never``, as for another delivery.
    """
    delivery = rows.get(session, Delivery, delivery_id)
    order = orders.get(session, delivery.order_id)
    picked = _picked(session, order, delivery.depot_id)
    # The order, then levels, then the delivery: as a cancellation or a count takes them.
    delivery = rows.locked(session, Delivery, delivery_id)
    states.step(session, delivery, "load", data={"van": van})
    wanted = deliveries.lines_of(session, delivery_id)
    leaving: list[Reservation] = []
    for one in sorted(picked, key=lambda one: one.id not in first):
        some = 0 if one.id in never else min(one.quantity, wanted.get(one.order_line_id, 0))
        if some:
            wanted[one.order_line_id] -= some
            leaving.append(one if some == one.quantity else reservations.part(session, one, some))
    missing = sum(wanted.values())
    if missing:
        cause = f"{delivery.title}: {missing} are not picked"
        raise Conflict("not_picked", cause=cause, action="pick them, or book them as short")
    for one in leaving:
        picking.ship(session, one.id, delivery_id=delivery.id, van=van)
    session.flush()
    return leaving


def hand_over(session: Session, order_id: UUID) -> list[Reservation]:
    """
    Hand what is picked of an order over the counter, with its lots and serial numbers.

    Refused for an order that is to be brought (``not_collected``).
    """
    order = orders.get(session, order_id)
    if order.fulfilment != Fulfilment.PICKUP:
        cause = f"{order.title} is to be delivered"
        action = "let the customer collect it first: change it to have no repair point"
        raise Conflict("not_collected", cause=cause, action=action)
    leaving = _picked(session, order)
    if not leaving:
        cause = f"{order.title}: nothing is picked"
        raise Conflict("not_picked", cause=cause, action="pick it first")
    for one in leaving:
        picking.ship(session, one.id, delivery_id=None, van="counter")
    return leaving


def _picked(session: Session, order: Order, depot_id: UUID | None = None) -> list[Reservation]:
    """Return what is picked of an order, with its levels locked."""
    query = select(Reservation).where(
        Reservation.order_id == order.id, Reservation.status == PICKED
    )
    if depot_id is not None:
        query = query.where(Reservation.depot_id == depot_id)
    in_order = query.order_by(Reservation.depot_id, Reservation.part_id, Reservation.id)
    levels.lock(session, {one.shelf for one in session.scalars(in_order).all()})
    fresh = in_order.execution_options(populate_existing=True)
    return list(session.scalars(fresh).all())


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
