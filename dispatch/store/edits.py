"""Rows that people make and change, with what they changed in the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from dispatch.store import events, keys
from dispatch.store.base import Table
from dispatch.store.errors import Difference, Outdated


def create(
    session: Session,
    noun: str,
    row: Any,
    *,
    secret: Collection[str] = (),
    subjects: Mapping[str, UUID] | None = None,
) -> None:
    """
    Add a row; the event has its values, but for those that nobody may read.

    ``subjects`` are concerned beside those that the row knows of by itself.
    """
    row.id = row.id or keys.new()
    session.add(row)
    session.flush()
    data = told(row, secret=secret)
    concerned = {**_concerns(row), **(subjects or {})}
    events.record(session, f"{noun}.created", row.id, subjects=concerned, data=data)


def change(
    session: Session,
    noun: str,
    row: Any,
    wanted: Mapping[str, Any],
    *,
    verb: str = "changed",
    subjects: Mapping[str, UUID] | None = None,
) -> bool:
    """Change fields of a row; the event has what they were and are. Tells if anything differed."""
    changed = differences(row, wanted)
    if not changed:
        return False
    for each in changed:
        setattr(row, each.field, wanted[each.field])
    session.flush()
    data = {each.field: {"from": each.now, "to": each.wanted} for each in changed}
    concerned = {**_concerns(row), **(subjects or {})}
    events.record(session, f"{noun}.{verb}", row.id, subjects=concerned, data=data)
    return True


def told(row: Any, *, secret: Collection[str] = ()) -> dict[str, Any]:
    """Return the values of a new row as its event has them, but for those nobody may read."""
    hidden = {*secret, "id", "version"}
    return {name: _plain(value) for name, value in values(row).items() if name not in hidden}


def remove(
    session: Session, noun: str, row: Any, *, subjects: Mapping[str, UUID] | None = None
) -> None:
    """Delete a row that nothing refers to; the event has the values that it had."""
    data = told(row)
    concerned = {**_concerns(row), **(subjects or {})}
    session.delete(row)
    session.flush()
    events.record(session, f"{noun}.removed", row.id, subjects=concerned, data=data)


def differences(row: Any, wanted: Mapping[str, Any]) -> list[Difference]:
    """Return the fields that are not as somebody wants them."""
    return [
        Difference(name, _plain(value), _plain(getattr(row, name)))
        for name, value in wanted.items()
        if getattr(row, name) != value
    ]


def values(row: Any) -> dict[str, Any]:
    """Return the values of a row by the names of its columns."""
    return {name: getattr(row, name) for name in _columns(row)}


def expect(row: Any, version: int | None, differences: Collection[Difference] = ()) -> None:
    """
    Refuse (``changed_since``) unless the row has the version that was looked at.

    The refusal carries what differs from what was wanted; None: nobody looked.
    """
    if version is None or version == row.version:
        return
    raise Outdated(
        "changed_since",
        cause=f"version {version} was looked at, and it has version {row.version} now",
        action="look at what differs, then send the change again with the new ETag",
        differences=list(differences),
    )


def _columns(row: Table) -> list[str]:
    return [each.key for each in inspect(type(row)).column_attrs]


def _concerns(row: Any) -> Mapping[str, UUID]:
    concerns: Mapping[str, UUID] = row.concerns() if hasattr(row, "concerns") else {}
    return concerns


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
