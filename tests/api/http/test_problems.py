from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from api.http import logs, settings
from api.http.settings import HttpSettings
from dispatch.intake import orders
from dispatch.store.database import Database
from dispatch.store.errors import Invalid
from tests.api.command import wait_until
from tests.api.http import serving
from tests.api.http.serving import World


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem that is complete."""
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:milkrun:error:{body['code']}"
    assert body["title"]
    assert body["detail"]
    assert body["action"]
    assert body["request_id"] == answer.headers["X-Request-ID"]
    return answer.status_code, body["code"]


def test_all_faults_of_a_request_are_told_at_once(world: World) -> None:
    body = world.order(number="", priority=1000, lines=[{"part_id": "x", "quantity": 0}], extra=1)

    answer = world.admin.post("/api/v1/orders", json=body)

    assert problem(answer) == (422, "bad_request")
    assert {fault["where"] for fault in answer.json()["faults"]} == {
        "body.number",
        "body.priority",
        "body.lines[0].part_id",
        "body.lines[0].quantity",
        "body.extra",
    }


@pytest.mark.parametrize("text", ["{", "[1", "\udcff"])
def test_body_that_is_no_json_is_refused(world: World, text: str) -> None:
    content = text.encode("utf-8", "surrogateescape")
    headers = {"Content-Type": "application/json"}

    answer = world.admin.post("/api/v1/orders", content=content, headers=headers)

    assert problem(answer) == (400, "bad_json")


@pytest.mark.parametrize("name", ["a\x00b", "a\nb", "\ud800"])
def test_text_that_a_database_cannot_keep_is_refused(world: World, name: str) -> None:
    content = '{"number": "K1", "name": "' + name.encode("unicode_escape").decode() + '"}'
    content = content.replace("\\x00", "\\u0000").replace("\\n", "\\u000a")
    headers = {"Content-Type": "application/json"}

    answer = world.admin.post("/api/v1/customers", content=content, headers=headers)

    assert problem(answer) == (422, "bad_request")


def test_unknown_path_and_method_are_problems_too(world: World) -> None:
    assert problem(world.client().get("/api/v2/orders")) == (404, "no_such_path")
    assert problem(world.client().put("/api/v1/orders")) == (405, "no_such_method")


def test_what_is_not_there_and_what_is_taken(world: World) -> None:
    taken = world.order(number="taken")
    world.admin.post("/api/v1/orders", json=taken)
    nowhere = world.order(depot_id="00000000-0000-7000-8000-000000000000")

    assert problem(world.admin.post("/api/v1/orders", json=taken)) == (409, "order_number_taken")
    assert problem(world.admin.post("/api/v1/orders", json=nowhere)) == (404, "not_found")


@pytest.fixture
def small(db: Database) -> Any:
    with serving.served(db, HttpSettings(body_bytes=2000)) as world:
        yield world


def test_body_that_is_too_large_is_refused_whole_or_in_pieces(small: World) -> None:
    headers = {"Content-Type": "application/json"}
    pieces = (b"x" * 500 for _ in range(10))

    whole = small.admin.post("/api/v1/orders", content=b"x" * 5000, headers=headers)
    told_late = small.admin.post("/api/v1/orders", content=pieces, headers=headers)

    assert problem(whole) == (413, "body_too_large")
    assert problem(told_late) == (413, "body_too_large")
    assert small.admin.post("/api/v1/orders", json=small.order()).status_code == 201


def test_what_nobody_foresaw_is_logged_and_not_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(orders, "page", broken)
    with caplog.at_level(logging.ERROR, logger="milkrun"):
        answer = world.admin.get("/api/v1/orders", headers={"X-Request-ID": "mine-1"})

    assert problem(answer) == (500, "internal_error")
    assert "secret" not in answer.text
    assert answer.headers["X-Request-ID"] == "mine-1"
    assert "the secret of the house" in caplog.text


def test_log_has_a_line_of_json_for_each_request(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="milkrun"):
        answer = world.admin.get("/api/v1/parts")
        # Written after the answer has left.
        wait_until(lambda: any(each.getMessage() == "request" for each in caplog.records))
    (line,) = [logs.as_json(each) for each in caplog.records if each.getMessage() == "request"]

    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/parts", 200)
    assert line["actor"] == "user:admin"
    assert line["request_id"] == answer.headers["X-Request-ID"]


def test_health_readiness_and_metrics(world: World) -> None:
    wanted = {"name": "Prometheus", "scopes": ["metrics:read"]}
    key = world.admin.post("/api/v1/keys", json=wanted).json()["secret"]
    order = world.here.place(1)
    world.admin.get(f"/api/v1/orders/{order}")

    figures = world.client(key).get("/metrics").text

    assert world.client().get("/healthz").json() == {"status": "ok"}
    assert world.client().get("/readyz").json() == {"status": "ok"}
    counted = 'milkrun_requests_total{method="GET",route="/api/v1/orders/{order_id}",status="200"}'
    assert f"{counted} 1.0" in figures
    assert "milkrun_request_seconds_bucket" in figures
    assert str(order) not in figures


def test_server_of_an_older_database_is_not_ready(world: World) -> None:
    with world.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    assert problem(world.client().get("/readyz")) == (503, "schema_outdated")


def test_settings_that_are_no_numbers_are_refused() -> None:
    assert settings.read({"MILKRUN_RATE_PER_CALLER": "5"}).rate_per_caller == 5.0
    for text in ("many", "-1", "0", "inf", "nan"):
        with pytest.raises(Invalid, match="bad_setting"):
            settings.read({"MILKRUN_RATE_PER_CALLER": text})
