"""
At most one server of a database, unless something joins them: alone, each counts for itself.

One that is alone and those that are joined refuse each other.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from dispatch.store import database
from dispatch.store.database import Database
from dispatch.store.errors import Unusable

_LOCK = 0x736572766564  # "served"


@contextmanager
def held(base: Database, *, joined: bool = False) -> Iterator[None]:
    """
    Hold the database for serving, or refuse (``already_served``); a killed server lets go.

    Those who are ``joined`` may hold a PostgreSQL together.
    """
    if base.is_sqlite:
        with _file_held(Path(str(base.engine.url.database) + ".served")):
            yield
    else:
        with _lock_held(base, joined=joined):
            yield


@contextmanager
def _file_held(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _served() from error
        yield


@contextmanager
def _lock_held(base: Database, *, joined: bool) -> Iterator[None]:
    options = {"isolation_level": "AUTOCOMMIT"}
    with database.connected(base, **options) as connection:
        lock = "pg_try_advisory_lock_shared" if joined else "pg_try_advisory_lock"
        query = text(f"SELECT {lock}(:key)")
        if not connection.execute(query, {"key": _LOCK}).scalar():
            raise _served()
        try:
            yield
        finally:
            # The lock is the connection's: it must not go back to the pool.
            connection.invalidate()


def _served() -> Unusable:
    return Unusable(
        "already_served",
        cause="another `milkrun serve` has this database",
        action="stop that one first; several may serve a PostgreSQL if all have MILKRUN_REDIS_URL",
    )
