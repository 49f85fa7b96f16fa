from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from dispatch.intake import standing_dates, standing_orders
from dispatch.store import clock
from dispatch.store.database import Database, transaction
from tests.api.http import repeating_there, serving
from tests.api.http.serving import World
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR

PATH = "/api/v1/standing-orders"


@pytest.fixture
def monday() -> Iterator[None]:
    """Let it be eight in the morning of 2 March 2026 in Shanghai."""
    with clock.replaced(lambda: datetime(2026, 3, 2, tzinfo=UTC)):
        yield


def begin(client: httpx.Client, world: World, **changes: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=repeating_there.standing_order(world.here, **changes))
    assert answer.status_code == 201, answer.text
    begun: dict[str, Any] = answer.json()
    return begun


def keep_house(world: World) -> None:
    assert standing_dates.place_due(world.db, actor="housekeeping") == []


def days(client: httpx.Client, standing: dict[str, Any], num: int = 4) -> list[dict[str, Any]]:
    answer = client.get(
        f"{PATH}/{standing['id']}/days", params={"first": "2026-03-02", "num_days": num}
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


@pytest.mark.usefixtures("monday")
def test_days_show_what_is_placed_skipped_and_still_to_come(world: World) -> None:
    client = world.as_role("dispatcher")
    standing = begin(client, world, days_ahead=1)
    why = {"on": "2026-03-03", "reason": "closed for stock-taking"}
    skipped = client.post(f"{PATH}/{standing['id']}/skips", json=why)
    keep_house(world)

    first, second, third = days(client, standing, 3)

    assert skipped.status_code == 201
    assert skipped.json()["rows"] == [second]
    assert second["skipped_because"] == "closed for stock-taking"
    assert (third["on"], third["order_id"], third["skipped_because"]) == ("2026-03-04", None, None)
    order = client.get(f"/api/v1/orders/{first['order_id']}").json()
    assert order["number"] == f"{standing['number']}-20260302"
    assert [line["quantity"] for line in order["lines"]] == [2]


@pytest.mark.usefixtures("monday")
def test_skipped_day_is_restored_and_one_that_is_placed_cannot_be_skipped(world: World) -> None:
    client = world.as_role("dispatcher")
    standing = begin(client, world, days_ahead=1)
    skips = f"{PATH}/{standing['id']}/skips"
    client.post(skips, json={"on": "2026-03-03", "reason": "closed"})

    restored = client.delete(f"{skips}/2026-03-03")
    again = client.delete(f"{skips}/2026-03-03")
    keep_house(world)
    late = client.post(skips, json={"on": "2026-03-03", "reason": "closed"})

    assert restored.status_code == 204
    assert (again.status_code, again.json()["code"]) == (422, "not_skipped")
    assert (late.status_code, late.json()["code"]) == (409, "placed_already")


@pytest.mark.usefixtures("monday")
def test_change_needs_the_version_that_was_looked_at(world: World) -> None:
    client = world.as_role("dispatcher")
    standing = begin(client, world)
    path = f"{PATH}/{standing['id']}"
    lines = [{"part_id": str(world.here.other_part), "quantity": 5}]
    etag = {"If-Match": client.get(path).headers["ETag"]}

    changed = client.patch(path, json={"lines": lines, "window_from": 32_400}, headers=etag)
    stale = client.patch(path, json={"priority": 4}, headers=etag)
    paused = client.post(f"{path}/pause", headers=etag)

    assert (changed.status_code, changed.json()["lines"]) == (200, lines)
    assert (changed.json()["window_from"], changed.json()["days_ahead"]) == (32_400, 7)
    assert (stale.status_code, paused.status_code) == (412, 412)


@pytest.mark.usefixtures("monday")
def test_paused_resumed_and_ended_is_told_and_found(world: World) -> None:
    client = world.as_role("dispatcher")
    standing = begin(client, world)
    path = f"{PATH}/{standing['id']}"

    became = [client.post(f"{path}/{way}").json()["status"] for way in ("pause", "resume", "end")]
    over = client.post(f"{path}/resume")
    active = client.get(PATH, params={"status": "active"}).json()["rows"]

    assert became == ["paused", "active", "ended"]
    assert (over.status_code, over.json()["code"]) == (409, "wrong_state")
    assert active == []
    assert days(client, standing) == []


@pytest.mark.usefixtures("monday")
def test_same_key_begins_one_standing_order(world: World) -> None:
    client, body = world.as_role("dispatcher"), repeating_there.standing_order(world.here)
    key = {"Idempotency-Key": "s-17"}

    first = client.post(PATH, json=body, headers=key)
    again = client.post(PATH, json=body, headers=key)

    assert again.json() == first.json()
    assert len(client.get(PATH).json()["rows"]) == 1


@pytest.mark.usefixtures("monday")
def test_customer_has_its_own_repeat_but_not_accepted_at_once(world: World) -> None:
    client = world.as_role("customer")
    there = world.admin.post(PATH, json=repeating_there.standing_order(world.there)).json()
    mine = begin(client, world)
    firms = begin(world.admin, world, accepts=True)

    promised = client.post(PATH, json=repeating_there.standing_order(world.here, accepts=True))
    change = {"lines": [{"part_id": str(world.here.part), "quantity": 999}]}
    changed = client.patch(f"{PATH}/{firms['id']}", json=change, headers={"If-Match": "*"})

    assert (promised.status_code, changed.status_code) == (403, 403)
    assert client.get(f"{PATH}/{there['id']}").status_code == 404
    seen = {each["id"] for each in client.get(PATH).json()["rows"]}
    assert seen == {firms["id"], mine["id"]}


def test_server_places_what_is_due_when_it_starts(db: Database) -> None:
    shop = shops.opened(db)
    shop.receive(2)
    body = repeating_there.standing_order(shop, days_ahead=0, accepts=True)
    with transaction(db, actor=ACTOR) as session:
        standing_orders.begin(session, repeating_there.columns(body))

    with serving.served(db) as world:
        until = time.monotonic() + 60
        while not (rows := world.admin.get("/api/v1/orders").json()["rows"]):
            assert time.monotonic() < until
            time.sleep(0.05)

    assert rows[0]["number"].startswith(f"{body['number']}-")
    assert (len(rows), rows[0]["status"]) == (1, "accepted")
    assert shop.level() == (2, 2)
