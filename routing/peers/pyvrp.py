"""PyVRP alone: a run of its own iterated local search on each core, each with its own seed."""

from __future__ import annotations

import time

from routing import pyvrp_engine, pyvrp_model, pyvrp_prices
from routing.peers import side_by_side
from routing.peers.ask import Ask, CannotSay, Sequences
from routing.problem import Problem
from routing.stop import Stop
from routing.tables import Tables

SEED_STEP = 1000

_Job = tuple[Problem, float, int]


def ready(cores: int) -> None:
    """Start a process for each core, which the clock does not count."""
    side_by_side.ready(cores, __name__)


def solve(ask: Ask) -> Sequences:
    """Search with one seed on each core."""
    tables = Tables(ask.problem)
    obstacles = [fault.cause for fault in pyvrp_prices.obstacles(tables)]
    if obstacles:
        raise CannotSay("; ".join(obstacles))
    deadline = time.monotonic() + ask.seconds
    seeds = [ask.seed + SEED_STEP * core for core in range(ask.cores)]
    return side_by_side.best(ask, _run, [(ask.problem, deadline, seed) for seed in seeds])


def _run(job: _Job) -> Sequences:
    problem, deadline, seed = job
    tables = Tables(problem)
    model = pyvrp_model.build(tables, range(len(problem.visits)))
    stop = Stop(iterations=None, deadline=deadline, asked=lambda: False)
    found = pyvrp_engine.run(model, stop, seed=seed, start=None, on_best=lambda _: None)
    return {
        problem.vehicles[vehicle].id: [problem.visits[index].id for index in order]
        for vehicle, order in model.orders(found).items()
    }
