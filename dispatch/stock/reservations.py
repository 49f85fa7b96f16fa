"""
Stock that is set aside for a line, and lines that queue for it.

A line that finds less than it wants is served in part and queues for the rest. Goods that come in,
or are given back, go to who queues: the more urgent first, then the older.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.stock import levels, movements
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import STAGING, Basis, Kind, Place
from dispatch.store import events, rows, states
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Conflict
from dispatch.store.states import Machine

WAITING = "waiting"
RESERVED = "reserved"
PICKED = "picked"
IN_TRANSIT = "in_transit"
ACTIVE = frozenset({"reserved", PICKED})
"""The states that count in `StockLevel.reserved`."""


class Reservation(Versioned, Table):
    """A quantity for one order line at one depot: set aside, waiting for goods, or released."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index(None, "depot_id", "part_id", "status"),
    )
    machine: ClassVar[Machine] = states.RESERVATION

    id: Mapped[Key]
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    quantity: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    priority: Mapped[int]
    since: Mapped[datetime]
    """When the order was placed: its place in the queue."""
    bin: Mapped[str | None] = mapped_column(String(40))
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lots.id"), index=True)
    """Once it is picked: from which bin, and of which lot."""

    @property
    def title(self) -> str:
        return f"a reservation of {self.quantity}"

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.depot_id, self.part_id)

    def concerns(self) -> Mapping[str, UUID]:
        return {"order": self.order_id, "depot": self.depot_id, "part": self.part_id}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a line wants from a depot, and how urgent that is."""

    order_id: UUID
    order_line_id: UUID
    shelf: Shelf
    quantity: int
    priority: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """A quantity that an order line had set aside, and has no longer."""

    order_id: UUID
    order_line_id: UUID
    depot_id: UUID
    quantity: int


def reserve(session: Session, wishes: Iterable[Wish]) -> list[Reservation]:
    """Set aside what is available for each wish, and queue for the rest; never oversells."""
    made: list[Reservation] = []
    for wish in sorted(wishes, key=lambda wish: wish.shelf):
        whole = levels.take(session, wish.shelf, wish.quantity)
        taken = wish.quantity if whole else levels.take_some(session, wish.shelf, wish.quantity)
        if taken:
            made.append(_made(session, wish, taken, "reserve"))
        if taken < wish.quantity:
            made.append(_made(session, wish, wish.quantity - taken, "queue"))
    return made


def reserve_many(session: Session, wishes: Iterable[Wish]) -> list[Reservation]:
    """
    Do as `reserve` does for very many wishes, in a few statements; first come, first served.

    All levels are locked first, so what is available does not change while it is handed out.
    """
    wanted = list(wishes)
    left = levels.lock_many(session, (wish.shelf for wish in wanted))
    taken: Counter[Shelf] = Counter()
    made: list[Reservation] = []
    for wish in wanted:
        some = min(wish.quantity, left[wish.shelf] - taken[wish.shelf])
        if some:
            taken[wish.shelf] += some
            made.append(_made(session, wish, some, "reserve"))
        if some < wish.quantity:
            made.append(_made(session, wish, wish.quantity - some, "queue"))
    levels.take_locked(session, taken)
    return made


def release(session: Session, order_id: UUID) -> list[Reservation]:
    """
    Give back what an order has set aside, and leave its queues.

    Returns those of other orders that were served by it.
    """
    mine = select(Reservation).where(Reservation.order_id == order_id)
    shelves = {one.shelf for one in session.scalars(mine)}
    levels.lock(session, shelves)
    # Read again: before the lock, goods may just have come in for one that waited.
    current = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    for one in session.scalars(current).all():
        if one.status in ACTIVE:
            levels.give_back(session, one.shelf, one.quantity)
        if one.status == PICKED:
            _put_back(session, one)
        if one.status in ACTIVE | {WAITING, IN_TRANSIT}:
            states.step(session, one, "release")
    return fill(session, shelves)


def displace(session: Session, shelf: Shelf, quantity: int) -> list[Lost]:
    """
    Take goods from reservations until so much is available, as they are not there after all.

    Who queues last loses first, and queues again in its old place; what is picked stays.
    """
    levels.lock(session, [shelf])
    short = quantity - levels.available(session, shelf)
    lost: list[Lost] = []
    for one in reversed(_in_turn(session, shelf, "reserved") if short > 0 else []):
        if short <= 0:
            break
        some = min(short, one.quantity)
        lost.append(lose(session, one, some))
        short -= some
    return lost


def lose(session: Session, one: Reservation, quantity: int) -> Lost:
    """Have a reservation wait again for some of what it had; its level must be locked."""
    levels.give_back(session, one.shelf, quantity)
    if quantity < one.quantity:
        one.quantity -= quantity
        _made(session, wish_of(one, quantity), quantity, "queue")
    else:
        states.step(session, one, "lose", data={"quantity": quantity})
    return Lost(one.order_id, one.order_line_id, one.depot_id, quantity)


def lower(session: Session, order_line_id: UUID, quantity: int) -> list[Lost]:
    """
    Take back so much of a line: of what it waits for, then of what it has set aside.

    Returns what was set aside; refused (``already_picked``) where less than that is left on the
    shelves. The caller has locked their levels, and fills them afterwards.
    """
    given: list[Lost] = []
    for one in _of_line(session, order_line_id):
        some = min(quantity, one.quantity)
        if some == 0:
            break
        quantity -= some
        if one.status == RESERVED:
            levels.give_back(session, one.shelf, some)
            given.append(Lost(one.order_id, order_line_id, one.depot_id, some))
        _reduce(session, one, some)
    if quantity:
        cause = f"{quantity} of the line are picked or on their way already"
        raise Conflict("already_picked", cause=cause, action="have them put back first")
    return given


def shelves_of(session: Session, order_id: UUID) -> set[Shelf]:
    """Return where an order has anything set aside, or waits for it."""
    query = select(Reservation).where(Reservation.order_id == order_id)
    return {one.shelf for one in session.scalars(query)}


def active(session: Session, order_id: UUID) -> list[Reservation]:
    """Return what is set aside for an order."""
    query = select(Reservation).where(Reservation.order_id == order_id)
    return list(session.scalars(query.where(Reservation.status.in_(ACTIVE))).all())


def hurry(session: Session, order_id: UUID, priority: int) -> None:
    """Give what an order waits for another place in the queue."""
    query = select(Reservation).where(Reservation.order_id == order_id)
    for one in session.scalars(query.where(Reservation.status == WAITING)).all():
        one.priority = priority


def fill(session: Session, shelves: Collection[Shelf]) -> list[Reservation]:
    """Serve who queues at these shelves with what is available; return what was set aside."""
    served: list[Reservation] = []
    for shelf in sorted(shelves):
        levels.lock(session, [shelf])
        left = levels.available(session, shelf)
        for one in _in_turn(session, shelf, WAITING) if left > 0 else ():
            if left == 0:
                break
            some = min(left, one.quantity)
            served.append(_served(session, one, some))
            left -= some
    return served


def waiting(session: Session, shelf: Shelf) -> int:
    """Return how much is queued for."""
    query = select(func.sum(Reservation.quantity)).where(
        Reservation.depot_id == shelf.depot_id,
        Reservation.part_id == shelf.part_id,
        Reservation.status == WAITING,
    )
    return session.scalar(query) or 0


def locked(session: Session, reservation_id: UUID) -> Reservation:
    """Return a reservation as it is now; nobody else changes it or its level until the commit."""
    levels.lock(session, [rows.get(session, Reservation, reservation_id).shelf])
    return rows.locked(session, Reservation, reservation_id)


def wish_of(one: Reservation, quantity: int) -> Wish:
    """Return the wish for a part of a reservation, in its place in the queue."""
    return Wish(one.order_id, one.order_line_id, one.shelf, quantity, one.priority, one.since)


def split(session: Session, one: Reservation, quantity: int, action: str) -> Reservation:
    """Keep a quantity in a reservation and make a new one of the rest; levels stay."""
    rest = one.quantity - quantity
    one.quantity = quantity
    return _made(session, wish_of(one, rest), rest, action)


def part(session: Session, one: Reservation, quantity: int) -> Reservation:
    """Part so much from a picked reservation, as one of its own; return that."""
    new = split(session, one, one.quantity - quantity, "part")
    new.bin, new.lot_id = one.bin, one.lot_id
    session.flush()
    return new


def left(session: Session, order_id: UUID) -> bool:
    """Tell whether anything of an order has left, and has not come back."""
    query = select(Reservation.id).where(
        Reservation.order_id == order_id, Reservation.status == "shipped"
    )
    return session.scalar(query.limit(1)) is not None


def _of_line(session: Session, order_line_id: UUID) -> Iterable[Reservation]:
    """Return what can be taken back of a line: what waits first, then what was made last."""
    session.flush()
    query = select(Reservation).where(
        Reservation.order_line_id == order_line_id, Reservation.status.in_([RESERVED, WAITING])
    )
    fresh = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.scalars(fresh.order_by(Reservation.id.desc())).all()
    return sorted(found, key=lambda one: one.status != WAITING)


def _reduce(session: Session, one: Reservation, quantity: int) -> None:
    if quantity == one.quantity:
        states.step(session, one, "release")
        return
    one.quantity -= quantity
    data = {"quantity": quantity}
    events.record(session, "reservation.reduced", one.id, subjects=one.concerns(), data=data)


def _in_turn(session: Session, shelf: Shelf, status: str) -> list[Reservation]:
    session.flush()
    query = select(Reservation).where(
        Reservation.depot_id == shelf.depot_id,
        Reservation.part_id == shelf.part_id,
        Reservation.status == status,
    )
    in_turn = query.order_by(Reservation.priority.desc(), Reservation.since, Reservation.id)
    fresh = in_turn.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(session.scalars(fresh).all())


def _put_back(session: Session, one: Reservation) -> None:
    """Move what was picked from the staging bin to where it came from."""
    assert one.bin is not None
    place = Place(one.shelf, STAGING, one.lot_id)
    basis = Basis(order_line_id=one.order_line_id)
    movements.shift(session, Kind.PICK, place, one.bin, one.quantity, basis)


def _served(session: Session, one: Reservation, quantity: int) -> Reservation:
    """Set aside a quantity for one that waits; what is missing goes on waiting in its place."""
    if not levels.take(session, one.shelf, quantity):
        raise AssertionError(f"{one.shelf} changed under its lock")
    rest = one.quantity - quantity
    if rest:
        split(session, one, quantity, "queue")
    states.step(session, one, "fill", data={"quantity": quantity})
    return one


def _made(session: Session, wish: Wish, quantity: int, action: str) -> Reservation:
    row = Reservation(
        order_id=wish.order_id,
        order_line_id=wish.order_line_id,
        depot_id=wish.shelf.depot_id,
        part_id=wish.shelf.part_id,
        quantity=quantity,
        priority=wish.priority,
        since=wish.since,
    )
    states.step(session, row, action, data={"quantity": quantity})
    return row
