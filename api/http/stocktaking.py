"""What people say of bins: counted, adjusted, moved, scrapped, in quarantine."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import VersionIfTold
from api.http.orders import ReservationOut
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import (
    Counted,
    Cursor,
    DepotFilter,
    Difference,
    In,
    Limit,
    Moment,
    Out,
    Quantity,
    Reason,
    Text40,
    Text80,
    Text120,
    Text200,
)
from dispatch.intake import stocktaking, warehouse
from dispatch.intake.stocktaking import At
from dispatch.people.permissions import Permission, Who
from dispatch.stock import corrections
from dispatch.stock.corrections import Outcome, Quarantine
from dispatch.store import edits, rows
from dispatch.store.pages import Page

routes = Routes("", tag="stock")

ADJUST = Permission.STOCK_ADJUST


class Place(In):
    depot_id: UUID
    part_id: UUID
    bin: Text40 = Field(examples=["A-01"])
    lot: Text80 | None = Field(
        default=None, description="The number of the lot, or the serial number.", examples=["L7"]
    )

    def at(self) -> At:
        return At(self.depot_id, self.part_id, self.bin, self.lot)


class CountIn(In):
    part_id: UUID
    bin: Text40 = Field(examples=["A-01"])
    lot: Text80 | None = None
    counted: Counted


class CountsIn(In):
    depot_id: UUID
    document: Text120 = Field(description="The count sheet.", examples=["Z-12"])
    reason: Text200 | None = Field(
        default=None, description="Needed where anything differs.", examples=["cycle count"]
    )
    counted_at: Moment | None = Field(
        default=None, description="When it was looked at: what moved later is no difference."
    )
    rows: list[CountIn] = Field(min_length=1, max_length=500)


class LostOut(Out):
    order_id: UUID
    order_line_id: UUID
    depot_id: UUID
    quantity: int


class OutcomeOut(Out):
    booked: int = Field(description="What it added to the bin; negative: what it took away.")
    lost: list[LostOut] = Field(description="What orders had set aside, and wait for again.")
    served: list[ReservationOut]


class CountOut(OutcomeOut):
    part_id: UUID
    bin: str
    lot: str | None
    counted: int
    expected: int


class CountsOut(Out):
    rows: list[CountOut]


class AdjustmentIn(Place):
    difference: Difference
    reason: Text120 = Field(examples=["found behind the shelf"])


class MoveIn(Place):
    to_bin: Text40
    quantity: Quantity


class ScrapIn(Place):
    quantity: Quantity
    reason: Text120 = Field(examples=["broken"])


class QuarantineOut(Out):
    id: UUID
    depot_id: UUID
    part_id: UUID
    lot_id: UUID | None
    quantity: int
    reason: str
    status: str = Field(examples=["held"])
    since: Moment
    version: int


class HeldOut(QuarantineOut):
    outcome: OutcomeOut


class QuarantinesOut(Out):
    rows: list[QuarantineOut]
    next: str | None


class BackIn(In):
    bin: Text40 = Field(examples=["A-01"])


@routes.post("/stock/counts", needs=ADJUST, shape=CountsOut, creates=True, may=(404, 409))
def count_bins(tx: Tx, who: User, sheet: CountsIn) -> dict[str, Any]:
    """Book a count sheet as a whole; a difference needs a reason."""
    who.need_depot(sheet.depot_id)
    counted = [
        stocktaking.Counted(At(sheet.depot_id, each.part_id, each.bin, each.lot), each.counted)
        for each in sheet.rows
    ]
    found = stocktaking.count(
        tx, counted, document=sheet.document, reason=sheet.reason, counted_at=sheet.counted_at
    )
    return {
        "rows": [
            {
                "part_id": one.counted.at.part_id,
                "bin": one.counted.at.bin,
                "lot": one.counted.at.lot,
                "counted": one.counted.quantity,
                "expected": one.expected,
                **_told(one.outcome),
            }
            for one in found
        ]
    }


@routes.post("/stock/adjustments", needs=ADJUST, shape=OutcomeOut, creates=True, may=(404, 409))
def adjust_bin(tx: Tx, who: User, given: AdjustmentIn) -> Outcome:
    """Correct a bin by a difference, with the reason."""
    who.need_depot(given.depot_id)
    return stocktaking.adjust(tx, given.at(), given.difference, reason=given.reason)


@routes.post("/stock/moves", needs=ADJUST, status=204, keyed="if told", may=(404, 409))
def move_goods(tx: Tx, who: User, given: MoveIn) -> None:
    """Put goods into another bin of the depot."""
    who.need_depot(given.depot_id)
    stocktaking.move(tx, given.at(), given.to_bin, given.quantity)


@routes.post("/stock/scrap", needs=ADJUST, shape=OutcomeOut, creates=True, may=(404, 409))
def scrap_goods(tx: Tx, who: User, given: ScrapIn) -> Outcome:
    """Take goods off the books for good, with the reason."""
    who.need_depot(given.depot_id)
    return stocktaking.scrap(tx, given.at(), given.quantity, reason=given.reason)


@routes.post("/quarantine", needs=ADJUST, shape=HeldOut, creates=True, may=(404, 409))
def hold_goods(tx: Tx, who: User, given: ScrapIn) -> dict[str, Any]:
    """Set goods apart: they are on hand no longer, until somebody has judged them."""
    who.need_depot(given.depot_id)
    row, outcome = stocktaking.set_apart(tx, given.at(), given.quantity, reason=given.reason)
    return {**QuarantineOut.model_validate(row).model_dump(), "outcome": outcome}


@routes.get("/quarantine", needs=Permission.STOCK_READ, shape=QuarantinesOut)
def list_quarantine(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    status: Annotated[Literal["held", "released", "scrapped"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Quarantine]:
    """What is or was in quarantine, the newest first."""
    depots = who.depots(depot_id)
    return stocktaking.apart(reader, depot_ids=depots, status=status, cursor=cursor, limit=limit)


@routes.get(
    "/quarantine/{quarantine_id}", needs=Permission.STOCK_READ, shape=QuarantineOut, may=(404,)
)
def get_quarantine(reader: Reader, who: User, quarantine_id: UUID) -> Quarantine:
    """Goods that lie apart."""
    return _held(reader, who, quarantine_id)


@routes.post(
    "/quarantine/{quarantine_id}/release",
    needs=ADJUST,
    shape=HeldOut,
    keyed="if told",
    may=(404, 409, 412),
)
def release_goods(
    tx: Tx, who: User, quarantine_id: UUID, to: BackIn, version: VersionIfTold
) -> dict[str, Any]:
    """Put goods from quarantine into a bin, for who waits for them."""
    row = _held(tx, who, quarantine_id)
    edits.expect(row, version)
    outcome = warehouse.release_quarantine(tx, row.id, bin=to.bin)
    return {**QuarantineOut.model_validate(row).model_dump(), "outcome": outcome}


@routes.post(
    "/quarantine/{quarantine_id}/scrap",
    needs=ADJUST,
    shape=QuarantineOut,
    keyed="if told",
    may=(404, 409, 412),
)
def scrap_held_goods(
    tx: Tx, who: User, quarantine_id: UUID, why: Reason, version: VersionIfTold
) -> Quarantine:
    """Scrap goods in quarantine, with the reason."""
    row = _held(tx, who, quarantine_id)
    edits.expect(row, version)
    corrections.scrap_apart(tx, row, reason=why.reason)
    return row


def _held(session: Session, who: Who, quarantine_id: UUID) -> Quarantine:
    row = rows.get(session, Quarantine, quarantine_id)
    who.need_depot(row.depot_id)
    return row


def _told(outcome: Outcome) -> dict[str, Any]:
    return {"booked": outcome.booked, "lost": outcome.lost, "served": outcome.served}
