"""From the shelf to the truck and back: picking fixes the lot, shipping takes it off the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatch.stock import levels, lots, movements, reservations
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import STAGING, Basis, BinStock, Kind, Lot, Place
from dispatch.stock.reservations import Reservation
from dispatch.store import states
from dispatch.store.errors import Invalid


@dataclass(frozen=True, slots=True)
class Grab:
    """So many from one bin, of one lot."""

    place: Place
    quantity: int


def propose(
    session: Session,
    shelf: Shelf,
    quantity: int,
    *,
    today: date,
    spoken_for: Mapping[Place, int] | None = None,
) -> list[Grab]:
    """
    Return from where to take a quantity: what expires first, then what came first; less if short.

    What has expired, what is picked already and what is ``spoken_for`` is left alone.
    """
    taken = spoken_for or {}
    found: list[Grab] = []
    for place, on_hand in _in_turn(session, shelf, today):
        some = min(quantity, on_hand - taken.get(place, 0))
        if some > 0:
            found.append(Grab(place, some))
            quantity -= some
        if quantity == 0:
            break
    return found


def pick(session: Session, reservation_id: UUID, grab: Grab) -> Reservation:
    """
    Take goods from a bin for a reservation, and fix their lot; return what is picked.

    Of less than all, the rest stays reserved, as a reservation of its own.
    """
    one = reservations.locked(session, reservation_id)
    if not 0 < grab.quantity <= one.quantity:
        cause = f"{grab.quantity} are picked, {one.quantity} are wanted"
        raise Invalid("too_many", cause=cause, action=f"pick up to {one.quantity}")
    if grab.place.bin == STAGING:
        cause = f"{STAGING} holds what is picked already"
        raise Invalid("staging_bin", cause=cause, action="name another bin")
    lots.refuse_expired(session, one.depot_id, grab.place.lot_id)
    data = {"bin": grab.place.bin, "quantity": grab.quantity}
    states.step(session, one, "pick", data=data)
    if grab.quantity < one.quantity:
        reservations.split(session, one, grab.quantity, "reserve")
    one.bin, one.lot_id = grab.place.bin, grab.place.lot_id
    basis = Basis(order_line_id=one.order_line_id)
    movements.shift(session, Kind.PICK, grab.place, STAGING, grab.quantity, basis)
    return one


def pick_all(session: Session, reservation_id: UUID, *, today: date) -> list[Reservation]:
    """Pick as much of a reservation as its bins have, in the order of `propose`."""
    one = reservations.locked(session, reservation_id)
    order_line_id, shelf, picked = one.order_line_id, one.shelf, []
    for grab in propose(session, shelf, one.quantity, today=today):
        picked.append(pick(session, one.id, grab))
        rest = _rest(session, order_line_id, shelf)
        if rest is None:
            break
        one = rest
    return picked


def ship(session: Session, reservation_id: UUID, *, delivery_id: UUID | None, van: str) -> None:
    """Let picked goods leave the depot, for good."""
    one = reservations.locked(session, reservation_id)
    states.step(session, one, "ship", data={"quantity": one.quantity, "van": van})
    basis = Basis(order_line_id=one.order_line_id, delivery_id=delivery_id, van=van)
    place = Place(one.shelf, STAGING, one.lot_id)
    movements.leave(session, Kind.SHIP, place, one.quantity, basis)


def take_back(
    session: Session, reservation_id: UUID, quantity: int, *, bin: str, document: str
) -> list[Reservation]:
    """Put shipped goods back into a bin, and serve who waits; return what was set aside."""
    one = reservations.locked(session, reservation_id)
    if not 0 < quantity <= one.quantity:
        cause = f"{quantity} come back, {one.quantity} had left"
        raise Invalid("too_many", cause=cause, action=f"take back up to {one.quantity}")
    if bin == STAGING:
        cause = f"{STAGING} holds what is picked, and nothing else"
        raise Invalid("staging_bin", cause=cause, action="name another bin")
    if quantity < one.quantity and one.status == "shipped":
        back = reservations.split(session, one, one.quantity - quantity, "take_back_part")
        back.bin, back.lot_id = one.bin, one.lot_id
    else:
        states.step(session, one, "take_back", data={"quantity": quantity})
    basis = Basis(document=document, order_line_id=one.order_line_id)
    movements.record(session, Kind.RETURN, Place(one.shelf, bin, one.lot_id), quantity, basis)
    return reservations.fill(session, [one.shelf])


def _rest(session: Session, order_line_id: UUID, shelf: Shelf) -> Reservation | None:
    session.flush()
    query = select(Reservation).where(
        Reservation.order_line_id == order_line_id,
        Reservation.depot_id == shelf.depot_id,
        Reservation.status == "reserved",
    )
    return session.scalars(query.order_by(Reservation.id)).first()


def _in_turn(session: Session, shelf: Shelf, today: date) -> list[tuple[Place, int]]:
    levels.lock(session, [shelf])
    query = (
        select(BinStock, Lot.expires_on)
        .outerjoin(Lot, Lot.id == BinStock.lot_id)
        .where(
            BinStock.depot_id == shelf.depot_id,
            BinStock.part_id == shelf.part_id,
            BinStock.bin != STAGING,
            BinStock.on_hand > 0,
            or_(Lot.expires_on.is_(None), Lot.expires_on >= today),
        )
        .execution_options(populate_existing=True)
    )
    # Keys are in order of time, so they tell which lot, and which bin's goods, came first.
    found = sorted(
        session.execute(query).all(),
        key=lambda row: (row[1] or date.max, row[0].lot_id or row[0].id, row[0].bin),
    )
    return [(Place(shelf, row.bin, row.lot_id), row.on_hand) for row, _ in found]
