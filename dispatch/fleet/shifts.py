"""Shifts: repeating by weekday, changed or cancelled for a day; who works with what on a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depots, moments
from dispatch.catalogue.depots import Depot
from dispatch.fleet import overlaps
from dispatch.fleet.absences import Absence
from dispatch.fleet.overlaps import Weekly
from dispatch.fleet.papers import Paper
from dispatch.fleet.vehicles import Driver, Vehicle
from dispatch.store import clock, edits, events, keys, pages, rows
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.pages import Page

_MOST = 48 * 3600
_DAY = timedelta(days=1)


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

    @property
    def weekly(self) -> Weekly:
        return Weekly(self.weekday, self.starts, self.ends, self.valid_from, self.valid_to)

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


@dataclass(frozen=True, slots=True)
class Duty:
    """
    A shift as it is worked on a day; ``why_not`` says what keeps it from that, if anything does.

    ``starts`` and ``ends`` are clock times, which the moments follow also when clocks change.
    ``break_s`` is 0 on a day whose other times leave no room for the break of the shift.
    """

    shift: Shift
    vehicle: Vehicle
    driver: Driver
    starts: int
    ends: int
    starts_at: datetime
    ends_at: datetime
    break_s: int
    why_not: str = ""


def add(session: Session, shift: Shift) -> Shift:
    """Have a shift repeat weekly (``bad_shift``); nobody is in two at once (``shift_overlap``)."""
    depot = rows.get(session, Depot, shift.depot_id)
    shift.id = shift.id or keys.new()
    _check(edits.values(shift))
    _hold(session, depot, shift.driver_id, shift.vehicle_id)
    _refuse_overlaps(session, depot, shift)
    edits.create(session, "shift", shift)
    return shift


def change(
    session: Session, shift: Shift, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a shift on all its days, or end it by its last one, as it is refused for a new one."""
    edits.expect(shift, version, edits.differences(shift, wanted))
    _check({**edits.values(shift), **wanted})
    depot = rows.get(session, Depot, shift.depot_id)
    if edits.change(session, "shift", shift, wanted):
        _hold(session, depot, shift.driver_id, shift.vehicle_id)
        today = moments.day(clock.now(), depot.zone)
        for one in changes(session, shift.id):
            if one.on >= today:
                _check_change(shift, one)
        _refuse_overlaps(session, depot, shift)


def change_on(session: Session, change: ShiftChange) -> ShiftChange:
    """Change or cancel a shift for one day on which it is worked (``no_shift_then``)."""
    shift = rows.locked(session, Shift, change.shift_id)
    depot = rows.get(session, Depot, shift.depot_id)
    if not _is_worked(session, shift, change.on):
        raise _no_shift_then(f"the shift is not worked on {change.on}")
    _check_change(shift, change)
    driver_id, vehicle_id = change.driver_id or shift.driver_id, change.vehicle_id
    _hold(session, depot, driver_id, vehicle_id or shift.vehicle_id)
    change = session.merge(change)
    session.flush()
    _refuse_overlap_on(session, depot, shift, change.on)
    _say(session, "shift.changed_for_day", shift, change)
    return change


def restore_on(session: Session, shift: Shift, day: date) -> None:
    """Have a shift be worked on a day as on all others again (``no_shift_then``)."""
    depot = rows.get(session, Depot, shift.depot_id)
    change = session.get(ShiftChange, (shift.id, day))
    if change is None:
        raise _no_shift_then(f"nothing was changed for {day}")
    _hold(session, depot, shift.driver_id, shift.vehicle_id)
    session.delete(change)
    session.flush()
    _refuse_overlap_on(session, depot, shift, day)
    _say(session, "shift.restored_for_day", shift, change)


def changes(session: Session, shift_id: UUID) -> Sequence[ShiftChange]:
    """Return on which days a shift is another one, the latest first."""
    query = select(ShiftChange).where(ShiftChange.shift_id == shift_id)
    return session.scalars(query.order_by(ShiftChange.on.desc())).all()


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    vehicle_id: UUID | None = None,
    driver_id: UUID | None = None,
    on: date | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Shift]:
    """Return shifts, the newest first; of some depots, a vehicle, a driver; valid on a day."""
    query = select(Shift)
    if depot_ids is not None:
        query = query.where(Shift.depot_id.in_(depot_ids))
    if vehicle_id is not None:
        query = query.where(Shift.vehicle_id == vehicle_id)
    if driver_id is not None:
        query = query.where(Shift.driver_id == driver_id)
    if on is not None:
        query = query.where(*_valid(on))
    return pages.newest(session, query, Shift, cursor=cursor, limit=limit)


def on(session: Session, depot: Depot, day: date) -> list[Duty]:
    """Return who works with what at a depot on a day, and who cannot, with the reason."""
    weekday = depots.weekday(session, depot.id, day)
    query = select(Shift).where(Shift.depot_id == depot.id, Shift.weekday == weekday, *_valid(day))
    shifts = session.scalars(query.order_by(Shift.starts, Shift.id)).all()
    found = (_duty(session, depot, shift, day) for shift in shifts)
    return [duty for duty in found if duty is not None]


def _valid(day: date) -> tuple[ColumnElement[bool], ...]:
    return Shift.valid_from <= day, Shift.valid_to.is_(None) | (Shift.valid_to >= day)


def _is_worked(session: Session, shift: Shift, day: date) -> bool:
    within = shift.valid_from <= day and (shift.valid_to is None or day <= shift.valid_to)
    return within and depots.weekday(session, shift.depot_id, day) == shift.weekday


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
        break_s=shift.break_s if _has_room(edits.values(shift), starts, ends) else 0,
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


