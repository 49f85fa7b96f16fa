"""Depots: where goods lie and vehicles load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import ground
from dispatch.store import edits, pages
from dispatch.store.base import Key, Table, Versioned
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


def add(session: Session, *, name: str, lon: float, lat: float, time_zone: str) -> Depot:
    """Add a depot."""
    _check(session, {"name": name, "lon": lon, "lat": lat, "time_zone": time_zone})
    depot = Depot(name=name, lon=lon, lat=lat, time_zone=time_zone)
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


def _check(session: Session, wanted: Mapping[str, Any], depot: Depot | None = None) -> None:
    ground.check(wanted)
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
