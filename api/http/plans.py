"""Plans: drafted, solved in the background, edited by hand, compared, published."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.http import server
from api.http.callers import Access
from api.http.etags import VersionIfTold
from api.http.routes import Reader, Routes, Tx, User
from api.http.server import Server
from api.http.shapes import Cursor, DepotFilter, In, Limit, Moment, Out, Text60
from dispatch.catalogue.depots import Depot
from dispatch.people.permissions import Permission, Who
from dispatch.planning.planned import PlannedDay
from dispatch.plans import board, gathering, plans, published, runs
from dispatch.plans.board import Edit, Proposal
from dispatch.plans.gathering import Gatherer
from dispatch.plans.outline import Outliner
from dispatch.plans.plans import Plan, PlanVersion
from dispatch.plans.runs import SolveRun
from dispatch.reports import geojson, manifest, plan_html, plan_json, workbook
from dispatch.store import database, edits, rows

routes = Routes("/plans", tag="plans")

_LOOK_S = 0.25
_LONGEST_S = 3600.0

Note = Annotated[
    str, Field(max_length=400, description="Why it is done; needed when it breaks a rule.")
]
Seconds = Annotated[float, Field(ge=1, le=3600, description="How long to search.", examples=[60])]
Base = Annotated[int, Field(ge=0, description="`current` of the plan that was looked at.")]
Status = Literal["draft", "solving", "ready", "published", "superseded", "discarded"]
Day = Annotated[date, Field(examples=["2026-03-02"])]


class Assumptions(In):
    """What a what-if takes to be otherwise."""

    cut_off_later_s: int = Field(default=0, ge=-43200, le=43200, examples=[900])
    without: list[UUID] = Field(default=[], max_length=200, description="Shifts that nobody works.")


class PlanIn(In):
    depot_id: UUID
    day: Day
    wave: str = Field(default="", max_length=60, description="Its name; empty: the whole day.")
    shared_with: list[UUID] = Field(
        default=[], max_length=20, description="Depots planned with it, each loading at each."
    )


class WhatIfIn(In):
    assumptions: Assumptions = Assumptions()


class PlanOut(Out):
    id: UUID
    depot_id: UUID
    shared_with: list[UUID]
    day: date
    wave: str
    status: str
    current: int = Field(description="The number of its version; 0: none yet.")
    shadow_of: UUID | None = Field(description="The plan that it is a what-if of.")
    assumptions: dict[str, Any]
    version: int


class PlansOut(Out):
    rows: list[PlanOut]
    next: str | None


class VersionOut(Out):
    number: int
    parent: int
    made_at: Moment
    actor: str
    note: str
    objective: int
    num_unplanned: int


class VersionsOut(Out):
    rows: list[VersionOut]


class FullVersionOut(VersionOut):
    sequences: dict[str, list[str]] = Field(description="Deliveries in order, by shift.")
    decisions: dict[str, Any]
    outline: dict[str, Any] = Field(
        description="Routes with stops and times, what is left out and why, violations, figures."
    )


class SolveIn(In):
    seconds: Seconds = 60.0
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


class RunOut(Out):
    id: UUID
    plan_id: UUID
    state: str = Field(description="`queued`, `running`, `stopping`, `done`, `failed`.")
    asked_at: Moment
    finished_at: Moment | None
    seconds: float
    objective: int | None = Field(description="Of the best routes so far, in minor units.")
    attempt: int
    error: str | None


class RunsOut(Out):
    rows: list[RunOut]


class PointOut(Out):
    at: Moment
    objective: int


class CurveOut(Out):
    rows: list[PointOut]


class EditIn(In):
    """One edit; which fields count follows from its kind."""

    kind: Literal[
        "move",
        "remove",
        "swap",
        "reverse",
        "lock",
        "unlock",
        "grant",
        "take_along",
        "refresh",
    ]
    stops: list[str] = Field(
        default=[], max_length=500, description="Deliveries, by id.", examples=[[]]
    )
    vehicle: str = Field(default="", max_length=60, description="A shift, by id.")
    other: str = Field(default="", max_length=60, description="The other shift of a swap.")
    position: int = Field(default=0, ge=0, le=10_000)
    number: int | None = Field(default=None, ge=1, le=10_000, description="How many stops to lock.")
    relaxation: str = Field(default="", max_length=40)
    who: str = Field(default="", max_length=80)
    amount: int | None = Field(default=None, ge=0, le=2**31 - 1)


class SaveIn(In):
    edit: EditIn
    base: Base
    note: Note = ""


class PreviewOut(Out):
    base: int
    price: int = Field(description="By how much the objective rises, in minor units.")
    violations: list[dict[str, Any]]
    solved: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    routes: list[dict[str, Any]] = Field(description="Those that differ, as they would be.")


class RelaxationOut(Out):
    relaxation: str
    who: str
    amount: int
    price: int
    words: str


class ExplanationOut(Out):
    delivery: str
    order: str
    reasons: list[dict[str, str]]
    relaxations: list[RelaxationOut]


class QuoteOut(Out):
    vehicle: str = Field(description="The shift.")
    name: str
    position: int
    price: int
    starts_at: Moment
    new_vehicle: bool
    moved: list[dict[str, Any]]
    violations: list[dict[str, Any]]


class QuotesOut(Out):
    rows: list[QuoteOut]


class PublishIn(In):
    note: Note = ""


class PublishedOut(Out):
    plan: PlanOut
    superseded: list[UUID]


class StaleOut(Out):
    changed: list[str] = Field(description="What it was made from and is otherwise now.")


class ComparedOut(Out):
    rows: list[dict[str, Any]]


class RouteOut(Out):
    id: UUID
    name: str
    status: str
    shift_id: UUID
    vehicle_id: UUID
    driver_id: UUID
    starts_at: Moment
    ends_at: Moment
    distance_m: int
    drive_s: int
    cost: int
    version: int


class RoutesOut(Out):
    rows: list[RouteOut]


def _page(planned: PlannedDay, gatherer: Gatherer) -> bytes:
    return plan_html.render(planned, gatherer.road_map.basemap).encode()


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


_FORMS: dict[str, tuple[str, Callable[[PlannedDay, Gatherer], bytes]]] = {
    "json": ("application/json", lambda planned, _: _json(plan_json.document(planned))),
    "geojson": ("application/geo+json", lambda planned, _: _json(geojson.document(planned))),
    "xlsx": (workbook.MEDIA_TYPE, lambda planned, _: workbook.workbook(planned)),
    "html": ("text/html", _page),
}

_READ, _WRITE = Permission.PLANS_READ, Permission.PLANS_WRITE


@routes.post("", needs=_WRITE, shape=PlanOut, creates=True, may=(404,))
def draft_plan(tx: Tx, who: User, new: PlanIn) -> Plan:
    """Begin a plan of a depot, day and wave."""
    for depot_id in (new.depot_id, *new.shared_with):
        who.need_depot(depot_id)
        rows.get(tx, Depot, depot_id)
    gathering.refuse_unknown_wave(tx, new.depot_id, new.wave)
    return plans.draft(tx, new.depot_id, new.day, new.wave, shared_with=new.shared_with)


@routes.get("", needs=_READ, shape=PlansOut)
def list_plans(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    day: Annotated[Day | None, Query()] = None,
    wave: Annotated[Text60 | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    what_ifs: Annotated[bool, Query(description="With plans that are never driven.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    """Plans, the newest first."""
    return plans.find(
        reader,
        depot_ids=who.depots(depot_id),
        day=day,
        wave=wave,
        status=status,
        shadows=what_ifs,
        cursor=cursor,
        limit=limit,
    )


@routes.get("/compare", needs=_READ, shape=ComparedOut, may=(404, 409))
def compare_plans(
    reader: Reader,
    who: User,
    plan_id: Annotated[list[UUID], Query(min_length=1, max_length=10)],
) -> dict[str, Any]:
    """The figures of several plans side by side, as they are now."""
    found = []
    for key in plan_id:
        plan = _get(reader, who, key)
        now = plans.version(reader, plan)
        figures = now.outline.get("figures") if now else None
        found.append(
            {
                "plan_id": str(plan.id),
                "version": plan.current,
                "assumptions": plan.assumptions,
                "figures": figures,
            }
        )
    return {"rows": found}


@routes.get("/{plan_id}", needs=_READ, shape=PlanOut, may=(404,))
def get_plan(reader: Reader, who: User, plan_id: UUID) -> Plan:
    """One plan."""
    return _get(reader, who, plan_id)


@routes.get("/{plan_id}/versions", needs=_READ, shape=VersionsOut, may=(404,))
def list_plan_versions(reader: Reader, who: User, plan_id: UUID) -> dict[str, Any]:
    """All versions of a plan, the newest first."""
    return {"rows": plans.versions(reader, _get(reader, who, plan_id))}


@routes.get("/{plan_id}/versions/{number}", needs=_READ, shape=FullVersionOut, may=(404,))
def get_plan_version(
    reader: Reader,
    who: User,
    plan_id: UUID,
    number: Annotated[int, Field(ge=0, le=2**31 - 1, description="0: the current one.")],
) -> PlanVersion:
    """One version of a plan with its routes, what is left out, and its figures."""
    plan = _get(reader, who, plan_id)
    return plans.numbered(reader, plan, number or plan.current)


@routes.get("/{plan_id}/routes", needs=_READ, shape=RoutesOut, may=(404,))
def list_plan_routes(reader: Reader, who: User, plan_id: UUID) -> dict[str, Any]:
    """The routes that a plan published."""
    return {"rows": published.routes_of(reader, _get(reader, who, plan_id))}


@routes.post("/{plan_id}/solve", needs=_WRITE, shape=RunOut, status=202, may=(404, 409, 412))
def solve_plan(
    tx: Tx, who: User, request: Request, plan_id: UUID, how: SolveIn, version: VersionIfTold
) -> SolveRun:
    """Have a plan solved in the background, from its current routes where it has some."""
    plan = _get(tx, who, plan_id)
    edits.expect(plan, version)
    server.of(request).need_map()
    return runs.ask(tx, plan, seconds=how.seconds, seed=how.seed)


@routes.get("/{plan_id}/runs", needs=_READ, shape=RunsOut, may=(404,))
def list_plan_runs(reader: Reader, who: User, plan_id: UUID) -> dict[str, Any]:
    """The searches for a plan, the newest first."""
    return {"rows": runs.of_plan(reader, _get(reader, who, plan_id).id)}


@routes.get("/{plan_id}/runs/{run_id}", needs=_READ, shape=RunOut, may=(404,))
def get_plan_run(reader: Reader, who: User, plan_id: UUID, run_id: UUID) -> SolveRun:
    """One search."""
    return _run(reader, who, plan_id, run_id)


@routes.get("/{plan_id}/runs/{run_id}/curve", needs=_READ, shape=CurveOut, may=(404,))
def get_plan_run_curve(reader: Reader, who: User, plan_id: UUID, run_id: UUID) -> dict[str, Any]:
    """What the best routes of a search cost, and since when."""
    return {"rows": runs.curve(reader, _run(reader, who, plan_id, run_id).id)}


@routes.post("/{plan_id}/runs/{run_id}/stop", needs=_WRITE, shape=RunOut, may=(404, 409))
def stop_plan_run(tx: Tx, who: User, plan_id: UUID, run_id: UUID) -> SolveRun:
    """Stop a search and keep the best that it has found."""
    run = _run(tx, who, plan_id, run_id)
    runs.stop(tx, run.id)
    tx.refresh(run)
    return run


@routes.stream("/{plan_id}/runs/{run_id}/progress", needs=_READ, may=(404,))
async def stream_plan_run(
    request: Request,
    who: Annotated[Who, Depends(Access(_READ))],
    plan_id: UUID,
    run_id: UUID,
) -> StreamingResponse:
    """
    A search as it goes on, as server-sent events.

    Each is called `progress` and has the run as `GET .../runs/{run_id}` shows it; the last one
    tells its end.
    """
    asked = server.of(request)
    await run_in_threadpool(_seen, asked, who, plan_id, run_id)
    words = _progress(request, asked, who, plan_id, run_id)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(words, media_type="text/event-stream", headers=headers)


@routes.post("/{plan_id}/preview", needs=_WRITE, shape=PreviewOut, may=(404, 409, 412))
def preview_plan_edit(who: User, request: Request, plan_id: UUID, edit: EditIn) -> dict[str, Any]:
    """What an edit would cost and break; nothing is changed."""
    asked = _planner(request, who, plan_id)
    found = board.propose(asked.database, asked.need_map(), plan_id, _edit(edit))
    return _preview(found)


@routes.post("/{plan_id}/edits", needs=_WRITE, shape=FullVersionOut, may=(404, 409, 412))
def edit_plan(who: User, request: Request, plan_id: UUID, save: SaveIn) -> PlanVersion:
    """
    Make an edit, as a new version.

    Somebody else's version that came since is answered with 412 and the routes that differ; the
    same edit sent again with the new `base` is made on top of it.
    """
    asked = _planner(request, who, plan_id)
    return board.save(
        asked.database,
        asked.need_map(),
        plan_id,
        _edit(save.edit),
        on=save.base,
        note=save.note,
        actor=who.actor,
    )


@routes.post("/{plan_id}/undo", needs=_WRITE, shape=FullVersionOut, may=(404, 409, 412))
def undo_plan(tx: Tx, who: User, plan_id: UUID, version: VersionIfTold) -> PlanVersion:
    """Go back to the version that the current one was made from."""
    plan = _get(tx, who, plan_id)
    edits.expect(plan, version)
    return plans.undo(tx, plan)


@routes.post("/{plan_id}/redo", needs=_WRITE, shape=FullVersionOut, may=(404, 409, 412))
def redo_plan(tx: Tx, who: User, plan_id: UUID, version: VersionIfTold) -> PlanVersion:
    """Go on to the newest version that was made from the current one."""
    plan = _get(tx, who, plan_id)
    edits.expect(plan, version)
    return plans.redo(tx, plan)


@routes.get("/{plan_id}/changes", needs=_READ, shape=StaleOut, may=(404, 409))
def list_plan_changes(who: User, request: Request, plan_id: UUID) -> dict[str, Any]:
    """What the current version was made from and is otherwise now; it keeps it from publishing."""
    asked = _planner(request, who, plan_id)
    return {"changed": board.changed(asked.database, asked.need_map(), plan_id)}


@routes.get("/{plan_id}/unplanned/{delivery_id}", needs=_READ, shape=ExplanationOut, may=(404, 409))
def explain_unplanned(
    who: User, request: Request, plan_id: UUID, delivery_id: UUID
) -> dict[str, Any]:
    """Why a delivery is on no route, and what could give, each with its price."""
    asked = _planner(request, who, plan_id)
    inputs, found = board.explained(asked.database, asked.need_map(), plan_id, str(delivery_id))
    title = Outliner(inputs)
    return {
        "delivery": str(delivery_id),
        "order": title.name(str(delivery_id)),
        "reasons": title.reasons(found.reasons),
        "relaxations": [
            {
                "relaxation": one.kind,
                "who": one.who,
                "amount": one.amount,
                "price": one.price,
                "words": title.words(one.words),
            }
            for one in found.relaxations
        ],
    }


@routes.get("/{plan_id}/quotes/{delivery_id}", needs=_READ, shape=QuotesOut, may=(404, 409))
def quote_delivery(who: User, request: Request, plan_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    """Where a delivery could go, at what price, and whom it would delay; the cheapest first."""
    asked = _planner(request, who, plan_id)
    key = str(delivery_id)
    inputs, found = board.quoted(asked.database, asked.need_map(), plan_id, key)
    title = Outliner(inputs)
    return {
        "rows": [
            {
                "vehicle": one.vehicle,
                "name": title.name(one.vehicle),
                "position": one.route.sequence.index(key),
                "price": one.cost,
                "starts_at": title.moment(one.step(key).service_start),
                "new_vehicle": one.new_vehicle,
                "moved": [
                    {"order": title.name(moved.visit), **asdict(moved)} for moved in one.moved
                ],
                "violations": title.violations(one.violations),
            }
            for one in found
        ]
    }


@routes.file(
    "/{plan_id}/export",
    needs=_READ,
    media_types=tuple(dict.fromkeys(kind for kind, _ in _FORMS.values())),
    may=(404, 409),
)
def export_plan(
    who: User,
    request: Request,
    plan_id: UUID,
    form: Annotated[Literal["json", "geojson", "xlsx", "html"], Query()] = "json",
) -> Response:
    """The routes as a file: VROOM's JSON, GeoJSON, a workbook, or a page with a map."""
    asked = _planner(request, who, plan_id)
    gatherer = asked.need_map()
    planned = board.shown(asked.database, gatherer, plan_id)
    media_type, write = _FORMS[form]
    return _file(write(planned, gatherer), media_type, f"plan-{planned.at.isoformat()}.{form}")


