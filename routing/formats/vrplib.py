"""
VRPLIB files: one depot, a load, and times where the file has them; plane or explicit matrix.

The format of TSPLIB (Reinelt 1995) with the sections that CVRPLIB and the EURO Meets NeurIPS
2022 competition added: TIME_WINDOW_SECTION, SERVICE_TIME_SECTION, VEHICLES. Distances are taken
as given (or rounded as EDGE_WEIGHT_TYPE says), a way takes as long as it is far, and the
objective is the total distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.formats.faults import Faults
from routing.formats.fleet import FleetSize, fleet
from routing.formats.ids import number_id
from routing.formats.vrplib_sections import Sections, looks_like_header, split
from routing.formats.vrplib_weights import edge_weights
from routing.problem import IntMatrix, Matrix, Problem, Vehicle, Visit, Window

__all__ = ["looks_like_header", "read"]

_TYPES = frozenset({"CVRP", "ACVRP", "VRPTW", "CVRPTW", "DCVRP"})


@dataclass(frozen=True, slots=True)
class _Nodes:
    """What a file says of its nodes; index 0 is node 1."""

    depot: int
    demand: NDArray[np.int64]
    service: NDArray[np.int64]
    windows: NDArray[np.int64] | None
    coordinates: NDArray[np.float64] | None
    weights: IntMatrix


def read(text: str, *, vehicles: FleetSize = None) -> Problem:
    """
    Return the problem of a VRPLIB file.

    Visits have the numbers of the file's nodes. Every visit must be planned. A file without
    VEHICLES has one vehicle for each visit.

    Raises
    ------
    InvalidProblem
        With every fault, by line or section.
    """
    faults = Faults()
    sections = split(text, faults)
    _check_type(sections, faults)
    size = sections.whole("DIMENSION", faults, low=1)
    if size is None:
        faults.raise_any()
        raise AssertionError  # a missing DIMENSION is a fault
    nodes = _nodes(sections, size, faults)
    capacity = sections.whole("CAPACITY", faults)
    limit = sections.whole("DISTANCE", faults, default=-1)
    number = sections.whole("VEHICLES", faults, default=size - 1)
    faults.raise_any()
    assert nodes is not None
    assert capacity is not None
    model = Vehicle(
        id="",
        profile="matrix",
        start=nodes.depot,
        end=nodes.depot,
        shift=_shift(nodes),
        capacity=(capacity,),
        cost_per_km=1000,
        max_duration_s=None if limit in {None, -1} else limit,
    )
    return _problem(
        nodes, fleet(model, own_number=number or 0, num_visits=size - 1, wanted=vehicles)
    )


def _check_type(sections: Sections, faults: Faults) -> None:
    line, kind = sections.header.get("TYPE", (0, "CVRP"))
    if kind.upper() not in _TYPES:
        cause = f"not supported yet: problems of type {kind}"
        faults.add(
            f"line {line}", "not_supported", cause, f"use one of {', '.join(sorted(_TYPES))}"
        )


def _nodes(sections: Sections, size: int, faults: Faults) -> _Nodes | None:
    coordinates = sections.table("NODE_COORD_SECTION", size, 2, faults, decimals=True)
    weights = edge_weights(sections, size, coordinates, faults)
    demand = sections.table("DEMAND_SECTION", size, 1, faults, required=True)
    windows = sections.table("TIME_WINDOW_SECTION", size, 2, faults)
    depot = _depot(sections, size, faults)
    service = _service(sections, size, faults)
    if windows is not None:
        _check_windows(windows, faults)
    if demand is None or weights is None or depot is None or service is None:
        return None
    return _Nodes(
        depot=depot,
        demand=demand[:, 0].astype(np.int64),
        service=service,
        windows=None if windows is None else windows.astype(np.int64),
        coordinates=coordinates,
        weights=weights,
    )


def _depot(sections: Sections, size: int, faults: Faults) -> int | None:
    """Return the depot's index; the section is a list of numbers that -1 ends."""
    numbers = [word for _, words in sections.body.get("DEPOT_SECTION", []) for word in words]
    if "-1" in numbers:
        numbers = numbers[: numbers.index("-1")]
    if len(numbers) > 1:
        cause = f"not supported yet: {len(numbers)} depots"
        faults.add("DEPOT_SECTION", "not_supported", cause, "leave one depot, or use VROOM's JSON")
        return None
    if not numbers or not numbers[0].isdigit() or not 1 <= int(numbers[0]) <= size:
        cause = f"no number of a node from 1 to {size}"
        faults.add("DEPOT_SECTION", "missing_depot", cause, "write the depot's node, then -1")
        return None
    return int(numbers[0]) - 1


def _service(sections: Sections, size: int, faults: Faults) -> NDArray[np.int64] | None:
    """Return each node's service time: a table, or one number for all but the depot."""
    if "SERVICE_TIME_SECTION" in sections.body:
        table = sections.table("SERVICE_TIME_SECTION", size, 1, faults)
        return None if table is None else table[:, 0].astype(np.int64)
    same = sections.whole("SERVICE_TIME", faults, default=0)
    return None if same is None else np.full(size, same, dtype=np.int64)


def _check_windows(windows: NDArray[np.float64], faults: Faults) -> None:
    for index in np.flatnonzero(windows[:, 1] < windows[:, 0]):
        earliest, latest = windows[index].astype(int)
        cause = f"node {index + 1}: {latest} is before {earliest}"
        action = "let the window end after it starts"
        faults.add("TIME_WINDOW_SECTION", "window_reversed", cause, action)


def _shift(nodes: _Nodes) -> Window:
    """Return the depot's window, or one so long that it never binds."""
    if nodes.windows is not None:
        earliest, latest = nodes.windows[nodes.depot]
        return Window(int(earliest), int(latest))
    legs = (len(nodes.demand) + 1) * int(nodes.weights.max(initial=0))
    return Window(0, legs + int(nodes.service.sum()))


def _problem(nodes: _Nodes, vehicles: list[Vehicle]) -> Problem:
    visits = tuple(
        _visit(nodes, index) for index in range(len(nodes.demand)) if index != nodes.depot
    )
    return Problem(
        vehicles=tuple(vehicles),
        visits=visits,
        matrices={"matrix": Matrix(durations=nodes.weights, distances=nodes.weights)},
        dimensions=("demand",),
        coordinates=nodes.coordinates,
    )


def _visit(nodes: _Nodes, index: int) -> Visit:
    windows = () if nodes.windows is None else (Window(*map(int, nodes.windows[index])),)
    return Visit(
        id=number_id(index + 1),
        place=index,
        windows=windows,
        service_s=int(nodes.service[index]),
        delivered=(int(nodes.demand[index]),),
    )
