"""How long a quote takes on a plan of 1,000 visits and 60 vehicles."""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace

import numpy as np

from routing.problem import Matrix, Problem, Vehicle, Visit, Window
from routing.quote import quote
from routing.schedule import schedule
from routing.solution import Solution
from routing.solve import Budget, solve

NUM_VISITS, NUM_VEHICLES, ASKED = 1000, 60, 60


def main(_: list[str]) -> int:
    problem = _day()
    few = replace(problem, visits=problem.visits[:-ASKED])
    plan = _with_all(problem, solve(few, Budget(seconds=10)))
    planned = sum(len(route.steps) for route in plan.routes)
    sys.stdout.write(f"{planned} visits on {len(plan.routes)} of {NUM_VEHICLES} vehicles\n\n")
    first: list[float] = []
    known: list[float] = []
    for visit in problem.visits[-ASKED:]:
        # A plan that was not asked about before: its arrays are made first.
        anew = replace(plan)
        for times in (first, known):
            began = time.perf_counter()
            ways = quote(problem, anew, visit.id)
            times.append(1000 * (time.perf_counter() - began))
        assert ways
    sys.stdout.write("| | median, ms | 95 %, ms |\n|---|---:|---:|\n")
    for name, times in (("first question about a plan", first), ("each further one", known)):
        most = statistics.quantiles(times, n=20)[-1]
        sys.stdout.write(f"| {name} | {statistics.median(times):.1f} | {most:.1f} |\n")
    return 0


def _with_all(problem: Problem, plan: Solution) -> Solution:
    """Return a plan of some visits as one of all, the others left out."""
    return schedule(problem, plan.sequences)


def _day() -> Problem:
    """Return deliveries on a square of 30 km, from its middle, in windows of two to six hours."""
    random = np.random.default_rng(1)
    points = random.integers(0, 30_000, size=(NUM_VISITS + 1, 2))
    points[0] = 15_000, 15_000
    metres = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)).astype(np.int32)
    seconds = (metres / 10).astype(np.int32)
    visits = []
    for k in range(NUM_VISITS):
        opens = int(random.integers(0, 6 * 3600))
        window = Window(opens, opens + int(random.integers(2, 7)) * 3600)
        visits.append(Visit(f"v{k}", k + 1, (window,), service_s=300, delivered=(1,)))
    vans = tuple(
        Vehicle(
            f"van {k}", "car", 0, 0, Window(0, 10 * 3600), (20,), cost_per_km=150, cost_per_h=4500
        )
        for k in range(NUM_VEHICLES)
    )
    return Problem(vans, tuple(visits), {"car": Matrix(seconds, metres)}, ("boxes",))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