def _hold(session: Session, depot: Depot, driver_id: UUID, vehicle_id: UUID) -> None:
    """
    Keep driver and vehicle for this transaction, so that no other gives them a shift meanwhile.

    Both must be of the depot (``not_of_depot``).
    """
    wanted: list[tuple[UUID, type[Driver] | type[Vehicle]]] = [
        (driver_id, Driver),
        (vehicle_id, Vehicle),
    ]
    for key, table in sorted(wanted, key=lambda one: one[0]):
        row = rows.locked(session, table, key)
        if row.depot_id != depot.id:
            raise Invalid(
                "not_of_depot",
                cause=f"{row.title} is not of {depot.name}",
                action="choose one of the depot's own",
            )


def _refuse_overlaps(session: Session, depot: Depot, shift: Shift) -> None:
    """Refuse (``shift_overlap``) a driver or a vehicle that would be in two shifts at once."""
    same = (Shift.driver_id == shift.driver_id) | (Shift.vehicle_id == shift.vehicle_id)
    others = select(Shift).where(Shift.depot_id == depot.id, Shift.id != shift.id, same)
    for other in session.scalars(others):
        if day := overlaps.day(shift.weekly, other.weekly):
            raise _overlap(session, shift, other.driver_id, other.vehicle_id, day)
    for day in _changed_days(session, shift):
        _refuse_overlap_on(session, depot, shift, day)


def _changed_days(session: Session, shift: Shift) -> list[date]:
    """Return the days, from now on, that a change of some shift of the same people may touch."""
    theirs = (
        (Shift.driver_id == shift.driver_id)
        | (Shift.vehicle_id == shift.vehicle_id)
        | (ShiftChange.driver_id == shift.driver_id)
        | (ShiftChange.vehicle_id == shift.vehicle_id)
    )
    query = (
        select(ShiftChange.on)
        .join(Shift, Shift.id == ShiftChange.shift_id)
        .where(Shift.depot_id == shift.depot_id, ShiftChange.on >= clock.now().date() - 2 * _DAY)
    )
    days = session.scalars(query.where(theirs)).all()
    return sorted({day + n * _DAY for day in days for n in (-1, 0, 1)})


def _refuse_overlap_on(session: Session, depot: Depot, shift: Shift, day: date) -> None:
    duty = _duty(session, depot, shift, day) if _is_worked(session, shift, day) else None
    if duty is None:
        return
    for around in (day - _DAY, day, day + _DAY):
        for other in on(session, depot, around):
            same = other.driver.id == duty.driver.id or other.vehicle.id == duty.vehicle.id
            at_once = duty.starts_at < other.ends_at and other.starts_at < duty.ends_at
            if same and at_once and other.shift.id != shift.id:
                raise _overlap(session, shift, other.driver.id, other.vehicle.id, day)


def _overlap(
    session: Session, shift: Shift, driver_id: UUID, vehicle_id: UUID, day: date
) -> Conflict:
    driver, vehicle = rows.get(session, Driver, driver_id), rows.get(session, Vehicle, vehicle_id)
    return Conflict(
        "shift_overlap",
        cause=f"on {day} {driver.name} is on {vehicle.plate} at the same time",
        action="choose other times, another driver or another vehicle, or end that shift first",
    )


def _say(session: Session, kind: str, shift: Shift, change: ShiftChange) -> None:
    data = {
        "on": change.on.isoformat(),
        "cancelled": change.cancelled,
        "starts": change.starts,
        "ends": change.ends,
        "driver": str(change.driver_id) if change.driver_id else None,
        "vehicle": str(change.vehicle_id) if change.vehicle_id else None,
    }
    events.record(session, kind, shift.id, subjects=shift.concerns(), data=data)


def _check(values: Mapping[str, Any]) -> None:
    _check_times(values["starts"], values["ends"])
    if not 0 <= values["weekday"] <= 6:
        raise _bad(f"{values['weekday']} is no weekday from 0, Monday, to 6")
    if values["break_s"]:
        _check_break(values)
    if values["valid_to"] is not None and values["valid_to"] < values["valid_from"]:
        raise _bad(f"it ends on {values['valid_to']}, before {values['valid_from']}")


def _check_break(values: Mapping[str, Any]) -> None:
    if values["break_from"] is None or values["break_to"] is None:
        raise _bad("nothing says when its break begins")
    if not _has_room(values, values["starts"], values["ends"]):
        raise _bad("the break does not lie within the shift")


def _check_change(shift: Shift, change: ShiftChange) -> None:
    starts = shift.starts if change.starts is None else change.starts
    _check_times(starts, shift.ends if change.ends is None else change.ends)


def _has_room(values: Mapping[str, Any], starts: int, ends: int) -> bool:
    """Tell whether the break of a shift lies within other times."""
    if not values["break_s"]:
        return False
    begin, latest = values["break_from"], values["break_to"]
    return bool(starts <= begin <= latest <= ends - values["break_s"])


def _check_times(starts: int, ends: int) -> None:
    if not 0 <= starts < ends <= _MOST:
        raise _bad(f"it runs from second {starts} to {ends} of its day")


def _bad(cause: str) -> Invalid:
    return Invalid("bad_shift", cause=cause, action="give clock times of its day, up to 48:00")


def _no_shift_then(cause: str) -> Conflict:
    return Conflict("no_shift_then", cause=cause, action="look up the duties of that day")
