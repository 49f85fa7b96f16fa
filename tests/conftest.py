"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

from tests.servers.fixtures import (
    database_url,
    db,
    empty_url,
    postgres_server,
    postgres_template,
    sqlite_template,
    valkey_url,
)

__all__ = [
    "database_url",
    "db",
    "empty_url",
    "postgres_server",
    "postgres_template",
    "sqlite_template",
    "valkey_url",
]

# On a busy machine any example may take long; how fast things are is measured in tests/bench.
settings.register_profile("milkrun", deadline=None)
settings.load_profile("milkrun")
