from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.faults import InvalidProblem
from routing.formats import vrplib
from routing.formats.ids import written
from routing.problem import Window
from tests.shared_data import SHARED, needs_shared

EXPLICIT = """NAME : tiny
TYPE : VRPTW
DIMENSION : 3
VEHICLES : 2
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : FULL_MATRIX
CAPACITY : 10
EDGE_WEIGHT_SECTION
99 5 6
4 0 3
3 2
0
DEMAND_SECTION
1 0
2 4
3 5
DEPOT_SECTION
1
-1
SERVICE_TIME_SECTION
1 0
2 60
3 70
TIME_WINDOW_SECTION
1 0 1000
2 100 200
3 0 500
EOF
"""

PLANE = """NAME: plane
TYPE: CVRP
DIMENSION: 3
EDGE_WEIGHT_TYPE: EUC_2D
CAPACITY: 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 1.5 0
DEMAND_SECTION
1 0
2 4
3 5
DEPOT_SECTION
 1
 -1
"""


def places(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidProblem) as error:
        vrplib.read(text)
    return [(fault.where, fault.code) for fault in error.value.faults]


def test_an_explicit_matrix_is_taken_as_given() -> None:
    problem = vrplib.read(EXPLICIT)
    matrix = problem.matrices["matrix"]
    assert matrix.distances.tolist() == [[0, 5, 6], [4, 0, 3], [3, 2, 0]]
    assert (matrix.durations == matrix.distances).all()


def test_visits_have_the_numbers_of_their_nodes() -> None:
    problem = vrplib.read(EXPLICIT)
    second, third = problem.visits
    assert [written(visit.id) for visit in problem.visits] == [2, 3]
    assert (second.windows, second.service_s, second.delivered) == ((Window(100, 200),), 60, (4,))
    assert (third.place, third.price_unplanned) == (2, None)
    assert problem.vehicles[0].shift == Window(0, 1000)


@pytest.mark.parametrize(("wanted", "number"), [(None, 2), (5, 5), ("unlimited", 2)])
def test_the_number_of_vehicles_can_be_replaced(wanted: int | None, number: int) -> None:
    assert len(vrplib.read(EXPLICIT, vehicles=wanted).vehicles) == number


def test_a_plane_is_measured_to_the_nearest_integer() -> None:
    problem = vrplib.read(PLANE)
    # TSPLIB's nint rounds 1.5 up; node 2 to 3 is √18.25 = 4.27.
    assert problem.matrices["matrix"].distances.tolist() == [[0, 5, 2], [5, 0, 4], [2, 4, 0]]
    assert len(problem.vehicles) == 2
    assert problem.visits[0].windows == ()


def test_an_unbounded_day_never_binds() -> None:
    shift = vrplib.read(PLANE).vehicles[0].shift
    assert shift.latest >= 5 + 4 + 2


def test_a_limit_of_distance_bounds_the_route_with_its_service() -> None:
    problem = vrplib.read(
        PLANE.replace("CAPACITY: 10", "CAPACITY: 10\nDISTANCE: 90\nSERVICE_TIME: 7")
    )
    assert problem.vehicles[0].max_duration_s == 90
    assert [visit.service_s for visit in problem.visits] == [7, 7]


@pytest.mark.parametrize(
    ("layout", "numbers"),
    [
        ("LOWER_ROW", "5\n6 3"),
        ("UPPER_ROW", "5 6 3"),
        ("LOWER_DIAG_ROW", "0 5 0 6 3 0"),
        ("UPPER_DIAG_ROW", "0 5 6 0 3 0"),
    ],
)
def test_triangles_are_mirrored(layout: str, numbers: str) -> None:
    text = EXPLICIT.replace("FULL_MATRIX", layout).replace("99 5 6\n4 0 3\n3 2\n0", numbers)
    assert vrplib.read(text).matrices["matrix"].distances.tolist() == [
        [0, 5, 6],
        [5, 0, 3],
        [6, 3, 0],
    ]


def test_all_faults_are_told_at_once_with_their_places() -> None:
    text = (
        EXPLICIT.replace("CAPACITY : 10", "CAPACITY : ten\nCOLOUR : red")
        .replace("4 0 3\n", "4 x 3\n")
        .replace("3 5\nDEPOT", "7 5\nDEPOT")
        .replace("2 100 200", "2 300 200")
        .replace("1\n-1", "9\n-1")
    )
    assert places(text) == [
        ("line 8", "unknown_key"),
        ("line 11", "not_a_number"),
        ("line 17", "out_of_range"),
        ("DEPOT_SECTION", "missing_depot"),
        ("TIME_WINDOW_SECTION", "window_reversed"),
        ("line 7", "not_a_number"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("TYPE : VRPTW", "TYPE : TSP", "not_supported"),
        ("EXPLICIT", "GEO", "not_supported"),
        ("FULL_MATRIX", "LOWER_COL", "not_supported"),
        ("-1\nSERVICE", "2\n-1\nSERVICE", "not_supported"),
        ("EOF", "PICKUP_SECTION\n1 2", "not_supported"),
        ("99 5 6", "99 5", "wrong_count"),
        ("99 5 6", "99 5 -6", "not_a_number"),
        ("99 5 6", "99 5 99999999999999999999", "not_a_number"),
        ("2 60\n", "", "wrong_count"),
        ("2 60\n", "2 60\n2 61\n", "duplicate_id"),
        ("2 60\n", "2 -60\n", "not_a_number"),
        ("CAPACITY : 10\n", "", "missing_key"),
        ("DIMENSION : 3\n", "", "missing_key"),
        ("CAPACITY : 10", "CAPACITY : 10\nCAPACITY : 11", "duplicate_key"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(old: str, new: str, code: str) -> None:
    assert old in EXPLICIT
    assert code in [found for _, found in places(EXPLICIT.replace(old, new, 1))]


@given(st.lists(st.sampled_from([*EXPLICIT.split("\n"), "1 2 3", "-1", "X : 1"]), max_size=40))
def test_any_lines_are_a_problem_or_a_list_of_faults(lines: list[str]) -> None:
    with contextlib.suppress(InvalidProblem):
        vrplib.read("\n".join(lines))


@needs_shared
def test_road_instances_are_asymmetric_and_have_windows() -> None:
    from routing import formats

    path = next((SHARED / "vrp" / "ortec").glob("*n200*.gz"))
    problem = formats.read(path)
    distances = problem.matrices["matrix"].distances
    assert (len(problem.vehicles), len(problem.visits), distances[0, 1]) == (12, 200, 2860)
    assert (distances != distances.T).any()
    assert problem.visits[0].windows == (Window(22800, 30300),)
    assert len(formats.read(path, vehicles="unlimited").vehicles) == 200
