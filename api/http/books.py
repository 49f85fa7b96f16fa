"""The books: levels, bins, the ledger, a list to count by; where lots went and came from."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from api.http.routes import Reader, Routes, User
from api.http.shapes import Cursor, DepotFilter, Limit, Moment, Out, Text40, Text80
from dispatch.people.permissions import Permission
from dispatch.stock import books
from dispatch.stock.books import Entry, Level, Lying, Only
from dispatch.stock.movements import Kind
from dispatch.store import clock
from dispatch.store.pages import Page

routes = Routes("/stock", tag="stock")

PartId = Annotated[UUID | None, Query()]
Lot = Annotated[Text80 | None, Query(description="The number of a lot, or a serial number.")]
Bin = Annotated[Text40 | None, Query()]


class LevelOut(Out):
    depot_id: UUID
    part_id: UUID
    part: str
    on_hand: int
    reserved: int
    expired: int = Field(description="What of it has passed its date, and is promised to nobody.")
    available: int


class LevelsOut(Out):
    rows: list[LevelOut]
    next: str | None


class LyingOut(Out):
    id: UUID
    depot_id: UUID
    bin: str
    part_id: UUID
    part: str
    part_name: str
    lot_id: UUID | None
    lot: str | None
    expires_on: date | None
    on_hand: int


class BinsOut(Out):
    rows: list[LyingOut]
    next: str | None


class CountListOut(BinsOut):
    counted_at: Moment = Field(description="To be sent with the count: what moves later is known.")


class EntryOut(Out):
    id: int
    at: Moment
    kind: str
    depot_id: UUID
    part_id: UUID
    part: str
    bin: str
    lot_id: UUID | None
    lot: str | None
    quantity: int
    supplier: str | None
    document: str | None
    order_line_id: UUID | None
    delivery_id: UUID | None
    transfer_id: UUID | None
    van: str | None
    actor: str


class LedgerOut(Out):
    rows: list[EntryOut]
    next: str | None


@routes.get("/levels", needs=Permission.STOCK_READ, shape=LevelsOut)
def list_levels(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    part_id: PartId = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Level]:
    """How much of each part each depot has."""
    only = Only(who.depots(depot_id), part_id)
    return books.levels(reader, only, cursor=cursor, limit=limit)


@routes.get("/bins", needs=Permission.STOCK_READ, shape=BinsOut)
def list_bins(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    part_id: PartId = None,
    bin: Bin = None,
    lot: Lot = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Lying]:
    """What lies in which bin, of which lot or serial number, in the order of the bins."""
    only = Only(who.depots(depot_id), part_id, bin, lot=lot)
    return books.bins(reader, only, cursor=cursor, limit=limit)


@routes.get("/movements", needs=Permission.STOCK_READ, shape=LedgerOut)
def list_movements(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    part_id: PartId = None,
    bin: Bin = None,
    lot: Lot = None,
    kind: Annotated[Kind | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Entry]:
    """The ledger, the newest first."""
    only = Only(who.depots(depot_id), part_id, bin, lot=lot, kind=kind)
    return books.ledger(reader, only, cursor=cursor, limit=limit)


@routes.get("/count-list", needs=Permission.STOCK_ADJUST, shape=CountListOut)
def get_count_list(
    reader: Reader,
    who: User,
    depot_id: Annotated[UUID, Query()],
    from_bin: Bin = None,
    to_bin: Annotated[Text40 | None, Query(description="Included.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountListOut:
    """What to look at when bins are counted, in their order, with what the books expect."""
    only = Only(who.depots([depot_id]), from_bin=from_bin, to_bin=to_bin)
    counted_at = clock.now()
    page = books.to_count(reader, only, cursor=cursor, limit=limit)
    found = [LyingOut.model_validate(one) for one in page.rows]
    return CountListOut(rows=found, next=page.next, counted_at=counted_at)
