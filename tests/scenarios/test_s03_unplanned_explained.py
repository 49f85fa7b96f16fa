"""S3: an order that cannot be in time is left out, with the reason and what could give."""

from __future__ import annotations

import pytest

from tests.scenarios.planner import Planner

pytestmark = pytest.mark.xdist_group("f1")

TOO_EARLY = 118
"""Its window is 08:45 to 09:00, far away; the wave leaves at 09:15."""


def test_the_first_relaxation_plans_it_at_its_price(planner: Planner) -> None:
    plan = planner.draft()
    planner.solve(plan, 8)
    before = planner.version(plan)
    number = planner.order(TOO_EARLY)
    (left_out,) = [one for one in before["outline"]["unplanned"] if one["order"] == number]
    codes = [why["code"] for why in left_out["reasons"]]
    assert any(code.startswith("window_") for code in codes), left_out["reasons"]

    told = planner.get(f"{plan}/unplanned/{left_out['id']}")
    assert len(told["relaxations"]) >= 2
    prices = [one["price"] for one in told["relaxations"]]
    assert prices == sorted(prices)
    first = told["relaxations"][0]
    after = planner.edit(
        plan,
        before["number"],
        kind="grant",
        stops=[left_out["id"]],
        relaxation=first["relaxation"],
        who=first["who"],
        amount=first["amount"],
    )
    rose = after["objective"] - before["objective"]
    assert abs(rose - first["price"]) <= 0.01 * max(abs(first["price"]), 1)
    assert number not in {one["order"] for one in after["outline"]["unplanned"]}
    # It stays planned when the plan is searched for anew.
    planner.solve(plan, 2)
    again = planner.version(plan)["outline"]
    assert number not in {one["order"] for one in again["unplanned"]}
