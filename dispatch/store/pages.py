"""Long lists, a page at a time: a page begins after the last row of the one before it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import Session

from dispatch.store.base import Table
from dispatch.store.errors import Invalid

R = TypeVar("R")
T = TypeVar("T", bound=Table)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows, and where the next ones begin: None after the last page."""

    rows: Sequence[R]
    next: str | None


def newest(
    session: Session, query: Select[T], table: Any, *, cursor: str | None, limit: int
) -> Page[T]:
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


def cut(found: Iterable[R], key: Callable[[R], UUID], *, cursor: str | None, limit: int) -> Page[R]:
    """Return a page of what is at hand already, from the oldest to the newest by its keys."""
    after = _key(cursor) if cursor is not None else None
    rows = sorted((one for one in found if after is None or key(one) > after), key=key)
    page = rows[:limit]
    return Page(page, _cursor(key(page[-1])) if len(rows) > limit else None)


def in_order(
    session: Session,
    query: Select[*tuple[Any, ...]],
    columns: Sequence[Any],
    *,
    cursor: str | None,
    limit: int,
    descending: bool = False,
) -> Page[Any]:
    """Return rows in the order of some columns, which together tell each row from all others."""
    key = tuple_(*columns)
    if cursor is not None:
        values = _values(cursor, [column.type.python_type for column in columns])
        last = tuple_(*(literal(v, c.type) for v, c in zip(values, columns, strict=True)))
        query = query.where(key < last if descending else key > last)
    turned = [column.desc() if descending else column for column in columns]
    found = session.execute(query.add_columns(*columns).order_by(*turned).limit(limit + 1)).all()
    page = [tuple(row) for row in found[:limit]]
    more = len(found) > limit
    next_ = _packed(page[-1][-len(columns) :]) if more else None
    return Page([row[: -len(columns)] for row in page], next_)


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


def _packed(values: Sequence[UUID | str | int]) -> str:
    plain = [each.hex if isinstance(each, UUID) else each for each in values]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _values(cursor: str, types: Sequence[type]) -> list[Any]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==").decode()
        plain = json.loads(text)
        if not isinstance(plain, list) or len(plain) != len(types):
            raise ValueError(text)
        return [_value(each, type_) for each, type_ in zip(plain, types, strict=True)]
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error


def _value(plain: Any, type_: type) -> UUID | str | int:
    if type_ is UUID and isinstance(plain, str):
        return UUID(plain)
    if type_ is str and isinstance(plain, str) and plain.isprintable():
        return plain
    if type_ is int and isinstance(plain, int) and abs(plain) < 2**63:
        return plain
    raise ValueError(plain)


def _key(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor.encode("ascii") + b"=="))
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error


def _bad_cursor() -> Invalid:
    return Invalid(
        "bad_cursor",
        cause="the cursor is none that a page gave",
        action="send the `next` of the page before, or leave it out to begin anew",
    )
