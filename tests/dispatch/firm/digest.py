"""A database as one number, the keys of its rows aside."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from dispatch import every_table
from dispatch.store.database import Database, reading

_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMES = {
    "depots": "name",
    "customers": "number",
    "repair_points": "name",
    "parts": "number",
    "orders": "number",
    "vehicles": "plate",
    "drivers": "number",
    "zones": "name",
    "waves": "name",
    "users": "name",
}


def of(db: Database) -> str:
    """Return the digest of all rows of all tables, with names where there are keys."""
    with reading(db) as session:
        return hashlib.sha256("\n".join(sorted(_rows(session))).encode()).hexdigest()


def _rows(session: Session) -> Iterator[str]:
    names = {
        str(key): name
        for table, column in _NAMES.items()
        for key, name in session.execute(select(_table(table).c.id, _table(table).c[column])).all()
    }
    for table in every_table.METADATA.tables.values():
        columns = [column for column in table.c if column.name != "id"]
        for row in session.execute(select(*columns)):
            yield _KEY.sub(lambda key: names.get(key[0], "?"), f"{table.name} {tuple(row)}")


def _table(name: str) -> Table:
    return every_table.METADATA.tables[name]
