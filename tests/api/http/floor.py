"""A warehouse with something of everything in it, and a request about each to every operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from dispatch.intake.deliveries import Delivery
from dispatch.stock import corrections, incoming, transfers
from dispatch.stock.levels import Shelf
from dispatch.stock.movements import Place
from dispatch.stock.reservations import Reservation
from dispatch.store import clock
from dispatch.store.database import reading, transaction
from dispatch.warehouse import pick_lists
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

Ask = Callable[[httpx.Client], httpx.Response]

SOON = datetime(2030, 3, 2, 12, tzinfo=UTC)


def _made(shop: Shop) -> dict[str, UUID]:
    """Make one of everything at a depot; return their keys."""
    shop.receive(9)
    order = shop.order(2)
    other = shops.other_depot(shop.db)
    with transaction(shop.db, actor=ACTOR) as session:
        place = Place(Shelf(shop.depot, shop.part), "A-01")
        held, _ = corrections.set_apart(session, place, 1, reason="wet")
        wanted = [transfers.Wanted(shop.part, 1)]
        moved = transfers.plan(session, shop.depot, other, wanted, expected_at=SOON, document="T")
        back = transfers.plan(session, other, shop.depot, wanted, expected_at=SOON, document="T")
        bought = incoming.expect(
            session, shop.depot, shop.part, 1, supplier="S", document="P", expected_at=SOON
        )
        listed = pick_lists.make(
            session, shop.depot, [order], wave="1", route="R", today=clock.now().date()
        )
        (task,) = pick_lists.tasks(session, listed.id)
        ids = {
            "order": order,
            "other": other,
            "quarantine": held.id,
            "transfer": moved.id,
            "back": back.id,
            "purchase": bought.id,
            "list": listed.id,
            "task": task.id,
        }
    with reading(shop.db) as session:
        mine = select(Delivery.id).where(Delivery.order_id == order)
        ids["delivery"] = session.scalars(mine).one()
        held_for = select(Reservation.id).where(Reservation.order_id == order)
        ids["reservation"] = session.scalars(held_for).first() or order
    return ids


def requests(shop: Shop) -> dict[str, Ask]:
    """Return a request to each operation of stock and warehouse, by its name."""
    ids = {name: str(key) for name, key in _made(shop).items()}
    depot, part = str(shop.depot), str(shop.part)
    here = {"depot_id": depot}
    place = {"depot_id": depot, "part_id": part, "bin": "A-01"}
    some = {**place, "quantity": 1, "reason": "x"}
    line = {"part_id": part, "quantity": 1}
    moved = {"from_depot_id": depot, "to_depot_id": ids["other"], "document": "T", "lines": [line]}
    bought = {"supplier": "S", "document": "P", "expected_at": SOON.isoformat()}
    load = {"delivery_ids": [ids["delivery"]], "scanned": []}
    content = {"reservation_id": ids["reservation"], "quantity": 1}
    asked: dict[str, tuple[str, str, Mapping[str, Any] | None]] = {
        "list_levels": ("GET", "stock/levels", here),
        "list_bins": ("GET", "stock/bins", here),
        "list_movements": ("GET", "stock/movements", here),
        "get_count_list": ("GET", "stock/count-list", here),
        "count_bins": (
            "POST",
            "stock/counts",
            {**here, "document": "Z", "rows": [{"part_id": part, "bin": "A-01", "counted": 1}]},
        ),
        "adjust_bin": ("POST", "stock/adjustments", {**place, "difference": 1, "reason": "x"}),
        "move_goods": ("POST", "stock/moves", {**place, "quantity": 1, "to_bin": "A-02"}),
        "scrap_goods": ("POST", "stock/scrap", some),
        "hold_goods": ("POST", "quarantine", some),
        "list_quarantine": ("GET", "quarantine", here),
        "get_quarantine": ("GET", f"quarantine/{ids['quarantine']}", None),
        "release_goods": ("POST", f"quarantine/{ids['quarantine']}/release", {"bin": "A"}),
        "scrap_held_goods": ("POST", f"quarantine/{ids['quarantine']}/scrap", {"reason": "x"}),
        "plan_transfer": ("POST", "transfers", {**moved, "expected_at": SOON.isoformat()}),
        "list_transfers": ("GET", "transfers", here),
        "get_transfer": ("GET", f"transfers/{ids['transfer']}", None),
        "send_transfer": ("POST", f"transfers/{ids['transfer']}/send", {"van": "V"}),
        "receive_transfer": ("POST", f"transfers/{ids['back']}/receive", {"bin": "A"}),
        "cancel_transfer": ("POST", f"transfers/{ids['transfer']}/cancel", {}),
        "expect_purchase": ("POST", "purchases", {**here, **line, **bought}),
        "list_purchases": ("GET", "purchases", here),
        "get_purchase": ("GET", f"purchases/{ids['purchase']}", None),
        "receive_purchase": (
            "POST",
            f"purchases/{ids['purchase']}/receive",
            {"quantity": 1, "bin": "A", "document": "D"},
        ),
        "list_lanes": ("GET", f"depots/{depot}/lanes", None),
        "set_lane": (
            "PUT",
            f"depots/{depot}/lanes/{ids['other']}",
            {"price": 1, "duration_s": 1},
        ),
        "remove_lane": ("DELETE", f"depots/{depot}/lanes/{ids['other']}", None),
        "get_terms": ("GET", f"depots/{depot}/sourcing-terms", None),
        "set_terms": (
            "PUT",
            f"depots/{depot}/sourcing-terms",
            {"split_price": 1, "handling_s": 1},
        ),
        "trace_order": ("GET", f"trace/orders/{ids['order']}", None),
        "make_pick_list": (
            "POST",
            "pick-lists",
            {**here, "wave": "1", "route": "R", "order_ids": [ids["order"]]},
        ),
        "list_pick_lists": ("GET", "pick-lists", here),
        "get_pick_list": ("GET", f"pick-lists/{ids['list']}", None),
        "scan_pick": ("POST", f"pick-tasks/{ids['task']}/scan", {"number": "1"}),
        "short_pick": ("POST", f"pick-tasks/{ids['task']}/short", {"document": "x"}),
        "list_deliveries": ("GET", "deliveries", here),
        "list_parcels": ("GET", f"deliveries/{ids['delivery']}/parcels", None),
        "pack_parcel": ("POST", f"deliveries/{ids['delivery']}/parcels", {"contents": [content]}),
        "get_labels": ("GET", "parcel-labels", {"delivery_id": ids["delivery"]}),
        "check_load": ("POST", "load-checks", load),
        "load_van": ("POST", "loads", {**load, "van": "V"}),
        "hand_order_over": ("POST", f"orders/{ids['order']}/hand-over", {}),
        "take_goods_back": (
            "POST",
            f"reservations/{ids['reservation']}/returns",
            {"quantity": 1, "bin": "R", "document": "B"},
        ),
    }
    return {name: _asking(name, *each) for name, each in asked.items()}


def _asking(name: str, method: str, path: str, given: Mapping[str, Any] | None) -> Ask:
    def ask(client: httpx.Client) -> httpx.Response:
        in_query = {"params": given} if method == "GET" else {"json": given}
        headers = {"Idempotency-Key": name}
        return client.request(method, f"/api/v1/{path}", headers=headers, **in_query)  # type: ignore[arg-type]  # of either

    return ask
