"""Absences: days on which a driver is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.fleet.vehicles import Driver
from dispatch.store import edits, events, keys, pages, rows
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Invalid
from dispatch.store.pages import Page


class Absence(Versioned, Table):
    """Days on which a driver is away, both included."""

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days"),)

    id: Mapped[Key]
    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(60))

    def concerns(self) -> Mapping[str, UUID]:
        return {"driver": self.driver_id}


def report(session: Session, absence: Absence) -> Absence:
    """Note that a driver is away (``bad_absence``)."""
    _check(absence.first_day, absence.last_day)
    depot_id = depot_of(session, absence)
    absence.id = absence.id or keys.new()
    session.add(absence)
    session.flush()
    events.record(
        session,
        "driver.absent",
        absence.driver_id,
        subjects={"absence": absence.id, "depot": depot_id},
        data={"from": absence.first_day.isoformat(), "to": absence.last_day.isoformat()},
    )
    return absence


def change(
    session: Session, absence: Absence, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change an absence, as when somebody is back earlier (``bad_absence``)."""
    edits.expect(absence, version, edits.differences(absence, wanted))
    _check(wanted.get("first_day", absence.first_day), wanted.get("last_day", absence.last_day))
    subjects = {"depot": depot_of(session, absence)}
    edits.change(session, "absence", absence, wanted, subjects=subjects)


def remove(session: Session, absence: Absence) -> None:
    """Take an absence back: the driver is there after all."""
    edits.remove(session, "absence", absence, subjects={"depot": depot_of(session, absence)})


def depot_of(session: Session, absence: Absence) -> UUID:
    """Return the depot of the driver who is away."""
    return rows.get(session, Driver, absence.driver_id).depot_id


def page(
    session: Session, driver_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[Absence]:
    """Return the absences of a driver, the one that was told last first."""
    query = select(Absence).where(Absence.driver_id == driver_id)
    return pages.newest(session, query, Absence, cursor=cursor, limit=limit)


def _check(first: date, last: date) -> None:
    if last < first:
        cause = f"{last} comes before {first}"
        raise Invalid("bad_absence", cause=cause, action="let it end on its first day or later")
