"""
Solomon's and Homberger's files: vehicle routing with time windows on a plane.

Convention of the DIMACS challenge of 2021 (also of CVRPLIB and PyVRP): distances are
``floor(10 × Euclid)`` as integers, times are multiplied by 10 likewise, a way takes as long as
it is far, and the objective is the total distance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routing.formats.faults import Faults
from routing.formats.fleet import FleetSize, fleet
from routing.formats.ids import number_id
from routing.formats.numbers import Column, Row, check, row
from routing.problem import IntMatrix, Matrix, Problem, Vehicle, Visit

SCALE = 10
"""Of times and distances; see the module's text."""

_COLUMNS = (
    Column("CUST NO.", whole=True),
    Column("XCOORD.", signed=True),
    Column("YCOORD.", signed=True),
    Column("DEMAND", whole=True),
    Column("READY TIME"),
    Column("DUE DATE"),
    Column("SERVICE TIME"),
)


def read(text: str, *, vehicles: FleetSize = None) -> Problem:
    """
    Return the problem of a Solomon or Homberger file.

    Visits and vehicles have the file's numbers; customer 0 is the depot. Every visit must be
    planned. One "second" is a tenth of the file's unit of time, one "metre" a tenth of its unit
    of length, and one unit of cost the same.

    Raises
    ------
    InvalidProblem
        With every fault, by line.
    """
    faults = Faults()
    lines = list(enumerate((line.strip() for line in text.splitlines()), start=1))
    number, capacity = _vehicle_line(lines, faults)
    rows = _customer_rows(lines, faults)
    check(rows, faults)
    faults.raise_any()
    return _problem(rows, number=number, capacity=capacity, vehicles=vehicles)


def _vehicle_line(lines: list[tuple[int, str]], faults: Faults) -> tuple[int, int]:
    """Return number and capacity: below VEHICLE and the names of its columns."""
    start = _after(lines, "VEHICLE")
    below = ((line, text.split()) for line, text in lines[start:] if text)
    line, words = next((row for row in below if row[1][0].upper() != "NUMBER"), (start or 1, []))
    if start and len(words) == 2 and all(word.isdigit() for word in words):
        return int(words[0]), int(words[1])
    faults.add(
        f"line {line}",
        "bad_vehicle_line",
        "no line with the number of vehicles and their capacity after VEHICLE",
        "write two whole numbers, such as: 25 200",
    )
    return 0, 0


def _customer_rows(lines: list[tuple[int, str]], faults: Faults) -> list[Row]:
    start = _after(lines, "CUSTOMER")
    if not start:
        faults.add("file", "missing_section", "no CUSTOMER table", "add the table of customers")
        return []
    # The line below CUSTOMER names the columns: "CUST NO.  XCOORD.  ...".
    table = [(line, text) for line, text in lines[start:] if text and text[:4].upper() != "CUST"]
    if not any(text.split()[0] == "0" for _, text in table):
        cause = "no customer 0" if table else "the table is empty"
        faults.add("CUSTOMER", "missing_depot", cause, "add the depot as customer 0")
    rows = (row(line, text.split(), _COLUMNS, faults) for line, text in table)
    return [one for one in rows if one is not None]


def _after(lines: list[tuple[int, str]], word: str) -> int:
    """Return the number of the line that is this word: lines after it start at that index."""
    return next((line for line, text in lines if text.upper() == word), 0)


def _problem(rows: list[Row], *, number: int, capacity: int, vehicles: FleetSize) -> Problem:
    depot = next(one for one in rows if one.number == 0)
    customers = [one for one in rows if one.number != 0]
    places = np.array([one.values[1:3] for one in (depot, *customers)], dtype=np.float64)
    between = scaled_distances(places)
    model = Vehicle(
        id="",
        profile="plane",
        start=0,
        end=0,
        shift=depot.window(SCALE),
        capacity=(capacity,),
        cost_per_km=1000,
    )
    visits = tuple(
        Visit(
            id=number_id(one.number),
            place=place,
            windows=(one.window(SCALE),),
            service_s=one.service(SCALE),
            delivered=(one.demand,),
        )
        for place, one in enumerate(customers, start=1)
    )
    return Problem(
        vehicles=tuple(
            fleet(model, own_number=number, num_visits=len(visits), wanted=vehicles),
        ),
        visits=visits,
        matrices={"plane": Matrix(durations=between, distances=between)},
        dimensions=("demand",),
        coordinates=places,
    )


def scaled_distances(places: NDArray[np.float64]) -> IntMatrix:
    """
    Return ``floor(10 × Euclid)`` between all places.

    Parameters
    ----------
    places
        ``(n, 2)`` float64.

    Returns
    -------
    distances
        ``(n, n)`` int32. Exact for whole coordinates: the square root of a number that is no
        square differs from the next integer by more than float64's last place.
    """
    steps = places[:, None, :] - places[None, :, :]
    lengths: NDArray[np.float64] = np.hypot(steps[..., 0], steps[..., 1])
    return np.floor(SCALE * lengths).astype(np.int32)