@routes.file(
    "/{plan_id}/manifests/{shift_id}",
    needs=_READ,
    media_types=("application/pdf",),
    may=(404, 409),
)
def get_manifest(who: User, request: Request, plan_id: UUID, shift_id: UUID) -> Response:
    """A driver's sheet, for printing: stops, times, goods and signatures."""
    asked = _planner(request, who, plan_id)
    planned, route = board.shown_route(asked.database, asked.need_map(), plan_id, str(shift_id))
    name = f"manifest-{planned.at.isoformat()}.pdf"
    return _file(manifest.manifest(planned, route), "application/pdf", name)


@routes.post("/{plan_id}/publish", needs=_WRITE, shape=PublishedOut, may=(404, 409, 412))
def publish_plan(who: User, request: Request, plan_id: UUID, how: PublishIn) -> dict[str, Any]:
    """Make a plan the one that is driven, in place of the one before it."""
    asked = _planner(request, who, plan_id)
    superseded = board.publish(
        asked.database, asked.need_map(), plan_id, note=how.note, actor=who.actor
    )
    with database.reading(asked.database) as session:
        plan = plans.get(session, plan_id)
        return {"plan": PlanOut.model_validate(plan), "superseded": superseded}


@routes.post("/{plan_id}/copies", needs=_WRITE, shape=PlanOut, creates=True, may=(404,))
def copy_plan(tx: Tx, who: User, plan_id: UUID) -> Plan:
    """Begin a plan with the routes of another one, as to change one that is published."""
    return plans.copy(tx, _get(tx, who, plan_id), shadow=False)


