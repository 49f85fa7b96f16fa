"""
Databases for tests: each test gets a new one with all tables, on SQLite and on PostgreSQL.

The tables are made once per process, by the migrations; a test gets a copy: of the file, or by
PostgreSQL from a template.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from dispatch.store import database, schema
from dispatch.store.database import Database
from tests.servers import postgres, valkey
from tests.servers.postgres import Postgres

_TEMPLATE = "milkrun_template"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL of this process of pytest: 0.9 s to start, less than to share one takes care."""
    with postgres.started() as server:
        yield server


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A Valkey of this process of pytest."""
    with valkey.started() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    name = f"empty_{uuid4().hex}"
    server.create(name)
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with all tables and no rows."""
    if request.param == "sqlite":
        path = tmp_path / "milkrun.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres_template")
    name = f"test_{uuid4().hex}"
    server.create(name, template=_TEMPLATE)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """An open database with all tables and no rows."""
    opened = database.open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "milkrun.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> Postgres:
    postgres_server.create(_TEMPLATE)
    _migrate(postgres_server.url(_TEMPLATE))
    return postgres_server


def _migrate(url: str) -> None:
    opened = database.open_database(url)
    schema.upgrade(opened)
    opened.close()
