"""Vehicles."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Change, Cursor, DepotFilter, In, Limit, Out, Text20, Text40
from dispatch.fleet import vehicles
from dispatch.fleet.vehicles import Vehicle
from dispatch.people.permissions import Permission, Who
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("/vehicles", tag="fleet")

_MOST = 10**12

Active = Annotated[bool | None, Query(description="Those in service, or those that are not.")]
Skills = Annotated[
    list[Text40],
    Field(max_length=50, description="`dg`: may carry dangerous goods.", examples=[["dg"]]),
]
Profile = Annotated[Text20, Field(description="car, van, truck or scooter.", examples=["van"])]
Grams = Annotated[int, Field(ge=0, le=_MOST, examples=[400_000])]
Millilitres = Annotated[int, Field(ge=0, le=_MOST, examples=[2_000_000])]
Money = Annotated[int, Field(ge=0, le=_MOST, description="Minor units.", examples=[120])]
Co2 = Annotated[int, Field(ge=0, le=1_000_000, examples=[180])]
Metres = Annotated[int, Field(ge=0, le=2_000_000_000, examples=[150_000])]
Stops = Annotated[int, Field(ge=0, le=10_000, examples=[40])]


class VehicleIn(In):
    depot_id: UUID
    plate: Text20 = Field(examples=["沪A·12345"])
    profile: Profile
    capacity_g: Grams | None = Field(default=None, description="Null: no limit.")
    capacity_ml: Millilitres | None = Field(default=None, description="Null: no limit.")
    skills: Skills = Field(default_factory=list)
    cost_fixed: Money = 0
    cost_per_km: Money = 0
    cost_per_h: Money = 0
    co2_g_per_km: Co2 = 0
    max_distance_m: Metres | None = Field(default=None, description="Null: no limit.")
    max_stops: Stops | None = Field(default=None, description="Null: no limit.")


class VehicleChange(Change):
    may_be_none: ClassVar = frozenset({"capacity_g", "capacity_ml", "max_distance_m", "max_stops"})

    plate: Text20 | None = None
    profile: Profile | None = None
    capacity_g: Grams | None = Field(default=None, description="Null: no limit.")
    capacity_ml: Millilitres | None = Field(default=None, description="Null: no limit.")
    skills: Skills | None = None
    cost_fixed: Money | None = None
    cost_per_km: Money | None = None
    cost_per_h: Money | None = None
    co2_g_per_km: Co2 | None = None
    max_distance_m: Metres | None = Field(default=None, description="Null: no limit.")
    max_stops: Stops | None = Field(default=None, description="Null: no limit.")
    active: bool | None = Field(default=None, description="False: out of service.")


class VehicleOut(Out):
    id: UUID
    depot_id: UUID
    plate: str
    profile: str
    capacity_g: int | None
    capacity_ml: int | None
    skills: list[str]
    cost_fixed: int
    cost_per_km: int
    cost_per_h: int
    co2_g_per_km: int
    max_distance_m: int | None
    max_stops: int | None
    active: bool
    version: int


class VehiclesOut(Out):
    rows: list[VehicleOut]
    next: str | None


@routes.get("", needs=Permission.FLEET_READ, shape=VehiclesOut)
def list_vehicles(
    reader: Reader,
    who: User,
    depot_ids: DepotFilter = None,
    active: Active = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Vehicle]:
    """Vehicles of one's depots, the newest first."""
    return vehicles.page(
        reader, Vehicle, depot_ids=who.depots(depot_ids), active=active, cursor=cursor, limit=limit
    )


@routes.post("", needs=Permission.FLEET_WRITE, shape=VehicleOut, creates=True, may=(404, 409))
def add_vehicle(tx: Tx, who: User, new: VehicleIn) -> Vehicle:
    """Add a vehicle."""
    who.need_depot(new.depot_id)
    return vehicles.add_vehicle(tx, Vehicle(**dict(new)))


@routes.get("/{vehicle_id}", needs=Permission.FLEET_READ, shape=VehicleOut, may=(404,))
def get_vehicle(reader: Reader, who: User, vehicle_id: UUID) -> Vehicle:
    """One vehicle."""
    return seen(reader, who, vehicle_id)


@routes.patch(
    "/{vehicle_id}", needs=Permission.FLEET_WRITE, shape=VehicleOut, may=(404, 409, 412, 428)
)
def change_vehicle(
    tx: Tx, who: User, vehicle_id: UUID, change: VehicleChange, version: Version
) -> Vehicle:
    """Change a vehicle, or take it out of service; what is left out stays as it is."""
    seen(tx, who, vehicle_id)
    vehicle = rows.locked(tx, Vehicle, vehicle_id)
    vehicles.change_vehicle(tx, vehicle, change.wanted(), version=version)
    return vehicle


def seen(session: Session, who: Who, vehicle_id: UUID) -> Vehicle:
    """Return a vehicle of one's own depots."""
    vehicle = rows.get(session, Vehicle, vehicle_id)
    who.need_depot(vehicle.depot_id)
    return vehicle
