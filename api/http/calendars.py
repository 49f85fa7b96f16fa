"""What a depot decides for itself: its special days and its settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Change, Day, In, Out, Text120, Weekday
from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot, SpecialDay
from dispatch.people.permissions import Permission, Who
from dispatch.store import rows

routes = Routes("/depots", tag="depots")

Seconds = Annotated[int, Field(ge=0, le=86_400)]
Days = Annotated[int, Field(ge=0, le=3650)]


class SpecialDayIn(In):
    on: Day
    name: Text120 = Field(examples=["国庆节"])
    weekday: Weekday | None = Field(
        default=None,
        description="It is worked as this weekday, 0 for Monday; null: nobody works.",
    )


class SpecialDayOut(Out):
    on: Day
    name: str
    weekday: int | None


class CalendarOut(Out):
    rows: list[SpecialDayOut]


class SettingsChange(Change):
    service_s: Seconds | None = None
    service_per_line_s: Seconds | None = None
    load_s: Seconds | None = None
    warn_days: Days | None = None


class SettingsOut(Out):
    service_s: int = Field(description="A stop where the repair point says nothing else.")
    service_per_line_s: int = Field(description="What each line adds to it.")
    load_s: int = Field(description="From the cut-off of a wave until vehicles may leave.")
    warn_days: int = Field(description="How many days before a paper expires it is told.")
    version: int = Field(description="That of the depot.")


@routes.get("/{depot_id}/calendar", needs=Permission.FLEET_READ, shape=CalendarOut, may=(404,))
def get_calendar(
    reader: Reader,
    who: User,
    depot_id: UUID,
    year: Annotated[int, Query(ge=1970, le=2199, examples=[2026])],
) -> dict[str, Any]:
    """The days of a year on which a depot does not work as their weekday says."""
    _seen(reader, who, depot_id)
    return {"rows": depots.special_days(reader, depot_id, year)}


@routes.post("/{depot_id}/calendar", needs=Permission.FLEET_WRITE, shape=SpecialDayOut, may=(404,))
def declare_special_day(tx: Tx, who: User, depot_id: UUID, new: SpecialDayIn) -> SpecialDay:
    """Declare a holiday, or a day that is worked as another weekday; again, to change it."""
    depot = _held(tx, who, depot_id)
    return depots.declare(tx, depot, new.on, new.name, weekday=new.weekday)


@routes.delete("/{depot_id}/calendar/{day}", needs=Permission.FLEET_WRITE, may=(404,))
def remove_special_day(tx: Tx, who: User, depot_id: UUID, day: Day) -> None:
    """Have a day be one as its weekday says again."""
    depots.undeclare(tx, _held(tx, who, depot_id), day)


@routes.get("/{depot_id}/settings", needs=Permission.FLEET_READ, shape=SettingsOut, may=(404,))
def get_settings(reader: Reader, who: User, depot_id: UUID) -> dict[str, Any]:
    """What holds at a depot."""
    return _shown(_seen(reader, who, depot_id))


@routes.patch(
    "/{depot_id}/settings",
    needs=Permission.FLEET_WRITE,
    shape=SettingsOut,
    may=(404, 409, 412, 428),
)
def change_settings(
    tx: Tx, who: User, depot_id: UUID, change: SettingsChange, version: Version
) -> dict[str, Any]:
    """Change settings of a depot; what is left out stays as it is."""
    depot = _held(tx, who, depot_id)
    depots.change_settings(tx, depot, change.wanted(), version=version)
    return _shown(depot)


def _shown(depot: Depot) -> dict[str, Any]:
    return {**asdict(depots.settings(depot)), "version": depot.version}


def _seen(session: Session, who: Who, depot_id: UUID) -> Depot:
    who.need_depot(depot_id)
    return rows.get(session, Depot, depot_id)


def _held(tx: Session, who: Who, depot_id: UUID) -> Depot:
    who.need_depot(depot_id)
    return rows.locked(tx, Depot, depot_id)
