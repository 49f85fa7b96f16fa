from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from dispatch.stock import incoming
from dispatch.store import clock
from dispatch.store.database import transaction
from tests.api.http import repeating_there
from tests.api.http.serving import World
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR

TUESDAY, THURSDAY = "2026-03-03", "2026-03-05"


@dataclass(frozen=True)
class Supply:
    """A served firm with a milk run to five suppliers; it is Tuesday afternoon in Shanghai."""

    world: World
    suppliers: list[dict[str, Any]]
    run: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/api/v1/milk-runs/{self.run['id']}"

    @property
    def dispatcher(self) -> httpx.Client:
        return self.world.as_role("dispatcher")

    @property
    def warehouse(self) -> httpx.Client:
        return self.world.as_role("warehouse")

    def buy(self, n: int, quantity: int, part: Any) -> None:
        """Expect something of the n-th supplier on that Tuesday."""
        with transaction(self.world.db, actor=ACTOR) as session:
            incoming.expect(
                session,
                self.world.here.depot,
                part,
                quantity,
                supplier=self.suppliers[n]["name"],
                document=f"PO-{n}",
                expected_at=clock.now(),
            )

    def loads(self, day: str) -> list[tuple[str, int]]:
        """Return document and quantity of all that the rounds of a day collect."""
        params = {"depot_id": str(self.world.here.depot), "on": day}
        answer = self.dispatcher.get("/api/v1/collections", params=params)
        assert answer.status_code == 200, answer.text
        return [
            (load["document"], load["quantity"])
            for driven in answer.json()["rows"]
            for stop in driven["stops"]
            for load in stop["loads"]
        ]


@pytest.fixture
def supply(world: World) -> Iterator[Supply]:
    with clock.replaced(lambda: datetime(2026, 3, 3, 8, tzinfo=UTC)):
        client = world.as_role("dispatcher")
        found = [
            client.post(
                "/api/v1/suppliers", json=repeating_there.supplier(name=f"Supplier {n}")
            ).json()
            for n in range(5)
        ]
        body = repeating_there.milk_run(world.here, [each["id"] for each in found])
        answer = client.post("/api/v1/milk-runs", json=body)
        assert answer.status_code == 201, answer.text
        yield Supply(world, found, answer.json())


def test_s10_round_from_its_collections_to_its_goods_in(supply: Supply) -> None:
    here = supply.world.here
    supply.buy(1, 3, here.part)
    supply.buy(2, 2, here.serial_part)
    supply.buy(3, 4, here.part)
    round_path = f"{supply.path}/rounds/{TUESDAY}"
    why = {"supplier_id": supply.suppliers[3]["id"], "reason": "closed for stock-taking"}

    silent = supply.dispatcher.post(f"{round_path}/skips", json={**why, "reason": ""})
    skipped = supply.dispatcher.post(f"{round_path}/skips", json=why).json()
    assert silent.status_code == 422
    assert [stop["skipped_because"] for stop in skipped["stops"]] == [
        *(None, None, None),
        *("closed for stock-taking", None),
    ]
    assert supply.loads(TUESDAY) == [("PO-1", 3), ("PO-2", 2)]
    assert supply.loads(THURSDAY) == [("PO-3", 4)]

    finished = supply.warehouse.post(f"{round_path}/finish").json()
    waiting = supply.warehouse.get("/api/v1/rounds", params={"status": "finished"}).json()["rows"]
    lines = supply.warehouse.get(f"{round_path}/goods-in").json()["rows"]
    assert finished["status"] == "finished"
    assert [(each["milk_run_id"], each["on"]) for each in waiting] == [(supply.run["id"], TUESDAY)]
    assert [(line["document"], line["quantity"], line["tracking"]) for line in lines] == [
        ("PO-1", 3, "none"),
        ("PO-2", 1, "serial"),
        ("PO-2", 1, "serial"),
    ]

    notes = [
        {
            "supplier_id": supply.suppliers[1]["id"],
            "document": "DN-1",
            "goods": [{"part_id": str(here.part), "quantity": 2, "bin": "A-01"}],
        },
        {
            "supplier_id": supply.suppliers[2]["id"],
            "document": "DN-2",
            "goods": [
                {"part_id": str(here.serial_part), "quantity": 1, "bin": "B-01", "lot": lot}
                for lot in ("SN-1", "SN-2")
            ],
        },
    ]
    key = {"Idempotency-Key": "dn"}
    received = supply.warehouse.post(f"{round_path}/goods-in", json={"notes": notes}, headers=key)
    again = supply.warehouse.post(f"{round_path}/goods-in", json={"notes": notes}, headers=key)

    assert received.json()["round"]["status"] == "received"
    assert again.json() == received.json()
    assert here.level() == (2, 0)
    assert here.level(here.serial_part) == (2, 0)
    assert sorted(supply.loads(THURSDAY)) == [("PO-1", 1), ("PO-3", 4)]
    assert supply.warehouse.get(f"{round_path}/goods-in").json()["rows"] == []
    waiting = supply.warehouse.get("/api/v1/rounds", params={"status": "finished"}).json()["rows"]
    assert waiting == []
    shops.assert_books_right(supply.world.db)


