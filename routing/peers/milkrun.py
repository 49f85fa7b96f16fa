"""Our own search, asked like any other engine."""

from __future__ import annotations

from routing.engine.ready import make_ready
from routing.peers.ask import Ask, Sequences
from routing.solve import Budget
from routing.solve import solve as search


def ready() -> None:
    """Load what the clock does not count: compiled code, as with any engine."""
    make_ready()


def solve(ask: Ask) -> Sequences:
    """Search on all cores."""
    plan = search(ask.problem, Budget(seconds=ask.seconds), seed=ask.seed, cores=ask.cores)
    return plan.sequences
