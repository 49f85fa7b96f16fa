from __future__ import annotations

from collections.abc import Iterator

import pytest

from dispatch.people.permissions import Role
from dispatch.store import database
from tests.scenarios import running
from tests.scenarios.f1 import F1, city, f1, f1_postgres_template, f1_sqlite_template
from tests.scenarios.planner import Planner
from tests.scenarios.running import Firm

__all__ = ["city", "f1", "f1_postgres_template", "f1_sqlite_template", "firm"]


@pytest.fixture
def firm(database_url: str) -> Iterator[Firm]:
    """A firm whose server runs as a process of its own, on both databases."""
    base = database.open_database(database_url)
    with running.firm(base, database_url) as firm:
        yield firm
    base.close()


@pytest.fixture
def planner(f1: F1) -> Iterator[Planner]:
    """A dispatcher of F1 at nine in the morning."""
    with f1.as_role(Role.DISPATCHER) as client:
        yield Planner(client, f1)