def test_stop_is_restored_and_a_cancelled_round_takes_nothing(supply: Supply) -> None:
    supply.buy(1, 3, supply.world.here.part)
    round_path = f"{supply.path}/rounds/{TUESDAY}"
    key = supply.suppliers[1]["id"]
    supply.dispatcher.post(f"{round_path}/skips", json={"supplier_id": key, "reason": "closed"})

    restored = supply.dispatcher.delete(f"{round_path}/skips/{key}")
    assert restored.status_code == 204
    assert supply.loads(TUESDAY) == [("PO-1", 3)]

    cancelled = supply.dispatcher.post(f"{round_path}/cancel", json={"reason": "van broken"})
    assert cancelled.json()["status"] == "cancelled"
    assert supply.loads(TUESDAY) == []
    assert supply.loads(THURSDAY) == [("PO-1", 3)]


def test_milk_run_is_changed_by_who_looked_at_it_and_paused(supply: Supply) -> None:
    etag = {"If-Match": supply.dispatcher.get(supply.path).headers["ETag"]}
    stops = [*supply.run["stops"][:2]]

    changed = supply.dispatcher.patch(supply.path, json={"stops": stops}, headers=etag)
    stale = supply.dispatcher.patch(supply.path, json={"weekdays": [0]}, headers=etag)
    turned = supply.dispatcher.patch(
        supply.path, json={"stops": stops[::-1]}, headers={"If-Match": "*"}
    )
    paused = supply.dispatcher.post(f"{supply.path}/pause")
    on_pause = supply.dispatcher.get(f"{supply.path}/rounds/{TUESDAY}")

    assert (changed.status_code, changed.json()["stops"]) == (200, stops)
    assert stale.status_code == 412
    assert (turned.status_code, turned.json()["code"]) == (422, "bad_milk_run")
    assert paused.json()["status"] == "paused"
    assert (on_pause.status_code, on_pause.json()["code"]) == (422, "not_due")
    listed = supply.dispatcher.get("/api/v1/milk-runs", params={"status": "paused"}).json()["rows"]
    assert [each["id"] for each in listed] == [supply.run["id"]]


def test_supplier_is_found_by_its_name_and_changed(supply: Supply) -> None:
    first = supply.suppliers[0]
    path = f"/api/v1/suppliers/{first['id']}"
    hours = {"week": {"tue": ["08:00-12:00"]}, "exceptions": {}}

    changed = supply.dispatcher.patch(path, json={"hours": hours}, headers={"If-Match": '"1"'})
    wrong = {"hours": {"week": {"tue": ["12-8"]}}}
    refused = supply.dispatcher.patch(path, json=wrong, headers={"If-Match": "*"})
    stale = supply.dispatcher.patch(path, json={"phone": "1"}, headers={"If-Match": '"1"'})
    found = supply.warehouse.get("/api/v1/suppliers", params={"name": first["name"]}).json()["rows"]
    twice = supply.dispatcher.post(
        "/api/v1/suppliers", json=repeating_there.supplier(name=first["name"])
    )

    assert (changed.status_code, changed.json()["hours"]) == (200, hours)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_hours")
    assert stale.status_code == 412
    assert [each["id"] for each in found] == [first["id"]]
    assert (twice.status_code, twice.json()["code"]) == (409, "already_there")
