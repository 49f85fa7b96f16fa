"""S31: 50 parallel orders for the last 20 units."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.dispatch import shop as shops
from tests.scenarios.running import Firm

CLIENTS = 50


def test_exactly_twenty_are_reserved_and_thirty_wait(firm: Firm) -> None:
    firm.receive(20)
    start = Barrier(CLIENTS)

    def order(body: dict[str, object]) -> str:
        with firm.client() as client:
            start.wait()
            placed = client.post("/api/v1/orders", json=body)
            assert placed.status_code == 201, placed.text
            path = f"/api/v1/orders/{placed.json()['id']}/accept"
            accepted = client.post(path)
            assert accepted.status_code == 200, accepted.text
            (one,) = accepted.json()["reservations"]
            return str(one["status"])

    with ThreadPoolExecutor(CLIENTS) as pool:
        became = Counter(pool.map(order, [firm.order() for _ in range(CLIENTS)]))

    assert became == {"reserved": 20, "waiting": 30}
    assert firm.stock() == (20, 20, 0)
    shops.assert_books_right(firm.shop.db)
