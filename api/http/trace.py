"""Where a lot or serial number went, and where it came from; what is behind a car, an order."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from api.http.routes import Reader, Routes, User
from api.http.shapes import Moment, Out, Text80
from dispatch.intake import orders, trace
from dispatch.people.permissions import Permission, Who
from dispatch.stock.movements import Lot

routes = Routes("/trace", tag="stock")

Vin = Annotated[str, Path(pattern=r"^[A-HJ-NPR-Z0-9]{11,17}$", examples=["LSVAA4187E2123456"])]


class TrailOut(Out):
    at: Moment
    kind: str
    depot_id: UUID
    depot: str
    bin: str
    quantity: int
    actor: str
    document: str | None
    delivery_id: UUID | None
    transfer_id: UUID | None
    van: str | None
    order: str | None
    customer: str | None
    customer_name: str | None
    vin: str | None


class OriginOut(Out):
    part: str
    lot: str
    supplier: str | None
    document: str | None
    depot: str
    at: Moment
    quantity: int


class LyingOut(Out):
    depot: str
    bin: str
    quantity: int


class LotOut(Out):
    lot_id: UUID
    part_id: UUID
    number: str
    expires_on: date | None
    came_from: list[OriginOut] = Field(description="Receipts, with supplier and delivery note.")
    lies: list[LyingOut] = Field(description="Where it lies now.")
    went: list[TrailOut] = Field(
        description="Every movement: bins, vans, customers, cars; the oldest first."
    )


class LotsOut(Out):
    rows: list[LotOut]


class OriginsOut(Out):
    rows: list[OriginOut]


@routes.get("/lots", needs=Permission.STOCK_READ, shape=LotsOut)
def trace_lots(
    reader: Reader,
    who: User,
    number: Annotated[Text80, Query(description="The number of a lot, or a serial number.")],
    part_id: Annotated[UUID | None, Query()] = None,
) -> dict[str, Any]:
    """Lots with a number, forwards to whoever has them and back to their suppliers."""
    lots = trace.lots_numbered(reader, number)
    wanted = [lot for lot in lots if part_id is None or lot.part_id == part_id]
    found = [
        _told(lot, went, trace.backwards(reader, lot.id))
        for lot in wanted
        if (went := _seen(who, trace.forwards(reader, lot.id)))
    ]
    return {"rows": found}


@routes.get("/vehicles/{vin}", needs=Permission.STOCK_READ, shape=OriginsOut)
def trace_vehicle(reader: Reader, who: User, vin: Vin) -> dict[str, Any]:
    """Where the lots came from that left for a car."""
    return {"rows": trace.behind_vin(reader, vin, depot_ids=who.depots())}


@routes.get("/orders/{order_id}", needs=Permission.STOCK_READ, shape=OriginsOut, may=(404,))
def trace_order(reader: Reader, who: User, order_id: UUID) -> dict[str, Any]:
    """Where the lots came from that left for an order."""
    who.need_depot(orders.get(reader, order_id).depot_id)
    return {"rows": trace.behind_order(reader, order_id)}


def _seen(who: Who, trails: list[trace.Trail]) -> list[trace.Trail]:
    """Return the movements at one's own depots."""
    mine = who.depots()
    return [each for each in trails if mine is None or each.depot_id in mine]


def _told(lot: Lot, went: list[trace.Trail], origins: list[trace.Origin]) -> dict[str, Any]:
    return {
        "lot_id": lot.id,
        "part_id": lot.part_id,
        "number": lot.number,
        "expires_on": lot.expires_on,
        "came_from": origins,
        "lies": trace.lying(went),
        "went": went,
    }
