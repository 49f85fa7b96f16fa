from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import update

from dispatch.intake.deliveries import Delivery
from dispatch.store.database import transaction
from tests.api.http.serving import World
from tests.api.http.test_orders import line, place
from tests.dispatch import shop as shops

SEEN = {"If-Match": "*"}


def accepted(world: World, quantity: int, **more: Any) -> dict[str, Any]:
    """Return an accepted order of so many."""
    client = world.as_role("dispatcher")
    order = place(client, world.order(lines=[line(world, quantity)], **more))
    assert client.post(f"/api/v1/orders/{order['id']}/accept").status_code == 200
    found: dict[str, Any] = client.get(f"/api/v1/orders/{order['id']}").json()
    return found


def change(world: World, order: dict[str, Any], **wanted: Any) -> httpx.Response:
    path = f"/api/v1/orders/{order['id']}"
    return world.as_role("dispatcher").patch(path, json=wanted, headers=SEEN)


def test_order_says_all_that_was_said_of_it(world: World) -> None:
    said: dict[str, Any] = {
        "priority": 7,
        "downtime_cost_per_h": 26_000,
        "earliest_at": "2026-03-02T00:30:00Z",
        "latest_at": "2026-03-02T03:00:00Z",
        "notes": "后门\nring twice",
    }
    lines = [{**line(world, 1), "vin": "LSVAU2A37N2183294"}]

    order = place(world.as_role("dispatcher"), world.order(lines=lines, **said))

    assert {name: order[name] for name in said} == said
    assert order["lines"][0]["vin"] == "LSVAU2A37N2183294"
    assert order["fulfilment"] == "delivery"


def test_what_is_left_out_of_a_change_stays_and_null_takes_it_away(world: World) -> None:
    order = accepted(world, 1, latest_at="2026-03-02T03:00:00Z", notes="ring")

    first = change(world, order, priority=9, downtime_cost_per_h=26_000).json()
    second = change(world, order, latest_at=None, repair_point_id=None, notes="").json()

    assert (first["priority"], first["downtime_cost_per_h"], first["notes"]) == (9, 26_000, "ring")
    assert first["latest_at"] == "2026-03-02T03:00:00Z"
    assert (second["latest_at"], second["notes"], second["fulfilment"]) == (None, "", "pickup")
    assert second["priority"] == 9


def test_lines_are_lowered_raised_and_added_with_what_is_set_aside(world: World) -> None:
    world.here.receive(3)
    other = {"part_id": str(world.here.other_part), "quantity": 2}
    order = accepted(world, 3)

    lowered = change(world, order, lines=[line(world, 1)])
    assert lowered.status_code == 200, lowered.text
    assert world.here.level() == (3, 1)
    raised = change(world, order, lines=[line(world, 5), other]).json()

    assert [(one["position"], one["quantity"]) for one in raised["lines"]] == [(1, 5), (2, 2)]
    assert world.here.level() == (3, 3)
    assert shops.waiting(world.here, world.here.part) == 2
    assert shops.waiting(world.here, world.here.other_part) == 2
    shops.assert_books_right(world.db)
    shops.assert_deliveries_bring_what_is_set_aside(world.db)


def test_part_for_another_car_is_another_line(world: World) -> None:
    def of(vin: str | None, quantity: int) -> dict[str, Any]:
        return {**line(world, quantity), "vin": vin}

    order = accepted(world, 1)
    for lines in ([of("CAR-1", 1)], [of("CAR-2", 4), of("CAR-1", 2)], [of("CAR-2", 3)]):
        changed = change(world, order, lines=lines)
        assert changed.status_code == 200, changed.text

    told = [(one["vin"], one["quantity"]) for one in changed.json()["lines"]]
    assert told == [("CAR-1", 0), ("CAR-2", 3)]


def test_second_of_two_who_change_an_order_is_told_what_differs(world: World) -> None:
    client = world.as_role("dispatcher")
    order = accepted(world, 1)
    path = f"/api/v1/orders/{order['id']}"
    seen = {"If-Match": client.get(path).headers["ETag"]}

    first = client.patch(path, json={"priority": 5}, headers=seen)
    second = client.patch(path, json={"priority": 6, "notes": ""}, headers=seen)
    blind = client.patch(path, json={"priority": 6})

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (412, "changed_since")
    assert second.json()["differences"] == [{"field": "priority", "wanted": 6, "now": 5}]
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match_needed")


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"latest_at": "2026-03-01T00:00:00Z"}, "window_reversed"),
        ({"lines": []}, "bad_request"),
        ({"priority": None}, "bad_request"),
        ({"status": "accepted"}, "bad_request"),
    ],
)
def test_change_without_sense_is_refused(world: World, wanted: dict[str, Any], code: str) -> None:
    order = accepted(world, 1, earliest_at="2026-03-02T00:30:00Z")

    answer = change(world, order, **wanted)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_repair_point_of_somebody_else_is_refused(world: World) -> None:
    answer = change(world, accepted(world, 1), repair_point_id=str(world.there.repair_point))

    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_repair_point")


def test_order_whose_goods_have_left_is_neither_changed_nor_cancelled(world: World) -> None:
    world.here.receive(1)
    order = accepted(world, 1)
    with transaction(world.db, actor="test") as session:
        session.execute(update(Delivery).values(status="loaded"))

    changed = change(world, order, priority=5)
    path = f"/api/v1/orders/{order['id']}/cancel"
    cancelled = world.as_role("dispatcher").post(path, json={"reason": "not needed"})

    for answer in (changed, cancelled):
        assert (answer.status_code, answer.json()["code"]) == (409, "goods_left")
        assert "its delivery is loaded" in answer.json()["detail"]


def test_cancelled_order_is_not_changed(world: World) -> None:
    order = accepted(world, 1)
    path = f"/api/v1/orders/{order['id']}/cancel"
    world.as_role("dispatcher").post(path, json={"reason": "not needed"})

    answer = change(world, order, priority=5)

    assert (answer.status_code, answer.json()["code"]) == (409, "order_closed")


def test_deliveries_tell_what_each_brings_and_what_is_over(world: World) -> None:
    world.here.receive(2)
    order = accepted(world, 3)
    path = f"/api/v1/orders/{order['id']}/deliveries"
    client = world.as_role("dispatcher")

    first = client.get(path).json()["rows"]
    change(world, order, repair_point_id=None)
    after = client.get(path).json()["rows"]

    (delivery,) = first
    (line_id,) = (one["id"] for one in order["lines"])
    assert delivery["lines"] == [{"order_line_id": line_id, "quantity": 2}]
    assert (delivery["status"], delivery["depot_id"]) == ("pending", str(world.here.depot))
    assert [(one["id"], one["status"]) for one in after] == [(delivery["id"], "cancelled")]
