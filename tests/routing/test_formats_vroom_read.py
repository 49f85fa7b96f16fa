from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from routing.faults import InvalidProblem
from routing.formats import vroom
from routing.formats.ids import written
from routing.problem import Matrix, Problem, Window

Json = dict[str, Any]


def document(**changes: Any) -> Json:
    """Two jobs, one vehicle, three places; keys given here replace the document's."""
    return {
        "jobs": [
            {"id": 1, "location_index": 1, "service": 10, "delivery": [3]},
            {"id": "bakery", "location_index": 2, "time_windows": [[0, 5], [8, 9]]},
        ],
        "vehicles": [{"id": 7, "start_index": 0, "end_index": 0, "capacity": [4]}],
        "matrices": {"car": {"durations": [[0, 5, 6], [4, 0, 3], [3, 2, 0]]}},
        **changes,
    }


def read(data: object) -> Problem:
    return vroom.read(json.dumps(data))


def places(data: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidProblem) as error:
        read(data)
    return [(fault.where, fault.code) for fault in error.value.faults]


def vehicle(**keys: Any) -> Json:
    return document(vehicles=[{"id": 7, "start_index": 0, "capacity": [4], **keys}])


def job(**keys: Any) -> Json:
    return document(jobs=[{"id": 1, "location_index": 1, **keys}])


def test_jobs_become_visits() -> None:
    first, second = read(document()).visits
    assert (first.place, first.service_s, first.delivered, first.picked_up) == (1, 10, (3,), (0,))
    assert second.windows == (Window(0, 5), Window(8, 9))


def test_ids_stay_numbers_or_texts() -> None:
    problem = read(document())
    assert [written(visit.id) for visit in problem.visits] == [1, "bakery"]
    assert written(problem.vehicles[0].id) == 7


def test_an_hour_of_driving_costs_3600_unless_told_otherwise() -> None:
    assert read(document()).vehicles[0].cost_per_drive_h == 3600
    costs = {"fixed": 9, "per_hour": 100}
    dear = read(vehicle(costs=costs)).vehicles[0]
    assert (dear.cost_fixed, dear.cost_per_drive_h, dear.cost_per_h) == (9, 100, 0)


def test_limits_of_vehicles_are_kept() -> None:
    matrices = {"car": {"durations": [[0, 1], [1, 0]], "distances": [[0, 2], [2, 0]]}}
    limits = {"max_tasks": 3, "max_travel_time": 50, "max_distance": 60, "speed_factor": 1.5}
    data = {**vehicle(**limits, skills=[1, 5], time_window=[3, 99]), "matrices": matrices}
    data["jobs"] = []
    found = read(data).vehicles[0]
    assert (found.max_stops, found.max_drive_s, found.max_distance_m) == (3, 50, 60)
    assert (found.speed_factor, found.skills, found.shift) == (
        1.5,
        frozenset({"1", "5"}),
        Window(3, 99),
    )
    assert (found.start, found.end) == (0, None)


def test_a_vehicle_without_hours_has_time_for_everything() -> None:
    shift = read(document()).vehicles[0].shift
    assert shift.earliest == 0
    assert shift.latest >= 9 + 10 + 3 * 6


def test_a_matrix_of_costs_replaces_prices() -> None:
    rows = [[0, 1], [1, 0]]
    data = vehicle(costs={"fixed": 5})
    data.update(jobs=[], matrices={"car": {"durations": rows, "costs": [[9, 8], [7, 9]]}})
    problem = read(data)
    costs = problem.matrices["car"].costs
    assert costs is not None
    assert costs.tolist() == [[0, 8], [7, 0]]
    assert problem.vehicles[0].cost_per_drive_h == 0


def test_one_job_outweighs_all_routes_and_one_priority_outweighs_all_jobs() -> None:
    rows = [{"id": n, "location_index": 1, "priority": p} for n, p in enumerate([0, 0, 1, 2])]
    prices = [visit.price_unplanned or 0 for visit in read(document(jobs=rows)).visits]
    longest_plan = 4 * 2 * 6
    assert prices[0] == prices[1] > longest_plan
    assert prices[2] > 2 * prices[0] + longest_plan
    assert prices[3] > prices[2] + 2 * prices[0]


def test_prices_stay_within_what_a_problem_allows() -> None:
    far = 2**31 - 2
    matrices = {"car": {"durations": [[0, far, far], [far, 0, far], [far, far, 0]]}}
    rows = [{"id": n, "location_index": 1, "priority": 100} for n in range(50)]
    problem = read(document(jobs=rows, matrices=matrices))
    assert all(0 < (visit.price_unplanned or 0) <= 2**40 for visit in problem.visits)


