"""Each route of the OpenAPI document refuses who may not use it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.http.routes import ANYONE, SIGNED_IN
from dispatch.intake import imports
from dispatch.intake.upserts import Mode
from dispatch.people.permissions import BY_ROLE, Permission, Role
from dispatch.store import keys
from dispatch.store.database import Database
from tests.api.http import fleet_there, floor, plans_there, repeating_there, serving
from tests.api.http.serving import World
from tests.dispatch.people import team

METHODS = {"get", "post", "put", "patch", "delete"}

# What a route is about when it is not bound to depots, so that nobody has a wrong one.
FIRM = {
    *("list_depots", "get_depot"),
    *("list_parts", "add_part", "get_part", "change_part", "search_parts"),
    *("list_numbers", "add_number", "list_substitutes", "supersede_part", "reinstate_part"),
    *("list_prices", "set_price", "get_price", "declare_hazard"),
    *("list_customers", "add_customer", "get_customer", "change_customer"),
    *("list_repair_points", "add_repair_point", "get_repair_point", "change_repair_point"),
    *("list_suppliers", "add_supplier", "get_supplier", "change_supplier"),
    *("get_import_template", "get_metrics"),
}


@pytest.fixture(scope="module")
def world(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("world") / "milkrun.db"
    path.write_bytes(sqlite_template.read_bytes())
    from dispatch.store import database

    db: Database = database.open_database(f"sqlite:///{path}")
    with serving.served(db) as world:
        yield world
    db.close()


def operations(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path and description of every operation."""
    paths = world.client().get("/api/v1/openapi.json").json()["paths"]
    return [
        (method, path, operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if method in METHODS
    ]


def ask(client: httpx.Client, method: str, path: str, body: Any = None) -> httpx.Response:
    """Send something to an operation; whatever its parameters are, it is asked for by no one."""
    filled = re.sub(r"\{\w+\}", str(keys.new()), path)
    if filled.endswith("/stream"):
        with client.stream(method.upper(), filled) as response:
            if response.status_code != 200:
                response.read()
            return response
    content = None if body is None else json.dumps(body)
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    return client.request(method.upper(), filled, content=content, headers=headers)


def test_every_operation_says_what_it_needs(world: World) -> None:
    known = {*Permission, ANYONE, SIGNED_IN}

    assert len(operations(world)) > 45
    for method, path, operation in operations(world):
        assert operation["x-permission"] in known, (method, path)
        assert operation["operationId"], (method, path)
        assert operation["summary"], (method, path)


def test_names_of_operations_are_unique(world: World) -> None:
    names = [operation["operationId"] for _, _, operation in operations(world)]

    assert len(set(names)) == len(names)


def test_only_signing_in_and_health_are_open(world: World) -> None:
    opened = {
        operation["operationId"]
        for _, _, operation in operations(world)
        if operation["x-permission"] == ANYONE
    }

    assert opened == {"sign_in", "claim_device_link", "get_health", "get_readiness"}


@pytest.mark.parametrize("token", [None, "not-a-token", "mk_00000_x"])
def test_every_other_operation_refuses_the_anonymous(world: World, token: str | None) -> None:
    client = world.client(token)

    for method, path, operation in operations(world):
        if operation["x-permission"] != ANYONE:
            answer = ask(client, method, path)
            assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed"), path


@pytest.mark.parametrize("role", list(Role))
def test_every_operation_refuses_every_role_that_may_not(world: World, role: Role) -> None:
    client = world.as_role(role)
    allowed = {ANYONE, SIGNED_IN, *BY_ROLE[role]}
    refused = 0

    for method, path, operation in operations(world):
        if operation["x-permission"] not in allowed:
            answer = ask(client, method, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path
            refused += 1

    assert refused > 0 or role == Role.ADMIN


@pytest.mark.parametrize("role", list(Role))
def test_no_operation_refuses_a_role_that_may(world: World, role: Role) -> None:
    client = world.as_role(role)

    for method, path, operation in operations(world):
        if operation["x-permission"] in BY_ROLE[role]:
            answer = ask(client, method, path)
            assert answer.status_code not in {401, 403, 500}, (path, answer.text)


def elsewhere(world: World) -> dict[str, Callable[[httpx.Client], httpx.Response]]:
    """Return a request to each operation that concerns another depot, or all depots."""
    there = world.there
    order = there.place(1)
    boss = team.add(world.db, f"boss{keys.new().hex[:8]}", "admin")
    driver = team.add(world.db, f"far{keys.new().hex[:8]}", "driver", depot_ids=[there.depot])
    why = {"reason": "test"}
    new_depot = {"name": "W", "lon": 1, "lat": 1, "time_zone": "UTC"}
    new_user = {"name": "x1", "full_name": "x", "roles": ["driver"]}
    receipt = {
        "depot_id": str(there.depot),
        "supplier": "S",
        "document": "D",
        "goods": [{"part_id": str(there.part), "quantity": 1, "bin": "A"}],
    }
    some_key = keys.new()
    hook = f"/api/v1/webhooks/{some_key}"
    sent = {"order": "N-1", "customer": "K", "lines": [{"part": "P", "quantity": 1}]}
    unsigned = {f"webhook-{name}": "1" for name in ("id", "timestamp", "signature")}
    source = {"name": "far", "depot_id": str(there.depot)}
    assert world.admin.post("/api/v1/order-sources", json=source).status_code == 201
    any_version = {"If-Match": "*"}
    orders, users = f"/api/v1/orders/{order}", f"/api/v1/users/{boss}"
    drivers = f"/api/v1/users/{driver}"
    part = f"/api/v1/parts/{there.part}"
    others = imports.run(world.db, [], name="x", mode=Mode.CREATE, actor="user:x").import_id
    foreign = f"/api/v1/imports/{others}"
    depot = {"depot_id": str(there.depot)}
    password = {"password": team.PASSWORD}
    return {
        "add_depot": lambda c: c.post("/api/v1/depots", json=new_depot),
        "change_depot": lambda c: c.patch(
            f"/api/v1/depots/{there.depot}", json={"lon": 2}, headers=any_version
        ),
        "place_order": lambda c: c.post("/api/v1/orders", json=world.order(there)),
        "list_orders": lambda c: c.get("/api/v1/orders", params=depot),
        "get_order": lambda c: c.get(orders),
        "list_reservations": lambda c: c.get(f"{orders}/reservations"),
        "accept_order": lambda c: c.post(f"{orders}/accept"),
        "reject_order": lambda c: c.post(f"{orders}/reject", json=why),
        "cancel_order": lambda c: c.post(f"{orders}/cancel", json=why),
        "change_order": lambda c: c.patch(orders, json={"priority": 1}, headers=any_version),
        "list_order_deliveries": lambda c: c.get(f"{orders}/deliveries"),
        "list_sourcing_options": lambda c: c.get(f"{orders}/sourcing"),
        "accept_sourcing_option": lambda c: c.post(f"{orders}/sourcing/accept", json={}),
        "get_import": lambda c: c.get(foreign),
        "list_import_quarantine": lambda c: c.get(f"{foreign}/quarantine"),
        "repair_quarantined": lambda c: c.post(
            f"{foreign}/quarantine/{some_key}/repair", json={"cells": {}}
        ),
        "undo_import": lambda c: c.post(f"{foreign}/undo"),
        "get_availability": lambda c: c.get(f"{part}/availability", params=depot),
        "receive_goods": lambda c: c.post("/api/v1/goods-in", json=receipt),
        **floor.requests(there),
        "list_users": lambda c: c.get("/api/v1/users"),
        "add_user": lambda c: c.post("/api/v1/users", json=new_user),
        "get_user": lambda c: c.get(users),
        "change_user": lambda c: c.patch(users, json={"full_name": "x"}, headers=any_version),
        "set_password": lambda c: c.post(f"{users}/password", json=password),
        "disable_user": lambda c: c.post(f"{users}/disable"),
        "enable_user": lambda c: c.post(f"{users}/enable"),
        "remove_users_second_factor": lambda c: c.post(f"{users}/second-factor/remove"),
        "add_device_link": lambda c: c.post(f"{drivers}/device-links"),
        "revoke_device_link": lambda c: c.delete(f"{drivers}/device-links/{some_key}"),
        "end_sessions": lambda c: c.delete(f"{drivers}/sessions"),
        "list_keys": lambda c: c.get("/api/v1/keys"),
        "add_key": lambda c: c.post("/api/v1/keys", json={"name": "x", "scopes": ["orders:read"]}),
        "revoke_key": lambda c: c.delete(f"/api/v1/keys/{some_key}"),
        "list_webhooks": lambda c: c.get("/api/v1/webhooks"),
        "add_webhook": lambda c: c.post("/api/v1/webhooks", json={"url": "https://erp.test/"}),
        "get_webhook": lambda c: c.get(hook),
        "change_webhook": lambda c: c.patch(hook, json={"active": False}, headers=any_version),
        "rotate_webhook_secret": lambda c: c.post(f"{hook}/secret"),
        "ping_webhook": lambda c: c.post(f"{hook}/ping"),
        "replay_webhook": lambda c: c.post(f"{hook}/replay", json={"after_event": 0}),
        "list_letters": lambda c: c.get(f"{hook}/letters"),
        "get_letter": lambda c: c.get(f"{hook}/letters/{some_key}"),
        "replay_letter": lambda c: c.post(f"{hook}/letters/{some_key}/replay"),
        "list_order_sources": lambda c: c.get("/api/v1/order-sources"),
        "add_order_source": lambda c: c.post(
            "/api/v1/order-sources", json={"name": "x", "depot_id": str(there.depot)}
        ),
        "get_order_source": lambda c: c.get(f"/api/v1/order-sources/{some_key}"),
        "change_order_source": lambda c: c.patch(
            f"/api/v1/order-sources/{some_key}", json={"active": False}, headers=any_version
        ),
        "rotate_order_source_secret": lambda c: c.post(f"/api/v1/order-sources/{some_key}/secret"),
        "send_order": lambda c: c.post(
            "/api/v1/inbound/orders?source=far", json=sent, headers=unsigned
        ),
        **fleet_there.elsewhere(world.db, there.depot),
        **plans_there.requests(world),
        **repeating_there.elsewhere(there),
    }


def test_every_operation_refuses_another_depot(world: World) -> None:
    client = world.as_role("admin", bound=True)
    requests = elsewhere(world)
    # What tells of several depots, and leaves out the others instead; tested by itself.
    mixed = {"accept_orders", "list_events", "stream_events"}
    mixed |= {"list_instead", "trace_lots", "trace_vehicle"}
    mixed |= {"import_orders", "list_imports"}

    scoped = {
        operation["operationId"]
        for _, _, operation in operations(world)
        if operation["x-permission"] not in {ANYONE, SIGNED_IN}
    }
    assert scoped - FIRM - mixed == set(requests)
    for name, request in requests.items():
        answer = request(client)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_depot"), name


def test_what_tells_of_several_depots_leaves_out_the_others(world: World) -> None:
    client = world.as_role("dispatcher", bound=True)
    mine, other = world.here.place(1), world.there.place(1)

    fates = client.post(
        "/api/v1/orders/accept", json={"order_ids": [str(mine), str(other)]}
    ).json()["rows"]
    seen = client.get("/api/v1/orders?limit=200").json()["rows"]
    events = client.get("/api/v1/events?limit=200").json()["rows"]

    assert [(fate["accepted"], fate["code"]) for fate in fates] == [
        (True, None),
        (False, "wrong_depot"),
    ]
    assert {order["depot_id"] for order in seen} == {str(world.here.depot)}
    assert {event["subjects"]["depot"] for event in events} == {str(world.here.depot)}
    assert not any(event["kind"].startswith("user.") for event in events)


def test_customer_sees_its_own_and_nothing_of_others(world: World) -> None:
    client = world.as_role("customer")
    mine, other = world.here.place(1), world.there.place(1)

    assert client.get(f"/api/v1/orders/{mine}").status_code == 200
    assert client.get(f"/api/v1/orders/{other}").status_code == 404
    assert client.post("/api/v1/orders", json=world.order()).status_code == 201
    assert client.post("/api/v1/orders", json=world.order(world.there)).status_code == 404
    assert client.get(f"/api/v1/customers/{world.there.customer}").status_code == 404
    points = f"/api/v1/customers/{world.there.customer}/repair-points"
    assert client.get(points).status_code == 404
    point = f"/api/v1/repair-points/{world.there.repair_point}"
    assert client.get(point).status_code == 404
    cancel = {"reason": "x"}
    assert client.post(f"/api/v1/orders/{other}/cancel", json=cancel).status_code == 404
    owners = {
        order["customer_id"] for order in client.get("/api/v1/orders?limit=200").json()["rows"]
    }
    asked = client.get("/api/v1/orders", params={"customer_id": str(world.there.customer)})
    assert owners == {str(world.here.customer)}
    assert {order["customer_id"] for order in asked.json()["rows"]} <= owners
    listed = client.get("/api/v1/customers").json()["rows"]
    assert [each["id"] for each in listed] == [str(world.here.customer)]
