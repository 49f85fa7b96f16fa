"""What leaves a depot on a day: its waves with their cut-offs, and the deliveries in each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.routes import Reader, Routes, User
from api.http.shapes import Cursor, Day, Limit, Moment, Out
from dispatch.catalogue.depots import Depot
from dispatch.fleet import waves
from dispatch.fleet.waves import Departure, Wave
from dispatch.intake import departures
from dispatch.intake.departures import Leaving, Measures, WaveLoad
from dispatch.people.permissions import Permission, Who
from dispatch.store import clock, pages, rows

routes = Routes("/depots", tag="fleet")

AskedDay = Annotated[Day, Query(description="By the calendar of the depot.")]


class ZoneCutOffOut(Out):
    zone_id: UUID
    zone: str
    cut_off_at: Moment
    left_s: int


class DepartureOut(Out):
    wave_id: UUID
    wave: str
    cut_off_at: Moment = Field(description="What is ready at this moment is too late.")
    left_s: int = Field(description="Seconds until then; 0: it is too late.")
    zones: list[ZoneCutOffOut]
    num_deliveries: int = Field(description="Those that are still here and reach it first.")
    num_orders: int
    weight_g: int
    volume_ml: int
    num_earlier: int = Field(description="Deliveries of earlier waves that are still here.")


class DeparturesOut(Out):
    now: Moment = Field(description="The server's clock.")
    rows: list[DepartureOut]


class LeavingOut(Out):
    delivery_id: UUID
    order_id: UUID
    order_number: str
    customer_id: UUID
    repair_point_id: UUID
    repair_point: str
    lon: float
    lat: float
    zone_id: UUID | None
    status: str
    ready_at: Moment
    weight_g: int
    volume_ml: int
    is_earlier: bool = Field(description="It reaches an earlier wave, and is still here.")


class LeavingsOut(Out):
    rows: list[LeavingOut]
    next: str | None


@routes.get("/{depot_id}/waves", needs=Permission.FLEET_READ, shape=DeparturesOut, may=(404,))
def list_departures(reader: Reader, who: User, depot_id: UUID, day: AskedDay) -> dict[str, Any]:
    """The waves of a day with their cut-offs by zone, and how much is in each."""
    depot = _seen(reader, who, depot_id)
    now = clock.now()
    return {"now": now, "rows": [_load(one, now) for one in departures.loads(reader, depot, day)]}


@routes.get(
    "/{depot_id}/waves/{wave_id}/deliveries",
    needs=Permission.FLEET_READ,
    shape=LeavingsOut,
    may=(404,),
)
def list_wave_deliveries(
    reader: Reader,
    who: User,
    depot_id: UUID,
    wave_id: UUID,
    day: AskedDay,
    earlier: Annotated[
        bool, Query(description="Also what earlier waves have yet to take.")
    ] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The deliveries that leave with a wave, the oldest first."""
    depot = _seen(reader, who, depot_id)
    wave = waves.of_depot(reader, depot_id, wave_id)
    find = departures.of_wave if earlier else departures.of_wave_alone
    found = find(reader, depot, wave, day)
    page = pages.cut(found, lambda one: one.delivery.id, cursor=cursor, limit=limit)
    measures = departures.measured(reader, depot)
    shown = [_leaving(one, wave, day, measures[one.delivery.id]) for one in page.rows]
    return {"rows": shown, "next": page.next}


def _load(one: WaveLoad, now: datetime) -> dict[str, Any]:
    wave = one.departure.wave
    zones = [
        {"zone_id": zone.id, "zone": zone.name, **_cut_off(departure, now)}
        for zone, departure in one.by_zone
    ]
    return {
        "wave_id": wave.id,
        "wave": wave.name,
        **_cut_off(one.departure, now),
        "zones": zones,
        "num_deliveries": one.num_deliveries,
        "num_orders": one.num_orders,
        "weight_g": one.weight_g,
        "volume_ml": one.volume_ml,
        "num_earlier": one.num_earlier,
    }


def _cut_off(departure: Departure, now: datetime) -> dict[str, Any]:
    return {"cut_off_at": departure.cut_off_at, "left_s": departure.left_s(now)}


def _leaving(one: Leaving, wave: Wave, day: date, size: Measures) -> dict[str, Any]:
    return {
        "delivery_id": one.delivery.id,
        "order_id": one.order.id,
        "order_number": one.order.number,
        "customer_id": one.order.customer_id,
        "repair_point_id": one.point.id,
        "repair_point": one.point.name,
        "lon": one.point.lon,
        "lat": one.point.lat,
        "zone_id": one.zone.id if one.zone else None,
        "status": one.delivery.status,
        "ready_at": one.delivery.ready_at,
        "weight_g": size.weight_g,
        "volume_ml": size.volume_ml,
        "is_earlier": not one.leaves_with(wave, day),
    }


def _seen(session: Session, who: Who, depot_id: UUID) -> Depot:
    who.need_depot(depot_id)
    return rows.get(session, Depot, depot_id)