def test_every_fault_is_told_at_once_with_its_path() -> None:
    data = document(
        jobs=[
            {"id": 1.5, "locaton": [1, 2], "service": -1, "time_windows": [[9, 3]]},
            {"id": 2, "location_index": 3, "priority": 101, "delivery": ["a"]},
            {"id": 3, "location_index": 9},
            {"id": 3, "location_index": 1, "delivery": [1, 2]},
        ],
        vehicles=[
            {"id": 1, "capacity": [1], "profile": "bike", "start_index": 0},
            {"id": 1, "capacity": [1], "speed_factor": 0, "start_index": 0},
            {"id": 2},
        ],
        vehicle=[],
    )
    assert set(places(data)) == {
        ("vehicle", "unknown_key"),
        ("jobs[0].id", "wrong_type"),
        ("jobs[0].locaton", "unknown_key"),
        ("jobs[0].service", "out_of_range"),
        ("jobs[0].time_windows[0]", "window_reversed"),
        ("jobs[1].priority", "out_of_range"),
        ("jobs[1].delivery[0]", "wrong_type"),
        ("jobs[2].location_index", "place_out_of_range"),
        ("jobs[3].id", "duplicate_id"),
        ("jobs[3].delivery", "load_length"),
        ("vehicles[0].profile", "unknown_profile"),
        ("vehicles[1].speed_factor", "out_of_range"),
        ("vehicles[2]", "missing_key"),
    }


def test_a_near_miss_is_suggested() -> None:
    with pytest.raises(InvalidProblem) as error:
        read(vehicle(costs={"per_kilometre": 3, "perhour": 1}))
    actions = {fault.where: fault.action for fault in error.value.faults}
    assert actions["vehicles[0].costs.perhour"] == "did you mean 'per_hour'?"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (vehicle(costs={"per_task_hour": 3}), "vehicles[0].costs.per_task_hour"),
        (
            vehicle(steps=[{"type": "job", "id": 1, "service_at": 0}]),
            "vehicles[0].steps[0].service_at",
        ),
        (document(options={"g": True}), "options.g"),
    ],
)
def test_what_cannot_be_planned_yet_is_refused_by_name(data: Json, where: str) -> None:
    with pytest.raises(InvalidProblem, match=f"not supported yet: {where.split('.')[-1]}"):
        read(data)
    assert places(data) == [(where, "not_supported")]


def test_what_is_empty_is_not_missed() -> None:
    data = document(shipments=[], options={"g": False, "t": 4})
    data["vehicles"][0].update(breaks=[], steps=[], costs={"per_task_hour": 0}, type="lorry")
    assert len(read(data).visits) == 2


@pytest.mark.parametrize(
    ("data", "where"),
    [(job(amount=[1]), "jobs[0].amount"), (document(matrix=[[0]]), "matrix")],
)
def test_deprecated_keys_are_refused(data: Json, where: str) -> None:
    assert places(data) == [(where, "deprecated_key")]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([[0, 1], [1]], ("matrices.car.durations[1]", "matrix_shape")),
        ([[0, 1], 5], ("matrices.car.durations[1]", "matrix_shape")),
        ([[0, -1], [1, 0]], ("matrices.car.durations[0][1]", "wrong_type")),
        ([[0, 1.5], [1, 0]], ("matrices.car.durations[0][1]", "wrong_type")),
        ([[0, True], [1, 0]], ("matrices.car.durations[0][1]", "wrong_type")),
        ([[0, None], [1, 0]], ("matrices.car.durations[0][1]", "wrong_type")),
        ([[0, 2**31], [1, 0]], ("matrices.car.durations[0][1]", "wrong_type")),
    ],
)
def test_matrices_are_squares_of_whole_numbers(rows: Any, fault: tuple[str, str]) -> None:
    data = document(jobs=[], matrices={"car": {"durations": rows}})
    assert places(data) == [fault]


def test_matrices_of_two_sizes_are_refused() -> None:
    matrices = {"car": {"durations": [[0]]}, "bike": {"durations": [[0, 1], [1, 0]]}}
    data = document(jobs=[], matrices=matrices)
    assert places(data) == [("matrices.bike.durations", "matrix_shape")]


