"""One order from another system, as JSON: the same words, rules and modes as those of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from dispatch.intake import order_rows, resolving, upserts
from dispatch.intake.order_rows import HEAD, LINE, Written
from dispatch.intake.upserts import Mode, Outcome
from dispatch.sheets.faults import RowFault
from dispatch.sheets.tables import Row, Table
from dispatch.store.errors import Invalid


def upsert(session: Session, document: Mapping[str, Any], *, mode: Mode) -> Outcome:
    """
    Create or change the order that a document describes, by the sender's number.

    ``{"order": "N-1", "customer": ..., "depot": ..., "lines": [{"part": ..., "quantity": ...}]}``
    with the columns of the order tables as keys. Sent again it changes nothing. Refused with all
    faults at once (``bad_order``), or as `upserts.apply` refuses.
    """
    written = _written(document)
    new, faults = resolving.resolve(written, resolving.known(session, [written]))
    if new is None:
        raise _bad([f"{fault.column}: {fault.code}: {fault.cause}" for fault in faults])
    (outcome,) = upserts.apply(session, [new], mode)
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome


def _written(document: Mapping[str, Any]) -> Written:
    lines = document.get("lines")
    if not isinstance(lines, list) or not lines or not all(isinstance(o, dict) for o in lines):
        raise _bad(["lines is no list of objects"])
    head = {key: value for key, value in document.items() if key != "lines"}
    strange = [key for key in head if key not in {"order", *HEAD}]
    strange += [key for line in lines for key in line if key not in LINE]
    if strange:
        raise _bad([f"{key!r} has no meaning" for key in strange])
    rows = [
        Row(n, {**(head if n == 1 else {"order": head.get("order", "")}), **line})
        for n, line in enumerate(lines, start=1)
    ]
    odd = [
        f"{key} is no text and no number"
        for row in rows
        for key, cell in row.cells.items()
        if not isinstance(cell, str | int | float) or isinstance(cell, bool)
    ]
    if odd:
        raise _bad(odd)
    filled = [Row(row.number, {k: c for k, c in row.cells.items() if c != ""}) for row in rows]
    return _only(order_rows.gather(Table("order", {}, tuple(filled))))


def _only(found: list[Written]) -> Written:
    if len(found) > 1:
        faults: list[RowFault] = [fault for one in found for fault in one.faults]
        raise _bad([fault.cause for fault in faults] or ["order is empty"])
    return found[0]


def _bad(faults: list[str]) -> Invalid:
    action = "correct what is named and send it again"
    return Invalid("bad_order", cause="; ".join(faults), action=action)
