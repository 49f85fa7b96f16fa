"""S6: a heavy order is dragged to a full van: red before the drop, forced with a note, undone."""

from __future__ import annotations

import pytest

from tests.scenarios.planner import Planner, brought

pytestmark = pytest.mark.xdist_group("f1-edits")


def test_a_gearbox_goes_to_a_van_without_room_only_with_a_note_and_can_be_undone(
    planner: Planner,
) -> None:
    plan = planner.draft()
    planner.solve(plan, 5)
    before = planner.version(plan)
    gearbox, source, target, over_g = _heaviest(before)

    drag = {"kind": "move", "stops": [gearbox], "vehicle": target, "position": 2}
    seen = planner.post(f"{plan}/preview", drag)
    overload = [one for one in seen["violations"] if one["code"] == "overload"]
    assert overload[0]["amount"] >= over_g > 0
    assert "over the capacity of 400 kg when leaving stops" in overload[0]["cause"]
    assert planner.version(plan)["number"] == before["number"]

    save = {"edit": drag, "base": before["number"]}
    refused = planner.post(f"{plan}/edits", save, status=409)
    assert refused["code"] == "note_needed"
    forced = planner.post(f"{plan}/edits", {**save, "note": "the trailer goes along"})
    assert forced["note"] == "the trailer goes along"
    assert any(one["code"] == "overload" for one in forced["outline"]["violations"])
    assert brought(forced)[gearbox] == target != source

    undone = planner.post(f"{plan}/undo")
    assert undone == before


def _heaviest(version: dict) -> tuple[str, str, str, int]:  # type: ignore[type-arg]
    """Return the delivery and the van that go together worst, and by how many grams."""
    routes = version["outline"]["routes"]
    found = []
    for route in routes:
        loads = [route["load"]["weight_g"]]
        for stop in route["stops"]:
            loads.append(stop["load"]["weight_g"])
            if len(stop["deliveries"]) == 1 and not stop["is_reload"]:
                weight = loads[-2] - loads[-1]
                found.append((weight, stop["deliveries"][0]["id"], route["shift_id"]))
    weight, gearbox, source = max(found)
    free = {
        route["shift_id"]: 400_000 - route["load"]["weight_g"]
        for route in routes
        if route["shift_id"] != source and len(route["stops"]) > 2
    }
    target = min(free, key=lambda shift: free[shift])
    return gearbox, source, target, weight - free[target]