def test_prices_per_km_need_distances() -> None:
    assert places(vehicle(costs={"per_km": 3}, max_distance=7)) == [
        ("vehicles[0].costs.per_km", "no_distances"),
        ("vehicles[0].max_distance", "no_distances"),
    ]


def test_prices_beside_a_matrix_of_costs_are_refused() -> None:
    rows = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    data = vehicle(costs={"per_hour": 5})
    data["matrices"] = {"car": {"durations": rows, "costs": rows}}
    assert places(data) == [("vehicles[0].costs", "costs_conflict")]


def test_locations_alone_need_a_map() -> None:
    data = {
        "jobs": [{"id": 1, "location": [7.4, 43.7]}],
        "vehicles": [{"id": 1, "start": [7.5, 43.7]}],
    }
    assert places(data) == [("matrices", "no_matrix")]


def test_a_map_measures_distinct_locations_once() -> None:
    home, shop = [7.5, 43.7], [7.4, 43.7]
    data = {
        "jobs": [{"id": 1, "location": shop}, {"id": 2, "location": shop}],
        "vehicles": [{"id": 1, "start": home, "end": home, "profile": "van"}],
    }
    asked: list[tuple[Any, str]] = []

    def measure(points: NDArray[np.float64], profile: str) -> Matrix:
        asked.append((points.tolist(), profile))
        between = np.array([[0, 9], [8, 0]], dtype=np.int32)
        return Matrix(between, between)

    problem = vroom.read(json.dumps(data), measure=measure)
    assert asked == [([home, shop], "van")]
    assert problem.matrices["van"].durations[0, 1] == 9
    assert [visit.place for visit in problem.visits] == [1, 1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "wrong_type"),
        ("{", "bad_json"),
        ('{"jobs": [], "vehicles": []} x', "bad_json"),
        ('{"jobs": [], "jobs": [], "vehicles": []}', "duplicate_key"),
        ('{"jobs": [NaN], "vehicles": []}', "bad_json"),
        ('{"jobs": [], "vehicles": [' + "9" * 5000 + "]}", "bad_json"),
        ('{"vehicles": ' + "[" * 100_000, "bad_json"),
        ('{"jobs": [{"id": "\\ud800"}], "vehicles": []}', "bad_json"),
        ("{}", "missing_key"),
        ('{"jobs": {}, "vehicles": null}', "wrong_type"),
    ],
)
def test_broken_json_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidProblem) as error:
        vroom.read(text)
    assert code in {fault.code for fault in error.value.faults}


def test_nobody_and_nothing_is_a_problem_too() -> None:
    problem = read({"jobs": [], "vehicles": []})
    assert (problem.vehicles, problem.visits) == ((), ())


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(0, 4),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
job_keys = ["id", "location", "location_index", "setup", "service", "delivery", "pickup", "skills"]
job_keys += ["priority", "time_windows", "description", "service_per_type", "amount"]
vehicle_keys = ["id", "profile", "start", "start_index", "end", "end_index", "capacity", "costs"]
vehicle_keys += ["skills", "time_window", "speed_factor", "max_tasks", "max_distance", "breaks"]
vehicle_keys += ["steps", "type"]
shipment_keys = ["pickup", "delivery", "amount", "skills", "priority"]


def objects(keys: list[str]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(keys), anything, max_size=5) | anything


documents = st.fixed_dictionaries(
    {},
    optional={
        "jobs": st.lists(objects(job_keys), max_size=3) | anything,
        "vehicles": st.lists(objects(vehicle_keys), max_size=3) | anything,
        "matrices": st.dictionaries(
            st.sampled_from(["car", "bike"]), objects(["durations", "distances", "costs"])
        )
        | anything,
        "shipments": st.lists(objects(shipment_keys), max_size=2) | anything,
        "options": anything,
    },
)


@settings(max_examples=400)
@given(documents | anything)
def test_any_document_is_a_problem_or_a_list_of_faults(data: object) -> None:
    with contextlib.suppress(InvalidProblem):
        read(data)


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_one_value_is_a_problem_or_a_list_of_faults(data: st.DataObject) -> None:
    whole = document()
    target: Any = whole
    while isinstance(target, (dict, list)) and target:
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(target[key], (dict, list)) or data.draw(st.booleans()):
            target[key] = data.draw(anything)
            break
        target = target[key]
    with contextlib.suppress(InvalidProblem):
        read(whole)


@given(st.text(max_size=60))
def test_any_text_is_a_problem_or_a_list_of_faults(text: str) -> None:
    with contextlib.suppress(InvalidProblem):
        vroom.read(text)
