from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from routing.faults import InvalidProblem
from routing.formats import lilim, vroom
from routing.problem import (
    Balance,
    Break,
    Choice,
    Matrix,
    Option,
    Problem,
    Reload,
    Rest,
    Shipment,
    Stability,
    Window,
)
from routing.schedule import schedule
from tests.routing.build import line, van, visit

Json = dict[str, Any]


def problem(**changes: Any) -> Problem:
    """A visit, and a shipment between two others."""
    parts: dict[str, Any] = {
        "vehicles": (van(capacity=(9,), shift=Window(0, 900)),),
        "visits": (visit("a", 1), visit("b", 1, skills=frozenset({"ice"})), visit("c", 2)),
        "shipments": (Shipment("a", "c", (3,)),),
        "matrices": {"car": line(0, 100, 200)},
        "dimensions": ("kg",),
    }
    return Problem(**{**parts, **changes})


def with_van(**changes: Any) -> Problem:
    asked = problem()
    return replace(asked, vehicles=(replace(asked.vehicles[0], **changes),))


def with_visit(**changes: Any) -> Problem:
    a, b, c = problem().visits
    return problem(visits=(a, replace(b, **changes), c))


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        (with_van(cost_per_h=5), "vehicles[0] 'van'.cost_per_h"),
        (with_van(max_duration_s=5), "vehicles[0] 'van'.max_duration_s"),
        (with_van(rest=Rest(9, 9)), "vehicles[0] 'van'.rest"),
        (with_van(overtime_from=9), "vehicles[0] 'van'.overtime_from"),
        (with_van(reloads=(Reload("r", 0),)), "vehicles[0] 'van'.reloads"),
        (with_van(load=(1,)), "vehicles[0] 'van'.load"),
        (with_van(prefix=("b",)), "vehicles[0] 'van'.prefix"),
        (with_van(suffix=("b",)), "vehicles[0] 'van'.suffix"),
        (with_van(locked=True), "vehicles[0] 'van'.locked"),
        (with_van(start=None, end=None), "vehicles[0] 'van'"),
        (with_van(speed_factor=6.0), "vehicles[0] 'van'.speed_factor"),
        (with_van(breaks=(Break("1", Window(0, 880), 30),)), "vehicles[0] 'van'.breaks[0]"),
        (with_visit(due=5), "visits[1] 'b'.due"),
        (with_visit(ready=5), "visits[1] 'b'.ready"),
        (with_visit(sources=frozenset({0})), "visits[1] 'b'.sources"),
        (with_visit(vehicles=frozenset({"van"})), "visits[1] 'b'.vehicles"),
        (with_visit(not_vehicles=frozenset({"van"})), "visits[1] 'b'.not_vehicles"),
        (with_visit(together="x"), "visits[1] 'b'.together"),
        (with_visit(apart=frozenset({"x"})), "visits[1] 'b'.apart"),
        (with_visit(was="van"), "visits[1] 'b'.was"),
        (with_visit(promised=5), "visits[1] 'b'.promised"),
        (with_visit(priority=101), "visits[1] 'b'.priority"),
        (problem(stability=Stability(5)), "stability"),
        (problem(balance=Balance(5)), "balance"),
        (problem(choices=(Choice("x", (Option(("b",)),)),)), "choices"),
        (problem(matrices={"car": replace(line(0, 1, 2), hours=((5, line(0, 1, 2).durations),))}),
         "matrices['car'].hours"),
        (problem(visits=(visit("a", 1, priority=2), visit("b", 1), visit("c", 2))), "shipments[0]"),
    ],
)  # fmt: skip
def test_what_vroom_has_no_word_for_is_refused_by_name(asked: Problem, where: str) -> None:
    with pytest.raises(InvalidProblem) as error:
        vroom.write_problem(asked)
    assert [(fault.where, fault.code) for fault in error.value.faults] == [(where, "beyond_vroom")]


def test_a_price_that_is_not_vrooms_order_is_refused() -> None:
    with pytest.raises(InvalidProblem) as error:
        vroom.write_problem(with_visit(price_unplanned=5))
    assert {fault.where.rpartition(".")[2] for fault in error.value.faults} == {"price_unplanned"}


def test_names_may_become_numbers_that_vroom_takes() -> None:
    asked = with_van(skills=frozenset({"ice"}), breaks=(Break("lunch", Window(0, 9), 3),))
    found = vroom.write_problem(asked, numbers=True)
    (vehicle,), (job,), (shipment,) = found["vehicles"], found["jobs"], found["shipments"]
    assert (vehicle["id"], vehicle["description"], vehicle["skills"]) == (1, "van", [1])
    assert (job["id"], job["description"], job["skills"]) == (1, "b", [1])
    assert (shipment["pickup"]["id"], shipment["delivery"]["id"]) == (1, 1)
    assert vehicle["breaks"][0]["id"] == 1


def test_what_has_a_number_keeps_it_beside_names() -> None:
    jobs = [{"id": "a", "location_index": 0}, {"id": 1, "location_index": 0}]
    data = {"jobs": jobs, "vehicles": [], "matrices": {"car": {"durations": [[0]]}}}
    found = vroom.write_problem(vroom.read(json.dumps(data)), numbers=True)
    assert [job["id"] for job in found["jobs"]] == [2, 1]


def test_a_plan_becomes_steps() -> None:
    lunch = Break("lunch", Window(150, 160), 30)
    asked = with_van(breaks=(lunch,), skills=frozenset({"ice"}), shift=Window(0, 500))
    found = vroom.write_problem(asked, start=schedule(asked, {"van": ("a", "b", "c")}))
    steps = found["vehicles"][0]["steps"]
    assert [(step["type"], step.get("id")) for step in steps] == [
        ("start", None),
        ("break", "lunch"),
        ("pickup", "a"),
        ("job", "b"),
        ("delivery", "c"),
        ("end", None),
    ]


def test_distances_that_nobody_knows_are_not_written() -> None:
    durations = line(0, 100, 200).durations
    matrix = Matrix(durations, durations * 0)
    asked = replace(with_van(cost_per_km=0), matrices={"car": matrix})
    assert list(vroom.write_problem(asked)["matrices"]["car"]) == ["durations"]
    asked = replace(with_van(cost_per_km=5), matrices={"car": matrix})
    assert list(vroom.write_problem(asked)["matrices"]["car"]) == ["durations", "distances"]


def test_pairs_of_a_benchmark_keep_their_numbers() -> None:
    text = "1 9 1\n0 0 0 0 0 99 0 0 0\n1 3 4 2 0 99 5 0 2\n2 6 8 -2 0 99 5 1 0\n"
    (shipment,) = vroom.write_problem(lilim.read(text))["shipments"]
    assert (shipment["pickup"]["id"], shipment["delivery"]["id"]) == (1, 2)
    assert shipment["amount"] == [2]
