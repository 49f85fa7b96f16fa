from __future__ import annotations

from collections.abc import Iterator

import pytest

from dispatch.store.database import Database
from tests.api.http import serving
from tests.api.http.serving import World


@pytest.fixture
def world(db: Database) -> Iterator[World]:
    with serving.served(db) as world:
        yield world
