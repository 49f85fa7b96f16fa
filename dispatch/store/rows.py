"""A row by its key, or a refusal that says which kind of thing is not there."""

from __future__ import annotations

import re
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.store.base import Table
from dispatch.store.errors import Conflict, NotFound

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


def refuse_taken(
    session: Session, table: type[Table], *, but: UUID | None = None, **values: Any
) -> None:
    """Refuse (``already_there``) if another row, ``but`` for one, has these values already."""
    columns: Any = table
    same = [getattr(columns, name) == value for name, value in values.items()]
    other = session.scalar(select(columns.id).where(*same))
    if other is None or other == but:
        return
    told = next(value for value in values.values() if isinstance(value, str))
    cause = f"there is a {_noun(table)} {told} already"
    raise Conflict("already_there", cause=cause, action="change that one, or choose another name")


def _not_found(table: type[Table], key: UUID) -> NotFound:
    return NotFound(
        "not_found",
        cause=f"there is no {_noun(table)} {key}",
        action="look it up anew; it may have been removed",
    )


def _noun(table: type[Table]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", table.__name__).lower()
