"""Shipments, breaks, types of vehicles and steps in VROOM's input."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routing.faults import InvalidProblem
from routing.formats import vroom
from routing.formats.ids import written
from routing.problem import Break, Problem, Shipment, Window
from tests.routing.test_formats_vroom_read import places

Json = dict[str, Any]


def document(**changes: Any) -> Json:
    """A job, a shipment and a vehicle that all have number 4; keys given here replace."""
    pickup = {"id": 4, "location_index": 1, "service": 30, "time_windows": [[0, 90]]}
    return {
        "jobs": [{"id": 4, "location_index": 1, "setup": 5, "service": 10}],
        "shipments": [
            {
                "pickup": pickup,
                "delivery": {"id": 4, "location_index": 2, "setup": 7, "description": "door"},
                "amount": [3],
                "skills": [9],
                "priority": 2,
            }
        ],
        "vehicles": [{"id": 4, "start_index": 0, "capacity": [4], "time_window": [0, 500]}],
        "matrices": {"car": {"durations": [[0, 5, 6], [4, 0, 3], [3, 2, 0]]}},
        **changes,
    }


def read(data: Json) -> Problem:
    return vroom.read(json.dumps(data))


def vehicle(**keys: Any) -> Json:
    found = document()
    found["vehicles"][0].update(keys)
    return found


def breaks(*found: Json) -> tuple[Break, ...]:
    return read(vehicle(breaks=list(found))).vehicles[0].breaks


def job(**keys: Any) -> Json:
    found = document()
    found["jobs"][0].update(keys)
    return found


def start(data: Json) -> dict[str, tuple[str, ...]] | None:
    return vroom.read_with_start(json.dumps(data))[1]


def test_a_shipment_becomes_two_visits_and_what_joins_them() -> None:
    problem = read(document())
    _, pickup, delivery = problem.visits
    assert problem.shipments == (Shipment("pickup 4", "delivery 4", (3,)),)
    assert (pickup.place, pickup.service_s, pickup.windows) == (1, 30, (Window(0, 90),))
    assert (delivery.place, delivery.setup_s, delivery.description) == (2, 7, "door")
    for visit in (pickup, delivery):
        assert (visit.skills, visit.priority) == (frozenset({"9"}), 2)
        assert (visit.delivered, visit.picked_up) == ((0,), (0,))


def test_a_number_may_be_a_job_a_pickup_and_a_delivery() -> None:
    names = [visit.id for visit in read(document()).visits]
    assert names == ["4", "pickup 4", "delivery 4"]
    assert [written(name) for name in names] == [4, 4, 4]


def test_ids_that_are_texts_belong_to_one_task_each() -> None:
    data = document()
    data["shipments"][0]["pickup"]["id"] = "yard"
    assert [visit.id for visit in read(data).visits] == ["4", "yard", "delivery 4"]
    data["jobs"][0]["id"] = "yard"
    assert places(data) == [("shipments[0].pickup.id", "duplicate_id")]


def test_two_pickups_with_one_number_are_refused() -> None:
    data = document()
    data["shipments"] *= 2
    assert places(data) == [
        ("shipments[1].pickup.id", "duplicate_id"),
        ("shipments[1].delivery.id", "duplicate_id"),
    ]


def test_every_fault_of_a_shipment_has_its_path() -> None:
    data = document(
        shipments=[
            {"pickup": {"id": 1, "locaton": 3}, "delivery": {"id": -1, "location_index": 1}},
            {"pickup": {"id": 1, "location_index": 9}, "delivery": {"id": 1}, "amount": [1, 1]},
        ]
    )
    assert set(places(data)) == {
        ("shipments[0].pickup.locaton", "unknown_key"),
        ("shipments[0].delivery.id", "wrong_type"),
        ("shipments[1].pickup.location_index", "place_out_of_range"),
        ("shipments[1].delivery.location_index", "missing_key"),
        ("shipments[1].amount", "load_length"),
    }


def test_a_near_miss_inside_a_list_is_suggested() -> None:
    with pytest.raises(InvalidProblem) as error:
        read(vehicle(breaks=[{"id": 1, "servise": 3}]))
    assert error.value.faults[0].action == "did you mean 'service'?"


def test_breaks_are_read() -> None:
    lunch = {"id": 1, "time_windows": [[100, 200]], "service": 30, "description": "lunch"}
    assert breaks(lunch) == (Break("1", Window(100, 200), 30, "lunch"),)


def test_a_break_is_over_when_the_hours_are() -> None:
    assert breaks({"id": 1, "time_windows": [[100, 490]], "service": 30})[0].window.latest == 470
    assert breaks({"id": 1, "service": 30})[0].window == Window(0, 470)


def test_a_vehicle_without_hours_has_time_for_its_breaks() -> None:
    data = vehicle(breaks=[{"id": 1, "time_windows": [[9000, 9999]], "service": 600}])
    del data["vehicles"][0]["time_window"]
    (found,) = read(data).vehicles
    assert found.breaks[0].window == Window(9000, 9999)
    assert found.shift.latest >= 9999 + 600


def test_a_load_that_never_binds_does_not_bind_a_break() -> None:
    assert breaks({"id": 1, "max_load": [4]})[0].duration_s == 0


@pytest.mark.parametrize(
    ("pause", "where", "code"),
    [
        ({"time_windows": [[0, 1], [5, 6]]}, ".time_windows", "not_supported"),
        ({"max_load": [3]}, ".max_load", "not_supported"),
        ({"max_load": [3, 3]}, ".max_load", "load_length"),
        ({"time_windows": [[501, 600]]}, "", "break_outside_shift"),
        ({"time_windows": [[480, 600]], "service": 30}, "", "break_outside_shift"),
    ],
)
def test_a_break_that_cannot_be_planned_is_refused(pause: Json, where: str, code: str) -> None:
    found = places(vehicle(breaks=[{"id": 1, **pause}]))
    assert (f"vehicles[0].breaks[0]{where}", code) in found


def test_service_depends_on_the_type_of_vehicle() -> None:
    data = job(service_per_type={"lorry": 99})
    data["vehicles"][0]["type"] = "lorry"
    problem = read(data)
    assert problem.vehicles[0].type == "lorry"
    assert problem.visits[0].service_s_by_type == {"lorry": 99}


def test_setup_of_a_fleet_of_one_type_is_read() -> None:
    data = job(setup_per_type={"lorry": 99, "bike": 1})
    assert read(data).visits[0].setup_s == 5
    data["vehicles"][0]["type"] = "lorry"
    assert read(data).visits[0].setup_s == 99
    data["vehicles"].append({**data["vehicles"][0], "id": 5, "type": "bike"})
    assert places(data) == [("jobs[0].setup_per_type", "not_supported")]


def test_steps_are_the_plan_to_begin_with() -> None:
    steps = [
        {"type": "start"},
        {"type": "pickup", "id": 4},
        {"type": "break", "id": 1},
        {"type": "job", "id": 4},
        {"type": "delivery", "id": 4},
        {"type": "end"},
    ]
    assert start(vehicle(steps=steps)) == {"4": ("pickup 4", "4", "delivery 4")}
    assert start(document()) is None


@pytest.mark.parametrize(
    ("steps", "where", "code"),
    [
        ([{"type": "job", "id": 5}], "[0].id", "unknown_visit"),
        ([{"type": "job"}], "[0].id", "missing_key"),
        ([{"type": "job", "id": 4}, {"type": "job", "id": 4}], "[1].id", "visit_twice"),
        ([{"type": "lunch"}], "[0].type", "wrong_type"),
        ([{"type": "job", "id": 4, "service_at": 0}], "[0].service_at", "not_supported"),
        ([{"type": "start", "service_after": 9}], "[0].service_after", "not_supported"),
    ],
)
def test_steps_that_are_no_plan_are_refused(steps: list[Json], where: str, code: str) -> None:
    assert places(vehicle(steps=steps)) == [(f"vehicles[0].steps{where}", code)]
