"""S4, second part: a wave is held for a late order, and who slips is seen before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch.intake import orders
from dispatch.intake.deliveries import Delivery
from dispatch.intake.orders import NewOrder, Wanted
from dispatch.store import clock
from dispatch.store.database import transaction
from tests.scenarios.f1 import F1
from tests.scenarios.planner import Planner, brought

pytestmark = pytest.mark.xdist_group("f1")


def test_a_van_at_the_dock_is_held_and_nobody_slips_beyond_a_window(planner: Planner) -> None:
    plan = planner.draft()
    planner.solve(plan, 4)
    planner.post(f"{plan}/publish", {})
    late = _accepted_at_four_past_nine(planner.f1)

    follower = f"/plans/{planner.post(f'{plan}/copies', status=201)['id']}"
    before = planner.version(follower)
    assert late not in brought(before)
    offers = planner.get(f"{follower}/quotes/{late}")["rows"]
    held = next(one for one in offers if one["moved"] and not one["violations"])
    hold = {
        "kind": "take_along",
        "stops": [late],
        "vehicle": held["vehicle"],
        "position": held["position"],
    }
    seen = planner.post(f"{follower}/preview", hold)
    assert seen["violations"] == []
    assert seen["price"] < 0, "the order is no longer left out"
    slips = {one["visit"]: one["moved_s"] for one in seen["changes"] if one["moved_s"]}
    assert slips == {one["visit"]: one["by_s"] for one in held["moved"]}

    after = planner.edit(follower, before["number"], **hold)
    assert brought(after)[late] == held["vehicle"]
    answer = planner.post(f"{follower}/publish", {})
    assert answer["superseded"] == [plan.rpartition("/")[2]]


def _accepted_at_four_past_nine(f1: F1) -> str:
    """Accept an order at 09:04 in Shanghai; return the key of its delivery."""
    day, workshop = f1.firm.day, f1.firm.workshop(7)
    at = datetime(day.year, day.month, day.day, 1, 4, tzinfo=UTC)
    new = NewOrder(
        number="LATE",
        customer_id=workshop.customer_id,
        depot_id=f1.firm.depot(1),
        repair_point_id=workshop.repair_point_id,
        lines=[Wanted(next(iter(f1.firm.parts.values())), 1)],
    )
    with clock.replaced(lambda: at), transaction(f1.db, actor="user:test") as session:
        order = orders.place(session, new)
        orders.accept(session, order)
        return str(session.query(Delivery.id).filter_by(order_id=order.id).scalar())
