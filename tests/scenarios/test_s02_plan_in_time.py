"""S2: "Plan wave 1" is pressed: a plan soon, a better one later, and no rule broken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.scenarios.planner import Planner, by_van

pytestmark = pytest.mark.xdist_group("f1")

MOST_G, MOST_ML = 400_000, 2_000_000


def test_every_order_is_on_a_route_or_has_a_reason_and_no_rule_is_broken(planner: Planner) -> None:
    plan = planner.draft()
    run = planner.post(f"{plan}/solve", {"seconds": 60}, status=202)
    path = f"{plan}/runs/{run['id']}"
    costs: list[int] = []
    for seen in planner.watch(path):
        if seen["objective"] is not None and seen["objective"] not in costs:
            costs.append(seen["objective"])
        if len(costs) == 3 and seen["state"] == "running":
            planner.post(f"{path}/stop")
    curve = planner.get(f"{path}/curve")["rows"]
    assert len(curve) >= 3
    assert costs == sorted(costs, reverse=True)

    version = planner.version(plan)
    outline = version["outline"]
    planned = [
        one["id"]
        for route in outline["routes"]
        for stop in route["stops"]
        for one in stop["deliveries"]
    ]
    left_out = [one["id"] for one in outline["unplanned"]]
    assert len(planned) == len(set(planned))
    assert not set(planned) & set(left_out)
    assert all(one["reasons"] for one in outline["unplanned"])
    assert len(planned) + len(left_out) == outline["figures"]["num_orders"] >= 110
    assert outline["violations"] == []
    for route in by_van(version, planner).values():
        _assert_within_its_limits(route)


def _assert_within_its_limits(route: Mapping[str, Any]) -> None:
    loads = [route["load"], *(stop["load"] for stop in route["stops"])]
    assert max(load["weight_g"] for load in loads) <= MOST_G
    assert max(load["volume_ml"] for load in loads) <= MOST_ML
    starts, ends = _local(route["starts_at"]), _local(route["ends_at"])
    assert (starts.hour, starts.minute) >= (9, 15)
    assert (ends.hour, ends.minute) <= (17, 30)
    for pause in route["pauses"]:
        begins = _local(pause["starts_at"])
        assert (11, 30) <= (begins.hour, begins.minute) <= (13, 30)
        assert pause["duration_s"] == 45 * 60
    # Who is on the road when the lunch may last begin has had it.
    lunch_ends = starts.replace(hour=13, minute=30, second=0)
    assert route["pauses"] or ends <= lunch_ends + timedelta(minutes=45)


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment) + timedelta(hours=8)
