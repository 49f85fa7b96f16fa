"""Many orders at once, by the sender's own numbers: created, changed, or as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from dispatch.intake import changes, deliveries, orders
from dispatch.intake.changes import Changes
from dispatch.intake.orders import Fulfilment, NewOrder, Order, Wanted
from dispatch.stock import reservations
from dispatch.store import database, states
from dispatch.store.errors import Conflict, Refused

REUSE = "give it another number, or change the order itself"


class Mode(StrEnum):
    """What may be done with a number that is there, or not there, yet."""

    CREATE = "create"
    UPDATE = "update"
    MERGE = "merge"


class Fate(StrEnum):
    """What became of an order."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one order; ``refusal`` says why nothing did.

    ``before`` is what an updated order said before, as `Changes` that can be stored.
    """

    number: str
    fate: Fate
    order: Order | None = None
    refusal: Refused | None = None
    before: dict[str, Any] | None = None


def apply(session: Session, news: Sequence[NewOrder], mode: Mode) -> list[Outcome]:
    """Create or change these orders, accepted at once; each has a fate, in the same order."""
    there = _there(session, [new.number for new in news])
    fates = {new.number: _fate(new, there.get(new.number), mode) for new in news}
    created = take_in(session, [new for new in news if fates[new.number].fate == Fate.CREATED])
    for order in created:
        fates[order.number] = Outcome(order.number, Fate.CREATED, order)
    for new in sorted(news, key=lambda new: new.number):
        if fates[new.number].fate == Fate.UPDATED:
            fates[new.number] = _update(session, there[new.number], new)
    return [fates[new.number] for new in news]


def foresee(session: Session, news: Sequence[NewOrder], mode: Mode) -> list[Outcome]:
    """Return what `apply` would do, as far as can be told without doing it."""
    there = _there(session, [new.number for new in news])
    return [_fate(new, there.get(new.number), mode) for new in news]


def take_in(session: Session, news: Sequence[NewOrder]) -> list[Order]:
    """Place and accept many new orders, whose parts, places and numbers have been checked."""
    made = [orders.written(new) for new in news]
    for order in made:
        states.step(session, order, "place")
        states.step(session, order, "accept")
    session.flush()
    wishes = [wish for order in made for wish in orders.wishes(order)]
    reserved = reservations.reserve_many(session, wishes)
    brought = {order.id for order in made if order.fulfilment == Fulfilment.DELIVERY}
    here = [one for one in reserved if one.status in reservations.ACTIVE]
    deliveries.open_new(session, [one for one in here if one.order_id in brought])
    session.flush()
    return made


def as_changes(stored: dict[str, Any]) -> Changes:
    """Return what `Outcome.before` kept, as the changes that lead back to it."""
    back: dict[str, Any] = dict(stored)
    back["lines"] = [Wanted(UUID(part), quantity, vin) for part, quantity, vin in stored["lines"]]
    for column in ("earliest_at", "latest_at"):
        back[column] = datetime.fromisoformat(stored[column]) if stored[column] else None
    point = stored["repair_point_id"]
    back["repair_point_id"] = UUID(point) if point else None
    return cast("Changes", back)


def _there(session: Session, numbers: Sequence[str]) -> dict[str, Order]:
    query = select(Order).where(Order.number.in_(numbers)).options(selectinload(Order.lines))
    if database.writes(session):
        query = query.order_by(Order.number).with_for_update(key_share=True)
    fresh = query.execution_options(populate_existing=True)
    return {order.number: order for order in session.scalars(fresh)}


def _fate(new: NewOrder, order: Order | None, mode: Mode) -> Outcome:
    if order is None:
        if mode != Mode.UPDATE:
            return Outcome(new.number, Fate.CREATED)
        cause = f"there is no order {new.number} to update"
        refusal = Conflict("order_unknown", cause=cause, action="use the mode merge or create")
        return Outcome(new.number, Fate.REFUSED, refusal=refusal)
    if order.content_hash == new.content_hash:
        return Outcome(new.number, Fate.UNCHANGED, order)
    if mode == Mode.CREATE or (order.customer_id, order.depot_id) != (
        new.customer_id,
        new.depot_id,
    ):
        cause = f"order {new.number} is there already and says something else"
        refusal = Conflict("order_differs", cause=cause, action=REUSE)
        return Outcome(new.number, Fate.REFUSED, order, refusal)
    return Outcome(new.number, Fate.UPDATED, order)


def _update(session: Session, order: Order, new: NewOrder) -> Outcome:
    before = _before(order)
    wanted = {key: value for key, value in asdict(new).items() if key in before}
    wanted["lines"] = new.lines
    try:
        with database.savepoint(session):
            changes.change(session, order, cast("Changes", wanted))
    except Refused as refusal:
        return Outcome(new.number, Fate.REFUSED, order, refusal)
    return Outcome(new.number, Fate.UPDATED, order, before=before)


def _before(order: Order) -> dict[str, Any]:
    return {
        "lines": [[str(o.part_id), o.quantity, o.vin] for o in order.lines if o.quantity],
        "repair_point_id": str(order.repair_point_id) if order.repair_point_id else None,
        "priority": order.priority,
        "downtime_cost_per_h": order.downtime_cost_per_h,
        "earliest_at": order.earliest_at.isoformat() if order.earliest_at else None,
        "latest_at": order.latest_at.isoformat() if order.latest_at else None,
        "notes": order.notes,
        "content_hash": order.content_hash,
    }
