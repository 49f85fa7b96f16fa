from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.api.http.serving import World
from tests.dispatch import shop as shops


def place(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/api/v1/orders", json=body)
    assert answer.status_code == 201, answer.text
    placed: dict[str, Any] = answer.json()
    return placed


def test_order_from_placing_to_its_backorder_being_served(world: World) -> None:
    client = world.as_role("dispatcher")
    stock = world.as_role("warehouse")
    world.here.receive(2)
    order = place(client, world.order(lines=[line(world, 3)]))

    promise = client.post(f"/api/v1/orders/{order['id']}/accept").json()
    receipt = stock.post(
        "/api/v1/goods-in",
        json={
            "depot_id": str(world.here.depot),
            "supplier": "Bosch",
            "document": "DN-1",
            "goods": [{"part_id": str(world.here.part), "quantity": 5, "bin": "A-01"}],
        },
    ).json()
    rows = stock.get(f"/api/v1/parts/{world.here.part}/availability").json()["rows"]

    assert [(one["status"], one["quantity"]) for one in promise["reservations"]] == [
        ("reserved", 2),
        ("waiting", 1),
    ]
    assert promise["order"]["status"] == "accepted"
    assert [one["quantity"] for one in receipt["served"]] == [1]
    assert [(one["on_hand"], one["reserved"], one["available"]) for one in rows] == [(7, 3, 4)]


def line(world: World, quantity: int) -> dict[str, Any]:
    return {"part_id": str(world.here.part), "quantity": quantity}


def test_same_key_gets_the_first_answer_and_places_one_order(world: World) -> None:
    client, body = world.as_role("dispatcher"), world.order()
    key = {"Idempotency-Key": "a-17"}

    first = client.post("/api/v1/orders", json=body, headers=key)
    again = client.post("/api/v1/orders", json=body, headers=key)
    other = client.post("/api/v1/orders", json=world.order(), headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(client.get("/api/v1/orders").json()["rows"]) == 1


def test_same_key_sent_by_many_at_once_runs_once(world: World) -> None:
    client, body = world.as_role("dispatcher"), world.order()
    key = {"Idempotency-Key": "double-click"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: client.post("/api/v1/orders", json=body, headers=key), range(8))
        )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    replayed = Counter(answer.headers.get("Idempotency-Replayed") for answer in answers)
    assert replayed == {None: 1, "true": 7}


def test_key_of_another_caller_is_another_key(world: World) -> None:
    key = {"Idempotency-Key": "1"}
    first = world.as_role("dispatcher").post("/api/v1/orders", json=world.order(), headers=key)
    second = world.admin.post("/api/v1/orders", json=world.order(), headers=key)

    assert first.json()["id"] != second.json()["id"]


def test_second_editor_gets_412_with_what_differs(world: World) -> None:
    path = f"/api/v1/parts/{world.here.part}"
    seen = world.admin.get(path)
    etag = {"If-Match": seen.headers["ETag"]}

    first = world.admin.patch(path, json={"name": "Brake disc"}, headers=etag)
    second = world.admin.patch(path, json={"name": "Disc", "weight_g": 950}, headers=etag)

    assert first.status_code == 200
    assert first.headers["ETag"] == '"2"'
    assert (second.status_code, second.json()["code"]) == (412, "changed_since")
    assert second.json()["differences"] == [
        {"field": "name", "wanted": "Disc", "now": "Brake disc"},
        {"field": "weight_g", "wanted": 950, "now": 900},
    ]
    assert world.admin.get(path).json()["name"] == "Brake disc"


def test_change_without_the_version_that_was_looked_at_is_refused(world: World) -> None:
    path = f"/api/v1/parts/{world.here.part}"

    missing = world.admin.patch(path, json={"name": "x"})
    wrong = world.admin.patch(path, json={"name": "x"}, headers={"If-Match": '"new"'})
    over = world.admin.patch(path, json={"name": "x"}, headers={"If-Match": "*"})

    assert (missing.status_code, missing.json()["code"]) == (428, "if_match_needed")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_if_match")
    assert over.status_code == 200


def test_order_that_was_changed_is_not_cancelled_unseen(world: World) -> None:
    client = world.as_role("dispatcher")
    order = place(client, world.order())
    client.post(f"/api/v1/orders/{order['id']}/accept")
    path, why = f"/api/v1/orders/{order['id']}/cancel", {"reason": "not needed"}

    stale = client.post(path, json=why, headers={"If-Match": f'"{order["version"]}"'})
    seen = client.get(f"/api/v1/orders/{order['id']}").headers["ETag"]
    fresh = client.post(path, json=why, headers={"If-Match": seen})

    assert stale.status_code == 412
    assert (fresh.status_code, fresh.json()["status"]) == (200, "cancelled")


def test_many_are_accepted_and_each_fate_is_told(world: World) -> None:
    client = world.as_role("dispatcher")
    world.here.receive(1)
    good, rejected = (place(client, world.order())["id"] for _ in range(2))
    client.post(f"/api/v1/orders/{rejected}/reject", json={"reason": "no such customer"})
    missing = "00000000-0000-7000-8000-000000000000"

    answer = client.post("/api/v1/orders/accept", json={"order_ids": [rejected, good, missing]})

    fates = answer.json()["rows"]
    assert answer.status_code == 200
    assert [fate["order_id"] for fate in fates] == [rejected, good, missing]
    assert [fate["code"] for fate in fates] == ["wrong_state", None, "not_found"]
    assert [one["status"] for one in fates[1]["reservations"]] == ["reserved"]
    shops.assert_books_right(world.db)


def test_pages_hold_each_order_once_also_when_new_ones_come(world: World) -> None:
    client = world.as_role("dispatcher")
    numbers = [place(client, world.order())["number"] for _ in range(7)]

    seen: list[str] = []
    cursor = None
    while True:
        page = client.get(
            "/api/v1/orders", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [order["number"] for order in page["rows"]]
        cursor = page["next"]
        place(client, world.order())
        if cursor is None:
            break

    assert seen == numbers[::-1]


def test_orders_are_found_by_what_is_asked(world: World) -> None:
    client = world.admin
    mine = place(client, world.order())
    place(client, world.order(world.there))
    client.post(f"/api/v1/orders/{mine['id']}/accept")

    def found(**params: str) -> int:
        return len(client.get("/api/v1/orders", params=params).json()["rows"])

    assert found() == 2
    assert found(status="accepted") == found(depot_id=str(world.here.depot)) == 1
    assert found(number=mine["number"]) == found(customer_id=str(world.here.customer)) == 1
    assert found(placed_until=mine["placed_at"]) == 0
    assert found(placed_from=mine["placed_at"]) == 2


def test_bad_cursor_is_refused(world: World) -> None:
    answer = world.admin.get("/api/v1/orders?cursor=abc")

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")
