"""What leaves and comes back: parcels, labels, the load check, the counter, returns."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session

from api.http import server
from api.http.orders import ReservationOut
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import (
    Cursor,
    DepotFilter,
    In,
    Limit,
    Moment,
    Out,
    Quantity,
    Text40,
    Text60,
    Text80,
    Text120,
)
from dispatch.intake import deliveries, orders, warehouse
from dispatch.intake.deliveries import Delivery
from dispatch.people.permissions import Permission, Who
from dispatch.reports import labels
from dispatch.stock.reservations import Reservation
from dispatch.store import database, rows
from dispatch.store.pages import Page
from dispatch.warehouse import loading, parcels
from dispatch.warehouse.loading import Loaded
from dispatch.warehouse.parcels import LoadCheck, Parcel

routes = Routes("", tag="warehouse")

DeliveryIds = Annotated[list[UUID], Field(min_length=1, max_length=200)]


class DeliveryOut(Out):
    id: UUID
    order_id: UUID
    depot_id: UUID
    attempt: int
    status: str
    ready_at: Moment
    version: int


class DeliveriesOut(Out):
    rows: list[DeliveryOut]
    next: str | None


class ContentIn(In):
    reservation_id: UUID
    quantity: Quantity


class ParcelIn(In):
    contents: list[ContentIn] = Field(min_length=1, max_length=500)


class ParcelOut(Out):
    id: UUID
    number: str = Field(description="As it stands on the label.", examples=["A-17-P1"])
    delivery_id: UUID
    packed_at: Moment


class ParcelsOut(Out):
    rows: list[ParcelOut]
    to_pack: list[ReservationOut] = Field(description="What is picked, and in no parcel yet.")


class CheckIn(In):
    delivery_ids: DeliveryIds
    scanned: list[Text80] = Field(max_length=2000, description="Numbers of parcels.")


class CheckOut(Out):
    right: bool
    found: list[str]
    missing: list[str]
    strange: list[str] = Field(description="Of other deliveries, or of none.")


class LoadIn(CheckIn):
    van: Text80 = Field(examples=["van 2"])


class LoadedOut(Out):
    loaded: list[UUID]
    left_behind: list[str] = Field(description="Parcels that were not scanned.")
    to_bring_later: list[UUID] = Field(description="The deliveries that bring these later.")


class HandedOut(Out):
    rows: list[ReservationOut]


class ReturnIn(In):
    quantity: Quantity
    bin: Text40 = Field(examples=["R-01"])
    document: Text120 = Field(examples=["return slip 3"])


@routes.get("/deliveries", needs=Permission.WAREHOUSE_LIST, shape=DeliveriesOut)
def list_deliveries(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    status: Annotated[Literal["pending", "planned", "loaded", "cancelled"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Delivery]:
    """Deliveries from one's depots, the newest first."""
    return deliveries.page(
        reader, depot_ids=who.depots(depot_id), status=status, cursor=cursor, limit=limit
    )


@routes.get(
    "/deliveries/{delivery_id}/parcels",
    needs=Permission.WAREHOUSE_LIST,
    shape=ParcelsOut,
    may=(404,),
)
def list_parcels(reader: Reader, who: User, delivery_id: UUID) -> dict[str, Any]:
    """The parcels of a delivery, and what is still to be packed."""
    delivery = _delivery(reader, who, delivery_id)
    return {
        "rows": parcels.of_deliveries(reader, [delivery_id]),
        "to_pack": parcels.to_pack(reader, delivery),
    }


@routes.post(
    "/deliveries/{delivery_id}/parcels",
    needs=Permission.WAREHOUSE_PICK,
    shape=ParcelOut,
    creates=True,
    may=(404, 409),
)
def pack_parcel(tx: Tx, who: User, delivery_id: UUID, new: ParcelIn) -> Parcel:
    """Pack what is picked into a parcel, which gets its number."""
    _delivery(tx, who, delivery_id)
    contents: dict[UUID, int] = {}
    for each in new.contents:
        before = contents.get(each.reservation_id, 0)
        contents[each.reservation_id] = before + each.quantity
    return parcels.pack(tx, delivery_id, contents)


@routes.file(
    "/parcel-labels",
    needs=Permission.WAREHOUSE_LIST,
    media_types=("application/pdf",),
    may=(404,),
)
def get_labels(
    request: Request,
    who: User,
    delivery_id: Annotated[list[UUID], Query(min_length=1, max_length=200)],
    route: Annotated[Text60 | None, Query(description="To stand on the labels.")] = None,
) -> Response:
    """Labels of all parcels of deliveries, with Code 128 and QR code: a page each."""
    with database.reading(server.of(request).database) as reader:
        for each in sorted(set(delivery_id)):
            _delivery(reader, who, each)
        found = labels.of_deliveries(reader, delivery_id, route=route or "")
    return Response(labels.labels(found), media_type="application/pdf")


@routes.post("/load-checks", needs=Permission.WAREHOUSE_SHIP, shape=CheckOut, may=(404,))
def check_load(reader: Reader, who: User, given: CheckIn) -> LoadCheck:
    """Compare what was scanned into a van with its parcels; nothing is booked by it."""
    for each in sorted(set(given.delivery_ids)):
        _delivery(reader, who, each)
    return parcels.check_load(reader, given.delivery_ids, given.scanned)


@routes.post(
    "/loads",
    needs=Permission.WAREHOUSE_SHIP,
    shape=LoadedOut,
    keyed="if told",
    may=(404, 409),
)
def load_van(tx: Tx, who: User, given: LoadIn) -> Loaded:
    """Let deliveries leave; parcels that were not scanned stay, and are brought later."""
    for each in sorted(set(given.delivery_ids)):
        _delivery(tx, who, each)
    return loading.load(tx, given.delivery_ids, given.scanned, van=given.van)


@routes.post(
    "/orders/{order_id}/hand-over",
    needs=Permission.WAREHOUSE_SHIP,
    shape=HandedOut,
    keyed="if told",
    may=(404, 409),
)
def hand_order_over(tx: Tx, who: User, order_id: UUID) -> dict[str, Any]:
    """Hand what is picked of an order over the counter, with its lots and serial numbers."""
    who.need_depot(orders.get(tx, order_id).depot_id)
    return {"rows": warehouse.hand_over(tx, order_id)}


@routes.post(
    "/reservations/{reservation_id}/returns",
    needs=Permission.STOCK_TAKE_BACK,
    shape=ReservationOut,
    creates=True,
    may=(404, 409),
)
def take_goods_back(tx: Tx, who: User, reservation_id: UUID, given: ReturnIn) -> Reservation:
    """Put what a customer brings back into a bin, for who waits for it."""
    one = rows.get(tx, Reservation, reservation_id)
    who.need_depot(one.depot_id)
    warehouse.take_back(tx, one.id, given.quantity, bin=given.bin, document=given.document)
    return one


def _delivery(session: Session, who: Who, delivery_id: UUID) -> Delivery:
    delivery = rows.get(session, Delivery, delivery_id)
    who.need_depot(delivery.depot_id)
    return delivery
