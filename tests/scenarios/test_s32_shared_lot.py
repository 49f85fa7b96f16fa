"""S32, up to shipping: a lot of two units is set aside for two orders."""

from __future__ import annotations

from tests.scenarios.running import Firm


def test_two_orders_set_aside_one_each_of_a_lot(firm: Firm) -> None:
    firm.receive(2, lot="L7")

    with firm.client() as client:
        placed = [client.post("/api/v1/orders", json=firm.order()).json() for _ in range(2)]
        accepted = [client.post(f"/api/v1/orders/{order['id']}/accept").json() for order in placed]

    became = [(one["status"], one["quantity"]) for each in accepted for one in each["reservations"]]
    assert became == [("reserved", 1)] * 2
    assert firm.stock() == (2, 2, 0)
