"""The embedded database as one file to keep, and back: while it is in use, or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatch.store import database, schema
from dispatch.store.errors import Unusable

_PATIENCE_S = 2.0


def save(url: str, to: Path) -> None:
    """
    Copy the database as it is now into a new file, whoever is writing to it meanwhile.

    An older file of that name is replaced once the copy is whole and was looked through.
    """
    source = _file(url)
    if not source.exists():
        raise _unreadable("database_not_found", source, "no database is there")
    if to.exists() and to.samefile(source):
        raise Unusable(
            "backup_onto_itself",
            cause=f"{to} is the database itself",
            action="name another file, best on another disk",
        )
    with _said(to), TemporaryDirectory(prefix=".milkrun-", dir=to.absolute().parent) as folder:
        copy = Path(folder) / "backup.db"
        with closing(_opened(source)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
            # A backup is one file: no log beside it.
            new.execute("PRAGMA journal_mode=DELETE")
            _refuse_damaged(new, source)
        _to_disk(copy)
        os.replace(copy, to)


def restore(url: str, source: Path) -> None:
    """
    Put a backup in the place of the database, in one step.

    Refused while another program has the database open (``database_in_use``), and for what is no
    backup, is damaged, or comes from a later program. An older one needs an upgrade afterwards.
    """
    target = _file(url)
    if not source.is_file():
        raise _unreadable("backup_not_found", source, "no file is there")
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    with closing(_opened(source)) as old:
        _refuse_foreign(old, source)
        with _said(target), closing(sqlite3.connect(target, timeout=_PATIENCE_S)) as new:
            _alone(new, target)
            old.backup(new)


def _file(url: str) -> Path:
    address = database.parse(url)
    if address.get_backend_name() != "sqlite":
        raise Unusable(
            "not_embedded",
            cause="the database is a PostgreSQL server",
            action="use pg_dump and pg_restore, which come with it",
        )
    return Path(str(address.database))


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_S)


def _alone(connection: sqlite3.Connection, target: Path) -> None:
    """Refuse while others have it open: only then may a database leave its write-ahead log."""
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise Unusable(
            "database_in_use",
            cause=f"another program has {target} open",
            action="stop `milkrun serve` and its workers, then restore again",
        ) from error


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    try:
        _refuse_damaged(connection, path)
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise _unreadable("not_a_backup", path, str(error)) from error
    schema.refuse_newer(found[0] if found else None)


def _refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise _unreadable("database_damaged", path, str(found))


def _unreadable(code: str, path: Path, why: str) -> Unusable:
    action = "name a file that `milkrun db backup` wrote, or set MILKRUN_DATABASE_URL"
    return Unusable(code, cause=f"{path}: {why}", action=action)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Say in our words why a file cannot be written."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise Unusable(
            "file_not_written",
            cause=f"{path} cannot be written: {getattr(error, 'strerror', None) or error}",
            action="make room there, or name a file in a folder that may be written",
        ) from error


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
