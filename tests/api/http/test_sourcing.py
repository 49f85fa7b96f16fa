from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import httpx

from dispatch.intake import goods_in
from dispatch.stock import lanes
from dispatch.stock.levels import StockLevel
from dispatch.stock.receiving import Goods
from dispatch.store.database import reading, transaction
from tests.api.http.serving import World
from tests.api.http.test_orders import line, place
from tests.dispatch import shop as shops


def stocked(world: World, depot: UUID, quantity: int) -> None:
    with transaction(world.db, actor="test") as session:
        goods = [Goods(world.here.part, quantity, "A-01")]
        goods_in.receive(session, depot, goods, supplier="S", document="D")


def ask(client: httpx.Client, order: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"/api/v1/orders/{order['id']}/sourcing")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def choose(client: httpx.Client, order: dict[str, Any], key: str | None = None) -> httpx.Response:
    return client.post(f"/api/v1/orders/{order['id']}/sourcing/accept", json={"option": key})


def level(world: World, depot: UUID) -> tuple[int, int]:
    with reading(world.db) as session:
        found = session.get(StockLevel, (depot, world.here.part))
        return (found.on_hand, found.reserved) if found else (0, 0)


def test_split_order_has_a_delivery_from_each_depot(world: World) -> None:
    client = world.as_role("dispatcher")
    stocked(world, world.here.depot, 1)
    stocked(world, world.there.depot, 2)
    order = place(client, world.order(lines=[line(world, 3)]))
    (split,) = ask(client, order)["rows"]

    promise = choose(client, order, split["key"])

    assert split["way"] == "split"
    assert promise.status_code == 200, promise.text
    rows = client.get(f"/api/v1/orders/{order['id']}/deliveries").json()["rows"]
    brought = {one["depot_id"]: [each["quantity"] for each in one["lines"]] for one in rows}
    assert brought == {str(world.here.depot): [1], str(world.there.depot): [2]}
    shops.assert_books_right(world.db)
    shops.assert_deliveries_bring_what_is_set_aside(world.db)


def test_without_a_choice_the_cheapest_in_time_is_taken(world: World) -> None:
    client = world.as_role("dispatcher")
    stocked(world, world.here.depot, 1)
    stocked(world, world.there.depot, 2)
    with transaction(world.db, actor="test") as session:
        lanes.set_terms(session, world.here.depot, split_price=500, handling_s=0)
        lanes.set_terms(session, world.there.depot, split_price=0, handling_s=0, away_price=700)
    order = place(client, world.order(lines=[line(world, 2)]))

    found = ask(client, order)
    promise = choose(client, order)

    assert {one["way"]: one["total_price"] for one in found["rows"]} == {"whole": 700, "split": 500}
    assert [one["way"] for one in found["rows"] if one["key"] == found["chosen"]] == ["split"]
    assert promise.json()["order"]["status"] == "accepted"
    assert level(world, world.there.depot) == (2, 1)


def test_option_that_is_ready_too_late_is_refused(world: World) -> None:
    client = world.as_role("dispatcher")
    stocked(world, world.here.depot, 1)
    with transaction(world.db, actor="test") as session:
        lanes.set_terms(session, world.here.depot, split_price=0, handling_s=7200)
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    order = place(client, world.order(latest_at=soon))
    found = ask(client, order)

    named = choose(client, order, found["rows"][0]["key"])
    unnamed = choose(client, order)

    assert (found["rows"][0]["in_time"], found["chosen"]) == (False, None)
    assert (named.status_code, named.json()["code"]) == (409, "option_too_late")
    assert (unnamed.status_code, unnamed.json()["code"]) == (409, "nothing_in_time")
    assert level(world, world.here.depot) == (1, 0)


def test_order_that_is_promised_has_no_options(world: World) -> None:
    client = world.as_role("dispatcher")
    stocked(world, world.here.depot, 1)
    order = place(client, world.order())
    assert choose(client, order).status_code == 200

    asked = client.get(f"/api/v1/orders/{order['id']}/sourcing")
    again = choose(client, order)

    assert (asked.status_code, asked.json()["code"]) == (409, "wrong_state")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


def test_stock_of_depots_that_are_not_ones_own_is_not_drawn_on(world: World) -> None:
    stocked(world, world.there.depot, 1)
    order = place(world.as_role("dispatcher"), world.order())
    (whole,) = ask(world.as_role("dispatcher"), order)["rows"]

    bound = world.as_role("dispatcher", bound=True)
    taken = choose(bound, order, whole["key"])

    assert ask(bound, order)["rows"] == []
    assert (taken.status_code, taken.json()["code"]) == (409, "sourcing_changed")
    assert level(world, world.there.depot) == (1, 0)


def test_of_many_who_choose_the_same_goods_at_once_each_gets_them_whole_or_not_at_all(
    world: World,
) -> None:
    client = world.as_role("dispatcher")
    stocked(world, world.here.depot, 3)
    stocked(world, world.there.depot, 6)
    made = [place(client, world.order(lines=[line(world, 3)])) for _ in range(6)]
    keys = {
        order["id"]: next(one["key"] for one in ask(client, order)["rows"] if one["way"] == "whole")
        for order in made
    }
    start = Barrier(len(made))

    def take(order: dict[str, Any]) -> tuple[int, str]:
        start.wait()
        answer = choose(client, order, keys[order["id"]])
        return answer.status_code, answer.json().get("code", "")

    with ThreadPoolExecutor(len(made)) as pool:
        became = sorted(pool.map(take, made))

    assert became == [(200, "")] + [(409, "sourcing_changed")] * 5
    assert level(world, world.here.depot) == (3, 3)
    assert level(world, world.there.depot) == (6, 0)
    shops.assert_books_right(world.db)
