"""Delivery zones: areas of a depot, as GeoJSON polygons, that have cut-offs of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from shapely.errors import ShapelyError
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.depots import Depot
from dispatch.store import edits, pages, rows
from dispatch.store.base import Key, Table, Versioned
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.pages import Page


class Zone(Versioned, Table):
    """An area; of two that overlap, the one of the lower rank counts."""

    __tablename__ = "zones"
    __table_args__ = (UniqueConstraint("depot_id", "name"),)

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    name: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int] = mapped_column(default=0)
    area: Mapped[dict[str, Any]]
    """A GeoJSON Polygon or MultiPolygon, in WGS84."""

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id}


class ZoneCutOff(Table):
    """Another cut-off of a wave for one zone, as for one that is far away."""

    __tablename__ = "zone_cut_offs"

    wave_id: Mapped[UUID] = mapped_column(ForeignKey("waves.id"), primary_key=True)
    zone_id: Mapped[UUID] = mapped_column(ForeignKey("zones.id"), primary_key=True)
    cut_off: Mapped[int]


class Areas:
    """The zones of a depot, to be asked for many points."""

    def __init__(self, session: Session, depot_id: UUID) -> None:
        self._areas = [(zone, _shape(zone.area)) for zone in ranked(session, depot_id)]

    def of(self, lon: float, lat: float) -> Zone | None:
        """Return the zone of a point, its border included; None outside of all."""
        point = Point(lon, lat)
        return next((zone for zone, area in self._areas if area.covers(point)), None)


def add(session: Session, zone: Zone) -> Zone:
    """Take a zone in (``bad_area``)."""
    rows.get(session, Depot, zone.depot_id)
    _shape(zone.area)
    rows.refuse_taken(session, Zone, depot_id=zone.depot_id, name=zone.name)
    edits.create(session, "zone", zone)
    return zone


def change(
    session: Session, zone: Zone, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a zone; its area must be one still (``bad_area``)."""
    edits.expect(zone, version, edits.differences(zone, wanted))
    _shape(wanted.get("area", zone.area))
    if "name" in wanted:
        rows.refuse_taken(session, Zone, but=zone.id, depot_id=zone.depot_id, name=wanted["name"])
    edits.change(session, "zone", zone, wanted)


def remove(session: Session, zone: Zone) -> None:
    """Remove a zone that has no cut-off of its own (``zone_in_use``)."""
    query = select(ZoneCutOff).where(ZoneCutOff.zone_id == zone.id)
    if num := len(session.scalars(query).all()):
        raise Conflict(
            "zone_in_use",
            cause=f"zone {zone.name} has its own cut-off in {num} waves",
            action="remove these cut-offs first",
        )
    edits.remove(session, "zone", zone)


def ranked(session: Session, depot_id: UUID) -> Sequence[Zone]:
    """Return all zones of a depot, the one that counts where they overlap first."""
    query = select(Zone).where(Zone.depot_id == depot_id).order_by(Zone.rank, Zone.name)
    return session.scalars(query).all()


def page(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Zone]:
    """Return zones, the newest first; those of some depots."""
    query = select(Zone)
    if depot_ids is not None:
        query = query.where(Zone.depot_id.in_(depot_ids))
    return pages.newest(session, query, Zone, cursor=cursor, limit=limit)


def _shape(area: dict[str, Any]) -> BaseGeometry:
    try:
        found = shape(area)
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _bad(f"it cannot be read as GeoJSON: {error}") from error
    if found.geom_type not in {"Polygon", "MultiPolygon"} or found.is_empty:
        raise _bad(f"it is a {found.geom_type}, or empty")
    if not found.is_valid:
        raise _bad("its border crosses itself")
    return found


def _bad(cause: str) -> Invalid:
    action = "draw a closed line around the area, of longitudes and latitudes"
    return Invalid("bad_area", cause=cause, action=action)
