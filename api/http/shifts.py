"""Shifts, changed or cancelled for a day, and who works with what on a day."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Change, Cursor, Day, DepotFilter, In, Limit, Moment, Out, Weekday
from dispatch.catalogue.depots import Depot
from dispatch.fleet import shifts
from dispatch.fleet.shifts import Duty, Shift, ShiftChange
from dispatch.people.permissions import Permission, Who
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("", tag="fleet")

ClockOver = Annotated[
    int,
    Field(
        ge=0,
        le=48 * 3600,
        description="Seconds after midnight of the day on which it begins, by the depot's clock; "
        "more than 86400 is on the next day.",
        examples=[28_800],
    ),
]
Seconds = Annotated[int, Field(ge=0, le=86_400, examples=[2700])]


class ShiftIn(In):
    depot_id: UUID
    vehicle_id: UUID
    driver_id: UUID
    weekday: Weekday
    starts: ClockOver
    ends: ClockOver
    break_s: Seconds = 0
    break_from: ClockOver | None = Field(default=None, description="The break begins from then.")
    break_to: ClockOver | None = Field(default=None, description="The break begins until then.")
    valid_from: Day
    valid_to: Day | None = Field(default=None, description="Included; null: until it is ended.")


class ShiftEdit(Change):
    may_be_none: ClassVar = frozenset({"break_from", "break_to", "valid_to"})

    vehicle_id: UUID | None = None
    driver_id: UUID | None = None
    weekday: Weekday | None = None
    starts: ClockOver | None = None
    ends: ClockOver | None = None
    break_s: Seconds | None = None
    break_from: ClockOver | None = None
    break_to: ClockOver | None = None
    valid_from: Day | None = None
    valid_to: Day | None = Field(default=None, description="Its last day; null: for good.")


class ShiftOut(Out):
    id: UUID
    depot_id: UUID
    vehicle_id: UUID
    driver_id: UUID
    weekday: int
    starts: int
    ends: int
    break_s: int
    break_from: int | None
    break_to: int | None
    valid_from: Day
    valid_to: Day | None
    version: int


class ShiftsOut(Out):
    rows: list[ShiftOut]
    next: str | None


class ShiftChangeIn(In):
    on: Day
    cancelled: bool = False
    starts: ClockOver | None = Field(default=None, description="Null: as on other days.")
    ends: ClockOver | None = Field(default=None, description="Null: as on other days.")
    driver_id: UUID | None = Field(default=None, description="Null: as on other days.")
    vehicle_id: UUID | None = Field(default=None, description="Null: as on other days.")


class ShiftChangeOut(Out):
    shift_id: UUID
    on: Day
    cancelled: bool
    starts: int | None
    ends: int | None
    driver_id: UUID | None
    vehicle_id: UUID | None


class ShiftChangesOut(Out):
    rows: list[ShiftChangeOut]


class DutyOut(Out):
    shift_id: UUID
    vehicle_id: UUID
    plate: str
    driver_id: UUID
    driver: str
    starts_at: Moment
    ends_at: Moment
    break_s: int = Field(description="0: the times of that day leave no room for one.")
    why_not: str | None = Field(
        description="What keeps it from being worked; null: nothing.",
        examples=["李强 is away: ill"],
    )


class DutiesOut(Out):
    rows: list[DutyOut]


@routes.get("/shifts", needs=Permission.FLEET_READ, shape=ShiftsOut)
def list_shifts(
    reader: Reader,
    who: User,
    depot_ids: DepotFilter = None,
    vehicle_id: Annotated[UUID | None, Query()] = None,
    driver_id: Annotated[UUID | None, Query()] = None,
    valid_on: Annotated[Day | None, Query(description="Those not ended by then.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Shift]:
    """Shifts of one's depots, the newest first."""
    return shifts.page(
        reader,
        depot_ids=who.depots(depot_ids),
        vehicle_id=vehicle_id,
        driver_id=driver_id,
        on=valid_on,
        cursor=cursor,
        limit=limit,
    )


@routes.post("/shifts", needs=Permission.FLEET_WRITE, shape=ShiftOut, creates=True, may=(404, 409))
def add_shift(tx: Tx, who: User, new: ShiftIn) -> Shift:
    """Have a driver work with a vehicle every week; nobody is in two shifts at once."""
    who.need_depot(new.depot_id)
    return shifts.add(tx, Shift(**dict(new)))


@routes.get("/shifts/{shift_id}", needs=Permission.FLEET_READ, shape=ShiftOut, may=(404,))
def get_shift(reader: Reader, who: User, shift_id: UUID) -> Shift:
    """One shift."""
    return _seen(reader, who, shift_id)


@routes.patch(
    "/shifts/{shift_id}", needs=Permission.FLEET_WRITE, shape=ShiftOut, may=(404, 409, 412, 428)
)
def change_shift(tx: Tx, who: User, shift_id: UUID, change: ShiftEdit, version: Version) -> Shift:
    """Change a shift on all its days, or end it by `valid_to`; what is left out stays as it is."""
    _seen(tx, who, shift_id)
    shift = rows.locked(tx, Shift, shift_id)
    shifts.change(tx, shift, change.wanted(), version=version)
    return shift


@routes.get(
    "/shifts/{shift_id}/changes", needs=Permission.FLEET_READ, shape=ShiftChangesOut, may=(404,)
)
def list_shift_changes(reader: Reader, who: User, shift_id: UUID) -> dict[str, Any]:
    """The days on which a shift is another one, the latest first."""
    _seen(reader, who, shift_id)
    return {"rows": shifts.changes(reader, shift_id)}


@routes.post(
    "/shifts/{shift_id}/changes",
    needs=Permission.FLEET_WRITE,
    shape=ShiftChangeOut,
    may=(404, 409),
)
def change_shift_on(tx: Tx, who: User, shift_id: UUID, change: ShiftChangeIn) -> ShiftChange:
    """Change or cancel a shift on one day, instead of what was changed for that day before."""
    _seen(tx, who, shift_id)
    return shifts.change_on(tx, ShiftChange(shift_id=shift_id, **dict(change)))


@routes.delete("/shifts/{shift_id}/changes/{day}", needs=Permission.FLEET_WRITE, may=(404, 409))
def restore_shift_on(tx: Tx, who: User, shift_id: UUID, day: Day) -> None:
    """Have a shift be worked on a day as on all others again."""
    _seen(tx, who, shift_id)
    shifts.restore_on(tx, rows.locked(tx, Shift, shift_id), day)


@routes.get("/depots/{depot_id}/duties", needs=Permission.FLEET_READ, shape=DutiesOut, may=(404,))
def list_duties(
    reader: Reader, who: User, depot_id: UUID, day: Annotated[Day, Query()]
) -> dict[str, Any]:
    """Who works with what on a day, the earliest first; and who cannot, with the reason."""
    who.need_depot(depot_id)
    depot = rows.get(reader, Depot, depot_id)
    return {"rows": [_shown(duty) for duty in shifts.on(reader, depot, day)]}


def _shown(duty: Duty) -> dict[str, Any]:
    return {
        "shift_id": duty.shift.id,
        "vehicle_id": duty.vehicle.id,
        "plate": duty.vehicle.plate,
        "driver_id": duty.driver.id,
        "driver": duty.driver.name,
        "starts_at": duty.starts_at,
        "ends_at": duty.ends_at,
        "break_s": duty.break_s,
        "why_not": duty.why_not or None,
    }


def _seen(session: Session, who: Who, shift_id: UUID) -> Shift:
    shift = rows.get(session, Shift, shift_id)
    who.need_depot(shift.depot_id)
    return shift
