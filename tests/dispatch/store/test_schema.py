from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatch import every_table
from dispatch.store import database, schema
from dispatch.store.database import Database
from dispatch.store.errors import Unusable
from tests.dispatch.store import old_rows


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    opened = database.open_database(empty_url)
    yield opened
    opened.close()


def test_migrations_lead_to_the_tables_of_the_program(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, every_table.METADATA) == []


@pytest.mark.parametrize("version", schema.versions())
def test_rows_of_every_earlier_version_survive_the_upgrade(empty: Database, version: str) -> None:
    schema.upgrade(empty, to=version)
    old_rows.fill(empty, version)

    schema.upgrade(empty)

    schema.check(empty)
    assert old_rows.kept(empty, version)


def test_upgrading_twice_changes_nothing(db: Database) -> None:
    assert schema.upgrade(db) == schema.head()
    schema.check(db)


def test_database_without_tables_is_refused(empty: Database) -> None:
    with pytest.raises(Unusable, match="schema_outdated"):
        schema.check(empty)


def test_database_of_a_later_program_is_refused(db: Database) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(Unusable, match="schema_too_new"):
        schema.check(db)
    with pytest.raises(Unusable, match="schema_too_new"):
        schema.upgrade(db)


@pytest.mark.parametrize("table", ["events", "stock_movements"])
@pytest.mark.parametrize("change", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}"])
def test_what_is_append_only_cannot_be_changed(empty: Database, table: str, change: str) -> None:
    schema.upgrade(empty, to="0001")
    old_rows.fill(empty, "0001")
    schema.upgrade(empty)

    with empty.engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(change.format(table)))


def test_foreign_keys_are_checked_again_after_an_upgrade(empty: Database) -> None:
    schema.upgrade(empty)

    orphan = "INSERT INTO lots VALUES ('00000000000000000000000000000001', "
    with empty.engine.connect() as connection, pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        connection.execute(text(orphan + "'00000000000000000000000000000002', '1', NULL)"))
