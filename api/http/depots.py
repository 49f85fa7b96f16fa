"""Depots."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Cursor, In, Lat, Limit, Lon, Out, Text60, Text120
from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot
from dispatch.people.permissions import Permission
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("/depots", tag="depots")

TimeZone = Annotated[Text60, Field(examples=["Asia/Shanghai"])]


class DepotIn(In):
    name: Text120 = Field(examples=["Pudong"])
    lon: Lon
    lat: Lat
    time_zone: TimeZone


class DepotChange(In):
    name: Text120 | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    time_zone: TimeZone | None = None


class DepotOut(Out):
    id: UUID
    name: str
    lon: float
    lat: float
    time_zone: str
    version: int


class DepotsOut(Out):
    rows: list[DepotOut]
    next: str | None


@routes.get("", needs=Permission.CATALOGUE_READ, shape=DepotsOut)
def list_depots(reader: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[Depot]:
    """Depots, the newest first."""
    return depots.page(reader, cursor=cursor, limit=limit)


@routes.post("", needs=Permission.DEPOTS_WRITE, shape=DepotOut, creates=True, may=(409,))
def add_depot(tx: Tx, who: User, new: DepotIn) -> Depot:
    """Add a depot."""
    who.need_all_depots()
    return depots.add(tx, **new.model_dump())


@routes.get("/{depot_id}", needs=Permission.CATALOGUE_READ, shape=DepotOut, may=(404,))
def get_depot(reader: Reader, depot_id: UUID) -> Depot:
    """One depot."""
    return rows.get(reader, Depot, depot_id)


@routes.patch(
    "/{depot_id}", needs=Permission.DEPOTS_WRITE, shape=DepotOut, may=(404, 409, 412, 428)
)
def change_depot(tx: Tx, who: User, depot_id: UUID, change: DepotChange, version: Version) -> Depot:
    """Change a depot; what is left out stays as it is."""
    who.need_depot(depot_id)
    depot = rows.locked(tx, Depot, depot_id)
    depots.change(tx, depot, change.model_dump(exclude_none=True), version=version)
    return depot
