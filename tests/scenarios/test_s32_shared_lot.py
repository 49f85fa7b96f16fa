"""S32: a lot of two units is set aside for two orders; both are picked from it and leave."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from tests.dispatch import shop as shops
from tests.scenarios.running import Firm


def ask(client: httpx.Client, path: str, body: Any = None) -> Any:
    headers = {"Idempotency-Key": uuid4().hex}
    answer = client.post(f"/api/v1/{path}", json=body, headers=headers)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def test_two_orders_share_a_lot_and_leave_one_after_the_other(firm: Firm) -> None:
    firm.receive(2, part=firm.shop.lot_part, lot="L7")
    with firm.client() as client:
        orders = []
        for _ in range(2):
            order = ask(client, "orders", firm.order(part=firm.shop.lot_part))
            (one,) = ask(client, f"orders/{order['id']}/accept")["reservations"]
            assert (one["status"], one["quantity"]) == ("reserved", 1)
            orders.append(order["id"])
        assert firm.stock(firm.shop.lot_part) == (2, 2, 0)

        body = {
            "depot_id": str(firm.shop.depot),
            "wave": "1",
            "route": "van 2",
            "order_ids": orders,
        }
        tasks = ask(client, "pick-lists", body)["tasks"]
        for task in tasks:
            ask(client, f"pick-tasks/{task['id']}/scan", {"number": "3", "lot": "L7"})
        deliveries = client.get(f"/api/v1/deliveries?depot_id={firm.shop.depot}").json()["rows"]
        by_order = {each["order_id"]: each["id"] for each in deliveries}
        for left, order_id in enumerate(orders, start=1):
            parcel = _packed(client, by_order[order_id])
            load = {"delivery_ids": [by_order[order_id]], "scanned": [parcel], "van": "van 2"}
            assert ask(client, "loads", load)["loaded"] == [by_order[order_id]]
            assert firm.stock(firm.shop.lot_part) == (2 - left, 2 - left, 0)
    shops.assert_books_right(firm.shop.db)


def _packed(client: httpx.Client, delivery_id: str) -> str:
    """Pack what is picked for a delivery; return the number of the parcel."""
    rows = client.get(f"/api/v1/deliveries/{delivery_id}/parcels").json()["to_pack"]
    contents = [{"reservation_id": one["id"], "quantity": one["quantity"]} for one in rows]
    made = ask(client, f"deliveries/{delivery_id}/parcels", {"contents": contents})
    return str(made["number"])
