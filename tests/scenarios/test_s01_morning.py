"""S1: 120 rows are imported in the morning, three of them broken."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.dispatch import shop as shops
from tests.scenarios.running import Firm

HEADER = "order,customer,depot,repair_point,brand,part,quantity,latest"

BROKEN = {
    12: {"repair_point": ""},
    35: {"quantity": "-1"},
    77: {"order": "N-2", "latest": "15:00"},
}
"""Row, and what stands there: no address, a demand of -1, the number of another order."""

REPAIRED = {
    12: {"repair_point": "本店"},
    35: {"quantity": "1"},
    77: {"order": "N-77", "latest": "15:00"},
}


@pytest.fixture
def usual(firm: Firm) -> dict[str, str]:
    """What a row says that is right, by column."""
    with firm.client() as client:
        customer = client.get(f"/api/v1/customers/{firm.shop.customer}").json()
        depot = client.get(f"/api/v1/depots/{firm.shop.depot}").json()
        part = client.get(f"/api/v1/parts/{firm.shop.part}").json()
    return {
        "customer": customer["number"],
        "depot": depot["name"],
        "repair_point": "本店",
        "brand": part["brand"],
        "part": part["number"],
        "quantity": "1",
        "latest": "11:00",
    }


def file(usual: dict[str, str], changes: dict[int, dict[str, str]]) -> bytes:
    """Return a file whose row 2 has the order N-2, with other cells in some rows."""
    lines = [HEADER]
    for row in range(2, 122):
        cells = {"order": f"N-{row}", **usual, **changes.get(row, {})}
        lines.append(",".join(cells[column] for column in HEADER.split(",")))
    return "\n".join(lines).encode()


def upload(client: httpx.Client, content: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/octet-stream"}
    params = {"name": "orders.csv"}
    answer = client.post("/api/v1/imports", params=params, content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def waiting(client: httpx.Client, report: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/api/v1/imports/{report['import_id']}/quarantine"
    rows: list[dict[str, Any]] = client.get(path).json()["rows"]
    return rows


def assert_each_is_to_be_brought_once(firm: Firm, client: httpx.Client, number: int) -> None:
    """Look at every order: accepted, its own, and with one delivery."""
    rows = client.get("/api/v1/orders?limit=200").json()["rows"]
    assert len({order["number"] for order in rows}) == len(rows) == number
    assert {order["status"] for order in rows} == {"accepted"}
    for order in rows:
        (delivery,) = client.get(f"/api/v1/orders/{order['id']}/deliveries").json()["rows"]
        assert [line["quantity"] for line in delivery["lines"]] == [1]
    assert firm.stock() == (200, number, 200 - number)
    shops.assert_books_right(firm.shop.db)


@pytest.mark.parametrize("in_place", [False, True])
def test_117_are_accepted_three_wait_and_the_whole_file_again_creates_three(
    firm: Firm, usual: dict[str, str], in_place: bool
) -> None:
    firm.receive(200)
    with firm.client() as client:
        report = upload(client, file(usual, BROKEN))

        assert report["fates"] == {"created": 117, "updated": 0, "unchanged": 0, "refused": 3}
        faults = [fault for entry in waiting(client, report) for fault in entry["faults"]]
        assert [(fault["row"], fault["column"], fault["code"]) for fault in faults] == [
            (12, "repair_point", "missing_value"),
            (35, "quantity", "negative_number"),
            (77, "order", "order_number_twice"),
        ]
        assert all(fault["cause"] and fault["action"] for fault in faults)
        assert_each_is_to_be_brought_once(firm, client, 117)

        if in_place:
            for entry, (row, cells) in zip(waiting(client, report), REPAIRED.items(), strict=True):
                path = f"/api/v1/imports/{report['import_id']}/quarantine/{entry['id']}/repair"
                told = client.post(path, json={"cells": {str(row): cells}}).json()
                assert told["faults"] == []
            assert waiting(client, report) == []

        again = upload(client, file(usual, REPAIRED))

        created = 0 if in_place else 3
        assert again["fates"]["created"] == created
        assert again["fates"]["unchanged"] == 120 - created
        assert again["faults"] == []
        assert_each_is_to_be_brought_once(firm, client, 120)
