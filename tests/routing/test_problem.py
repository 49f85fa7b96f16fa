from __future__ import annotations

import pickle
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from routing.problem import (
    NO_WAY,
    Balance,
    Break,
    InvalidProblem,
    Matrix,
    Problem,
    Reload,
    Rest,
    Shipment,
    Stability,
    Vehicle,
    Visit,
    Window,
)
from tests.routing.build import line, problem, table, van, visit


def codes(**parts: Any) -> list[str]:
    """The codes of the faults of a problem that is good but for some parts."""
    good: dict[str, Any] = {
        "vehicles": (van(capacity=(5,)),),
        "visits": (visit("a", 1),),
        "matrices": {"car": line(0, 10)},
        "dimensions": ("kg",),
    }
    with pytest.raises(InvalidProblem) as caught:
        Problem(**{**good, **parts})
    assert all(fault.where and fault.cause and fault.action for fault in caught.value.faults)
    return [fault.code for fault in caught.value.faults]


def one_van(**changes: Any) -> tuple[Vehicle, ...]:
    return (van(**{"capacity": (5,), **changes}),)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"vehicles": (*one_van(), *one_van())}, "duplicate_id"),
        ({"visits": (visit("a", 1), visit("a", 0))}, "duplicate_id"),
        ({"visits": (visit("", 1),)}, "bad_id"),
        ({"visits": (visit("a", 1, (9, 3)),)}, "window_reversed"),
        ({"vehicles": one_van(shift=Window(9, 3))}, "window_reversed"),
        ({"visits": (visit("a", 1, service_s=-1),)}, "negative_number"),
        ({"vehicles": one_van(cost_per_km=-1)}, "negative_number"),
        ({"vehicles": one_van(max_stops=-1)}, "negative_number"),
        ({"visits": (visit("a", 1, setup_s=1.5),)}, "not_an_integer"),
        ({"visits": (visit("a", 1, price_unplanned=2**50),)}, "too_large"),
        ({"visits": (visit("a", 1, delivered=(1, 2)),)}, "load_length"),
        ({"vehicles": (van(),)}, "load_length"),
        ({"visits": (visit("a", 2),)}, "place_out_of_range"),
        ({"visits": (visit("a", -1),)}, "place_out_of_range"),
        ({"vehicles": one_van(start=2)}, "place_out_of_range"),
        ({"vehicles": one_van(profile="boat")}, "unknown_profile"),
        ({"vehicles": one_van(speed_factor=float("nan"))}, "bad_speed_factor"),
        ({"vehicles": one_van(speed_factor=0.0)}, "bad_speed_factor"),
        ({"dimensions": ("kg", "kg")}, "duplicate_dimension"),
        ({"start": datetime(2026, 3, 2)}, "no_timezone"),  # noqa: DTZ001 -- the fault
        ({"coordinates": np.zeros((3, 2))}, "bad_coordinates"),
        ({"coordinates": np.full((2, 2), np.nan)}, "bad_coordinates"),
    ],
)
def test_a_fault_is_named(parts: dict[str, Any], code: str) -> None:
    assert code in codes(**parts)


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.zeros((2, 3), np.int32), "matrix_shape"),
        (np.zeros((2, 2), np.int64), "matrix_dtype"),
        (np.array([[0, -1], [1, 0]], np.int32), "matrix_negative"),
        (np.array([[0, 1], [1, 7]], np.int32), "matrix_diagonal"),
    ],
)
def test_a_bad_matrix_is_refused(array: Any, code: str) -> None:
    assert code in codes(matrices={"car": Matrix(line(0, 10).durations, array)})


NOON = Window(40, 50)


