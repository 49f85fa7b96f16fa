"""S5: what is locked stays when the rest is made better; whichever vans have stops enough."""

from __future__ import annotations

import pytest

from tests.scenarios.planner import Planner

pytestmark = pytest.mark.xdist_group("f1-edits")


def test_a_locked_van_and_a_locked_stop_stay_and_the_others_cost_no_more(planner: Planner) -> None:
    plan = planner.draft()
    planner.solve(plan, 3)
    long = [key for key, stops in planner.version(plan)["sequences"].items() if len(stops) >= 7]
    van_2, van_4 = long[:2]
    planner.edit(plan, 1, kind="lock", vehicle=van_2)
    before = planner.edit(plan, 2, kind="lock", vehicle=van_4, number=7)

    planner.solve(plan, 5)
    after = planner.version(plan)
    assert after["number"] == 4
    assert after["sequences"][van_2] == before["sequences"][van_2]
    assert after["sequences"][van_4][6] == before["sequences"][van_4][6]
    assert after["objective"] <= before["objective"]
    locked = {
        "edit": {"kind": "reverse", "vehicle": van_2},
        "base": 4,
    }
    assert planner.post(f"{plan}/edits", locked, status=409)["code"] == "route_locked"
