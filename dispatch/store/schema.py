"""The tables of a database, brought from any earlier version to this program's."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from dispatch.store import database
from dispatch.store.database import Database
from dispatch.store.errors import Unusable

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x6D69677261746573  # "migrates"


def upgrade(base: Database, *, to: str = "head") -> str:
    """
    Bring the tables to this program's version, or to an earlier one; return that version.

    All of it, or nothing; two programs that start at once do it one after the other. A database
    of a later program is refused (``schema_too_new``).
    """
    options = {database.MIGRATING: True}
    with database.connected(base, **options) as connection:
        with connection.begin():
            if base.is_sqlite:
                _migrate(connection, to)
                _refuse_orphans(connection)
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                _migrate(connection, to)
            reached = _version(connection)
        # It no longer checks foreign keys.
        connection.invalidate()
    return reached or ""


def check(base: Database) -> None:
    """Refuse a database whose tables are not this program's (``schema_outdated``, ``_too_new``)."""
    found = version(base)
    if found == head():
        return
    refuse_newer(found)
    raise Unusable(
        "schema_outdated",
        cause=f"the database has version {found or 'none'}, this program needs {head()}",
        action="run `milkrun db upgrade`; `milkrun db backup FILE` before keeps a way back",
    )


def version(base: Database) -> str | None:
    """Return the version of the tables of a database; None: it has none."""
    with database.connected(base) as connection:
        return _version(connection)


def head() -> str:
    """Return the version of this program's tables."""
    return str(_scripts().get_current_head())


def versions() -> list[str]:
    """Return every version there was, the first one first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


def refuse_newer(found: str | None) -> None:
    """Refuse a version that this program does not know (``schema_too_new``)."""
    try:
        if found is not None:
            _scripts().get_revision(found)
    except CommandError as error:
        raise Unusable(
            "schema_too_new",
            cause=f"the database has version {found}, this program knows up to {head()}",
            action="install the program that wrote it, or a later one",
        ) from error


def _migrate(connection: Connection, to: str) -> None:
    refuse_newer(_version(connection))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_orphans(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        raise AssertionError(f"the migration left rows without their owner: {orphans[:5]}")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
