"""One engine that uses a single core, several times at once: one process for each core."""

from __future__ import annotations

import importlib
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from typing import TypeVar

from routing import schedule
from routing.peers.ask import Ask, NoPlan, Sequences
from routing.problem import Problem

Job = TypeVar("Job")

_START_S = 2.0
"""All processes have started after this."""


_pool: list[ProcessPoolExecutor] = []


def ready(cores: int, module: str) -> None:
    """Start the processes of the next `best`, with a module; the clock then does not count it."""
    if cores > 1 and not _pool:
        pool = ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn"))
        # One task for each process, long enough for all of them to start.
        wait([pool.submit(_load, module) for _ in range(cores)])
        _pool.append(pool)


def _load(module: str) -> None:
    importlib.import_module(module)
    time.sleep(_START_S)


def best(ask: Ask, run: Callable[[Job], Sequences | None], jobs: Sequence[Job]) -> Sequences:
    """
    Return the best of what a function finds for each job.

    Parameters
    ----------
    run
        A function on the level of its module; None means that it found nothing.
    jobs
        One for each core. A single one is done in this process.

    Raises
    ------
    NoPlan
        None of them found anything.
    """
    if len(jobs) == 1:
        found = [run(jobs[0])]
    else:
        ready(len(jobs), run.__module__)
        with _pool.pop() as pool:
            found = list(pool.map(run, jobs))
    plans = [plan for plan in found if plan is not None]
    if not plans:
        raise NoPlan("the search found no plan")
    return min(plans, key=lambda plan: rank(ask.problem, plan))


def rank(problem: Problem, plan: Sequences) -> tuple[int, int, int]:
    """Return what makes one plan better than another: visits that must be planned, rules, money."""
    scheduled = schedule.schedule(problem, plan)
    required = {visit.id for visit in problem.visits if visit.price_unplanned is None}
    missing = sum(unplanned.visit in required for unplanned in scheduled.unplanned)
    return missing, len(scheduled.violations), scheduled.objective
