"""Papers of vehicles and drivers, and which of them expire."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http import drivers, vehicles
from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Blank120, Change, Cursor, Day, DepotFilter, In, Limit, Out, Text60
from dispatch.catalogue import depots, moments
from dispatch.catalogue.depots import Depot
from dispatch.fleet import papers
from dispatch.fleet.papers import Paper
from dispatch.people.permissions import Permission, Who
from dispatch.store import clock, rows
from dispatch.store.pages import Page

routes = Routes("/papers", tag="fleet")


class PaperIn(In):
    vehicle_id: UUID | None = Field(default=None, description="Either this or `driver_id`.")
    driver_id: UUID | None = None
    kind: Text60 = Field(examples=["inspection"])
    number: Blank120 = ""
    expires_on: Day = Field(description="The last day on which it holds.")


class PaperChange(Change):
    kind: Text60 | None = None
    number: Blank120 | None = None
    expires_on: Day | None = None


class PaperOut(Out):
    id: UUID
    vehicle_id: UUID | None
    driver_id: UUID | None
    kind: str
    number: str
    expires_on: Day
    version: int


class PapersOut(Out):
    rows: list[PaperOut]
    next: str | None


class ExpiringOut(Out):
    paper: PaperOut
    days_left: int = Field(description="0: it holds today for the last time; below 0: it is over.")


class ExpiriesOut(Out):
    rows: list[ExpiringOut]


@routes.get("", needs=Permission.FLEET_READ, shape=PapersOut)
def list_papers(
    reader: Reader,
    who: User,
    depot_ids: DepotFilter = None,
    vehicle_id: Annotated[UUID | None, Query()] = None,
    driver_id: Annotated[UUID | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Paper]:
    """Papers of the vehicles and drivers of one's depots, the newest first."""
    return papers.page(
        reader,
        depot_ids=who.depots(depot_ids),
        vehicle_id=vehicle_id,
        driver_id=driver_id,
        cursor=cursor,
        limit=limit,
    )


@routes.get("/expiring", needs=Permission.FLEET_READ, shape=ExpiriesOut, may=(404,))
def list_expiring_papers(
    reader: Reader,
    who: User,
    depot_id: Annotated[UUID, Query()],
    days: Annotated[
        int | None, Query(ge=0, le=3650, description="Without it, as the depot's `warn_days` says.")
    ] = None,
) -> dict[str, Any]:
    """Papers in use that are over or will be soon, the first first."""
    who.need_depot(depot_id)
    depot = rows.get(reader, Depot, depot_id)
    today = moments.day(clock.now(), depot.zone)
    days = depots.settings(depot).warn_days if days is None else days
    found = papers.expiring(reader, depot_id, today, days=days)
    return {"rows": [{"paper": one, "days_left": (one.expires_on - today).days} for one in found]}


@routes.post("", needs=Permission.FLEET_WRITE, shape=PaperOut, creates=True, may=(404,))
def add_paper(tx: Tx, who: User, new: PaperIn) -> Paper:
    """Keep a document of a vehicle or of a driver."""
    if new.vehicle_id:
        vehicles.seen(tx, who, new.vehicle_id)
    if new.driver_id:
        drivers.seen(tx, who, new.driver_id)
    return papers.add(tx, Paper(**dict(new)))


@routes.get("/{paper_id}", needs=Permission.FLEET_READ, shape=PaperOut, may=(404,))
def get_paper(reader: Reader, who: User, paper_id: UUID) -> Paper:
    """One document."""
    return _seen(reader, who, paper_id)


@routes.patch("/{paper_id}", needs=Permission.FLEET_WRITE, shape=PaperOut, may=(404, 409, 412, 428))
def change_paper(tx: Tx, who: User, paper_id: UUID, change: PaperChange, version: Version) -> Paper:
    """Change a document, as when it is renewed; what is left out stays as it is."""
    _seen(tx, who, paper_id)
    paper = rows.locked(tx, Paper, paper_id)
    papers.change(tx, paper, change.wanted(), version=version)
    return paper


@routes.delete("/{paper_id}", needs=Permission.FLEET_WRITE, may=(404,))
def remove_paper(tx: Tx, who: User, paper_id: UUID) -> None:
    """Forget a document that its owner needs no more."""
    _seen(tx, who, paper_id)
    papers.remove(tx, rows.locked(tx, Paper, paper_id))


def _seen(session: Session, who: Who, paper_id: UUID) -> Paper:
    paper = rows.get(session, Paper, paper_id)
    who.need_depot(papers.depot_of(session, paper))
    return paper
