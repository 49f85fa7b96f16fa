"""Long lists, a page at a time: a page begins after the last row of the one before it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from dispatch.store.base import Table
from dispatch.store.errors import Invalid

R = TypeVar("R", bound=Table)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows, and where the next ones begin: None after the last page."""

    rows: Sequence[R]
    next: str | None


def newest(
    session: Session, query: Select[R], table: Any, *, cursor: str | None, limit: int
) -> Page[R]:
    """Return rows from the newest to the oldest; keys are in order of time."""
    if cursor is not None:
        query = query.where(table.id < _key(cursor))
    found = session.scalars(query.order_by(table.id.desc()).limit(limit + 1))
    return _page(found.unique().all(), limit)


def oldest(
    session: Session, query: Select[R], table: Any, *, cursor: str | None, limit: int
) -> Page[R]:
    """Return rows from the oldest to the newest."""
    if cursor is not None:
        query = query.where(table.id > _key(cursor))
    return _page(session.scalars(query.order_by(table.id).limit(limit + 1)).all(), limit)


def every(page: Callable[[str | None], Page[R]]) -> list[R]:
    """Return the rows of all pages."""
    found: list[R] = []
    cursor: str | None = None
    while True:
        one = page(cursor)
        found += one.rows
        if one.next is None:
            return found
        cursor = one.next


def _page(rows: Sequence[Any], limit: int) -> Page[Any]:
    """Return the first of some rows, one more than which tells that there are others."""
    page = rows[:limit]
    return Page(page, _cursor(page[-1].id) if len(rows) > limit else None)


def _cursor(key: UUID) -> str:
    return base64.urlsafe_b64encode(key.bytes).rstrip(b"=").decode()


def _key(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor.encode("ascii") + b"=="))
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "bad_cursor",
            cause="the cursor is none that a page gave",
            action="send the `next` of the page before, or leave it out to begin anew",
        ) from error
