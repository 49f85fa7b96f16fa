"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

from maps import store
from maps.store import RoadMap
from tests.dispatch import town as town_file
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


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> RoadMap:
    """Return the town of `tests.dispatch.town`, imported as any other map."""
    folder = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILKRUN_HOME", str(folder / "home"))
        return store.open_map(str(town_file.write(folder / "town.osm")))
