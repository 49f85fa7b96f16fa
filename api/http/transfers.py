"""Goods from depot to depot: planned, sent, received; and what suppliers are to bring."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import VersionIfTold
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import (
    Counted,
    Cursor,
    DepotFilter,
    In,
    Limit,
    Moment,
    Out,
    Quantity,
    Text40,
    Text80,
    Text120,
)
from api.http.stock import ReceiptOut
from dispatch.catalogue import depots
from dispatch.intake import goods_in, warehouse
from dispatch.people.permissions import Permission, Who
from dispatch.stock import incoming, transfers
from dispatch.stock.incoming import Purchase
from dispatch.stock.transfers import Transfer, Wanted
from dispatch.store import edits, rows
from dispatch.store.pages import Page

routes = Routes("", tag="stock")

TRANSFER = Permission.STOCK_TRANSFER


class TransferLineIn(In):
    part_id: UUID
    quantity: Quantity


class TransferIn(In):
    from_depot_id: UUID
    to_depot_id: UUID
    expected_at: Moment
    document: Text120 = Field(examples=["T-7"])
    lines: list[TransferLineIn] = Field(min_length=1, max_length=500)


class TransferLineOut(Out):
    id: UUID
    part_id: UUID
    lot_id: UUID | None
    reservation_id: UUID | None = Field(description="What an order has set aside goes along.")
    quantity: int
    received: int | None


class TransferRow(Out):
    id: UUID
    from_depot_id: UUID
    to_depot_id: UUID
    expected_at: Moment
    document: str
    status: str = Field(examples=["planned"])
    version: int


class TransferOut(TransferRow):
    lines: list[TransferLineOut]


class TransfersOut(Out):
    rows: list[TransferRow]
    next: str | None


class SendIn(In):
    van: Text80 = Field(examples=["van 2"])


class ArrivedIn(In):
    line_id: UUID
    received: Counted


class ReceiveIn(In):
    bin: Text40 = Field(examples=["A-01"])
    differing: list[ArrivedIn] = Field(
        default=[], max_length=1000, description="Lines of which not all arrived, and how many did."
    )


class PurchaseIn(In):
    depot_id: UUID
    part_id: UUID
    quantity: Quantity
    supplier: Text120 = Field(examples=["Bosch China"])
    document: Text120 = Field(description="The purchase order.", examples=["PO-88"])
    expected_at: Moment


class PurchaseOut(Out):
    id: UUID
    depot_id: UUID
    part_id: UUID
    quantity: int
    received: int
    supplier: str
    document: str
    expected_at: Moment


class PurchasesOut(Out):
    rows: list[PurchaseOut]
    next: str | None


class CameIn(In):
    quantity: Quantity
    bin: Text40 = Field(examples=["A-01"])
    document: Text120 = Field(description="The delivery note.", examples=["DN-2201"])
    lot: Text80 | None = None
    expires_on: date | None = None


@routes.post("/transfers", needs=TRANSFER, shape=TransferOut, creates=True, may=(404,))
def plan_transfer(tx: Tx, who: User, new: TransferIn) -> dict[str, Any]:
    """Plan a transfer; nothing is held back for it until it is sent."""
    who.need_depot(new.from_depot_id)
    planned = transfers.plan(
        tx,
        new.from_depot_id,
        new.to_depot_id,
        [Wanted(each.part_id, each.quantity) for each in new.lines],
        expected_at=new.expected_at,
        document=new.document,
    )
    return _shown(tx, planned)


@routes.get("/transfers", needs=Permission.STOCK_READ, shape=TransfersOut)
def list_transfers(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    status: Annotated[
        Literal["planned", "in_transit", "received", "cancelled"] | None, Query()
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Transfer]:
    """Transfers from and to one's depots, the newest first."""
    mine = who.depots(depot_id)
    return transfers.page(reader, depot_ids=mine, status=status, cursor=cursor, limit=limit)


@routes.get("/transfers/{transfer_id}", needs=Permission.STOCK_READ, shape=TransferOut, may=(404,))
def get_transfer(reader: Reader, who: User, transfer_id: UUID) -> dict[str, Any]:
    """One transfer with its lines, for who is at either end."""
    transfer = rows.get(reader, Transfer, transfer_id)
    if who.depot_ids is None or transfer.from_depot_id not in who.depot_ids:
        who.need_depot(transfer.to_depot_id)
    return _shown(reader, transfer)


