"""Tables that bring themselves up to date, where the database is a file of this installation."""

from __future__ import annotations

from pathlib import Path

from dispatch.store import backup, schema
from dispatch.store.database import Database


def bring_up_to_date(url: str, base: Database) -> None:
    """
    Make or update the tables of an embedded database, older ones after a backup beside it.

    Those of a PostgreSQL server are only checked: others may be working with them.
    """
    if not base.is_sqlite:
        schema.check(base)
        return
    version = schema.version(base)
    if version == schema.head():
        return
    schema.refuse_newer(version)
    if version is not None:
        path = Path(str(base.engine.url.database))
        backup.save(url, path.with_name(f"{path.name}.before-{schema.head()}"))
    schema.upgrade(base)
