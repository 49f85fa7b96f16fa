"""Requests made up from the OpenAPI document: no 5xx, no status and no shape it does not name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dispatch.plans.gathering import Gatherer
from dispatch.store import database
from maps.store import RoadMap
from tests.api.http import serving
from tests.api.http.serving import World
from tests.dispatch.people import team

EXAMPLES = 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

# A stream never ends; tests/api/http/test_events.py listens to it.
ENDLESS = {"stream_events"}


@pytest.fixture(scope="module")
def world(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, town: RoadMap
) -> Iterator[World]:
    path = tmp_path_factory.mktemp("world") / "milkrun.db"
    path.write_bytes(sqlite_template.read_bytes())
    db = database.open_database(f"sqlite:///{path}")
    with serving.served(db, gatherer=Gatherer(town)) as world:
        world.here.order(1)
        yield world
    db.close()


def _send(world: World, operation: Any, token: str) -> None:
    """Send made-up requests to one operation."""

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
    @given(case=operation.as_strategy())
    def send(case: schemathesis.Case[Any]) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        response = case.call(base_url=world.url, headers=headers)
        case.validate_response(response, checks=CHECKS)

    send()


def test_whatever_is_sent_gets_an_answer_that_is_described(world: World) -> None:
    document = world.client().get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    admin = team.add(world.db, "made-up", "admin")
    tried = set()

    for each in schema.get_all_operations():
        assert isinstance(each, Ok), each
        operation = each.ok()
        name = operation.definition.raw["operationId"]
        if name in ENDLESS:
            continue
        tried.add(name)
        # Some operations end the session that they come with.
        _send(world, operation, serving.signed_in(world.db, admin))

    assert len(tried) > 45
