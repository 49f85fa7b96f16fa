"""Files of orders: imported, what became of each, the quarantine and its repair, undone."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, Query, Request, Response
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from api.http import server
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Cursor, In, Limit, Moment, Out, Text60, Text200
from dispatch.intake import imports, order_rows, order_template
from dispatch.intake.imports import Import, QuarantinedOrder
from dispatch.intake.upserts import Fate, Mode
from dispatch.people.permissions import Permission, Who
from dispatch.store import database, rows
from dispatch.store.pages import Page

routes = Routes("/imports", tag="imports")

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_NEEDS = Permission.ORDERS_DECIDE
_MOST_FAULTS = 1000

Row = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,6}$")]
Cell = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]


class FaultOut(Out):
    row: int = Field(description="As a spreadsheet counts; 0: the whole table.", examples=[11])
    column: str = Field(description="As the file calls it.", examples=["repair_point"])
    code: str = Field(examples=["missing_value"])
    cause: str
    action: str


class FatesOut(Out):
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


class ReportOut(Out):
    import_id: UUID | None = Field(description="Null for a dry run.")
    fates: FatesOut = Field(description="How many orders had which fate.")
    num_faults: int
    faults: list[FaultOut] = Field(description=f"The first {_MOST_FAULTS:,} of them.")


class ImportOut(Out):
    id: UUID
    at: Moment
    actor: str
    name: str
    mode: str
    fates: FatesOut | None = Field(description="Null while it runs, or when it was interrupted.")
    undone_at: Moment | None


class ImportsOut(Out):
    rows: list[ImportOut]
    next: str | None


class FullImportOut(ImportOut):
    num_waiting: int = Field(description="How many orders wait in its quarantine.")


class QuarantinedOut(Out):
    id: UUID
    number: str
    cells: dict[str, dict[str, str]] = Field(description="By row of the file, then by column.")
    faults: list[FaultOut]
    order_id: UUID | None = Field(description="What came of it once it was repaired.")


class QuarantineOut(Out):
    rows: list[QuarantinedOut]
    next: str | None


class RepairIn(In):
    cells: dict[Row, dict[Text60, Cell]] = Field(
        max_length=500,
        description="What is to stand in the cells that were wrong; empty: nothing.",
        examples=[{"11": {"repair_point": "North garage"}}],
    )


class KeptOut(Out):
    number: str
    why_kept: str = Field(examples=["it was changed since"])


class UndoneOut(Out):
    num_undone: int
    kept: list[KeptOut] = Field(description="Orders that stay as they are, and why.")


@routes.file("/template", needs=_NEEDS, media_types=(CSV.partition(";")[0], XLSX))
def get_import_template(
    language: Annotated[Literal["zh", "en"], Query(description="Of the headings.")] = "zh",
    form: Annotated[Literal["csv", "xlsx"], Query()] = "xlsx",
) -> Response:
    """An empty table of orders to fill in, with one example."""
    if form == "csv":
        content, media_type = order_template.csv_file(language), CSV
    else:
        content, media_type = order_template.workbook(language), XLSX
    told = {"Content-Disposition": f'attachment; filename="orders-{language}.{form}"'}
    return Response(content, media_type=media_type, headers=told)


@routes.post("", needs=_NEEDS, shape=ReportOut, status=200, may=(409,))
def import_orders(
    request: Request,
    who: User,
    name: Annotated[
        Text200,
        Query(description="Of the file; .xlsx, .xls or .ods: a workbook.", examples=["orders.csv"]),
    ],
    content: Annotated[
        bytes, Body(media_type="application/octet-stream", description="The file as it is.")
    ],
    mode: Annotated[Mode, Query(description="What may be done with numbers.")] = Mode.CREATE,
    dry_run: Annotated[bool, Query(description="Tell what would be done, and do nothing.")] = False,
) -> dict[str, Any]:
    """
    Import a file of orders: good ones are accepted, bad ones wait in the import's quarantine.

    Only orders for one's own depots are taken in. The same file sent again changes nothing, so
    that it needs no `Idempotency-Key`, also when it was interrupted.
    """
    written, lost = order_rows.uploaded(name, content)
    base = server.of(request).database
    if dry_run:
        with database.reading(base) as session:
            report = imports.try_out(session, written, mode=mode, depot_ids=who.depot_ids)
    else:
        report = imports.run(
            base, written, name=name, mode=mode, actor=who.actor, depot_ids=who.depot_ids
        )
    faults = [*lost, *report.faults]
    return {
        "import_id": report.import_id,
        "fates": {str(fate): report.fates.get(fate, 0) for fate in Fate},
        "num_faults": len(faults),
        "faults": faults[:_MOST_FAULTS],
    }


@routes.get("", needs=_NEEDS, shape=ImportsOut)
def list_imports(
    reader: Reader, who: User, cursor: Cursor = None, limit: Limit = 50
) -> Page[Import]:
    """Imports, the newest first; who is bound to some depots sees its own."""
    actor = None if who.depot_ids is None else who.actor
    return imports.page(reader, actor=actor, cursor=cursor, limit=limit)


@routes.get("/{import_id}", needs=_NEEDS, shape=FullImportOut, may=(404,))
def get_import(reader: Reader, who: User, import_id: UUID) -> dict[str, Any]:
    """One import, with what became of its orders."""
    found = ImportOut.model_validate(_get(reader, who, import_id))
    return {**dict(found), "num_waiting": imports.num_waiting(reader, import_id)}


@routes.get("/{import_id}/quarantine", needs=_NEEDS, shape=QuarantineOut, may=(404,))
def list_import_quarantine(
    reader: Reader, who: User, import_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Orders of an import that wait for their repair, from the top of the file down."""
    _get(reader, who, import_id)
    page = imports.quarantine_page(reader, import_id, cursor=cursor, limit=limit)
    return {"rows": [_quarantined(entry) for entry in page.rows], "next": page.next}


@routes.post(
    "/{import_id}/quarantine/{entry_id}/repair", needs=_NEEDS, shape=QuarantinedOut, may=(404, 409)
)
def repair_quarantined(
    tx: Tx, who: User, import_id: UUID, entry_id: UUID, repair: RepairIn
) -> dict[str, Any]:
    """
    Put other cells in the place of wrong ones, and take the order in.

    The answer has what is still wrong with it; no faults: it was taken in.
    """
    _get(tx, who, import_id)
    entry = imports.quarantined(tx, import_id, entry_id)
    cells = {int(row): given for row, given in repair.cells.items()}
    imports.repair(tx, entry, cells, depot_ids=who.depot_ids)
    return _quarantined(entry)


@routes.post("/{import_id}/undo", needs=_NEEDS, shape=UndoneOut, may=(404, 409))
def undo_import(request: Request, who: User, import_id: UUID) -> dict[str, Any]:
    """Take back what an import did to orders that nobody touched since, with its quarantine."""
    base = server.of(request).database
    with database.reading(base) as session:
        _get(session, who, import_id)
    told = imports.undo(base, import_id, actor=who.actor)
    kept = [one for one in told if one.why_kept]
    return {"num_undone": len(told) - len(kept), "kept": kept}


def _get(session: Session, who: Who, import_id: UUID) -> Import:
    found = rows.get(session, Import, import_id)
    if found.actor != who.actor:
        who.need_all_depots()
    return found


def _quarantined(entry: QuarantinedOrder) -> dict[str, Any]:
    return {
        "id": entry.id,
        "number": entry.number,
        "cells": entry.cells,
        "faults": entry.faults["faults"],
        "order_id": entry.order_id,
    }
