"""Papers without which neither vehicle nor driver may go; told in time before they expire."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depots, moments
from dispatch.catalogue.depots import Depot
from dispatch.fleet.vehicles import Driver, Vehicle
from dispatch.store import clock, edits, events, pages, rows
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Invalid
from dispatch.store.pages import Page
from dispatch.store.statements import changed

_TOLD = ("told_near", "told_over")


class Paper(Versioned, Table):
    """A document of a vehicle or of a driver: an inspection, an insurance, a licence."""

    __tablename__ = "papers"
    __table_args__ = (CheckConstraint("(vehicle_id IS NULL) <> (driver_id IS NULL)", name="owner"),)

    id: Mapped[Key]
    vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicles.id"), index=True)
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("drivers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(120), default="")
    expires_on: Mapped[date]
    """The last day on which it holds."""
    told_near: Mapped[date | None]
    """The last day of which it was told that it comes near; a renewed paper is told anew."""
    told_over: Mapped[date | None]
    """The last day of which it was told that it is over."""

    def concerns(self) -> Mapping[str, UUID]:
        owners = {"vehicle": self.vehicle_id, "driver": self.driver_id}
        return {noun: key for noun, key in owners.items() if key}


def add(session: Session, paper: Paper) -> Paper:
    """Keep a document; of exactly one vehicle or driver (``paper_without_owner``)."""
    if (paper.vehicle_id is None) == (paper.driver_id is None):
        cause = f"{paper.kind} belongs to both a vehicle and a driver, or to neither"
        raise Invalid("paper_without_owner", cause=cause, action="name one of them")
    subjects = {"depot": depot_of(session, paper)}
    edits.create(session, "paper", paper, secret=_TOLD, subjects=subjects)
    return paper


def change(
    session: Session, paper: Paper, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a document, as when it is renewed; ``version`` is the one that was looked at."""
    edits.expect(paper, version, edits.differences(paper, wanted))
    edits.change(session, "paper", paper, wanted, subjects={"depot": depot_of(session, paper)})


def remove(session: Session, paper: Paper) -> None:
    """Forget a document that its owner needs no more."""
    edits.remove(session, "paper", paper, subjects={"depot": depot_of(session, paper)})


def depot_of(session: Session, paper: Paper) -> UUID:
    """Return the depot of a document's owner."""
    if paper.vehicle_id:
        return rows.get(session, Vehicle, paper.vehicle_id).depot_id
    assert paper.driver_id is not None
    return rows.get(session, Driver, paper.driver_id).depot_id


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    vehicle_id: UUID | None = None,
    driver_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Paper]:
    """Return documents, the newest first; of some depots, of one vehicle or driver."""
    query = select(Paper)
    if depot_ids is not None:
        query = query.where(_of_depots(depot_ids))
    if vehicle_id is not None:
        query = query.where(Paper.vehicle_id == vehicle_id)
    if driver_id is not None:
        query = query.where(Paper.driver_id == driver_id)
    return pages.newest(session, query, Paper, cursor=cursor, limit=limit)


def expiring(session: Session, depot_id: UUID, on: date, *, days: int) -> Sequence[Paper]:
    """Return the papers in use that are over, or will be within so many days; soonest first."""
    soon = Paper.expires_on <= on + timedelta(days=days)
    query = select(Paper).where(_of_depots([depot_id], in_use=True), soon)
    return session.scalars(query.order_by(Paper.expires_on, Paper.id)).all()


def warn(session: Session) -> int:
    """
    Tell of papers that expire soon, and of those that are over; return of how many.

    How soon is a setting of the depot (``warn_days``). Each is told once for its last day, however
    many servers ask at the same time: a conditional update decides who tells.
    """
    now = clock.now()
    due = [
        (paper.id, paper, depot.id, moments.day(now, depot.zone))
        for depot in session.scalars(select(Depot))
        for paper in expiring(
            session,
            depot.id,
            moments.day(now, depot.zone),
            days=depots.settings(depot).warn_days,
        )
    ]
    return sum(
        _tell(session, paper, depot_id, today)
        for _, paper, depot_id, today in sorted(due, key=lambda one: one[0])
    )


def _tell(session: Session, paper: Paper, depot_id: UUID, today: date) -> bool:
    over = paper.expires_on < today
    told = Paper.told_over if over else Paper.told_near
    mine = (
        update(Paper)
        .where(
            Paper.id == paper.id,
            Paper.expires_on == paper.expires_on,
            or_(told.is_(None), told != paper.expires_on),
        )
        .values({told: paper.expires_on})
    )
    if not changed(session, mine):
        return False
    data = {"kind": paper.kind, "number": paper.number, "expires_on": paper.expires_on.isoformat()}
    events.record(
        session,
        "paper.expired" if over else "paper.expiring",
        paper.id,
        subjects={**paper.concerns(), "depot": depot_id},
        data={**data, "days_left": (paper.expires_on - today).days},
    )
    return True


def _of_depots(depot_ids: Collection[UUID], *, in_use: bool = False) -> ColumnElement[bool]:
    vehicles = select(Vehicle.id).where(Vehicle.depot_id.in_(depot_ids))
    drivers = select(Driver.id).where(Driver.depot_id.in_(depot_ids))
    if in_use:
        vehicles, drivers = vehicles.where(Vehicle.active), drivers.where(Driver.active)
    return Paper.vehicle_id.in_(vehicles) | Paper.driver_id.in_(drivers)
