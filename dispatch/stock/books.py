"""What the books say, a page at a time: levels, bins in their order, the ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from dispatch.catalogue.parts import Part
from dispatch.stock import lots
from dispatch.stock.levels import StockLevel
from dispatch.stock.lots import STAGING, BinStock, Lot
from dispatch.stock.movements import Movement
from dispatch.store import pages
from dispatch.store.pages import Page


@dataclass(frozen=True, slots=True)
class Only:
    """Which rows to look at; None is any. ``lot`` is a lot's number, or a serial number."""

    depot_ids: Collection[UUID] | None = None
    part_id: UUID | None = None
    bin: str | None = None
    from_bin: str | None = None
    to_bin: str | None = None
    """Both included."""
    lot: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """How much of a part a depot has."""

    depot_id: UUID
    part_id: UUID
    part: str
    on_hand: int
    reserved: int
    expired: int

    @property
    def available(self) -> int:
        return max(0, self.on_hand - self.reserved - self.expired)


@dataclass(frozen=True, slots=True)
class Lying:
    """How much of a part, and of which lot, lies in a bin."""

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


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger."""

    id: int
    at: datetime
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


def levels(session: Session, only: Only, *, cursor: str | None, limit: int) -> Page[Level]:
    """Return what depots have of their parts."""
    query = select(StockLevel, Part).join(Part, Part.id == StockLevel.part_id)
    query = _where(query, (StockLevel.depot_id, only.depot_ids), (StockLevel.part_id, only.part_id))
    keys = (StockLevel.depot_id, StockLevel.part_id)
    found = pages.in_order(session, query, keys, cursor=cursor, limit=limit)
    gone = lots.expired(
        session,
        {level.depot_id for level, _ in found.rows},
        {level.part_id for level, _ in found.rows},
    )
    rows = [
        Level(
            level.depot_id,
            part.id,
            part.title,
            level.on_hand,
            level.reserved,
            gone[level.depot_id, part.id],
        )
        for level, part in found.rows
    ]
    return Page(rows, found.next)


def bins(session: Session, only: Only, *, cursor: str | None, limit: int) -> Page[Lying]:
    """Return what lies in bins, in the order in which somebody walks along them."""
    query = (
        select(BinStock, Part, Lot)
        .join(Part, Part.id == BinStock.part_id)
        .outerjoin(Lot, Lot.id == BinStock.lot_id)
        .where(BinStock.on_hand > 0)
    )
    if only.from_bin is not None:
        query = query.where(BinStock.bin >= only.from_bin)
    if only.to_bin is not None:
        query = query.where(BinStock.bin <= only.to_bin)
    query = _where(
        query,
        (BinStock.depot_id, only.depot_ids),
        (BinStock.part_id, only.part_id),
        (BinStock.bin, only.bin),
        (Lot.number, only.lot),
    )
    keys = (BinStock.bin, BinStock.id)
    found = pages.in_order(session, query, keys, cursor=cursor, limit=limit)
    return Page([_lying(*row) for row in found.rows], found.next)


def to_count(session: Session, only: Only, *, cursor: str | None, limit: int) -> Page[Lying]:
    """Return what is to be looked at when bins are counted: all but what is picked already."""
    found = bins(session, only, cursor=cursor, limit=limit)
    return Page([one for one in found.rows if one.bin != STAGING], found.next)


def ledger(session: Session, only: Only, *, cursor: str | None, limit: int) -> Page[Entry]:
    """Return movements, the newest first."""
    query = (
        select(Movement, Part, Lot)
        .join(Part, Part.id == Movement.part_id)
        .outerjoin(Lot, Lot.id == Movement.lot_id)
    )
    query = _where(
        query,
        (Movement.depot_id, only.depot_ids),
        (Movement.part_id, only.part_id),
        (Movement.bin, only.bin),
        (Movement.kind, only.kind),
        (Lot.number, only.lot),
    )
    keys = (Movement.id,)
    found = pages.in_order(session, query, keys, cursor=cursor, limit=limit, descending=True)
    return Page([_entry(*row) for row in found.rows], found.next)


def _where(
    query: Select[*tuple[Any, ...]], *wanted: tuple[Any, object]
) -> Select[*tuple[Any, ...]]:
    for column, value in wanted:
        if value is not None:
            query = query.where(_is(column, value))
    return query


def _is(column: Any, value: object) -> ColumnElement[bool]:
    several = isinstance(value, Collection) and not isinstance(value, str)
    found: ColumnElement[bool] = column.in_(value) if several else column == value
    return found


def _lying(stock: BinStock, part: Part, lot: Lot | None) -> Lying:
    return Lying(
        id=stock.id,
        depot_id=stock.depot_id,
        bin=stock.bin,
        part_id=part.id,
        part=part.title,
        part_name=part.name,
        lot_id=stock.lot_id,
        lot=lot.number if lot else None,
        expires_on=lot.expires_on if lot else None,
        on_hand=stock.on_hand,
    )


def _entry(one: Movement, part: Part, lot: Lot | None) -> Entry:
    return Entry(
        id=one.id,
        at=one.at,
        kind=one.kind,
        depot_id=one.depot_id,
        part_id=one.part_id,
        part=part.title,
        bin=one.bin,
        lot_id=one.lot_id,
        lot=lot.number if lot else None,
        quantity=one.quantity,
        supplier=one.supplier,
        document=one.document,
        order_line_id=one.order_line_id,
        delivery_id=one.delivery_id,
        transfer_id=one.transfer_id,
        van=one.van,
        actor=one.actor,
    )
