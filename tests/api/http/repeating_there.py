"""Requests to each operation on what repeats at another depot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from dispatch.catalogue import suppliers
from dispatch.intake import milk_runs, standing_orders
from dispatch.store import keys
from dispatch.store.database import transaction
from tests.dispatch.shop import ACTOR, Shop

DAY = "2026-03-03"
"""A Tuesday."""


def standing_order(shop: Shop, **changes: Any) -> dict[str, Any]:
    """Return a standing order as a caller would send it."""
    return {
        "number": f"S-{keys.new().hex[:20]}",
        "customer_id": str(shop.customer),
        "depot_id": str(shop.depot),
        "repair_point_id": str(shop.repair_point),
        "lines": [{"part_id": str(shop.part), "quantity": 2}],
        "weekdays": [0, 1, 2, 3, 4, 5, 6],
        "valid_from": "2026-03-02",
        **changes,
    }


def milk_run(shop: Shop, supplier_ids: list[str], **changes: Any) -> dict[str, Any]:
    """Return a milk run as a caller would send it."""
    stops = [
        {"supplier_id": key, "at": (8 + n) * 3600, "tolerance_s": 900, "service_s": 600}
        for n, key in enumerate(supplier_ids)
    ]
    return {
        "depot_id": str(shop.depot),
        "name": f"M-{keys.new().hex[:20]}",
        "stops": stops,
        "weekdays": [1, 3],
        "valid_from": "2026-03-02",
        **changes,
    }


def supplier(**changes: Any) -> dict[str, Any]:
    """Return a supplier as a caller would send it."""
    name = f"Supplier {keys.new().hex[:20]}"
    return {"name": name, "address": "工业路1号", "lon": 121.5, "lat": 31.2, **changes}


def elsewhere(shop: Shop) -> dict[str, Callable[[httpx.Client], httpx.Response]]:
    """Return the requests, by the names of their operations."""
    with transaction(shop.db, actor=ACTOR) as session:
        supplier_id = suppliers.add(session, supplier()).id
        begun = milk_runs.begin(session, columns(milk_run(shop, [str(supplier_id)])))
        standing = standing_orders.begin(session, columns(standing_order(shop)))
        run, template = f"/api/v1/milk-runs/{begun.id}", f"/api/v1/standing-orders/{standing.id}"
    rounds = f"{run}/rounds/{DAY}"
    why = {"reason": "test"}
    posts: dict[str, tuple[str, Any]] = {
        "begin_standing_order": ("/api/v1/standing-orders", standing_order(shop)),
        "pause_standing_order": (f"{template}/pause", None),
        "resume_standing_order": (f"{template}/resume", None),
        "end_standing_order": (f"{template}/end", None),
        "skip_standing_day": (f"{template}/skips", {"on": DAY, **why}),
        "begin_milk_run": ("/api/v1/milk-runs", milk_run(shop, [str(supplier_id)])),
        "pause_milk_run": (f"{run}/pause", None),
        "resume_milk_run": (f"{run}/resume", None),
        "end_milk_run": (f"{run}/end", None),
        "skip_stop": (f"{rounds}/skips", {"supplier_id": str(supplier_id), **why}),
        "cancel_round": (f"{rounds}/cancel", why),
        "finish_round": (f"{rounds}/finish", None),
        "receive_round": (f"{rounds}/goods-in", {"notes": []}),
    }
    depot = f"depot_id={shop.depot}"
    gets = {
        "list_standing_orders": f"/api/v1/standing-orders?{depot}",
        "get_standing_order": template,
        "list_standing_days": f"{template}/days?first={DAY}",
        "list_milk_runs": f"/api/v1/milk-runs?{depot}",
        "get_milk_run": run,
        "list_collections": f"/api/v1/collections?{depot}&on={DAY}",
        "list_rounds": f"/api/v1/rounds?{depot}",
        "get_round": rounds,
        "list_expected_goods": f"{rounds}/goods-in",
    }
    patches = {"change_standing_order": template, "change_milk_run": run}
    deletes = {
        "restore_standing_day": f"{template}/skips/{DAY}",
        "restore_stop": f"{rounds}/skips/{supplier_id}",
    }
    return {
        **{name: _post(path, body) for name, (path, body) in posts.items()},
        **{name: _get(path) for name, path in gets.items()},
        **{name: _patch(path) for name, path in patches.items()},
        **{name: _delete(path) for name, path in deletes.items()},
    }


def columns(sent: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the columns, where a caller sends this."""
    keyed = {name: UUID(value) for name, value in sent.items() if name.endswith("_id")}
    usual: dict[str, Any] = {"every_weeks": 1, "valid_to": None, "on_holiday": "skip"}
    if "lines" in sent:
        usual |= {"window_from": None, "window_to": None, "days_ahead": 7, "accepts": False}
    else:
        usual |= {"vehicle_id": None, "skills": []}
    return {**usual, **sent, **keyed, "valid_from": date.fromisoformat(sent["valid_from"])}


def _post(path: str, body: Any) -> Callable[[httpx.Client], httpx.Response]:
    return lambda client: client.post(path, json=body)


def _get(path: str) -> Callable[[httpx.Client], httpx.Response]:
    return lambda client: client.get(path)


def _patch(path: str) -> Callable[[httpx.Client], httpx.Response]:
    return lambda client: client.patch(path, json={"weekdays": [1]}, headers={"If-Match": "*"})


def _delete(path: str) -> Callable[[httpx.Client], httpx.Response]:
    return lambda client: client.delete(path)
