"""
The child process of one run: asks an engine, judges its plan, and writes what came of it.

``python -m routing.bench.worker JOB RESULT``, two files of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing import schedule
from routing.check import check
from routing.faults import InvalidProblem
from routing.formats import FleetSize
from routing.peers.ask import Ask, CannotSay, NoPlan, Sequences
from routing.problem import Problem


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: an adapter by its module, a problem by its file and reader, and the limits."""

    module: str
    file: str
    vehicles: FleetSize
    seconds: float
    seed: int
    cores: int
    setting: str
    reader: str = "routing.formats.files"


def main(words: list[str]) -> int:
    """Do a job."""
    job = Job(**json.loads(Path(words[0]).read_text("utf-8")))
    _stay_on(job.cores)
    result = _result(job)
    Path(words[1]).write_text(json.dumps(result), "utf-8")
    return 0


def _stay_on(cores: int) -> None:
    """Leave this process and its children but so many cores, whatever they would like."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def _result(job: Job) -> dict[str, Any]:
    problem = importlib.import_module(job.reader).read(job.file, vehicles=job.vehicles)
    adapter = importlib.import_module(job.module)
    getattr(adapter, "ready", lambda _: None)(job.cores)
    ask = Ask(problem, job.seconds, job.seed, job.cores, job.setting)
    began = time.monotonic()
    try:
        sequences = adapter.solve(ask)
    except (NoPlan, CannotSay) as error:
        status = "no plan" if isinstance(error, NoPlan) else "refused"
        return {"status": status, "cause": str(error), "wall_s": _since(began)}
    return {"wall_s": _since(began), **_judged(problem, sequences)}


def _judged(problem: Problem, sequences: Sequences) -> dict[str, Any]:
    try:
        plan = schedule.schedule(problem, sequences)
    except InvalidProblem as error:
        codes = Counter(fault.code for fault in error.faults)
        return {"status": "infeasible", "violations": dict(codes)}
    violations = Counter(violation.code for violation in check(problem, plan))
    return {
        "status": "infeasible" if violations else "feasible",
        "cost": plan.objective,
        "num_vehicles": len(plan.routes),
        "violations": dict(violations),
    }


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
