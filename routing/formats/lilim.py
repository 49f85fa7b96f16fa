"""
Li and Lim's files: pickup and delivery with time windows on a plane.

Their plans are compared by the number of vehicles first and by distance then, with distances that
are not rounded. Here distances and times are in thousandths, ways rounded up, so that what is in
time here is in time there; a vehicle costs more than any distance could save.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routing.formats.faults import Faults
from routing.formats.fleet import FleetSize, fleet
from routing.formats.ids import number_id
from routing.formats.numbers import Column, Row, check, row
from routing.problem import IntMatrix, Matrix, Problem, Shipment, Vehicle, Visit

SCALE = 1000
"""Of times and distances."""

_HEAD = (
    Column("vehicles", whole=True),
    Column("capacity", whole=True),
    Column("speed"),
)
_COLUMNS = (
    Column("task", whole=True),
    Column("x", signed=True),
    Column("y", signed=True),
    Column("demand", signed=True, whole=True),
    Column("earliest"),
    Column("latest"),
    Column("service"),
    Column("pickup", whole=True),
    Column("delivery", whole=True),
)
_LATEST = 2**31 // SCALE // 4


def looks_like(lines: Sequence[str]) -> bool:
    """Tell whether these non-empty lines are three numbers, then rows of nine."""
    return len(lines) > 1 and _numbers(lines[0]) == 3 and _numbers(lines[1]) == 9


def read(text: str, *, vehicles: FleetSize = None) -> Problem:
    """
    Return the problem of a Li and Lim file.

    Visits have the file's numbers; task 0 is the depot. Each pickup and its delivery are one
    shipment, and must be planned. One "second" is a thousandth of the file's unit of time, one
    "metre" and one unit of cost a thousandth of its unit of length.

    Raises
    ------
    InvalidProblem
        With every fault, by line.
    """
    faults = Faults()
    lines = [(k, line.split()) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
    head = row(*lines[0], _HEAD, faults)
    if head is not None and head.values[2] == 0:
        faults.add(f"line {head.line}, speed", "out_of_range", "the speed is 0", "write 1 or more")
    found = [row(line, words, _COLUMNS, faults) for line, words in lines[1:]]
    rows = [one for one in found if one is not None]
    check(rows, faults)
    if not faults:
        _check(rows, faults)
    faults.raise_any()
    assert head is not None
    return _problem(rows, head, vehicles)


def _check(rows: Sequence[Row], faults: Faults) -> None:
    by_number = {one.number: one for one in rows}
    if 0 not in by_number:
        faults.add("file", "missing_depot", "no task 0", "add the depot as task 0")
    for one in rows:
        where = f"line {one.line}"
        if one.values[5] > _LATEST:
            cause = f"latest {one.values[5]} is too large"
            faults.add(where, "out_of_range", cause, f"stay within {_LATEST:,}")
        if one.number == 0:
            continue
        pickup, delivery = int(one.values[7]), int(one.values[8])
        other = by_number.get(pickup or delivery)
        if (pickup == 0) == (delivery == 0) or other is None or other.number in (0, one.number):
            cause = f"task {one.number} has no other task that it is paired with"
            action = "name its pickup or its delivery, and write 0 for the other"
            faults.add(where, "bad_pair", cause, action)
        elif int(other.values[8 if pickup else 7]) != one.number:
            cause = f"task {other.number} is paired with another one"
            faults.add(where, "bad_pair", cause, "let both tasks of a pair name each other")
        elif one.values[3] != -other.values[3] or (one.values[3] < 0) != (pickup > 0):
            cause = f"{one.values[3]} here and {other.values[3]} at task {other.number}"
            action = "let a pickup have a demand above 0, and its delivery as much below"
            faults.add(where, "bad_pair", cause, action)


def _problem(rows: Sequence[Row], head: Row, vehicles: FleetSize) -> Problem:
    depot = next(one for one in rows if one.number == 0)
    tasks = [one for one in rows if one.number != 0]
    number, capacity, speed = head.values
    places = np.array([one.values[1:3] for one in (depot, *tasks)], np.float64)
    distances = _scaled(places, 1.0)
    model = Vehicle(
        id="",
        profile="plane",
        start=0,
        end=0,
        shift=depot.window(SCALE),
        capacity=(int(capacity),),
        cost_per_km=1000,
        cost_fixed=_dearer_than_any_way(distances),
    )
    visits = tuple(
        Visit(
            id=number_id(one.number),
            place=place,
            windows=(one.window(SCALE),),
            service_s=one.service(SCALE),
        )
        for place, one in enumerate(tasks, 1)
    )
    return Problem(
        vehicles=tuple(
            fleet(model, own_number=int(number), num_visits=len(visits), wanted=vehicles)
        ),
        visits=visits,
        matrices={"plane": Matrix(_scaled(places, float(speed)), distances)},
        dimensions=("demand",),
        coordinates=places,
        shipments=tuple(
            Shipment(number_id(one.number), number_id(int(one.values[8])), (one.demand,))
            for one in tasks
            if one.values[8]
        ),
    )


def _scaled(places: np.ndarray[tuple[int, ...], np.dtype[np.float64]], speed: float) -> IntMatrix:
    steps = places[:, None, :] - places[None, :, :]
    lengths = np.hypot(steps[..., 0], steps[..., 1]) * SCALE / speed
    # What is whole but for the last places of float64 is not rounded up.
    return np.ceil(np.round(lengths, 6)).astype(np.int32)


def _dearer_than_any_way(distances: IntMatrix) -> int:
    """Return more than a plan's distance can be: there and back alone for each task."""
    return int(distances[0].sum() + distances[:, 0].sum())


def _numbers(line: str) -> int:
    words = line.split()
    return len(words) if all(word.lstrip("-").isdigit() for word in words) else 0