@routes.post("/{plan_id}/what-ifs", needs=_WRITE, shape=PlanOut, creates=True, may=(404,))
def begin_what_if(tx: Tx, who: User, plan_id: UUID, what: WhatIfIn) -> Plan:
    """Begin a what-if: the same plan under other assumptions, which is never driven."""
    assumptions = what.assumptions.model_dump(mode="json", exclude_defaults=True)
    return plans.copy(tx, _get(tx, who, plan_id), shadow=True, assumptions=assumptions)


@routes.post("/{plan_id}/discard", needs=_WRITE, shape=PlanOut, may=(404, 409, 412))
def discard_plan(tx: Tx, who: User, plan_id: UUID, version: VersionIfTold) -> Plan:
    """Put away a plan that is not wanted."""
    plan = _get(tx, who, plan_id)
    edits.expect(plan, version)
    plans.discard(tx, plan)
    return plan


def _get(session: Session, who: Who, plan_id: UUID) -> Plan:
    plan = plans.get(session, plan_id)
    for depot_id in plan.depot_ids:
        who.need_depot(depot_id)
    return plan


def _run(session: Session, who: Who, plan_id: UUID, run_id: UUID) -> SolveRun:
    return runs.get(session, _get(session, who, plan_id), run_id)


def _planner(request: Request, who: Who, plan_id: UUID) -> Server:
    """Return the server, if the plan is one that somebody may see."""
    asked = server.of(request)
    with database.reading(asked.database) as session:
        _get(session, who, plan_id)
    return asked


