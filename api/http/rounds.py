"""Rounds: the days of milk runs, from what they are to collect to the goods that come in."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from api.http.milk_runs import locked, seen
from api.http.orders import ReservationOut
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import (
    Cursor,
    Day,
    DepotFilter,
    In,
    Limit,
    Moment,
    Out,
    Reason,
    Text120,
    Text400,
)
from api.http.stock import GoodsIn
from dispatch.catalogue.depots import Depot
from dispatch.intake import collecting, round_goods, rounds
from dispatch.intake.collecting import DrivenRound
from dispatch.intake.milk_runs import MilkRun
from dispatch.intake.round_goods import Note
from dispatch.intake.rounds import Round
from dispatch.people.permissions import Permission
from dispatch.stock.receiving import Goods
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("", tag="milk runs")

RoundStatus = Literal["planned", "finished", "received", "cancelled"]

_ROUND = "/milk-runs/{milk_run_id}/rounds/{on}"


class LoadOut(Out):
    purchase_id: UUID
    document: str
    part_id: UUID
    quantity: int
    weight_g: int
    volume_ml: int
    dangerous: bool


class StopOut(Out):
    supplier_id: UUID
    name: str
    lon: float
    lat: float
    earliest_at: Moment
    latest_at: Moment
    service_s: int
    is_open: bool = Field(description="False: it hands nothing out within that window.")
    skipped_because: str | None
    weight_g: int
    volume_ml: int
    loads: list[LoadOut]


class RoundOut(Out):
    milk_run_id: UUID
    name: str
    on: Day
    status: RoundStatus
    vehicle_id: UUID | None
    skills: list[str]
    stops: list[StopOut] = Field(description="In the order in which they are visited.")


class RoundsOut(Out):
    rows: list[RoundOut]


class RoundRowOut(Out):
    milk_run_id: UUID
    depot_id: UUID
    on: Day
    status: RoundStatus


class RoundRowsOut(Out):
    rows: list[RoundRowOut]
    next: str | None


class StopSkipIn(In):
    supplier_id: UUID
    reason: Text400 = Field(examples=["closed for stock-taking"])


class ExpectedOut(Out):
    supplier_id: UUID
    supplier: str
    document: str = Field(description="That of the purchase.")
    purchase_id: UUID
    part_id: UUID
    quantity: int
    tracking: str = Field(description="Whether a lot or a serial number is to be filled in.")


class ExpectedLinesOut(Out):
    rows: list[ExpectedOut]


class NoteIn(In):
    supplier_id: UUID
    document: Text120 = Field(description="The delivery note.", examples=["DN-2201"])
    goods: list[GoodsIn] = Field(min_length=1, max_length=1000)


class NotesIn(In):
    notes: list[NoteIn] = Field(
        max_length=50, description="None where nothing came, or it is booked otherwise."
    )


class RoundReceiptOut(Out):
    round: RoundOut
    served: list[ReservationOut] = Field(description="What was set aside for orders that waited.")


@routes.get("/collections", needs=Permission.STOCK_READ, shape=RoundsOut, may=(404,))
def list_collections(reader: Reader, who: User, depot_id: UUID, on: Day) -> dict[str, Any]:
    """The rounds of a day that are still to be driven, without the stops that are skipped."""
    who.need_depot(depot_id)
    return {"rows": collecting.collections_of(reader, rows.get(reader, Depot, depot_id), on)}


@routes.get("/rounds", needs=Permission.STOCK_READ, shape=RoundRowsOut)
def list_rounds(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    status: Annotated[RoundStatus | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Round]:
    """Rounds that somebody reported something of, such as all that wait for their goods-in."""
    depot_ids = who.depots(depot_id)
    return rounds.page(reader, depot_ids=depot_ids, status=status, cursor=cursor, limit=limit)


@routes.get(_ROUND, needs=Permission.STOCK_READ, shape=RoundOut, may=(404,))
def get_round(reader: Reader, who: User, milk_run_id: UUID, on: Day) -> DrivenRound:
    """One round with all its stops, and what it collects or collected."""
    return collecting.of_day(reader, seen(who, rows.get(reader, MilkRun, milk_run_id)), on)


@routes.post(
    f"{_ROUND}/skips",
    needs=Permission.MILK_RUNS_REPORT,
    shape=RoundOut,
    creates=True,
    may=(404, 409),
)
def skip_stop(tx: Tx, who: User, milk_run_id: UUID, on: Day, skip: StopSkipIn) -> DrivenRound:
    """Leave a supplier out of a round; what is due there is on the next one."""
    run = locked(tx, who, milk_run_id)
    rounds.skip_stop(tx, run, on, skip.supplier_id, reason=skip.reason)
    return collecting.of_day(tx, run, on)


@routes.delete(f"{_ROUND}/skips/{{supplier_id}}", needs=Permission.MILK_RUNS_REPORT, may=(404, 409))
def restore_stop(tx: Tx, who: User, milk_run_id: UUID, on: Day, supplier_id: UUID) -> None:
    """Take a supplier back in that was left out of a round."""
    rounds.restore_stop(tx, locked(tx, who, milk_run_id), on, supplier_id)


@routes.post(f"{_ROUND}/cancel", needs=Permission.MILK_RUNS_REPORT, shape=RoundOut, may=(404, 409))
def cancel_round(tx: Tx, who: User, milk_run_id: UUID, on: Day, why: Reason) -> DrivenRound:
    """Leave a whole round out; what is due is on the next one."""
    run = locked(tx, who, milk_run_id)
    rounds.cancel(tx, run, on, reason=why.reason)
    return collecting.of_day(tx, run, on)


@routes.post(f"{_ROUND}/finish", needs=Permission.MILK_RUNS_REPORT, shape=RoundOut, may=(404, 409))
def finish_round(tx: Tx, who: User, milk_run_id: UUID, on: Day) -> DrivenRound:
    """Report a round as done: it has what it was to collect, for goods in to count."""
    run = locked(tx, who, milk_run_id)
    round_goods.finish(tx, run, on)
    return collecting.of_day(tx, run, on)


@routes.get(f"{_ROUND}/goods-in", needs=Permission.STOCK_READ, shape=ExpectedLinesOut, may=(404,))
def list_expected_goods(reader: Reader, who: User, milk_run_id: UUID, on: Day) -> dict[str, Any]:
    """The goods-in of a round that is done, filled in; one line for each serial number."""
    run = seen(who, rows.get(reader, MilkRun, milk_run_id))
    return {"rows": round_goods.expected(reader, run, on)}


@routes.post(
    f"{_ROUND}/goods-in",
    needs=Permission.STOCK_RECEIVE,
    shape=RoundReceiptOut,
    creates=True,
    may=(404, 409),
)
def receive_round(
    tx: Tx, who: User, milk_run_id: UUID, on: Day, receipt: NotesIn
) -> dict[str, Any]:
    """Book what a round really brought, all of it or none; the rest is due on the next one."""
    run = locked(tx, who, milk_run_id)
    notes = [
        Note(note.supplier_id, note.document, [Goods(**dict(each)) for each in note.goods])
        for note in receipt.notes
    ]
    _, served = round_goods.receive(tx, run, on, notes)
    return {"round": collecting.of_day(tx, run, on), "served": served}
