"""One engine that uses a single core, several times at once: one process for each core."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from routing import schedule
from routing.peers.ask import Ask, NoPlan, Sequences
from routing.problem import Problem

Job = TypeVar("Job")


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
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(len(jobs), mp_context=context) as pool:
            found = list(pool.map(run, jobs))
    plans = [plan for plan in found if plan is not None]
    if not plans:
        raise NoPlan("the search found no plan")
    return min(plans, key=lambda plan: _rank(ask.problem, plan))


def _rank(problem: Problem, plan: Sequences) -> tuple[int, int, int]:
    scheduled = schedule.schedule(problem, plan)
    return len(scheduled.unplanned), len(scheduled.violations), scheduled.objective
