"""What bringing goods together takes: lanes between depots, what a depot asks for a split."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.depots import Depot
from dispatch.store import events, rows
from dispatch.store.base import Document, Money, Table
from dispatch.store.errors import Invalid, NotFound

_DAY_S = 24 * 3600


class Lane(Table):
    """A regular way for goods from one depot to another."""

    __tablename__ = "lanes"
    __table_args__ = (
        CheckConstraint("from_depot_id <> to_depot_id", name="other"),
        CheckConstraint("price >= 0 AND duration_s >= 0", name="sizes"),
    )

    from_depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), primary_key=True)
    to_depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), primary_key=True)
    price: Mapped[Money]
    """What a transfer for one order costs."""
    duration_s: Mapped[int]
    departures: Mapped[list[Any]] = mapped_column(Document)
    """Seconds after midnight, on the clock of the depot it leaves; none: it leaves at once."""


class SourcingTerms(Table):
    """What a depot asks for an order beside its routes; a depot without a row asks nothing."""

    __tablename__ = "sourcing_terms"
    __table_args__ = (CheckConstraint("split_price >= 0 AND handling_s >= 0", name="sizes"),)

    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), primary_key=True)
    split_price: Mapped[Money]
    """For an order of which it brings only a part."""
    handling_s: Mapped[int]
    """From an order until its goods are ready to load."""
    away_price: Mapped[Money] = mapped_column(default=0, server_default="0")
    """What it usually costs more that it brings an order of another depot."""


def set_lane(
    session: Session,
    from_depot_id: UUID,
    to_depot_id: UUID,
    *,
    price: int,
    duration_s: int,
    departures: Sequence[int] = (),
) -> Lane:
    """Say how goods get from one depot to another (``bad_lane``)."""
    rows.get(session, Depot, from_depot_id)
    rows.get(session, Depot, to_depot_id)
    late = any(not 0 <= each < _DAY_S for each in departures)
    if from_depot_id == to_depot_id or price < 0 or duration_s < 0 or late:
        cause = f"price {price}, {duration_s} s, leaves at {list(departures)}"
        action = "name two depots, and numbers of at least 0; departures before 86400"
        raise Invalid("bad_lane", cause=cause, action=action)
    lane = Lane(
        from_depot_id=from_depot_id,
        to_depot_id=to_depot_id,
        price=price,
        duration_s=duration_s,
        departures=sorted(departures),
    )
    lane = session.merge(lane)
    session.flush()
    data = {"price": price, "duration_s": duration_s, "departures": lane.departures}
    told = {"to": str(to_depot_id), **data}
    events.record(session, "depot.lane_changed", from_depot_id, data=told)
    return lane


def set_terms(
    session: Session, depot_id: UUID, *, split_price: int, handling_s: int, away_price: int = 0
) -> SourcingTerms:
    """Say what a depot asks, and how long it takes to make goods ready (``bad_terms``)."""
    depot = rows.get(session, Depot, depot_id)
    if min(split_price, handling_s, away_price) < 0:
        cause = f"{depot.name}: {split_price} for a split, {handling_s} s, {away_price} away"
        raise Invalid("bad_terms", cause=cause, action="give numbers of at least 0")
    terms = SourcingTerms(
        depot_id=depot_id,
        split_price=split_price,
        handling_s=handling_s,
        away_price=away_price,
    )
    terms = session.merge(terms)
    session.flush()
    data = {"split_price": split_price, "handling_s": handling_s, "away_price": away_price}
    events.record(session, "depot.terms_changed", depot_id, data=data)
    return terms


def remove_lane(session: Session, from_depot_id: UUID, to_depot_id: UUID) -> None:
    """Say that goods no longer go that way (``not_found``)."""
    lane = session.get(Lane, (from_depot_id, to_depot_id))
    if lane is None:
        cause = f"no lane leads from {from_depot_id} to {to_depot_id}"
        raise NotFound("not_found", cause=cause, action="look at the lanes of the depot")
    session.delete(lane)
    session.flush()
    data = {"to": str(to_depot_id), "removed": True}
    events.record(session, "depot.lane_changed", from_depot_id, data=data)


def from_depot(session: Session, depot_id: UUID) -> Sequence[Lane]:
    """Return the lanes that lead away from a depot."""
    rows.get(session, Depot, depot_id)
    query = select(Lane).where(Lane.from_depot_id == depot_id).order_by(Lane.to_depot_id)
    return session.scalars(query).all()


def terms_of(session: Session, depot_id: UUID) -> SourcingTerms:
    """Return what a depot asks for a split, and how long it takes to make goods ready."""
    rows.get(session, Depot, depot_id)
    found = session.get(SourcingTerms, depot_id)
    return found or SourcingTerms(depot_id=depot_id, split_price=0, handling_s=0, away_price=0)


def arrival(session: Session, lane: Lane, after: datetime) -> datetime:
    """Return when goods that are ready at a moment arrive by a lane."""
    return _departure(rows.get(session, Depot, lane.from_depot_id), lane, after) + timedelta(
        seconds=lane.duration_s
    )


def _departure(depot: Depot, lane: Lane, after: datetime) -> datetime:
    if not lane.departures:
        return after
    zone = ZoneInfo(depot.time_zone)
    day = after.astimezone(zone).date()
    for date in (day, day + timedelta(days=1), day + timedelta(days=2)):
        for seconds in lane.departures:
            clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
            leaves = datetime.combine(date, clock, tzinfo=zone).astimezone(after.tzinfo)
            if leaves >= after:
                return leaves
    raise AssertionError("a lane that leaves daily leaves within two days")
