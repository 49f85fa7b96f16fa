"""S12: what if the cut-off were a quarter of an hour later? Side by side, and nothing changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch.intake import orders
from dispatch.intake.orders import NewOrder, Wanted
from dispatch.store import clock
from dispatch.store.database import transaction
from tests.scenarios.f1 import F1
from tests.scenarios.planner import Planner

pytestmark = pytest.mark.xdist_group("f1-edits")

LATE = 5


def test_a_later_cut_off_is_compared_and_changes_nothing(planner: Planner) -> None:
    _order_late(planner.f1)
    plan = planner.draft()
    planner.solve(plan, 4)
    live = planner.get(plan)

    later = {"assumptions": {"cut_off_later_s": 900}}
    shadow = f"/plans/{planner.post(f'{plan}/what-ifs', later, status=201)['id']}"
    planner.solve(shadow, 4)
    ids = [path.rpartition("/")[2] for path in (plan, shadow)]
    rows = planner.get(f"/plans/compare?plan_id={ids[0]}&plan_id={ids[1]}")["rows"]
    now, then = (row["figures"] for row in rows)

    assert then["num_orders"] - now["num_orders"] == LATE
    for figures in (now, then):
        assert {"distance_m", "num_late", "overtime_s", "co2_g", "cost"} <= figures.keys()
        assert figures["co2_g"] > 0
    assert planner.get(plan) == live
    refused = planner.post(f"{shadow}/publish", {}, status=409)
    assert refused["code"] == "plan_is_what_if"
    assert ids[1] not in {row["id"] for row in planner.get("/plans")["rows"]}


def _order_late(f1: F1) -> None:
    """Have some orders accepted between 09:00 and 09:15 in Shanghai."""
    day = f1.firm.day
    at = datetime(day.year, day.month, day.day, 1, 7, tzinfo=UTC)
    part = next(iter(f1.firm.parts.values()))
    with clock.replaced(lambda: at), transaction(f1.db, actor="user:test") as session:
        for n in range(LATE):
            workshop = f1.firm.workshop(n + 1)
            new = NewOrder(
                number=f"LATE-{n}",
                customer_id=workshop.customer_id,
                depot_id=f1.firm.depot(1),
                repair_point_id=workshop.repair_point_id,
                lines=[Wanted(part, 1)],
            )
            orders.accept(session, orders.place(session, new))
