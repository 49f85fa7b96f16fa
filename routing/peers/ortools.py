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
from routing.peers.ask import Ask, Sequences, refuse, setups, several_windows
from routing.peers.enough import enough
from routing.peers.ortools_model import Model
from routing.problem import NO_WAY, Problem
from routing.tables import Tables

FIRST_PLANS = ("SAVINGS", "PARALLEL_CHEAPEST_INSERTION", "LOCAL_CHEAPEST_INSERTION")
"""
The kinds of first plan for vehicles of one kind, one for each core; with more cores, round again.

Of five kinds, each alone for 5 s on three instances of 324 to 1,000 visits, the first two led to
the best plans; with its default and with PATH_CHEAPEST_ARC one instance had none in time.
"""

OF_SEVERAL_KINDS = (
    "SEQUENTIAL_CHEAPEST_INSERTION",
    "PARALLEL_CHEAPEST_INSERTION",
    "LOCAL_CHEAPEST_INSERTION",
)
"""
The same for vehicles of several kinds.

On days of 200 visits with breaks, skills, reloads, returns, pins or visits that may be left out,
each alone for 5 s, SAVINGS led to plans up to 16 % dearer than the first two.
"""

FIRST_SHARE = 0.5
"""Of the seconds, at most, for a first plan that loads again."""

_KNOWN = ("breaks", "reloads", "service_s_by_type", "vehicles", "not_vehicles")
"""What its model has words for beyond the usual."""

_Job = tuple[Problem, float, str]


def ready(cores: int) -> None:
    """Start a process for each core, which the clock does not count."""
    side_by_side.ready(cores, __name__)


def solve(ask: Ask) -> Sequences:
    """Search once on each core."""
    deadline = time.monotonic() + ask.seconds
    refuse(ask.problem, _lacking(ask.problem), known=_KNOWN)
    problem = enough(ask.problem)
    several = len(set(Tables(problem).vehicle_kinds)) > 1
    names = OF_SEVERAL_KINDS if several else FIRST_PLANS
    jobs = [(problem, deadline, names[core % len(names)]) for core in range(ask.cores)]
    return side_by_side.best(ask, _run, jobs)


def _run(job: _Job) -> Sequences | None:
    problem, deadline, kind = job
    parameters: Any = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, kind)
    first = None
    if any(vehicle.reloads for vehicle in problem.vehicles):
        first = _first_plan(problem, parameters, _left(deadline) * FIRST_SHARE)
    model = Model(problem)
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    begin = None if first is None else model.start(first, parameters)
    _limit(parameters, _left(deadline))
    if begin is None:
        found = model.routing.SolveWithParameters(parameters)
    else:
        found = model.routing.SolveFromAssignmentWithParameters(begin, parameters)
    return model.sequences(found) if found else None


def _first_plan(problem: Problem, parameters: Any, seconds: float) -> list[list[int]] | None:
    """Return a plan that loads again wherever it may: its search alone seldom begins to."""
    model, own = Model(problem, eager=True), type(parameters)()
    own.CopyFrom(parameters)
    own.solution_limit = 1
    _limit(own, seconds)
    found = model.routing.SolveWithParameters(own)
    return model.routes(found) if found else None


def _left(deadline: float) -> float:
    return max(0.1, deadline - time.monotonic())


def _limit(parameters: Any, seconds: float) -> None:
    parameters.time_limit.FromMilliseconds(int(1000 * seconds))


def _lacking(problem: Problem) -> Iterator[str]:
    yield from several_windows(problem)
    yield from setups(problem)
    for vehicle in problem.vehicles:
        if vehicle.start is None or vehicle.end is None:
            yield "routes without a start or an end"
    for matrix in problem.matrices.values():
        if matrix.costs is not None:
            yield "prices of legs"
        if (matrix.durations == NO_WAY).any() or (matrix.distances == NO_WAY).any():
            yield "places without a way"
