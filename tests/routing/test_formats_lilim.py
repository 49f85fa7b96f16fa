"""Li and Lim's files: read, refused with every fault, and planned."""

from __future__ import annotations

import json

import pytest

from routing import formats
from routing.check import check
from routing.faults import InvalidProblem
from routing.formats import lilim
from routing.problem import Shipment, Window
from routing.solve import Budget, solve
from tests.shared_data import SHARED, needs_shared

TINY = """2 10 1
0 0 0 0 0 100 0 0 0
1 3 4 7 0 50 2 0 2
2 6 8 -7 10 60 2 1 0
"""


def test_pairs_and_thousandths() -> None:
    asked = lilim.read(TINY)
    assert asked.shipments == (Shipment("1", "2", (7,)),)
    assert [visit.windows for visit in asked.visits] == [
        (Window(0, 50_000),),
        (Window(10_000, 60_000),),
    ]
    assert [visit.service_s for visit in asked.visits] == [2000, 2000]
    assert [vehicle.capacity for vehicle in asked.vehicles] == [(10,), (10,)]
    # 5 and 5 there, 10 back: whole numbers are not rounded up.
    assert asked.matrices["plane"].distances[0].tolist() == [0, 5000, 10_000]
    plan = solve(asked, Budget(iterations=10))
    assert [route.sequence for route in plan.routes] == [("1", "2")]
    assert plan.cost == asked.vehicles[0].cost_fixed + 20_000


def test_ways_are_rounded_up_and_take_their_time() -> None:
    asked = lilim.read(TINY.replace("2 10 1", "2 10 2").replace("3 4 7", "1 1 7"))
    matrix = asked.matrices["plane"]
    assert matrix.distances[0, 1] == 1415
    assert matrix.durations[0, 1] == 708


def test_the_fleet_is_the_files_or_what_is_asked_for() -> None:
    assert len(lilim.read(TINY).vehicles) == 2
    assert len(lilim.read(TINY, vehicles=5).vehicles) == 5


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ("2 1 0", "2 0 0", "line 4", "bad_pair"),
        ("2 0 2", "2 0 9", "line 3", "bad_pair"),
        ("2 0 2", "2 0 1", "line 3", "bad_pair"),
        ("2 0 2", "2 2 0", "line 3", "bad_pair"),
        ("6 8 -7", "6 8 -6", "line 4", "bad_pair"),
        ("2 10 1", "2 10 0", "line 1, speed", "out_of_range"),
        ("2 10 1", "2 x 1", "line 1, capacity", "not_a_number"),
        ("10 60", "60 10", "line 4", "window_reversed"),
        ("10 60", "10 999999", "line 4", "out_of_range"),
        ("1 3 4", "2 3 4", "line 4", "duplicate_id"),
        ("2 6 8", "2 6", "line 4", "wrong_count"),
        ("0 0 0 0 0 100 0 0 0\n", "", "file", "missing_depot"),
    ],
)
def test_each_fault_has_its_line_and_code(old: str, new: str, where: str, code: str) -> None:
    assert old in TINY
    with pytest.raises(InvalidProblem) as caught:
        lilim.read(TINY.replace(old, new, 1))
    assert (where, code) in [(fault.where, fault.code) for fault in caught.value.faults]


@needs_shared
@pytest.mark.parametrize("name", ["lc101", "lrc108"])
def test_a_published_file_is_planned_nearly_as_well_as_it_can_be(name: str) -> None:
    best = json.loads((SHARED / "vrp/best_known.json").read_text("utf-8"))[name]
    asked = formats.read(SHARED / f"vrp/lilim/{name}.txt")
    plan = solve(asked, Budget(iterations=6000))
    assert check(asked, plan) == []
    vehicles = len(plan.routes)
    distance = (plan.cost - vehicles * asked.vehicles[0].cost_fixed) / lilim.SCALE
    assert vehicles <= best["vehicles"] + 1
    # Each of some hundred ways is up to a thousandth longer than it is.
    assert distance <= 1.1 * best["cost"]
