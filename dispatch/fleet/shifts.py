"""Shifts: repeating by weekday, changed or cancelled for a day; absences; who works on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depots, moments
from dispatch.catalogue.depots import Depot
from dispatch.fleet.vehicles import Driver, Paper, Vehicle
from dispatch.store import edits, events, rows
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Invalid

_MOST = 48 * 3600


class Shift(Versioned, Table):
    """A driver on a vehicle on one weekday, in clock times of the depot, as long as it holds."""

    __tablename__ = "shifts"
    __table_args__ = (CheckConstraint("starts < ends", name="times"),)

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), index=True)
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicles.id"))
    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]
    break_s: Mapped[int] = mapped_column(default=0)
    break_from: Mapped[int | None]
    break_to: Mapped[int | None]
    """The break begins between these."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id, "driver": self.driver_id}


class ShiftChange(Table):
    """A shift on one day only: not at all, at other times, by somebody else, or with another."""

    __tablename__ = "shift_changes"

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shifts.id"), primary_key=True)
    on: Mapped[date] = mapped_column("on_date", primary_key=True)
    cancelled: Mapped[bool] = mapped_column(default=False)
    starts: Mapped[int | None]
    ends: Mapped[int | None]
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("drivers.id"))
    vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicles.id"))


class Absence(Versioned, Table):
    """Days on which a driver is away, both included."""

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days"),)

    id: Mapped[Key]
    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(60))


@dataclass(frozen=True, slots=True)
class Duty:
    """
    A shift as it is worked on a day; ``why_not`` says what keeps it from that, if anything does.

    ``starts`` and ``ends`` are clock times, which the moments follow also when clocks change.
    """

    shift: Shift
    vehicle: Vehicle
    driver: Driver
    starts: int
    ends: int
    starts_at: datetime
    ends_at: datetime
    why_not: str = ""


def add(session: Session, shift: Shift) -> Shift:
    """Have a shift repeat weekly (``bad_shift``)."""
    _check(shift.starts, shift.ends)
    inside = shift.starts <= (shift.break_from or 0) <= (shift.break_to or 0) <= shift.ends
    if shift.break_s and not inside:
        raise _bad("the break does not begin within the shift")
    if not 0 <= shift.weekday <= 6:
        raise _bad(f"{shift.weekday} is no weekday from 0, Monday, to 6")
    edits.create(session, "shift", shift)
    return shift


def change_on(session: Session, change: ShiftChange) -> None:
    """Change or cancel a shift for one day."""
    shift = rows.get(session, Shift, change.shift_id)
    starts = shift.starts if change.starts is None else change.starts
    _check(starts, shift.ends if change.ends is None else change.ends)
    session.merge(change)
    session.flush()


def report_absent(session: Session, absence: Absence) -> Absence:
    """Note that a driver is away (``bad_absence``)."""
    if absence.last_day < absence.first_day:
        cause = f"{absence.last_day} comes before {absence.first_day}"
        raise Invalid("bad_absence", cause=cause, action="let it end on its first day or later")
    session.add(absence)
    data = {"from": absence.first_day.isoformat(), "to": absence.last_day.isoformat()}
    events.record(session, "driver.absent", absence.driver_id, data=data)
    return absence


def on(session: Session, depot: Depot, day: date) -> list[Duty]:
    """Return who works with what at a depot on a day, and who cannot, with the reason."""
    weekday = depots.weekday(session, depot.id, day)
    query = select(Shift).where(
        Shift.depot_id == depot.id,
        Shift.weekday == weekday,
        Shift.valid_from <= day,
        Shift.valid_to.is_(None) | (Shift.valid_to >= day),
    )
    shifts = session.scalars(query.order_by(Shift.starts, Shift.id)).all()
    found = (_duty(session, depot, shift, day) for shift in shifts)
    return [duty for duty in found if duty is not None]


def _duty(session: Session, depot: Depot, shift: Shift, day: date) -> Duty | None:
    change = session.get(ShiftChange, (shift.id, day)) or ShiftChange()
    if change.cancelled:
        return None
    vehicle = rows.get(session, Vehicle, change.vehicle_id or shift.vehicle_id)
    driver = rows.get(session, Driver, change.driver_id or shift.driver_id)
    starts = shift.starts if change.starts is None else change.starts
    ends = shift.ends if change.ends is None else change.ends
    return Duty(
        shift=shift,
        vehicle=vehicle,
        driver=driver,
        starts=starts,
        ends=ends,
        starts_at=moments.moment(day, starts, depot.zone),
        ends_at=moments.moment(day, ends, depot.zone),
        why_not=_why_not(session, vehicle, driver, day),
    )


def _why_not(session: Session, vehicle: Vehicle, driver: Driver, day: date) -> str:
    if not vehicle.active:
        return f"{vehicle.plate} is out of service"
    if not driver.active:
        return f"{driver.name} works here no more"
    away = select(Absence).where(
        Absence.driver_id == driver.id, Absence.first_day <= day, Absence.last_day >= day
    )
    if absence := session.scalars(away).first():
        return f"{driver.name} is away: {absence.reason}"
    theirs = (Paper.vehicle_id == vehicle.id) | (Paper.driver_id == driver.id)
    over = select(Paper).where(theirs, Paper.expires_on < day)
    if paper := session.scalars(over).first():
        return f"{paper.kind} expired on {paper.expires_on}"
    return ""


def _check(starts: int, ends: int) -> None:
    if not 0 <= starts < ends <= _MOST:
        raise _bad(f"it runs from second {starts} to {ends} of its day")


def _bad(cause: str) -> Invalid:
    return Invalid("bad_shift", cause=cause, action="give clock times of its day, up to 48:00")
