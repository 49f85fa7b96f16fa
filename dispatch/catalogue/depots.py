"""Depots: where goods lie and vehicles load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import depot_settings, ground, hours, moments
from dispatch.catalogue.depot_settings import DepotSettings
from dispatch.catalogue.hours import Hours, Span
from dispatch.store import clock, edits, events, pages, rows
from dispatch.store.base import DocumentOrNull, Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid, NotFound
from dispatch.store.pages import Page


class Depot(Versioned, Table):
    """A depot; days, windows and slots there are told in its own time zone."""

    __tablename__ = "depots"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    lon: Mapped[float]
    lat: Mapped[float]
    time_zone: Mapped[str] = mapped_column(String(64))
    """An IANA name."""
    hours: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)
    """When vehicles may leave and come back; None: always."""
    settings: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class SpecialDay(Table):
    """
    A day on which a depot does not work as its weekday says.

    ``weekday`` names the one that it follows instead, as on a Saturday that is worked for a public
    holiday; None: nobody works.
    """

    __tablename__ = "special_days"

    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"), primary_key=True)
    on: Mapped[date] = mapped_column("on_date", primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    weekday: Mapped[int | None]


def add(
    session: Session,
    *,
    name: str,
    lon: float,
    lat: float,
    time_zone: str,
    hours: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Depot:
    """Add a depot."""
    known = {"name": name, "lon": lon, "lat": lat, "time_zone": time_zone}
    known |= {"hours": hours, "settings": settings}
    _check(session, known)
    depot = Depot(**known)
    edits.create(session, "depot", depot)
    return depot


def change(
    session: Session, depot: Depot, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a depot; ``version`` is the one that was looked at."""
    edits.expect(depot, version, edits.differences(depot, wanted))
    _check(session, wanted, depot)
    edits.change(session, "depot", depot, wanted)


def page(session: Session, *, cursor: str | None = None, limit: int = 50) -> Page[Depot]:
    """Return depots, the newest first."""
    return pages.newest(session, select(Depot), Depot, cursor=cursor, limit=limit)


def named(session: Session, name: str) -> Depot:
    """Return the depot of that name, or refuse (``not_found``)."""
    depot = session.scalar(select(Depot).where(Depot.name == name))
    if depot is None:
        raise NotFound("not_found", cause=f"there is no depot {name}", action="check the name")
    return depot


def today(session: Session, depot_id: UUID) -> date:
    """Return the date that it is at a depot."""
    return moments.day(clock.now(), rows.get(session, Depot, depot_id).zone)


def settings(depot: Depot) -> DepotSettings:
    """Return what holds at a depot."""
    return depot_settings.read(depot.settings)


def change_settings(
    session: Session, depot: Depot, changes: Mapping[str, Any], *, version: int | None = None
) -> DepotSettings:
    """Change some settings and leave the others (``bad_setting``)."""
    wanted = depot_settings.read({**asdict(settings(depot)), **changes})
    edits.expect(depot, version, edits.differences(settings(depot), asdict(wanted)))
    edits.change(session, "depot", depot, {"settings": depot_settings.write(wanted)})
    return wanted


def declare(
    session: Session, depot: Depot, on: date, name: str, *, weekday: int | None = None
) -> SpecialDay:
    """Declare a public holiday, or a day that is worked as another weekday."""
    if weekday is not None and not 0 <= weekday <= 6:
        cause = f"{weekday} is no weekday"
        raise Invalid("bad_weekday", cause=cause, action="count from 0, Monday, to 6, Sunday")
    day = SpecialDay(depot_id=depot.id, on=on, name=name, weekday=weekday)
    day = session.merge(day)
    session.flush()
    data = {"on": on.isoformat(), "name": name, "weekday": weekday}
    events.record(session, "depot.calendar_changed", depot.id, data=data)
    return day


def undeclare(session: Session, depot: Depot, on: date) -> None:
    """Have a day be one as its weekday says again."""
    day = session.get(SpecialDay, (depot.id, on))
    if day is None:
        cause = f"{on} is no special day of {depot.name}"
        raise NotFound("not_found", cause=cause, action="look at the calendar of the year")
    session.delete(day)
    session.flush()
    data = {"on": on.isoformat(), "name": None, "weekday": None}
    events.record(session, "depot.calendar_changed", depot.id, data=data)


def special_days(session: Session, depot_id: UUID, year: int) -> Sequence[SpecialDay]:
    """Return the special days of a year, in their order."""
    query = select(SpecialDay).where(
        SpecialDay.depot_id == depot_id,
        SpecialDay.on.between(date(year, 1, 1), date(year, 12, 31)),
    )
    return session.scalars(query.order_by(SpecialDay.on)).all()


def weekday(session: Session, depot_id: UUID, on: date) -> int | None:
    """Return as which weekday a depot works on a day, 0 for Monday; None: not at all."""
    special = session.get(SpecialDay, (depot_id, on))
    return special.weekday if special else on.weekday()


def opening(session: Session, depot: Depot, on: date) -> tuple[Span, ...]:
    """Return when a depot is open on a day; exceptions of its own hours go before its calendar."""
    return _spans(hours.read(depot.hours), on, weekday(session, depot.id, on))


def working_days(session: Session, depot: Depot, first: date, last: date) -> frozenset[date]:
    """Return the days on which a depot is open at all, both ends included."""
    query = select(SpecialDay).where(
        SpecialDay.depot_id == depot.id, SpecialDay.on.between(first, last)
    )
    special = {each.on: each.weekday for each in session.scalars(query)}
    found = hours.read(depot.hours)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return frozenset(day for day in days if _spans(found, day, special.get(day, day.weekday())))


def _spans(found: Hours | None, on: date, weekday: int | None) -> tuple[Span, ...]:
    if found and on in found.exceptions:
        return found.exceptions[on]
    if weekday is None:
        return ()
    return found.week[weekday] if found else (Span(0, hours.WHOLE_DAY),)


def _check(session: Session, wanted: Mapping[str, Any], depot: Depot | None = None) -> None:
    ground.check(wanted)
    hours.read(wanted.get("hours"))
    depot_settings.read(wanted.get("settings"))
    if "time_zone" in wanted:
        try:
            ZoneInfo(wanted["time_zone"])
        except (KeyError, OSError, ValueError) as error:
            cause = f"there is no time zone {wanted['time_zone']!r}"
            action = "give an IANA name, such as Asia/Shanghai"
            raise Invalid("bad_time_zone", cause=cause, action=action) from error
    if "name" in wanted:
        other = session.scalar(select(Depot.id).where(Depot.name == wanted["name"]))
        if other and (depot is None or other != depot.id):
            cause = f"there is a depot {wanted['name']} already"
            raise Conflict("already_there", cause=cause, action="choose another name")