@routes.post(
    "/transfers/{transfer_id}/send",
    needs=TRANSFER,
    shape=TransferOut,
    keyed="if told",
    may=(404, 409, 412),
)
def send_transfer(
    tx: Tx, who: User, transfer_id: UUID, given: SendIn, version: VersionIfTold
) -> dict[str, Any]:
    """Let the goods leave, what expires first at first."""
    transfer = rows.get(tx, Transfer, transfer_id)
    who.need_depot(transfer.from_depot_id)
    edits.expect(transfer, version)
    today = depots.today(tx, transfer.from_depot_id)
    warehouse.send_transfer(tx, transfer.id, today=today, van=given.van)
    return _shown(tx, transfer)


@routes.post(
    "/transfers/{transfer_id}/receive",
    needs=TRANSFER,
    shape=TransferOut,
    keyed="if told",
    may=(404, 409, 412),
)
def receive_transfer(
    tx: Tx, who: User, transfer_id: UUID, given: ReceiveIn, version: VersionIfTold
) -> dict[str, Any]:
    """Take the goods in, for the orders that they come for, then for who waits."""
    transfer = rows.get(tx, Transfer, transfer_id)
    who.need_depot(transfer.to_depot_id)
    edits.expect(transfer, version)
    received = {each.line_id: each.received for each in given.differing}
    warehouse.receive_transfer(tx, transfer.id, bin=given.bin, received=received)
    return _shown(tx, transfer)


@routes.post(
    "/transfers/{transfer_id}/cancel", needs=TRANSFER, shape=TransferOut, may=(404, 409, 412)
)
def cancel_transfer(tx: Tx, who: User, transfer_id: UUID, version: VersionIfTold) -> dict[str, Any]:
    """Give up a transfer that has not left; what orders have set aside stays where it is."""
    transfer = rows.get(tx, Transfer, transfer_id)
    who.need_depot(transfer.from_depot_id)
    edits.expect(transfer, version)
    transfers.cancel(tx, transfer)
    return _shown(tx, transfer)


@routes.post(
    "/purchases", needs=Permission.STOCK_RECEIVE, shape=PurchaseOut, creates=True, may=(404,)
)
def expect_purchase(tx: Tx, who: User, new: PurchaseIn) -> Purchase:
    """Note what a supplier is to bring, and when."""
    who.need_depot(new.depot_id)
    return incoming.expect(
        tx,
        new.depot_id,
        new.part_id,
        new.quantity,
        supplier=new.supplier,
        document=new.document,
        expected_at=new.expected_at,
    )


@routes.get("/purchases", needs=Permission.STOCK_READ, shape=PurchasesOut)
def list_purchases(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    part_id: Annotated[UUID | None, Query()] = None,
    open: Annotated[bool, Query(description="Only those of which something is missing.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Purchase]:
    """What is or was expected from suppliers, the newest first."""
    return incoming.page(
        reader,
        depot_ids=who.depots(depot_id),
        part_id=part_id,
        open_only=open,
        cursor=cursor,
        limit=limit,
    )


@routes.get("/purchases/{purchase_id}", needs=Permission.STOCK_READ, shape=PurchaseOut, may=(404,))
def get_purchase(reader: Reader, who: User, purchase_id: UUID) -> Purchase:
    """What a supplier is to bring."""
    return _purchase(reader, who, purchase_id)


@routes.post(
    "/purchases/{purchase_id}/receive",
    needs=Permission.STOCK_RECEIVE,
    shape=ReceiptOut,
    creates=True,
    may=(404, 409),
)
def receive_purchase(tx: Tx, who: User, purchase_id: UUID, given: CameIn) -> dict[str, Any]:
    """Book what came of an expected purchase; goods that orders wait for are set aside at once."""
    _purchase(tx, who, purchase_id)
    return {"served": goods_in.receive_against(tx, purchase_id, **dict(given))}


def _purchase(session: Session, who: Who, purchase_id: UUID) -> Purchase:
    purchase = rows.get(session, Purchase, purchase_id)
    who.need_depot(purchase.depot_id)
    return purchase


def _shown(session: Session, transfer: Transfer) -> dict[str, Any]:
    session.flush()
    shown = TransferRow.model_validate(transfer).model_dump()
    return {**shown, "lines": transfers.lines_of(session, transfer.id)}
