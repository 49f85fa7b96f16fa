from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from dispatch.plans import plans
from dispatch.store.database import Database, transaction
from tests.dispatch import shop as shops
from tests.dispatch.plans.searches import ACTOR


@pytest.fixture
def plan(db: Database) -> UUID:
    """The plan of a new firm's depot, without a version yet."""
    depot = shops.opened(db).depot
    with transaction(db, actor=ACTOR) as session:
        return plans.draft(session, depot, date(2026, 3, 2)).id
