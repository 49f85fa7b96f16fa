"""S13: two dispatchers edit one version: the second is told what differs, and merges."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.scenarios.planner import Planner, brought

pytestmark = pytest.mark.xdist_group("f1-edits")


def test_the_second_save_gets_412_with_a_difference_and_merges(planner: Planner) -> None:
    plan = planner.draft()
    planner.solve(plan, 3)
    base = planner.version(plan)
    first, second = _two_moves(base)

    theirs = planner.edit(plan, base["number"], note="x", **first)
    mine = {"edit": second, "base": base["number"], "note": "y"}
    refused = planner.post(f"{plan}/edits", mine, status=412)
    assert refused["code"] == "plan_changed"
    differing = {one["field"] for one in refused["differences"]}
    assert len(differing) >= 2
    assert all(field.startswith("route of ") for field in differing)

    merged = planner.edit(plan, theirs["number"], note="y", **second)
    placed = brought(merged)
    assert placed[first["stops"][0]] == first["vehicle"]
    assert placed[second["stops"][0]] == second["vehicle"]
    assert sorted(placed) == sorted(brought(base))


def test_of_two_at_once_one_is_saved_and_nothing_is_lost(planner: Planner) -> None:
    plan = planner.draft()
    planner.solve(plan, 2)
    base = planner.version(plan)
    start = Barrier(2)

    def save(edit: dict[str, Any]) -> int:
        with planner.f1.client() as client:
            start.wait()
            body = {"edit": edit, "base": base["number"], "note": "at once"}
            return client.post(f"/api/v1{plan}/edits", json=body).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, _two_moves(base))) == [200, 412]
    versions = planner.get(f"{plan}/versions")["rows"]
    assert [one["number"] for one in versions] == [2, 1]


def _two_moves(version: dict[str, Any]) -> list[dict[str, Any]]:
    """Return two edits that have no van in common."""
    routes = [
        route
        for route in version["outline"]["routes"]
        if sum(len(stop["deliveries"]) for stop in route["stops"]) >= 2
    ]
    pairs = [(routes[0], routes[1]), (routes[2], routes[3])]
    return [
        {
            "kind": "move",
            "stops": [_last(source)],
            "vehicle": target["shift_id"],
            "position": 0,
        }
        for source, target in pairs
    ]


def _last(route: dict[str, Any]) -> str:
    found = [one["id"] for stop in route["stops"] for one in stop["deliveries"]]
    return str(found[-1])