def hours(*begins: int) -> dict[str, Matrix]:
    usual = line(0, 10)
    later = tuple((begin, usual.durations) for begin in begins)
    return {"car": Matrix(usual.durations, usual.distances, hours=later)}


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"breaks": (Break("x", NOON, 1), Break("x", NOON, 1))}, "duplicate_id"),
        ({"breaks": (Break("", NOON, 1),)}, "bad_id"),
        ({"breaks": (Break("x", Window(9, 3), 1),)}, "window_reversed"),
        ({"breaks": (Break("x", NOON, -1),)}, "negative_number"),
        ({"breaks": tuple(Break(f"{k}", NOON, 1) for k in range(9))}, "too_many_breaks"),
        ({"rest": Rest(-1, 5)}, "negative_number"),
        ({"rest": Rest(5, -1)}, "negative_number"),
        ({"overtime_from": -1}, "negative_number"),
        ({"cost_per_overtime_h": -1}, "negative_number"),
        ({"reloads": (Reload("r", 0), Reload("r", 1))}, "duplicate_id"),
        ({"reloads": (Reload("a", 0),)}, "duplicate_id"),
        ({"reloads": (Reload("r", 2),)}, "place_out_of_range"),
        ({"reloads": (Reload("r", 0, -1),)}, "negative_number"),
        ({"reloads": (Reload("r", 0, 0, Window(9, 3)),)}, "window_reversed"),
        ({"max_trips": 0}, "out_of_range"),
        ({"load": (1, 2)}, "load_length"),
        ({"load": (-1,)}, "negative_number"),
        ({"prefix": ("x",)}, "unknown_visit"),
        ({"suffix": ("x",)}, "unknown_visit"),
        ({"prefix": ("a", "a")}, "visit_twice"),
        ({"prefix": ("a",), "suffix": ("a",)}, "visit_twice"),
        ({"suffix": ("a",), "locked": True}, "locked_suffix"),
    ],
)
def test_a_fault_of_what_a_vehicle_asks_for_is_named(parts: dict[str, Any], code: str) -> None:
    assert code in codes(vehicles=one_van(**parts))


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"service_s_by_type": {"bike": -1}}, "negative_number"),
        ({"due": 1.5}, "not_an_integer"),
        ({"cost_per_late_h": -1}, "negative_number"),
        ({"ready": -1}, "negative_number"),
        ({"promised": 2**50}, "too_large"),
        ({"sources": frozenset({2})}, "place_out_of_range"),
        ({"vehicles": frozenset({"ghost"})}, "unknown_vehicle"),
        ({"not_vehicles": frozenset({"ghost"})}, "unknown_vehicle"),
    ],
)
def test_a_fault_of_what_a_visit_asks_for_is_named(parts: dict[str, Any], code: str) -> None:
    assert code in codes(visits=(visit("a", 1, **parts),))


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"matrices": hours(5, 5)}, "hours_order"),
        ({"matrices": hours(-5)}, "negative_number"),
        ({"matrices": hours(5), "vehicles": one_van(max_drive_s=9)}, "hours_and_max_drive"),
        ({"vehicles": (*one_van(prefix=("a",)), *one_van(prefix=("a",)))}, "visit_twice"),
        ({"stability": Stability(cost_per_change=-1)}, "negative_number"),
        ({"stability": Stability(max_changes=-1)}, "negative_number"),
        ({"stability": Stability(cost_per_moved_h=-1)}, "negative_number"),
        ({"balance": Balance(cost_per_stop2=-1)}, "negative_number"),
        ({"balance": Balance(cost_per_h2=-1)}, "negative_number"),
        ({"shipments": (Shipment("a", "ghost"),)}, "unknown_visit"),
        ({"shipments": (Shipment("a", "a"),)}, "visit_twice"),
        ({"shipments": (Shipment("a", "a", (1, 2)),)}, "load_length"),
        (
            {"vehicles": one_van(prefix=("a",)), "shipments": (Shipment("a", "a"),)},
            "shipment_and_lock",
        ),
    ],
)
def test_a_fault_of_a_day_is_named(parts: dict[str, Any], code: str) -> None:
    assert code in codes(**parts)


def test_a_pair_cannot_be_both_together_and_apart() -> None:
    both: dict[str, Any] = {"together": "order", "apart": frozenset({"acid"})}
    assert codes(visits=(visit("a", 1, **both), visit("b", 1, **both))) == ["together_and_apart"]


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.zeros((3, 3), np.int32), "matrix_shape"),
        (np.zeros((2, 2), np.int64), "matrix_dtype"),
        (np.array([[0, -1], [1, 0]], np.int32), "matrix_negative"),
        (np.array([[0, 1], [1, 7]], np.int32), "matrix_diagonal"),
    ],
)
def test_a_bad_matrix_of_another_hour_is_refused(array: Any, code: str) -> None:
    usual = line(0, 10)
    assert code in codes(
        matrices={"car": Matrix(usual.durations, usual.distances, hours=((5, array),))}
    )


def test_a_vehicle_too_slow_for_another_hour_is_refused() -> None:
    usual = line(0, 10)
    jam = Matrix(usual.durations, usual.distances, hours=((5, line(0, 2**30).durations),))
    assert "too_large" in codes(matrices={"car": jam}, vehicles=one_van(speed_factor=0.25))


def test_what_costs_nothing_or_is_gone_is_no_fault() -> None:
    late = van(overtime_from=5)
    assert problem(line(0, 10), [late], [visit("a", 1, was="gone", due=3, promised=4)]).visits


def test_all_faults_are_told_at_once() -> None:
    found = codes(
        vehicles=one_van(start=9, profile="boat"), visits=(visit("a", 1, (5, 2), service_s=-3),)
    )
    assert {"place_out_of_range", "unknown_profile", "window_reversed", "negative_number"} <= set(
        found
    )


def test_a_place_that_no_road_reaches_is_no_fault() -> None:
    assert problem(table([[0, NO_WAY], [NO_WAY, 0]]), [van()], [visit("a", 1)]).visits


def test_an_empty_problem_is_valid() -> None:
    assert Problem((), (), {}).visits == ()


def test_nobody_writes_to_the_matrices_of_a_problem() -> None:
    durations = problem(line(0, 10), [van()], [visit("a", 1)]).matrices["car"].durations
    with pytest.raises(ValueError, match="read-only"):
        durations[0, 1] = 3


def test_a_problem_travels_to_another_process() -> None:
    sent = problem(line(0, 10), [van()], [visit("a", 1)])
    received = pickle.loads(pickle.dumps(sent))
    assert (received.vehicles, received.visits) == (sent.vehicles, sent.visits)
    assert np.array_equal(received.matrices["car"].durations, sent.matrices["car"].durations)


def test_windows_may_overlap_and_come_in_any_order() -> None:
    assert Visit("a", 0, windows=(Window(5, 9), Window(0, 6)))
