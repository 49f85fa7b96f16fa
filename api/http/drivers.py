"""Drivers, and when they are away."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import (
    Blank40,
    Change,
    Cursor,
    Day,
    DepotFilter,
    In,
    Limit,
    Out,
    Text40,
    Text60,
    Text120,
)
from api.http.vehicles import Active, Skills
from dispatch.fleet import absences, vehicles
from dispatch.fleet.absences import Absence
from dispatch.fleet.vehicles import Driver
from dispatch.people.permissions import Permission, Who
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("", tag="fleet")


class DriverIn(In):
    depot_id: UUID
    number: Text40 = Field(description="The firm's own number.", examples=["D-07"])
    name: Text120 = Field(examples=["李强"])
    phone: Blank40 = Field(default="", examples=["+86 138 0013 8000"])
    skills: Skills = Field(default_factory=list)


class DriverChange(Change):
    number: Text40 | None = None
    name: Text120 | None = None
    phone: Blank40 | None = None
    skills: Skills | None = None
    active: bool | None = Field(default=None, description="False: works here no more.")


class DriverOut(Out):
    id: UUID
    depot_id: UUID
    number: str
    name: str
    phone: str
    skills: list[str]
    active: bool
    version: int


class DriversOut(Out):
    rows: list[DriverOut]
    next: str | None


class AbsenceIn(In):
    driver_id: UUID
    first_day: Day
    last_day: Day = Field(description="Included.")
    reason: Text60 = Field(examples=["ill"])


class AbsenceChange(Change):
    first_day: Day | None = None
    last_day: Day | None = None
    reason: Text60 | None = None


class AbsenceOut(Out):
    id: UUID
    driver_id: UUID
    first_day: Day
    last_day: Day
    reason: str
    version: int


class AbsencesOut(Out):
    rows: list[AbsenceOut]
    next: str | None


@routes.get("/drivers", needs=Permission.FLEET_READ, shape=DriversOut)
def list_drivers(
    reader: Reader,
    who: User,
    depot_ids: DepotFilter = None,
    active: Active = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Driver]:
    """Drivers of one's depots, the newest first."""
    return vehicles.page(
        reader, Driver, depot_ids=who.depots(depot_ids), active=active, cursor=cursor, limit=limit
    )


@routes.post(
    "/drivers", needs=Permission.FLEET_WRITE, shape=DriverOut, creates=True, may=(404, 409)
)
def add_driver(tx: Tx, who: User, new: DriverIn) -> Driver:
    """Add a driver."""
    who.need_depot(new.depot_id)
    return vehicles.add_driver(tx, Driver(**dict(new)))


@routes.get("/drivers/{driver_id}", needs=Permission.FLEET_READ, shape=DriverOut, may=(404,))
def get_driver(reader: Reader, who: User, driver_id: UUID) -> Driver:
    """One driver."""
    return seen(reader, who, driver_id)


@routes.patch(
    "/drivers/{driver_id}", needs=Permission.FLEET_WRITE, shape=DriverOut, may=(404, 409, 412, 428)
)
def change_driver(
    tx: Tx, who: User, driver_id: UUID, change: DriverChange, version: Version
) -> Driver:
    """Change a driver, or note that somebody works here no more; what is left out stays."""
    seen(tx, who, driver_id)
    driver = rows.locked(tx, Driver, driver_id)
    vehicles.change_driver(tx, driver, change.wanted(), version=version)
    return driver


@routes.get(
    "/drivers/{driver_id}/absences", needs=Permission.FLEET_READ, shape=AbsencesOut, may=(404,)
)
def list_absences(
    reader: Reader, who: User, driver_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[Absence]:
    """When a driver is away; what was told last first."""
    seen(reader, who, driver_id)
    return absences.page(reader, driver_id, cursor=cursor, limit=limit)


@routes.post("/absences", needs=Permission.FLEET_WRITE, shape=AbsenceOut, creates=True, may=(404,))
def add_absence(tx: Tx, who: User, new: AbsenceIn) -> Absence:
    """Note that a driver is away; the duties of these days say so."""
    seen(tx, who, new.driver_id)
    return absences.report(tx, Absence(**dict(new)))


@routes.get("/absences/{absence_id}", needs=Permission.FLEET_READ, shape=AbsenceOut, may=(404,))
def get_absence(reader: Reader, who: User, absence_id: UUID) -> Absence:
    """One absence."""
    return _absence(reader, who, absence_id)


@routes.patch(
    "/absences/{absence_id}",
    needs=Permission.FLEET_WRITE,
    shape=AbsenceOut,
    may=(404, 409, 412, 428),
)
def change_absence(
    tx: Tx, who: User, absence_id: UUID, change: AbsenceChange, version: Version
) -> Absence:
    """Change an absence, as when somebody is back earlier; what is left out stays as it is."""
    _absence(tx, who, absence_id)
    absence = rows.locked(tx, Absence, absence_id)
    absences.change(tx, absence, change.wanted(), version=version)
    return absence


@routes.delete("/absences/{absence_id}", needs=Permission.FLEET_WRITE, may=(404,))
def remove_absence(tx: Tx, who: User, absence_id: UUID) -> None:
    """Take an absence back: the driver is there after all."""
    _absence(tx, who, absence_id)
    absences.remove(tx, rows.locked(tx, Absence, absence_id))


def seen(session: Session, who: Who, driver_id: UUID) -> Driver:
    """Return a driver of one's own depots."""
    driver = rows.get(session, Driver, driver_id)
    who.need_depot(driver.depot_id)
    return driver


def _absence(session: Session, who: Who, absence_id: UUID) -> Absence:
    absence = rows.get(session, Absence, absence_id)
    who.need_depot(absences.depot_of(session, absence))
    return absence
