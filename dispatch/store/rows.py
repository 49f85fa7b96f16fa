"""A row by its key, or a refusal that says which kind of thing is not there."""

from __future__ import annotations

import re
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.store.base import Table
from dispatch.store.errors import NotFound

R = TypeVar("R", bound=Table)


def get(session: Session, table: type[R], key: UUID, *, to_change: bool = False) -> R:
    """Return a row, or refuse (``not_found``); nobody else changes it then, if one is going to."""
    row = session.get(table, key, with_for_update={"key_share": True} if to_change else None)
    if row is None:
        noun = re.sub(r"(?<!^)(?=[A-Z])", " ", table.__name__).lower()
        raise NotFound(
            "not_found",
            cause=f"there is no {noun} {key}",
            action="look it up anew; it may have been removed",
        )
    return row
