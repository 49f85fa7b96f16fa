"""
The days of standing orders: placed ahead of time, each once, or skipped with a reason.

A row says what was decided for a day. It is written together with the order, under the lock of the
template, so however often and by however many servers it is tried, a day has one order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depots, moments, rhythms
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.rhythms import REACH_D, Due
from dispatch.intake import orders, standing_orders
from dispatch.intake.orders import NewOrder, Order
from dispatch.intake.standing_orders import StandingOrder
from dispatch.store import clock, database, events, rows
from dispatch.store.base import Key, Table
from dispatch.store.database import Database
from dispatch.store.errors import Conflict, Invalid, NotFound, Refused


class StandingDate(Table):
    """What was decided for a day of a standing order: its order, or why it is skipped."""

    __tablename__ = "standing_dates"
    __table_args__ = (
        UniqueConstraint("standing_order_id", "due_on"),
        UniqueConstraint("standing_order_id", "on_date"),
        CheckConstraint("(order_id IS NULL) <> (skipped_because IS NULL)", name="decided"),
    )

    id: Mapped[Key]
    standing_order_id: Mapped[UUID] = mapped_column(ForeignKey("standing_orders.id"))
    due_on: Mapped[date]
    """By its rhythm; or the day that was skipped."""
    on: Mapped[date | None] = mapped_column("on_date")
    """When its order comes; None when it is skipped."""
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    skipped_because: Mapped[str | None] = mapped_column(String(400))


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a standing order: neither order nor reason where it is still to be placed."""

    on: date
    due_on: date
    order_id: UUID | None = None
    skipped_because: str | None = None


def place_due(opened: Database, *, actor: str) -> list[Refused]:
    """
    Place every order that is due, each in a transaction of its own; return what was refused.

    What one standing order is refused for keeps no other from being placed.
    """
    with database.reading(opened) as session:
        query = select(StandingOrder.id).where(StandingOrder.status == "active")
        ids = session.scalars(query.order_by(StandingOrder.id)).all()
    refused: list[Refused] = []
    for standing_id in ids:
        try:
            while _placed_one(opened, standing_id, actor):
                pass
        except (Conflict, Invalid, NotFound) as error:
            refused.append(error)
    return refused


def place_next(session: Session, standing_id: UUID) -> Order | None:
    """Place the earliest order of a standing order that is due and still to be placed, if any."""
    standing = rows.locked(session, StandingOrder, standing_id)
    if standing.status != "active":
        return None
    depot = rows.get(session, Depot, standing.depot_id)
    today = moments.day(clock.now(), depot.zone)
    due = _open(session, standing, depot, today, today + timedelta(days=standing.days_ahead))
    for each in due:
        earliest_at, latest_at = _window(standing, depot, each.on)
        if latest_at is None or latest_at > clock.now():
            return _place(session, standing, each, earliest_at, latest_at)
    return None


def between(session: Session, standing: StandingOrder, first: date, last: date) -> list[Day]:
    """Return what came, comes or is skipped on the days of a time, both ends included."""
    depot = rows.get(session, Depot, standing.depot_id)
    found = [
        Day(row.on or row.due_on, row.due_on, row.order_id, row.skipped_because)
        for row in _decided(session, standing, first, last)
        if first <= (row.on or row.due_on) <= last
    ]
    today = moments.day(clock.now(), depot.zone)
    if standing.status != "ended":
        due = _open(session, standing, depot, max(first, today), last)
        found += [Day(each.on, each.due_on) for each in due]
    return sorted(found, key=lambda day: (day.on, day.due_on))


def skip(session: Session, standing: StandingOrder, on: date, *, reason: str) -> None:
    """Leave one day out (``not_due``, ``placed_already``); the template must be locked."""
    for row in _decided(session, standing, on, on):
        if row.order_id and on in (row.on, row.due_on):
            cause = f"the order of {standing.title} for {row.on} is placed"
            raise Conflict("placed_already", cause=cause, action="cancel that order")
    depot = rows.get(session, Depot, standing.depot_id)
    reach = timedelta(days=REACH_D)
    due = _open(session, standing, depot, on - reach, on + reach)
    if not any(on in (each.on, each.due_on) for each in due):
        cause = f"{standing.title} brings nothing on {on}"
        raise Invalid("not_due", cause=cause, action="choose one of its days")
    session.add(StandingDate(standing_order_id=standing.id, due_on=on, skipped_because=reason))
    session.flush()
    _record(session, "standing_order.skipped", standing, {"on": on.isoformat(), "reason": reason})


