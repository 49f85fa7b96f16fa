"""Statements that decide by themselves, so that no other transaction can come between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dispatch.store.base import Table


def changed(session: Session, statement: Update) -> int:
    """Return how many rows a conditional update found as it wanted them."""
    options = {"synchronize_session": False}
    result = session.execute(statement, execution_options=options)
    return cast("CursorResult[Any]", result).rowcount


def insert_unless_there(
    session: Session, table: type[Table], row: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> None:
    """Insert a row, or several, unless its key or another unique value is taken already."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    # On the connection, with the rows as parameters: many are one statement, compiled once.
    session.connection().execute(insert(table).on_conflict_do_nothing(), row)
