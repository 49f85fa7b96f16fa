"""Whatever is asked of a warehouse over HTTP, by many at once: the books are right."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import httpx

from dispatch.stock.movements import Kind
from dispatch.store import keys
from tests.api.http.serving import World
from tests.dispatch import shop as shops

Act = Callable[[], httpx.Response | None]

NUM_WORKERS, NUM_ROUNDS = 4, 3


class Clerk:
    """Somebody who does one thing after the other, and takes no for an answer."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.client = world.client(world.admin.headers["Authorization"].removeprefix("Bearer "))
        self.codes: set[str] = set()

    def post(self, path: str, body: Any = None) -> httpx.Response:
        """Send something, now and then twice as on a bad network."""
        headers = {"Idempotency-Key": str(keys.new())}
        answer = self.client.post(f"/api/v1/{path}", json=body, headers=headers)
        # What only changes a status takes no key: sent again, it is refused.
        if self.random.random() < 0.3 and not path.endswith(("/cancel", "/accept")):
            again = self.client.post(f"/api/v1/{path}", json=body, headers=headers)
            if answer.is_success:
                assert again.json() == answer.json()
        assert answer.status_code < 500, answer.text
        if not answer.is_success:
            self.codes.add(answer.json()["code"])
        return answer

    def any_of(self, path: str, **params: Any) -> dict[str, Any] | None:
        depot = {"depot_id": str(self.world.here.depot), "limit": 200, **params}
        rows = self.client.get(f"/api/v1/{path}", params=depot).json()["rows"]
        return self.random.choice(rows) if rows else None

    def place(self) -> dict[str, Any]:
        lying = self.any_of("stock/bins") or {"bin": "A-1", "lot": None}
        part = lying.get("part_id", str(self.world.here.part))
        depot = str(self.world.here.depot)
        return {"depot_id": depot, "part_id": part, "bin": lying["bin"], "lot": lying["lot"]}

    def work(self) -> None:
        """Do everything there is, some of it more often, in an order of one's own."""
        acts: list[Act] = [
            *[self.order, self.receive, self.list_and_pick] * 3,
            *[self.pack, self.load, self.adjust, self.count, self.hold, self.judge],
            *[self.send, self.arrive, self.cancel, self.take_back],
        ]
        for _ in range(NUM_ROUNDS):
            self.random.shuffle(acts)
            for act in acts:
                act()

    def order(self) -> httpx.Response:
        shop, few = self.world.here, self.random.randint(1, 4)
        lines = [{"part_id": str(self.random.choice([shop.part, shop.lot_part])), "quantity": few}]
        placed = self.post("orders", {**self.world.order(lines=lines), "number": str(keys.new())})
        return self.post(f"orders/{placed.json()['id']}/accept")

    def receive(self) -> httpx.Response:
        shop, lot = self.world.here, self.random.choice([None, "L1", "L2", "old"])
        goods = {
            "part_id": str(shop.lot_part if lot else shop.part),
            "quantity": self.random.randint(1, 6),
            "bin": f"A-{self.random.randint(1, 3)}",
            "lot": lot,
            "expires_on": "2020-01-01" if lot == "old" else None,
        }
        depot = str(shop.depot)
        note = {"depot_id": depot, "supplier": "S", "document": "D", "goods": [goods]}
        return self.post("goods-in", note)

    def list_and_pick(self) -> None:
        delivery = self.any_of("deliveries", status="pending")
        if delivery is None:
            return
        wanted = {"wave": "1", "route": "R", "order_ids": [delivery["order_id"]]}
        made = self.post("pick-lists", {"depot_id": str(self.world.here.depot), **wanted})
        for task in made.json()["tasks"]:
            if self.random.random() < 0.2:
                self.post(f"pick-tasks/{task['id']}/short", {"document": "short"})
                continue
            scan = {"number": task["part_number"], "lot": task["lot"]}
            self.post(f"pick-tasks/{task['id']}/scan", {**scan, "quantity": task["quantity"]})
        if self.random.random() < 0.7:
            self.load(delivery)

    def pack(self) -> httpx.Response | None:
        delivery = self.any_of("deliveries", status="pending")
        if delivery is None:
            return None
        path = f"deliveries/{delivery['id']}/parcels"
        found = self.client.get(f"/api/v1/{path}").json()["to_pack"]
        contents = [
            {"reservation_id": one["id"], "quantity": self.random.randint(1, one["quantity"])}
            for one in found
        ]
        return self.post(path, {"contents": contents}) if contents else None

    def load(self, delivery: dict[str, Any] | None = None) -> httpx.Response | None:
        delivery = delivery or self.any_of("deliveries", status="pending")
        if delivery is None:
            return None
        packed = self.client.get(f"/api/v1/deliveries/{delivery['id']}/parcels").json()["rows"]
        scanned = [parcel["number"] for parcel in packed if self.random.random() < 0.7]
        body = {"delivery_ids": [delivery["id"]], "scanned": scanned, "van": "V"}
        return self.post("loads", body)

    def adjust(self) -> httpx.Response:
        difference = self.random.randint(-3, 3)
        body = {**self.place(), "difference": difference, "reason": "x"}
        return self.post("stock/adjustments", body)

    def count(self) -> httpx.Response:
        place = self.place()
        depot_id = place.pop("depot_id")
        rows = [{**place, "counted": self.random.randint(0, 5)}]
        sheet = {"depot_id": depot_id, "document": "Z", "reason": "x", "rows": rows}
        return self.post("stock/counts", sheet)

    def hold(self) -> httpx.Response:
        body = {**self.place(), "quantity": self.random.randint(1, 3), "reason": "x"}
        return self.post(self.random.choice(["quarantine", "stock/scrap"]), body)

    def judge(self) -> httpx.Response | None:
        held = self.any_of("quarantine", status="held")
        if held is None:
            return None
        if self.random.random() < 0.5:
            return self.post(f"quarantine/{held['id']}/release", {"bin": "A-1"})
        return self.post(f"quarantine/{held['id']}/scrap", {"reason": "x"})

    def send(self) -> httpx.Response:
        line = {"part_id": str(self.world.here.part), "quantity": self.random.randint(1, 3)}
        planned = self.post(
            "transfers",
            {
                "from_depot_id": str(self.world.here.depot),
                "to_depot_id": str(self.world.there.depot),
                "expected_at": "2030-01-01T00:00:00Z",
                "document": "T",
                "lines": [line],
            },
        )
        return self.post(f"transfers/{planned.json()['id']}/send", {"van": "V"})

    def arrive(self) -> httpx.Response | None:
        moving = self.any_of("transfers", status="in_transit")
        if moving is None:
            return None
        return self.post(f"transfers/{moving['id']}/receive", {"bin": "B-1"})

    def cancel(self) -> httpx.Response | None:
        order = self.any_of("orders", status="accepted")
        return self.post(f"orders/{order['id']}/cancel", {"reason": "x"}) if order else None

    def take_back(self) -> httpx.Response | None:
        order = self.any_of("orders")
        if order is None:
            return None
        path = f"/api/v1/orders/{order['id']}/reservations"
        gone = [one for one in self.client.get(path).json()["rows"] if one["status"] == "shipped"]
        if not gone:
            return None
        back = {"quantity": 1, "bin": "R-1", "document": "slip"}
        return self.post(f"reservations/{gone[0]['id']}/returns", back)


def test_books_are_right_whatever_is_asked_by_many_at_once(world: World) -> None:
    clerks = [Clerk(world, seed) for seed in range(NUM_WORKERS)]

    with ThreadPoolExecutor(NUM_WORKERS) as pool:
        list(pool.map(Clerk.work, clerks))

    shops.assert_books_right(world.db)
    assert sum(_moved(world, kind) for kind in Kind) >= 5


def _moved(world: World, kind: str) -> bool:
    found = world.admin.get("/api/v1/stock/movements", params={"kind": kind}).json()["rows"]
    return bool(found)