def _edit(edit: EditIn) -> Edit:
    return Edit(**edit.model_dump())


def _preview(found: Proposal) -> dict[str, Any]:
    title = Outliner(found.inputs)
    touched = {
        one for change in found.preview.changes for one in (change.before, change.after) if one
    }
    return {
        "base": found.base,
        "price": found.preview.price,
        "violations": title.violations(found.preview.violations),
        "solved": title.violations(found.preview.solved),
        "changes": [
            {**asdict(change), "order": title.name(change.visit)}
            for change in found.preview.changes
        ],
        "routes": [
            title.route(route)
            for route in found.preview.solution.routes
            if route.vehicle in touched
        ],
    }


def _file(content: bytes, media_type: str, name: str) -> Response:
    told = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=told)


def _seen(asked: Server, who: Who, plan_id: UUID, run_id: UUID) -> dict[str, Any]:
    with database.reading(asked.database) as session:
        run = _run(session, who, plan_id, run_id)
        return RunOut.model_validate(run).model_dump(mode="json")


async def _progress(
    request: Request, asked: Server, who: Who, plan_id: UUID, run_id: UUID
) -> AsyncIterator[bytes]:
    ends = time.monotonic() + _LONGEST_S
    told: dict[str, Any] | None = None
    while time.monotonic() < ends and not asked.tail.closing:
        seen = await run_in_threadpool(_seen, asked, who, plan_id, run_id)
        if seen != told:
            told = seen
            text = json.dumps(seen, ensure_ascii=False, separators=(",", ":"))
            yield f"event: progress\ndata: {text}\n\n".encode()
        if seen["state"] not in runs.OPEN or await request.is_disconnected():
            return
        await asyncio.sleep(_LOOK_S)
