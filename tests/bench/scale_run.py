"""One search in a process of its own, whose memory is then its own: prints JSON."""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path

from routing.engine.ready import make_ready
from routing.problem import Problem
from routing.solve import Budget, Progress, solve


def measured(problem: Problem, *, seconds: float, cores: int) -> dict[str, float]:
    """Return when the first plan was there, the cost of the last, and how long it all took."""
    told: list[Progress] = []
    begun = time.monotonic()
    plan = solve(problem, Budget(seconds=seconds), cores=cores, on_best=told.append)
    return {
        "wall_s": time.monotonic() - begun,
        "first_s": told[0].elapsed_s,
        "first_cost": told[0].objective,
        "cost": told[-1].objective,
        "routes": len(plan.routes),
        "left_out": len(plan.unplanned),
    }


def main(words: list[str]) -> int:
    path, seconds, cores = words
    with Path(path).open("rb") as file:
        problem = pickle.load(file)
    make_ready()
    found = measured(problem, seconds=float(seconds), cores=int(cores))
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
