"""A row by its key, or a refusal that says which kind of thing is not there."""

from __future__ import annotations

import re
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.store.base import Table
from dispatch.store.errors import NotFound

R = TypeVar("R", bound=Table)


def get(session: Session, table: type[R], key: UUID) -> R:
    """Return a row, or refuse (``not_found``)."""
    row = session.get(table, key)
    if row is None:
        raise _not_found(table, key)
    return row


def locked(session: Session, table: type[R], key: UUID) -> R:
    """Return a row as it is now, or refuse (``not_found``); nobody else changes it then."""
    columns: Any = table
    query = select(table).where(columns.id == key).with_for_update(key_share=True)
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise _not_found(table, key)
    return row


def _not_found(table: type[Table], key: UUID) -> NotFound:
    noun = re.sub(r"(?<!^)(?=[A-Z])", " ", table.__name__).lower()
    return NotFound(
        "not_found",
        cause=f"there is no {noun} {key}",
        action="look it up anew; it may have been removed",
    )
