from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from dispatch.catalogue.customers import Customer
from dispatch.catalogue.parts import Part
from dispatch.store import clock, rows
from dispatch.store.database import Database, reading
from dispatch.webhooks import signatures
from tests.api.http import serving
from tests.api.http.serving import World

URL = "https://erp.example.com/hook"
HOOKS = "/api/v1/webhooks"


def add(world: World, **what: Any) -> dict[str, Any]:
    answer = world.admin.post(HOOKS, json={"url": URL, **what})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_secret_of_an_endpoint_is_shown_once(world: World) -> None:
    body = {"url": URL, "description": "ERP"}
    headers = {"Idempotency-Key": "k"}

    first = world.admin.post(HOOKS, json=body, headers=headers).json()
    again = world.admin.post(HOOKS, json=body, headers=headers).json()
    found = world.admin.get(f"{HOOKS}/{first['id']}")

    assert first["secret"].startswith("whsec_")
    assert again == first | {"secret": None}
    assert first["secret"] not in found.text + world.admin.get(HOOKS).text
    assert first["secret"] not in world.admin.get("/api/v1/events?limit=200").text


def test_endpoint_is_changed_by_who_looked_at_it(world: World) -> None:
    hook = add(world, kinds=["order.placed"])
    path = f"{HOOKS}/{hook['id']}"

    changed = world.admin.patch(
        path, json={"kinds": None, "active": False}, headers={"If-Match": '"1"'}
    )
    late = world.admin.patch(path, json={"active": True}, headers={"If-Match": '"1"'})

    assert (changed.json()["kinds"], changed.json()["active"]) == (None, False)
    assert changed.json()["url"] == URL
    assert (late.status_code, late.json()["code"]) == (412, "changed_since")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"url": "http://erp.example.com/"}, "bad_webhook_url"),
        ({"url": "https://169.254.169.254/latest"}, "bad_webhook_url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "bad_webhook_url"),
        ({"kinds": ["order.eaten"]}, "unknown_kind"),
        ({"secret": "whsec_" + "?" * 40}, "bad_secret"),
    ],
)
def test_endpoint_without_sense_is_refused(world: World, what: dict[str, Any], code: str) -> None:
    answer = world.admin.post(HOOKS, json={"url": URL, **what})

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_letters_are_listed_and_sent_again(world: World) -> None:
    hook = add(world)
    path = f"{HOOKS}/{hook['id']}"

    ping = world.admin.post(f"{path}/ping").json()
    listed = world.admin.get(f"{path}/letters", params={"state": "waiting"}).json()["rows"]
    one = world.admin.get(f"{path}/letters/{ping['id']}").json()
    again = world.admin.post(f"{path}/letters/{ping['id']}/replay").json()
    since = world.admin.post(f"{path}/replay", json={"since": "2026-01-01T00:00:00Z"}).json()
    both = world.admin.post(f"{path}/replay", json={"after_event": 0, "since": None})
    none = world.admin.post(f"{path}/replay", json={})
    other = world.admin.get(f"{HOOKS}/{add(world)['id']}/letters/{ping['id']}")

    assert listed == [ping]
    assert one == ping | {"attempts": []}
    assert (again["id"], again["state"]) == (ping["id"], "waiting")
    assert since == {"after_event": 0, "letters": 0}
    assert (both.status_code, none.status_code, other.status_code) == (200, 422, 404)


@pytest.fixture
def erp(world: World) -> httpx.Client:
    """A system that may send orders here, in its own words."""
    with reading(world.db) as session:
        part = rows.get(session, Part, world.here.part)
        customer = rows.get(session, Customer, world.here.customer)
    source = {
        "name": "erp",
        "depot_id": str(world.here.depot),
        "customers": {"4711": customer.number},
        "parts": {"PAD": {"part": part.number, "brand": part.brand}},
        "secret": SECRET,
    }
    assert world.admin.post("/api/v1/order-sources", json=source).status_code == 201
    key = {"name": "erp", "scopes": ["orders:send"], "depot_ids": [str(world.here.depot)]}
    return world.client(world.admin.post("/api/v1/keys", json=key).json()["secret"])


SECRET = signatures.new_secret()


def send(
    client: httpx.Client, letter_id: str, *, secret: str = SECRET, **what: Any
) -> httpx.Response:
    document = {
        "order": "N-1",
        "customer": "4711",
        "repair_point": "本店",
        "lines": [{"part": "PAD", "quantity": 2}],
        **what,
    }
    # With spaces and escapes as no one else would write it: the bytes are what counts.
    body, at = json.dumps(document, indent=3).encode(), clock.now()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": letter_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures.sign(secret, letter_id, at, body),
    }
    return client.post("/api/v1/inbound/orders?source=erp", content=body, headers=headers)


def test_order_that_another_system_sends_is_taken_in_once(world: World, erp: httpx.Client) -> None:
    world.here.receive(5)

    first, again = send(erp, "a", version=2), send(erp, "a", version=2)
    old = send(erp, "b", version=1, lines=[{"part": "PAD", "quantity": 1}])

    assert first.status_code == 200, first.text
    assert first.json()["fate"] == "created"
    assert again.json() == first.json()
    assert old.json() == {"order": "N-1", "order_id": None, "fate": "outdated"}
    assert world.here.level() == (5, 2)


def test_order_needs_the_key_the_secret_and_a_source(world: World, erp: httpx.Client) -> None:
    forged = send(erp, "a", secret=signatures.new_secret())
    strange = send(erp, "b", customer="nobody")
    keyless = send(world.client(), "c")
    gone = erp.post(
        "/api/v1/inbound/orders?source=none",
        json={"order": "N", "customer": "K", "lines": [{"part": "P", "quantity": 1}]},
        headers={f"webhook-{name}": "1" for name in ("id", "timestamp", "signature")},
    )

    assert (forged.status_code, forged.json()["code"]) == (401, "bad_signature")
    assert (strange.status_code, strange.json()["code"]) == (422, "bad_order")
    assert (keyless.status_code, keyless.json()["code"]) == (401, "sign_in_needed")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_key_with_the_permission_of_webhooks_is_not_made(world: World) -> None:
    key = {"name": "x", "scopes": ["webhooks:manage"]}

    answer = world.admin.post("/api/v1/keys", json=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_scope")


def test_source_is_changed_and_gets_another_secret(db: Database) -> None:
    with serving.served(db) as world:
        new = {"name": "erp", "depot_id": str(world.here.depot)}
        source = world.admin.post("/api/v1/order-sources", json=new).json()
        path = f"/api/v1/order-sources/{source['id']}"

        parts = {"parts": {"PAD": {"part": "1"}}}
        changed = world.admin.patch(path, json=parts, headers={"If-Match": '"1"'})
        rotated = world.admin.post(f"{path}/secret").json()["secret"]

        assert changed.json()["parts"] == parts["parts"]
        assert rotated.startswith("whsec_")
        assert rotated != source["secret"]
        assert world.admin.get(path).json()["mode"] == "merge"
        listed = world.admin.get("/api/v1/order-sources").json()["rows"]
        assert [each["name"] for each in listed] == ["erp"]
