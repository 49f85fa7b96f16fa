"""Milk runs as templates, and their state."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import Version, VersionIfTold
from api.http.repeating import EveryWeeks, KeptId, OnHoliday, RepeatStatus, Weekdays
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Change, Clock, Cursor, Day, DepotFilter, In, Limit, Out, Text40, Text60
from dispatch.intake import milk_runs
from dispatch.intake.milk_runs import MilkRun
from dispatch.people.permissions import Permission, Who
from dispatch.store import edits, rows, states
from dispatch.store.pages import Page

routes = Routes("/milk-runs", tag="milk runs")

Skills = Annotated[list[Text40], Field(max_length=20, examples=[["dg"]])]


class MilkStopIn(In):
    supplier_id: KeptId
    at: Clock
    tolerance_s: int = Field(default=900, ge=0, le=43_200, description="So much earlier or later.")
    service_s: int = Field(default=600, ge=0, le=86_400)


Stops = Annotated[list[MilkStopIn], Field(min_length=1, max_length=50)]


class MilkRunIn(In):
    depot_id: UUID
    name: Text60 = Field(examples=["South"])
    vehicle_id: UUID | None = Field(
        default=None, description="The one that drives it; null: any with the skills."
    )
    skills: Skills = Field(default=[])
    stops: Stops = Field(description="In the order in which they are visited.")
    weekdays: Weekdays
    every_weeks: EveryWeeks = 1
    valid_from: Day
    valid_to: Day | None = Field(default=None, description="Included; null: until it is ended.")
    on_holiday: OnHoliday = "skip"


class MilkRunChange(Change):
    may_be_none: ClassVar = frozenset({"vehicle_id", "valid_to"})

    name: Text60 | None = None
    vehicle_id: UUID | None = None
    skills: Skills | None = None
    stops: Stops | None = None
    weekdays: Weekdays | None = None
    every_weeks: EveryWeeks | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    on_holiday: OnHoliday | None = None


class MilkStopOut(Out):
    supplier_id: UUID
    at: int
    tolerance_s: int
    service_s: int


class MilkRunOut(Out):
    id: UUID
    depot_id: UUID
    name: str
    status: RepeatStatus
    vehicle_id: UUID | None
    skills: list[str]
    stops: list[MilkStopOut]
    weekdays: list[int]
    every_weeks: int
    valid_from: Day
    valid_to: Day | None
    on_holiday: OnHoliday
    version: int


class MilkRunsOut(Out):
    rows: list[MilkRunOut]
    next: str | None


@routes.post("", needs=Permission.MILK_RUNS_WRITE, shape=MilkRunOut, creates=True, may=(404, 409))
def begin_milk_run(tx: Tx, who: User, new: MilkRunIn) -> MilkRun:
    """Have suppliers visited on fixed weekdays."""
    who.need_depot(new.depot_id)
    return milk_runs.begin(tx, new.model_dump())


@routes.get("", needs=Permission.STOCK_READ, shape=MilkRunsOut)
def list_milk_runs(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    status: Annotated[RepeatStatus | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[MilkRun]:
    """Milk runs of one's depots, the newest first."""
    depot_ids = who.depots(depot_id)
    return milk_runs.page(reader, depot_ids=depot_ids, status=status, cursor=cursor, limit=limit)


@routes.get("/{milk_run_id}", needs=Permission.STOCK_READ, shape=MilkRunOut, may=(404,))
def get_milk_run(reader: Reader, who: User, milk_run_id: UUID) -> MilkRun:
    """One milk run."""
    return seen(who, rows.get(reader, MilkRun, milk_run_id))


@routes.patch(
    "/{milk_run_id}",
    needs=Permission.MILK_RUNS_WRITE,
    shape=MilkRunOut,
    may=(404, 409, 412, 428),
)
def change_milk_run(
    tx: Tx, who: User, milk_run_id: UUID, change: MilkRunChange, version: Version
) -> MilkRun:
    """Change a milk run from its next round on; what is left out stays as it is."""
    run = locked(tx, who, milk_run_id)
    milk_runs.change(tx, run, change.wanted(), version=version)
    return run


@routes.post(
    "/{milk_run_id}/pause",
    needs=Permission.MILK_RUNS_WRITE,
    shape=MilkRunOut,
    may=(404, 409, 412),
)
def pause_milk_run(tx: Tx, who: User, milk_run_id: UUID, version: VersionIfTold) -> MilkRun:
    """Drive it no more until it is resumed."""
    return _stepped(tx, who, milk_run_id, "pause", version)


@routes.post(
    "/{milk_run_id}/resume",
    needs=Permission.MILK_RUNS_WRITE,
    shape=MilkRunOut,
    may=(404, 409, 412),
)
def resume_milk_run(tx: Tx, who: User, milk_run_id: UUID, version: VersionIfTold) -> MilkRun:
    """Drive it again."""
    return _stepped(tx, who, milk_run_id, "resume", version)


@routes.post(
    "/{milk_run_id}/end",
    needs=Permission.MILK_RUNS_WRITE,
    shape=MilkRunOut,
    may=(404, 409, 412),
)
def end_milk_run(tx: Tx, who: User, milk_run_id: UUID, version: VersionIfTold) -> MilkRun:
    """Drive it no more, for good."""
    return _stepped(tx, who, milk_run_id, "end", version)


def locked(tx: Session, who: Who, milk_run_id: UUID) -> MilkRun:
    """Return a milk run of somebody's depots; nobody else changes it or its rounds then."""
    return seen(who, rows.locked(tx, MilkRun, milk_run_id))


def seen(who: Who, run: MilkRun) -> MilkRun:
    """Return a milk run, or refuse one of another depot."""
    who.need_depot(run.depot_id)
    return run


def _stepped(tx: Session, who: Who, milk_run_id: UUID, action: str, version: int | None) -> MilkRun:
    run = locked(tx, who, milk_run_id)
    edits.expect(run, version)
    states.step(tx, run, action)
    return run
