"""
How much of a part a depot has, and how much of that is set aside.

``available`` is ``on_hand - reserved``, less what has expired, and is never stored. Both counters
change by one conditional UPDATE. Who locks several rows sorts them by `Shelf`: orders first, then
levels in this order, then reservations and deliveries; so nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, bindparam, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.stock import lots
from dispatch.store.base import Table
from dispatch.store.errors import Conflict
from dispatch.store.statements import changed, insert_unless_there


class StockLevel(Table):
    """One part at one depot."""

    __tablename__ = "stock_levels"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved"),
    )

    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"), primary_key=True, index=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)


MOST = 2**31 - 1
"""How many of a part a depot can have: what PostgreSQL counts in 32 bits."""

_AVAILABLE = StockLevel.on_hand - StockLevel.reserved
_BATCH = 200
"""How many levels one statement names: SQLite takes some 32,000 values at most."""


@dataclass(frozen=True, slots=True, order=True)
class Shelf:
    """A part at a depot, as a key; shelves are locked in their order."""

    depot_id: UUID
    part_id: UUID


def take(session: Session, shelf: Shelf, quantity: int) -> bool:
    """Set a quantity aside in whole, or tell that so much is not available."""
    wanted = update(StockLevel).where(_at(shelf), quantity <= _AVAILABLE)
    if changed(session, wanted.values(reserved=StockLevel.reserved + quantity)) != 1:
        return False
    # Looked at under the lock of the update: what has expired cannot come in between.
    if lots.may_expire(session, shelf.part_id) and available(session, shelf) < 0:
        give_back(session, shelf, quantity)
        return False
    return True


def take_some(session: Session, shelf: Shelf, quantity: int) -> int:
    """
    Set aside what is available, up to a quantity, and return how much that was.

    The level stays locked until the commit, so who then queues for the rest is seen by whoever
    brings goods in next, and no receipt slips between looking and queueing.
    """
    ensure(session, shelf)
    lock(session, [shelf])
    some = max(0, min(quantity, available(session, shelf)))
    if some and not take(session, shelf, some):
        raise AssertionError(f"{shelf} changed under its lock")
    return some


def give_back(session: Session, shelf: Shelf, quantity: int) -> None:
    """Make a quantity available again that was set aside."""
    wanted = update(StockLevel).where(_at(shelf), StockLevel.reserved >= quantity)
    if changed(session, wanted.values(reserved=StockLevel.reserved - quantity)) != 1:
        raise AssertionError(f"{shelf}: less than {quantity} is reserved")


def change(session: Session, shelf: Shelf, quantity: int) -> None:
    """Add to what is on hand (``too_much``), or take what is not set aside (``out_of_stock``)."""
    ensure(session, shelf)
    if abs(quantity) > MOST:
        raise _impossible(session, shelf, quantity)
    possible = StockLevel.on_hand <= MOST - quantity if quantity > 0 else -quantity <= _AVAILABLE
    wanted = update(StockLevel).where(_at(shelf), possible)
    if changed(session, wanted.values(on_hand=StockLevel.on_hand + quantity)) != 1:
        raise _impossible(session, shelf, quantity)


def leave(session: Session, shelf: Shelf, quantity: int) -> None:
    """Take away a quantity that was set aside."""
    wanted = update(StockLevel).where(_at(shelf), StockLevel.reserved >= quantity)
    values = {
        "on_hand": StockLevel.on_hand - quantity,
        "reserved": StockLevel.reserved - quantity,
    }
    if changed(session, wanted.values(values)) != 1:
        raise AssertionError(f"{shelf}: less than {quantity} is reserved")


def available(session: Session, shelf: Shelf) -> int:
    """Return how much can still be set aside; below 0 where what is set aside has expired."""
    query = select(_AVAILABLE).where(_at(shelf))
    return (session.scalar(query) or 0) - _expired(session, shelf)


def lock(session: Session, shelves: Iterable[Shelf]) -> None:
    """Let nobody else change these levels until the commit."""
    for shelf in sorted(set(shelves)):
        query = select(StockLevel.part_id).where(_at(shelf))
        session.execute(query.with_for_update(key_share=True))


def lock_many(session: Session, shelves: Iterable[Shelf]) -> dict[Shelf, int]:
    """Make sure of many levels and lock them, in their order; return what each has available."""
    wanted = sorted(set(shelves))
    if not wanted:
        return {}
    insert_unless_there(session, StockLevel, [_empty(shelf) for shelf in wanted])
    found: dict[Shelf, int] = {}
    for at in range(0, len(wanted), _BATCH):
        keys = [(shelf.depot_id, shelf.part_id) for shelf in wanted[at : at + _BATCH]]
        key = tuple_(StockLevel.depot_id, StockLevel.part_id)
        query = select(StockLevel.depot_id, StockLevel.part_id, _AVAILABLE).where(key.in_(keys))
        in_order = query.order_by(StockLevel.depot_id, StockLevel.part_id)
        for depot_id, part_id, left in session.execute(in_order.with_for_update(key_share=True)):
            found[Shelf(depot_id, part_id)] = left
        out = lots.expired(session, {d for d, _ in keys}, {p for _, p in keys})
        for (depot_id, part_id), quantity in out.items():
            shelf = Shelf(depot_id, part_id)
            found[shelf] = max(0, found.get(shelf, 0) - quantity)
    return found


def take_locked(session: Session, quantities: Mapping[Shelf, int]) -> None:
    """Set aside from many levels, which the caller has locked and found to have enough."""
    if not quantities:
        return
    table = StockLevel.__table__
    enough = table.c.on_hand - table.c.reserved >= bindparam("wanted")
    here = (table.c.depot_id == bindparam("depot")) & (table.c.part_id == bindparam("part"))
    more = table.c.reserved + bindparam("wanted")
    statement = update(StockLevel).where(here, enough).values(reserved=more)
    values = [
        {"depot": shelf.depot_id, "part": shelf.part_id, "wanted": quantity}
        for shelf, quantity in sorted(quantities.items())
    ]
    # On the connection: the session's way of many rows is by primary key alone.
    result = session.connection().execute(statement, values)
    if result.rowcount != len(values):
        raise AssertionError("a level changed under its lock")


def ensure(session: Session, shelf: Shelf) -> None:
    """Make the row of a part that the depot never had, unless another just did."""
    insert_unless_there(session, StockLevel, _empty(shelf))


def _empty(shelf: Shelf) -> dict[str, Any]:
    return {"depot_id": shelf.depot_id, "part_id": shelf.part_id, "on_hand": 0, "reserved": 0}


def _impossible(session: Session, shelf: Shelf, quantity: int) -> Conflict:
    if quantity > 0:
        cause = f"{quantity:,} more would be above {MOST:,} on hand"
        return Conflict("too_much", cause=cause, action="look at the quantity again")
    return Conflict(
        "out_of_stock",
        cause=f"{-quantity} are to leave, {available(session, shelf)} are available",
        action="lower the quantity, or release what is set aside",
    )


def _expired(session: Session, shelf: Shelf) -> int:
    return lots.expired(session, [shelf.depot_id], [shelf.part_id])[shelf.depot_id, shelf.part_id]


def _at(shelf: Shelf) -> ColumnElement[bool]:
    return (StockLevel.depot_id == shelf.depot_id) & (StockLevel.part_id == shelf.part_id)
