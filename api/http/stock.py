"""Stock: what can still be promised, and goods that come in."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from api.http.orders import ReservationOut
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import DepotFilter, In, Moment, Out, Quantity, Text40, Text80, Text120
from dispatch.catalogue.parts import Part
from dispatch.intake import goods_in
from dispatch.people.permissions import Permission
from dispatch.stock import availability
from dispatch.stock.availability import Available
from dispatch.stock.receiving import Goods
from dispatch.store import rows

routes = Routes("", tag="stock")


class IncomingOut(Out):
    quantity: int
    expected_at: Moment
    by: str = Field(examples=["purchase"])


class AvailableOut(Out):
    depot_id: UUID
    part_id: UUID
    on_hand: int
    reserved: int
    expired: int = Field(description="What of it has passed its date, and is promised to nobody.")
    available: int
    waiting: int = Field(description="What orders queue for.")
    incoming: list[IncomingOut] = Field(description="What is bought or on its way, by date.")


class AvailabilityOut(Out):
    rows: list[AvailableOut]


class InsteadOut(Out):
    part_id: UUID
    depots: list[AvailableOut]


class InsteadsOut(Out):
    rows: list[InsteadOut]


class GoodsIn(In):
    part_id: UUID
    quantity: Quantity
    bin: Text40 = Field(examples=["A-01"])
    lot: Text80 | None = Field(
        default=None, description="The lot, or the serial number of one unit.", examples=["L7"]
    )
    expires_on: date | None = None


class ReceiptIn(In):
    depot_id: UUID
    supplier: Text120 = Field(examples=["Bosch China"])
    document: Text120 = Field(description="The delivery note.", examples=["DN-2201"])
    goods: list[GoodsIn] = Field(min_length=1, max_length=1000)


class ReceiptOut(Out):
    served: list[ReservationOut] = Field(description="What was set aside for orders that waited.")


@routes.get(
    "/parts/{part_id}/availability",
    needs=Permission.STOCK_READ,
    shape=AvailabilityOut,
    may=(404,),
)
def get_availability(
    reader: Reader,
    who: User,
    part_id: UUID,
    depot_id: DepotFilter = None,
) -> dict[str, Any]:
    """What each of one's depots has of a part."""
    rows.get(reader, Part, part_id)
    found = availability.of_part(reader, part_id, depot_ids=who.depots(depot_id))
    return {"rows": [_available(each) for each in found]}


@routes.get("/parts/{part_id}/instead", needs=Permission.STOCK_READ, shape=InsteadsOut, may=(404,))
def list_instead(reader: Reader, who: User, part_id: UUID) -> dict[str, Any]:
    """The substitutes of a part that one of one's depots has available, the newest first."""
    rows.get(reader, Part, part_id)
    found = availability.instead_of(reader, part_id, depot_ids=who.depots())
    return {
        "rows": [
            {"part_id": each.part_id, "depots": [_available(one) for one in each.depots]}
            for each in found
        ]
    }


@routes.post(
    "/goods-in", needs=Permission.STOCK_RECEIVE, shape=ReceiptOut, creates=True, may=(404, 409)
)
def receive_goods(tx: Tx, who: User, receipt: ReceiptIn) -> dict[str, Any]:
    """Book a delivery note; goods that orders wait for are set aside at once."""
    who.need_depot(receipt.depot_id)
    goods = [Goods(**dict(each)) for each in receipt.goods]
    served = goods_in.receive(
        tx, receipt.depot_id, goods, supplier=receipt.supplier, document=receipt.document
    )
    return {"served": served}


def _available(one: Available) -> dict[str, Any]:
    return {
        "depot_id": one.shelf.depot_id,
        "part_id": one.shelf.part_id,
        "on_hand": one.on_hand,
        "reserved": one.reserved,
        "expired": one.expired,
        "available": one.available,
        "waiting": one.waiting,
        "incoming": one.incoming,
    }
