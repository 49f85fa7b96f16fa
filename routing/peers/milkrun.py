"""Our own search, asked like any other engine."""

from __future__ import annotations

import time

from routing.crew import prepare
from routing.engine.ready import make_ready
from routing.peers.ask import Ask, Sequences
from routing.solve import Budget
from routing.solve import solve as search

START_S = 2.0
"""A process has loaded its code after this."""


def ready(cores: int) -> None:
    """Load what the clock does not count: compiled code, and a process for each core."""
    make_ready()
    prepare(cores)
    time.sleep(START_S)


def solve(ask: Ask) -> Sequences:
    """Search on all cores."""
    plan = search(ask.problem, Budget(seconds=ask.seconds), seed=ask.seed, cores=ask.cores)
    return plan.sequences
