"""Gap to the best known after a budget, beside PyVRP alone on as many cores in the same run."""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import statistics
import sys
import time

from routing.check import check
from routing.engine.ready import make_ready
from routing.formats import files
from routing.formats.fleet import FleetSize
from routing.problem import Problem
from routing.schedule import solution
from routing.solution import Solution
from routing.solve import Budget, solve
from routing.stop import Stop
from routing.tables import Tables
from tests.shared_data import SHARED

INSTANCES = (
    "ortec/ORTEC-VRPTW-ASYM-ef7dad5e-d1-n200-k12.txt.gz",
    "ortec/ORTEC-VRPTW-ASYM-00c5356f-d1-n258-k12.txt.gz",
    "ortec/ORTEC-VRPTW-ASYM-01829532-d1-n324-k22.txt.gz",
    "ortec/ORTEC-VRPTW-ASYM-072c9291-d1-n432-k30.txt.gz",
    "ortec/ORTEC-VRPTW-ASYM-5e37bd11-d1-n486-k30.txt.gz",
    "ortec/ORTEC-VRPTW-ASYM-e7835db2-d1-n650-k42.txt.gz",
    "homberger/c2_10_3.txt",
    "homberger/r1_10_1.txt",
    "homberger/r2_10_6.txt",
    "homberger/rc1_10_4.txt",
)


def main(words: list[str]) -> int:
    options = _options(words)
    make_ready()
    sys.stdout.write(
        f"Gap to the best known in %, {options.budget:g} s on {options.cores} cores,"
        f" {options.seeds} seeds.\n\n| instance | Milkrun | PyVRP alone |\n|---|---:|---:|\n"
    )
    rows = []
    for name in options.instances:
        rows.append(_gaps(name, options))
        cells = (" ".join(f"{gap:.2f}" for gap in gaps) for gaps in rows[-1])
        sys.stdout.write(f"| {_stem(name)} | {' | '.join(cells)} |\n")
        sys.stdout.flush()
    ways = ([gap for row in rows for gap in row[way]] for way in (0, 1))
    means = " | ".join(f"**{statistics.mean(gaps):.2f}**" for gaps in ways)
    sys.stdout.write(f"| mean | {means} |\n")
    return 0


def _gaps(name: str, options: argparse.Namespace) -> tuple[list[float], list[float]]:
    """Return the gaps of both ways, by seed; infinite where a plan breaks a rule."""
    vehicles: FleetSize = "unlimited" if name.startswith("ortec/") else None
    problem = files.read(SHARED / "vrp" / name, vehicles=vehicles)
    best = _best_known(_stem(name))
    gaps: tuple[list[float], list[float]] = ([], [])
    for seed in range(options.seeds):
        for way, found in zip(gaps, (_ours, _pyvrp), strict=True):
            plan = found(problem, options.budget, seed, options.cores)
            way.append(math.inf if check(problem, plan) else 100 * (plan.cost / best - 1))
    return gaps


def _stem(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench solve", description=__doc__)
    parser.add_argument("--budget", type=float, default=5)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--instances", nargs="*", default=INSTANCES, metavar="FILE")
    return parser.parse_args(words)


def _best_known(name: str) -> float:
    """Return the best known cost in the unit of the file: tenths, where distances are Euclid's."""
    known = json.loads((SHARED / "vrp" / "best_known.json").read_text("utf-8"))
    entry = next(entry for key, entry in known.items() if key.lower() == name.lower())
    return float(entry["cost"] if "cost" in entry else 10 * entry["cost_dimacs_1dec"])


def _ours(problem: Problem, seconds: float, seed: int, cores: int) -> Solution:
    return solve(problem, Budget(seconds=seconds), seed=seed, cores=cores)


def _pyvrp(problem: Problem, seconds: float, seed: int, cores: int) -> Solution:
    """Return PyVRP's best of as many seeds as there are cores, each on its own core."""
    deadline = time.monotonic() + seconds
    context = multiprocessing.get_context("spawn")
    with context.Pool(cores) as pool:
        jobs = [(problem, deadline, seed + 1000 * core) for core in range(cores)]
        return min(pool.starmap(_one_pyvrp, jobs), key=lambda plan: plan.cost)


def _one_pyvrp(problem: Problem, deadline: float, seed: int) -> Solution:
    from routing import pyvrp_engine, pyvrp_model

    tables = Tables(problem)
    model = pyvrp_model.build(tables, range(len(problem.visits)))
    stop = Stop(iterations=None, deadline=deadline, asked=lambda: False)
    best = pyvrp_engine.run(model, stop, seed=seed, start=None, on_best=lambda _: None)
    return solution(tables, model.orders(best))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
