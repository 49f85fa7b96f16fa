"""
OR-Tools' routing library: guided local search, on each core from another kind of first plan.

It searches on one core and has no seed. What its constraints can say of our problems is said
here; the rest is refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.peers import side_by_side
from routing.peers.ask import Ask, Sequences, choosy_visits, refuse, several_windows
from routing.peers.enough import enough
from routing.problem import NO_WAY, Problem, Vehicle

FIRST_PLANS = ("SAVINGS", "PARALLEL_CHEAPEST_INSERTION", "LOCAL_CHEAPEST_INSERTION")
"""
The kinds of first plan, one for each core; with more cores, round again.

Of five kinds, each alone for 5 s on three instances of 324 to 1,000 visits, the first two led to
the best plans; with its default and with PATH_CHEAPEST_ARC one instance had none in time.
"""

_Job = tuple[Problem, float, str]


def ready(cores: int) -> None:
    """Start a process for each core, which the clock does not count."""
    side_by_side.ready(cores, __name__)


def solve(ask: Ask) -> Sequences:
    """Search once on each core."""
    deadline = time.monotonic() + ask.seconds
    refuse(ask.problem, _lacking(ask.problem))
    problem = enough(ask.problem)
    kinds = [FIRST_PLANS[core % len(FIRST_PLANS)] for core in range(ask.cores)]
    jobs = [(problem, deadline, kind) for kind in kinds]
    return side_by_side.best(ask, _run, jobs)


def _run(job: _Job) -> Sequences | None:
    problem, deadline, kind = job
    model = _Model(problem)
    parameters: Any = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, kind)
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    left = max(0.1, deadline - time.monotonic())
    parameters.time_limit.FromMilliseconds(int(1000 * left))
    found = model.routing.SolveWithParameters(parameters)
    return model.sequences(found) if found else None


def _lacking(problem: Problem) -> Iterator[str]:
    yield from _beyond_vehicles(problem)
    yield from several_windows(problem)
    yield from choosy_visits(problem)
    if any(any(visit.picked_up) for visit in problem.visits):
        yield "goods that are picked up"


def _beyond_vehicles(problem: Problem) -> Iterator[str]:
    for vehicle in problem.vehicles:
        if vehicle.start is None or vehicle.end is None:
            yield "routes without a start or an end"
        if vehicle.cost_per_h or vehicle.cost_per_drive_h or vehicle.cost_per_km != 1000:
            yield "prices other than of distance"
        if vehicle.max_drive_s is not None or vehicle.speed_factor != 1.0:
            yield "limits or factors of driving"
    for matrix in problem.matrices.values():
        if matrix.costs is not None:
            yield "prices other than of distance"
        if (matrix.durations == NO_WAY).any() or (matrix.distances == NO_WAY).any():
            yield "places without a way"


class _Model:
    """A problem in its words: a node for each visit, and two for each vehicle's depots."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        depots = sorted({place for vehicle in problem.vehicles for place in _ends(vehicle)})
        node_of = {place: len(problem.visits) + k for k, place in enumerate(depots)}
        self.places = [*(visit.place for visit in problem.visits), *depots]
        starts = [node_of[_ends(vehicle)[0]] for vehicle in problem.vehicles]
        ends = [node_of[_ends(vehicle)[1]] for vehicle in problem.vehicles]
        self.manager: Any = pywrapcp.RoutingIndexManager(
            len(self.places), len(problem.vehicles), starts, ends
        )
        self.routing: Any = pywrapcp.RoutingModel(self.manager)
        self._add_distance()
        self._add_time()
        self._add_loads()

    def sequences(self, found: Any) -> Sequences:
        """Return its solution as visits by vehicle."""
        routes = {}
        for number, vehicle in enumerate(self.problem.vehicles):
            route = []
            index = found.Value(self.routing.NextVar(self.routing.Start(number)))
            while not self.routing.IsEnd(index):
                route.append(self.problem.visits[self.manager.IndexToNode(index)].id)
                index = found.Value(self.routing.NextVar(index))
            routes[vehicle.id] = route
        return routes

    def _add_distance(self) -> None:
        matrices = self.problem.matrices
        arcs = {
            name: self.routing.RegisterTransitMatrix(self._rows(matrix.distances))
            for name, matrix in matrices.items()
        }
        for number, vehicle in enumerate(self.problem.vehicles):
            self.routing.SetArcCostEvaluatorOfVehicle(arcs[vehicle.profile], number)
            self.routing.SetFixedCostOfVehicle(vehicle.cost_fixed, number)
        self._at_most("metres", arcs, [vehicle.max_distance_m for vehicle in self.problem.vehicles])
        one = self.routing.RegisterUnaryTransitVector([1] * len(self.places))
        # Leaving the start counts as well.
        stops = [vehicle.max_stops for vehicle in self.problem.vehicles]
        counted = [None if most is None else most + 1 for most in stops]
        self._at_most("stops", dict.fromkeys(matrices, one), counted)

    def _at_most(self, name: str, arcs: dict[str, int], most: list[int | None]) -> None:
        """Limit the sum over a route; without a limit on any vehicle, add nothing."""
        if all(limit is None for limit in most):
            return
        free = NO_WAY
        limits = [free if limit is None else limit for limit in most]
        own = [arcs[vehicle.profile] for vehicle in self.problem.vehicles]
        self.routing.AddDimensionWithVehicleTransitAndCapacity(own, 0, limits, True, name)

    def _add_time(self) -> None:
        problem = self.problem
        services = [*(visit.service_s for visit in problem.visits)]
        services += [0] * (len(self.places) - len(services))
        arcs = {}
        for name, matrix in problem.matrices.items():
            rows = self._rows(matrix.durations)
            spent = [
                [leg + service for leg in row] for row, service in zip(rows, services, strict=True)
            ]
            arcs[name] = self.routing.RegisterTransitMatrix(spent)
        horizon = max(vehicle.shift.latest for vehicle in problem.vehicles)
        own = [arcs[vehicle.profile] for vehicle in problem.vehicles]
        # Waiting is free, and as long as it takes; routes may begin at any time.
        self.routing.AddDimensionWithVehicleTransits(own, horizon, horizon, False, "seconds")
        seconds = self.routing.GetDimensionOrDie("seconds")
        for node, visit in enumerate(problem.visits):
            if visit.windows:
                index = self.manager.NodeToIndex(node)
                latest = min(visit.windows[0].latest, horizon)
                seconds.CumulVar(index).SetRange(visit.windows[0].earliest, latest)
        for number, vehicle in enumerate(problem.vehicles):
            for index in (self.routing.Start(number), self.routing.End(number)):
                seconds.CumulVar(index).SetRange(*vehicle.shift)
            if vehicle.max_duration_s is not None:
                seconds.SetSpanUpperBoundForVehicle(vehicle.max_duration_s, number)

    def _add_loads(self) -> None:
        depots = len(self.places) - len(self.problem.visits)
        for k, name in enumerate(self.problem.dimensions):
            amounts = [
                visit.delivered[k] if visit.delivered else 0 for visit in self.problem.visits
            ]
            transit = self.routing.RegisterUnaryTransitVector([*amounts, *([0] * depots)])
            capacities = [vehicle.capacity[k] for vehicle in self.problem.vehicles]
            self.routing.AddDimensionWithVehicleCapacity(
                transit, 0, capacities, True, f"load {name}"
            )

    def _rows(self, matrix: Any) -> list[list[int]]:
        rows: list[list[int]] = matrix[self.places][:, self.places].tolist()
        return rows


def _ends(vehicle: Vehicle) -> tuple[int, int]:
    assert vehicle.start is not None
    assert vehicle.end is not None
    return vehicle.start, vehicle.end
