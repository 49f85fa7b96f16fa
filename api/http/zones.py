"""Delivery zones."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Change, Cursor, DepotFilter, In, Lat, Limit, Lon, Out, Text60
from dispatch.catalogue.depots import Depot
from dispatch.fleet import zones
from dispatch.fleet.zones import Areas, Zone
from dispatch.people.permissions import Permission, Who
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("", tag="fleet")

_RING = [[121.4, 31.1], [121.6, 31.1], [121.6, 31.3], [121.4, 31.3], [121.4, 31.1]]

Rank = Annotated[
    int,
    Field(ge=-1000, le=1000, description="Where zones overlap, the one of the lower rank counts."),
]
Ring = list[tuple[Lon, Lat]]


class PolygonIn(In):
    type: Literal["Polygon"]
    coordinates: list[Ring] = Field(description="The border, then holes.", examples=[[_RING]])


class MultiPolygonIn(In):
    type: Literal["MultiPolygon"]
    coordinates: list[list[Ring]] = Field(examples=[[[_RING]]])


Area = Annotated[
    PolygonIn | MultiPolygonIn, Field(discriminator="type", description="GeoJSON, in WGS84.")
]


class ZoneIn(In):
    depot_id: UUID
    name: Text60 = Field(examples=["East"])
    rank: Rank = 0
    area: Area


class ZoneChange(Change):
    name: Text60 | None = None
    rank: Rank | None = None
    area: Area | None = None


class ZoneOut(Out):
    id: UUID
    depot_id: UUID
    name: str
    rank: int
    area: dict[str, Any]
    version: int


class ZonesOut(Out):
    rows: list[ZoneOut]
    next: str | None


class ZoneAtOut(Out):
    zone: ZoneOut | None = Field(description="Null: the point is in none.")


@routes.get("/zones", needs=Permission.FLEET_READ, shape=ZonesOut)
def list_zones(
    reader: Reader,
    who: User,
    depot_ids: DepotFilter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Zone]:
    """Zones of one's depots, the newest first."""
    return zones.page(reader, depot_ids=who.depots(depot_ids), cursor=cursor, limit=limit)


@routes.post("/zones", needs=Permission.FLEET_WRITE, shape=ZoneOut, creates=True, may=(404, 409))
def add_zone(tx: Tx, who: User, new: ZoneIn) -> Zone:
    """Add a zone of a depot."""
    who.need_depot(new.depot_id)
    area = new.area.model_dump(mode="json")
    return zones.add(tx, Zone(**{**dict(new), "area": area}))


@routes.get("/zones/{zone_id}", needs=Permission.FLEET_READ, shape=ZoneOut, may=(404,))
def get_zone(reader: Reader, who: User, zone_id: UUID) -> Zone:
    """One zone."""
    return _seen(reader, who, zone_id)


@routes.patch(
    "/zones/{zone_id}", needs=Permission.FLEET_WRITE, shape=ZoneOut, may=(404, 409, 412, 428)
)
def change_zone(tx: Tx, who: User, zone_id: UUID, change: ZoneChange, version: Version) -> Zone:
    """Change a zone; what is left out stays as it is."""
    _seen(tx, who, zone_id)
    zone = rows.locked(tx, Zone, zone_id)
    wanted = change.wanted()
    if change.area is not None:
        wanted["area"] = change.area.model_dump(mode="json")
    zones.change(tx, zone, wanted, version=version)
    return zone


@routes.delete("/zones/{zone_id}", needs=Permission.FLEET_WRITE, may=(404, 409))
def remove_zone(tx: Tx, who: User, zone_id: UUID) -> None:
    """Remove a zone that has no cut-off of its own."""
    _seen(tx, who, zone_id)
    zones.remove(tx, rows.locked(tx, Zone, zone_id))


@routes.get("/depots/{depot_id}/zones/at", needs=Permission.FLEET_READ, shape=ZoneAtOut, may=(404,))
def get_zone_at(
    reader: Reader,
    who: User,
    depot_id: UUID,
    lon: Annotated[Lon, Query()],
    lat: Annotated[Lat, Query()],
) -> dict[str, Any]:
    """The zone of a depot in which a point lies."""
    who.need_depot(depot_id)
    rows.get(reader, Depot, depot_id)
    return {"zone": Areas(reader, depot_id).of(lon, lat)}


def _seen(session: Session, who: Who, zone_id: UUID) -> Zone:
    zone = rows.get(session, Zone, zone_id)
    who.need_depot(zone.depot_id)
    return zone
