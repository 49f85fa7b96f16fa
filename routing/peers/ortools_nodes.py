"""The nodes of OR-Tools' routing model, and plans as routes of them, in and out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from routing.peers.ask import Sequences
from routing.problem import Problem, Reload, Vehicle
from routing.tables import Tables

IntArray = NDArray[np.int64]


class _Again(NamedTuple):
    """A chance of one vehicle to load again."""

    vehicle: int
    reload: Reload


class Nodes:
    """
    The visits, then each vehicle's own chances to load again, then the depots.

    Attributes
    ----------
    places
        Where each node is.
    again
        The chances, in the order of their nodes.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.tables = Tables(problem)
        self.again = [
            _Again(number, reload)
            for number, vehicle in enumerate(problem.vehicles)
            for reload in vehicle.reloads
            for _ in range(vehicle.max_trips - 1)
        ]
        depots = sorted({place for vehicle in problem.vehicles for place in _ends(vehicle)})
        stops = [each.reload.place for each in self.again]
        self.places = [*(visit.place for visit in problem.visits), *stops, *depots]
        first = len(self.places) - len(depots)
        node_of = {place: first + k for k, place in enumerate(depots)}
        starts = [node_of[_ends(vehicle)[0]] for vehicle in problem.vehicles]
        ends = [node_of[_ends(vehicle)[1]] for vehicle in problem.vehicles]
        self.manager: Any = pywrapcp.RoutingIndexManager(
            len(self.places), len(problem.vehicles), starts, ends
        )
        self.routing: Any = pywrapcp.RoutingModel(self.manager)

    def routes(self, found: Any) -> list[list[int]]:
        """Return the nodes of its solution in order, by number of vehicle, without depots."""
        return [list(self._nodes(found, number)) for number in range(len(self.problem.vehicles))]

    def start(self, routes: Sequence[Sequence[int]], parameters: Any) -> Any:
        """Return routes as a plan to begin with, or None if they are none."""
        self.routing.CloseModelWithParameters(parameters)
        indices = [[self._index(node) for node in nodes] for nodes in routes]
        return self.routing.ReadAssignmentFromRoutes(indices, True)

    def sequences(self, found: Any) -> Sequences:
        """Return its solution as visits and reloads by vehicle."""
        visits = len(self.problem.visits)
        return {
            vehicle.id: [self._name(node) for node in nodes] if min(nodes) < visits else []
            for vehicle, nodes in zip(self.problem.vehicles, self.routes(found), strict=True)
            if nodes
        }

    def _nodes(self, found: Any, number: int) -> Iterator[int]:
        index = found.Value(self.routing.NextVar(self.routing.Start(number)))
        while not self.routing.IsEnd(index):
            yield self.manager.IndexToNode(index)
            index = found.Value(self.routing.NextVar(index))

    def _name(self, node: int) -> str:
        visits = self.problem.visits
        return visits[node].id if node < len(visits) else self._again_at(node).reload.id

    def _again_at(self, node: int) -> _Again:
        return self.again[node - len(self.problem.visits)]

    def _index(self, node: int) -> int:
        index: int = self.manager.NodeToIndex(node)
        return index

    def _again_nodes(self) -> range:
        visits = len(self.problem.visits)
        return range(visits, visits + len(self.again))

    def _depots(self) -> int:
        return len(self.places) - len(self.problem.visits) - len(self.again)

    def _rows(self, matrix: NDArray[np.int32]) -> IntArray:
        return matrix[np.ix_(self.places, self.places)].astype(np.int64)


def _ends(vehicle: Vehicle) -> tuple[int, int]:
    assert vehicle.start is not None
    assert vehicle.end is not None
    return vehicle.start, vehicle.end
