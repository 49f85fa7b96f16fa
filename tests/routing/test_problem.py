from __future__ import annotations

import pickle
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from routing.problem import NO_WAY, InvalidProblem, Matrix, Problem, Vehicle, Visit, Window
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
