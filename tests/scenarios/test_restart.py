"""The server is killed under load, and starts again: what it had accepted is still there."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.dispatch import shop as shops
from tests.scenarios.running import Firm

CLIENTS = 8


def test_no_accepted_request_is_lost_and_none_is_done_twice(firm: Firm) -> None:
    over = threading.Event()
    answered: dict[str, str] = {}
    asked: dict[str, dict[str, object]] = {}

    def load(_: int) -> None:
        with firm.client() as client:
            while not over.is_set():
                body = firm.order()
                number = str(body["number"])
                asked[number] = body
                headers = {"Idempotency-Key": number}
                answer = client.post("/api/v1/orders", json=body, headers=headers)
                assert answer.status_code == 201, answer.text
                answered[number] = answer.json()["id"]

    def until_killed(n: int) -> None:
        try:
            load(n)
        except httpx.TransportError:
            return

    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(until_killed, n) for n in range(CLIENTS)]
        while len(answered) < 60:
            time.sleep(0.01)
        firm.kill()
        over.set()
        for each in running:
            each.result()
    firm.start()

    with firm.client() as client:
        for number, order_id in answered.items():
            found = client.get(f"/api/v1/orders/{order_id}")
            assert (found.status_code, found.json()["number"]) == (200, number)
        # Who got no answer asks again, with the same key, and has one order then.
        for number, body in asked.items():
            headers = {"Idempotency-Key": number}
            again = client.post("/api/v1/orders", json=body, headers=headers)
            assert again.status_code == 201, again.text
            assert again.json()["id"] == answered.get(number, again.json()["id"])
        counts = client.get("/api/v1/orders", params={"number": next(iter(asked))}).json()["rows"]
    assert len(counts) == 1
    shops.assert_books_right(firm.shop.db)