def restore(session: Session, standing: StandingOrder, on: date) -> None:
    """Take a day back in that was skipped (``not_skipped``); the template must be locked."""
    query = select(StandingDate).where(
        StandingDate.standing_order_id == standing.id,
        StandingDate.due_on == on,
        StandingDate.order_id.is_(None),
    )
    row = session.scalar(query)
    if row is None:
        cause = f"{on} of {standing.title} is not skipped"
        raise Invalid("not_skipped", cause=cause, action="choose a day that is")
    session.delete(row)
    session.flush()
    _record(session, "standing_order.restored", standing, {"on": on.isoformat()})


def _placed_one(opened: Database, standing_id: UUID, actor: str) -> bool:
    def work(session: Session) -> bool:
        return place_next(session, standing_id) is not None

    return database.retried(opened, work, actor=actor)


def _open(
    session: Session, standing: StandingOrder, depot: Depot, first: date, last: date
) -> list[Due]:
    """Return what is due on these days and is neither placed nor skipped."""
    works = depots.working_days(session, depot, *rhythms.around(first, last))
    decided = _decided(session, standing, first, last)
    placed = [row for row in decided if row.order_id]
    due = rhythms.dates(
        standing.rhythm,
        works.__contains__,
        first,
        last,
        skipped={row.due_on for row in decided if row.order_id is None},
        settled={row.due_on for row in placed},
    )
    taken = {row.on for row in placed}
    return [each for each in due if each.on not in taken]


def _decided(
    session: Session, standing: StandingOrder, first: date, last: date
) -> Sequence[StandingDate]:
    """Return what was decided for these days, and for those so near that they matter to them."""
    query = select(StandingDate).where(
        StandingDate.standing_order_id == standing.id,
        StandingDate.due_on.between(*rhythms.around(first, last)),
    )
    return session.scalars(query.order_by(StandingDate.due_on)).all()


def _window(
    standing: StandingOrder, depot: Depot, on: date
) -> tuple[datetime | None, datetime | None]:
    """Return the window as moments; where clocks are put forward within it, it is never turned."""
    earliest, latest = (
        None if each is None else moments.moment(on, each, depot.zone)
        for each in (standing.window_from, standing.window_to)
    )
    return earliest, max(earliest, latest) if earliest and latest else latest


def _place(
    session: Session,
    standing: StandingOrder,
    due: Due,
    earliest_at: datetime | None,
    latest_at: datetime | None,
) -> Order:
    new = NewOrder(
        number=_free_number(session, f"{standing.number}-{due.on:%Y%m%d}"),
        customer_id=standing.customer_id,
        depot_id=standing.depot_id,
        lines=standing_orders.wanted(standing),
        repair_point_id=standing.repair_point_id,
        priority=standing.priority,
        earliest_at=earliest_at,
        latest_at=latest_at,
    )
    order = orders.place(session, new)
    session.add(
        StandingDate(standing_order_id=standing.id, due_on=due.due_on, on=due.on, order_id=order.id)
    )
    session.flush()
    data = {"on": due.on.isoformat(), "number": order.number}
    _record(session, "standing_order.placed", standing, data, order=order.id)
    if standing.accepts:
        orders.accept(session, order)
    return order


def _free_number(session: Session, number: str) -> str:
    """Return a number that no order has: somebody may have taken the one that it should have."""
    tried, turn = number, 1
    while session.scalar(select(Order.id).where(Order.number == tried)):
        turn += 1
        tried = f"{number}-{turn}"
    return tried


def _record(
    session: Session, kind: str, standing: StandingOrder, data: dict[str, Any], **more: UUID
) -> None:
    subjects = {**standing.concerns(), **more}
    events.record(session, kind, standing.id, subjects=subjects, data=data)
