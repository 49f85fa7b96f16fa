from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.faults import InvalidProblem
from routing.formats import solomon
from routing.formats.ids import written
from routing.problem import Window
from tests.routing.test_formats_files import TINY_SOLOMON
from tests.shared_data import SHARED, needs_shared


def places(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidProblem) as error:
        solomon.read(text)
    return [(fault.where, fault.code) for fault in error.value.faults]


def test_distances_are_ten_times_euclid_rounded_down() -> None:
    problem = solomon.read(TINY_SOLOMON)
    between = problem.matrices["plane"].distances
    assert between[0].tolist() == [0, 50, 206]  # 3-4-5, and 10 × √425 = 206.15
    assert (between == between.T).all()


def test_times_are_scaled_like_distances() -> None:
    problem = solomon.read(TINY_SOLOMON)
    first = problem.visits[0]
    assert first.windows == (Window(9120, 9670),)
    assert first.service_s == 900
    assert problem.vehicles[0].shift == Window(0, 12360)
    assert problem.matrices["plane"].durations is not None


def test_one_metre_costs_one_and_nothing_else_does() -> None:
    vehicle = solomon.read(TINY_SOLOMON).vehicles[0]
    assert vehicle.cost_per_km == 1000
    assert vehicle.cost_fixed == vehicle.cost_per_h == vehicle.cost_per_drive_h == 0


def test_ids_are_the_numbers_of_the_file() -> None:
    problem = solomon.read(TINY_SOLOMON)
    assert [written(visit.id) for visit in problem.visits] == [1, 2]
    assert [written(vehicle.id) for vehicle in problem.vehicles] == [1, 2, 3]
    assert problem.visits[0].price_unplanned is None


@pytest.mark.parametrize(("wanted", "number"), [(None, 3), (7, 7), ("unlimited", 2)])
def test_the_number_of_vehicles_can_be_replaced(wanted: int | None, number: int) -> None:
    assert len(solomon.read(TINY_SOLOMON, vehicles=wanted).vehicles) == number


def test_all_faults_are_told_at_once_with_their_lines() -> None:
    text = TINY_SOLOMON.replace("  3         200", "  x         200")
    text = text.replace("1236          0", "1236          -5")
    text = text.replace("    2      45         70         30        825        870         90",
                        "    1      4x         70         3.5        825        870         90\n"
                        "    1      45         70         30        925        870         90\n"
                        "    1      45         70")  # fmt: skip
    assert places(text) == [
        ("line 5", "bad_vehicle_line"),
        ("line 10, SERVICE TIME", "out_of_range"),
        ("line 12, XCOORD.", "not_a_number"),
        ("line 12, DEMAND", "not_a_number"),
        ("line 14", "wrong_count"),
        ("line 13", "duplicate_id"),
        ("line 13", "window_reversed"),
    ]


def test_a_word_where_a_customer_belongs_is_no_header() -> None:
    text = TINY_SOLOMON.replace("    2      45", "  two      45")
    assert places(text) == [("line 12, CUST NO.", "not_a_number")]


@pytest.mark.parametrize(
    ("cut", "code"), [("CUSTOMER", "missing_section"), ("    0      40", "missing_depot")]
)
def test_what_is_not_there_is_missed(cut: str, code: str) -> None:
    assert code in [found for _, found in places(TINY_SOLOMON.split(cut)[0])]


def test_numbers_that_overflow_are_refused() -> None:
    text = TINY_SOLOMON.replace("1236", "1e99").replace("912", "NaN")
    assert places(text) == [
        ("line 10, DUE DATE", "out_of_range"),
        ("line 11, READY TIME", "out_of_range"),
    ]


@given(
    st.lists(st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000)), min_size=2, max_size=6)
)
def test_distances_are_exact_for_whole_coordinates(points: list[tuple[int, int]]) -> None:
    import numpy as np

    found = solomon.scaled_distances(np.array(points, dtype=np.float64))
    for i, (x, y) in enumerate(points):
        for j, (u, v) in enumerate(points):
            assert found[i, j] == math.isqrt(100 * ((x - u) ** 2 + (y - v) ** 2))


@given(st.text(alphabet="0123456789 .-\nVEHICLCUSTOMR", max_size=300))
def test_any_text_is_a_problem_or_a_list_of_faults(text: str) -> None:
    with contextlib.suppress(InvalidProblem):
        solomon.read(text)


@needs_shared
def test_the_best_known_plan_of_c101_costs_what_the_literature_says() -> None:
    from routing import formats, schedule

    # CVRPLIB, C101.sol: ten routes, 827.3 in the DIMACS convention.
    routes = (
        "5 3 7 8 10 11 9 6 4 2 1 75",
        "13 17 18 19 15 16 14 12",
        "20 24 25 27 29 30 28 26 23 22 21",
        "32 33 31 35 37 38 39 36 34",
        "43 42 41 40 44 46 45 48 51 50 52 49 47",
        "57 55 54 53 56 58 60 59",
        "67 65 63 62 74 72 61 64 68 66 69",
        "81 78 76 71 70 73 77 79 80",
        "90 87 86 83 82 84 85 88 89 91",
        "98 96 95 94 92 93 97 100 99",
    )
    problem = formats.read(SHARED / "vrp" / "solomon" / "C101.txt")
    plan = {str(number): route.split() for number, route in enumerate(routes, start=1)}
    solution = schedule.schedule(problem, plan)
    assert (solution.cost, solution.violations, solution.unplanned) == (8273, (), ())
