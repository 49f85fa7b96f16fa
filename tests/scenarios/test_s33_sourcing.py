"""S33: an order of three lines of which one depot has two and the other all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.stock import lanes
from dispatch.store.database import transaction
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR
from tests.scenarios.running import Firm

LATER_S = 3 * 3600


@pytest.fixture
def other(firm: Firm) -> UUID:
    """W2, which has all three parts; W1 has the first two, and a transfer takes three hours."""
    shop, other = firm.shop, shops.other_depot(firm.shop.db)
    parts = (shop.part, shop.other_part, shop.lot_part)
    with firm.client() as client:
        bring(client, other, dict.fromkeys(parts, 1))
        bring(client, shop.depot, dict.fromkeys(parts[:2], 1))
    with transaction(shop.db, actor=ACTOR) as session:
        lanes.set_terms(session, shop.depot, split_price=2_600, handling_s=0)
        lanes.set_terms(session, other, split_price=2_600, handling_s=0, away_price=1_800)
        lanes.set_lane(session, other, shop.depot, price=400, duration_s=LATER_S)
    return other


def bring(client: httpx.Client, depot: UUID, quantities: dict[UUID, int]) -> None:
    goods = [
        {"part_id": str(part), "quantity": quantity, "bin": "A-01", "lot": "L7"}
        for part, quantity in quantities.items()
    ]
    body = {"depot_id": str(depot), "supplier": "S", "document": "D", "goods": goods}
    answer = client.post("/api/v1/goods-in", json=body)
    assert answer.status_code == 201, answer.text


def place(firm: Firm, client: httpx.Client, **more: Any) -> str:
    """Place an order of one of each part; return its path."""
    parts = (firm.shop.part, firm.shop.other_part, firm.shop.lot_part)
    lines = [{"part_id": str(part), "quantity": 1} for part in parts]
    answer = client.post("/api/v1/orders", json={**firm.order(), "lines": lines, **more})
    assert answer.status_code == 201, answer.text
    return f"/api/v1/orders/{answer.json()['id']}"


def free(firm: Firm, client: httpx.Client, depot: UUID) -> list[int]:
    """Return what is available of the three parts at a depot."""
    found = []
    for part in (firm.shop.part, firm.shop.other_part, firm.shop.lot_part):
        rows = client.get(f"/api/v1/parts/{part}/availability").json()["rows"]
        found.append(sum(row["available"] for row in rows if row["depot_id"] == str(depot)))
    return found


def test_options_have_their_cost_and_promise(firm: Firm, other: UUID) -> None:
    with firm.client() as client:
        found = client.get(f"{place(firm, client)}/sourcing").json()

    told = [(one["way"], one["total_price"], set(one["ready_at"])) for one in found["rows"]]
    assert told == [
        ("whole", 1_800, {str(other)}),
        ("split", 2_600, {str(firm.shop.depot), str(other)}),
        ("transfer", 400, {str(firm.shop.depot)}),
    ]
    whole, split, transfer = (datetime.fromisoformat(one["whole_at"]) for one in found["rows"])
    assert (split - whole, transfer - whole) == (timedelta(0), timedelta(seconds=LATER_S))


@pytest.mark.parametrize(("window_h", "way", "price"), [(6, "transfer", 400), (2, "whole", 1_800)])
def test_the_chosen_one_respects_the_window(
    firm: Firm, other: UUID, window_h: int, way: str, price: int
) -> None:
    latest = (datetime.now(UTC) + timedelta(hours=window_h)).isoformat()
    with firm.client() as client:
        path = place(firm, client, latest_at=latest)
        found = client.get(f"{path}/sourcing").json()
        accepted = client.post(f"{path}/sourcing/accept", json={"option": found["chosen"]})

        (chosen,) = (one for one in found["rows"] if one["key"] == found["chosen"])
        assert (chosen["way"], chosen["total_price"]) == (way, price)
        assert datetime.fromisoformat(chosen["whole_at"]) <= datetime.fromisoformat(latest)
        assert accepted.status_code == 200, accepted.text
        assert {one["status"] for one in accepted.json()["reservations"]} == {"reserved"}
        at_both = (free(firm, client, firm.shop.depot), free(firm, client, other))
    assert at_both == (([0, 0, 0], [1, 1, 0]) if way == "transfer" else ([1, 1, 0], [0, 0, 0]))
    shops.assert_books_right(firm.shop.db)


def test_transfer_is_refused_to_who_wants_it_sooner(firm: Firm, other: UUID) -> None:
    latest = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    with firm.client() as client:
        path = place(firm, client, latest_at=latest)
        rows = client.get(f"{path}/sourcing").json()["rows"]
        late = next(one["key"] for one in rows if one["way"] == "transfer")

        refused = client.post(f"{path}/sourcing/accept", json={"option": late})

        assert (refused.status_code, refused.json()["code"]) == (409, "option_too_late")
        assert free(firm, client, other) == [1, 1, 1]


def test_two_who_choose_at_once_never_get_more_than_there_is(firm: Firm, other: UUID) -> None:
    start = Barrier(2)
    with firm.client() as client:
        paths = [place(firm, client) for _ in range(2)]
        ways = {"whole": paths[0], "split": paths[1]}
        keys = {
            way: next(
                one["key"]
                for one in client.get(f"{path}/sourcing").json()["rows"]
                if one["way"] == way
            )
            for way, path in ways.items()
        }

    def choose(way: str) -> tuple[int, str]:
        with firm.client() as client:
            start.wait()
            body = {"option": keys[way]}
            answer = client.post(f"{ways[way]}/sourcing/accept", json=body)
            return answer.status_code, answer.json().get("code", "")

    # Both want the only one of the third part.
    with ThreadPoolExecutor(2) as pool:
        became = sorted(pool.map(choose, ways))

    assert became == [(200, ""), (409, "sourcing_changed")]
    with firm.client() as client:
        assert free(firm, client, other)[2] == 0
    shops.assert_books_right(firm.shop.db)
