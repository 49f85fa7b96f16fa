"""Pick lists: made by wave, route or orders; walked bin by bin with a scanner."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import (
    Cursor,
    DepotFilter,
    In,
    Limit,
    Moment,
    Out,
    Quantity,
    Text60,
    Text80,
    Text120,
)
from dispatch.catalogue import depots
from dispatch.people.permissions import Permission, Who
from dispatch.plans import published
from dispatch.plans.published import Route
from dispatch.store import rows
from dispatch.store.pages import Page
from dispatch.warehouse import pick_lists
from dispatch.warehouse.pick_lists import Detail, PickList, PickTask, Scan

routes = Routes("", tag="warehouse")


class PickListIn(In):
    depot_id: UUID
    wave: Text60 = Field(description="As it is to stand on the list.", examples=["1"])
    route: Text60 = Field(examples=["van 2"])
    order_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=500)
    wave_id: UUID | None = None
    on: date | None = Field(default=None, description="The day of the wave; without it, today.")
    route_id: UUID | None = Field(default=None, description="A route of a published plan.")

    @model_validator(mode="after")
    def _of_one_thing(self) -> PickListIn:
        if sum(each is not None for each in (self.order_ids, self.wave_id, self.route_id)) != 1:
            raise ValueError("give order_ids, or a wave_id, or a route_id")
        return self


class PickTaskOut(Out):
    id: UUID
    bin: str
    part_id: UUID
    part: str
    part_number: str
    part_name: str
    lot: str | None
    expires_on: date | None
    order: str
    order_line_id: UUID
    quantity: int
    picked: int
    open: bool


class PickListRow(Out):
    id: UUID
    depot_id: UUID
    wave: str
    route: str
    made_at: Moment


class PickListOut(PickListRow):
    tasks: list[PickTaskOut] = Field(description="In the order of the bins.")


class PickListsOut(Out):
    rows: list[PickListRow]
    next: str | None


class ScanIn(In):
    number: Text80 = Field(description="Any number of the part.", examples=["0986"])
    lot: Text80 | None = Field(
        default=None, description="The lot, or the serial number, where the part has one."
    )
    quantity: Quantity = 1


class ScannedOut(Out):
    id: UUID
    quantity: int
    picked: int
    open: bool


class ShortIn(In):
    document: Text120 = Field(description="What the count stands on.", examples=["short pick"])


class ShortOut(Out):
    lost: int = Field(description="What the order waits for now; the rest is on the list anew.")
    list: PickListOut


@routes.post(
    "/pick-lists",
    needs=Permission.WAREHOUSE_LIST,
    shape=PickListOut,
    creates=True,
    may=(404, 409),
)
def make_pick_list(tx: Tx, who: User, new: PickListIn) -> dict[str, Any]:
    """List what is set aside for orders, a wave or a route, and is on no other open list."""
    who.need_depot(new.depot_id)
    today = depots.today(tx, new.depot_id)
    found = pick_lists.make(
        tx,
        new.depot_id,
        _orders(tx, who, new, new.on or today),
        wave=new.wave,
        route=new.route,
        today=today,
    )
    return _shown(tx, found)


@routes.get("/pick-lists", needs=Permission.WAREHOUSE_LIST, shape=PickListsOut)
def list_pick_lists(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    open: Annotated[bool, Query(description="Only those with something left to pick.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[PickList]:
    """Pick lists, the newest first."""
    mine = who.depots(depot_id)
    return pick_lists.page(reader, depot_ids=mine, open_only=open, cursor=cursor, limit=limit)


@routes.get("/pick-lists/{list_id}", needs=Permission.WAREHOUSE_LIST, shape=PickListOut, may=(404,))
def get_pick_list(reader: Reader, who: User, list_id: UUID) -> dict[str, Any]:
    """One list, in the order of the bins."""
    found = rows.get(reader, PickList, list_id)
    who.need_depot(found.depot_id)
    return _shown(reader, found)


@routes.post(
    "/pick-tasks/{task_id}/scan",
    needs=Permission.WAREHOUSE_PICK,
    shape=ScannedOut,
    keyed="always",
    may=(404, 409),
)
def scan_pick(tx: Tx, who: User, task_id: UUID, seen: ScanIn) -> PickTask:
    """Pick what was scanned; sent again with its key, it picks nothing more."""
    _need(tx, who, task_id)
    return pick_lists.scan(tx, task_id, Scan(seen.number, seen.lot, seen.quantity))


@routes.post(
    "/pick-tasks/{task_id}/short",
    needs=Permission.WAREHOUSE_PICK,
    shape=ShortOut,
    keyed="always",
    may=(404, 409),
)
def short_pick(tx: Tx, who: User, task_id: UUID, given: ShortIn) -> dict[str, Any]:
    """Book that no more lies in the bin; the line goes to another one, or waits."""
    task = _need(tx, who, task_id)
    today = depots.today(tx, task.depot_id)
    lost = pick_lists.short(tx, task_id, document=given.document, today=today)
    return {"lost": lost, "list": _shown(tx, rows.get(tx, PickList, task.list_id))}


def _orders(session: Session, who: Who, new: PickListIn, on: date) -> list[UUID]:
    if new.wave_id is not None:
        return pick_lists.of_wave(session, new.depot_id, new.wave_id, on)
    if new.route_id is not None:
        who.need_depot(rows.get(session, Route, new.route_id).depot_id)
        return published.orders_of(session, new.route_id)
    return new.order_ids or []


def _need(session: Session, who: Who, task_id: UUID) -> PickTask:
    task = rows.get(session, PickTask, task_id)
    who.need_depot(task.depot_id)
    return task


def _shown(session: Session, found: PickList) -> dict[str, Any]:
    tasks = [_task(each) for each in pick_lists.details(session, found.id)]
    return {**PickListRow.model_validate(found).model_dump(), "tasks": tasks}


def _task(each: Detail) -> dict[str, Any]:
    return {
        "id": each.task.id,
        "bin": each.task.bin,
        "part_id": each.part.id,
        "part": each.part.title,
        "part_number": each.part.number,
        "part_name": each.part.name,
        "lot": each.lot.number if each.lot else None,
        "expires_on": each.lot.expires_on if each.lot else None,
        "order": each.order_number,
        "order_line_id": each.task.order_line_id,
        "quantity": each.task.quantity,
        "picked": each.task.picked,
        "open": each.task.open,
    }
