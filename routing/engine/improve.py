"""From a plan to a better one: how hot the search begins, how it cools, when it tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from routing.engine import annealing
from routing.engine import instance as instance_
from routing.engine import plan as plan_
from routing.engine.annealing import Walk
from routing.engine.instance import Instance
from routing.stop import Stop
from routing.tables import Tables

HOT, COLD = 1.0, 0.01
"""
Temperatures at the beginning and at the end, in the mean cost of a leg: of 0.1 to 3 and 0.003 to
0.01 the best on six instances of 323 to 1,000 visits, 5 s each.
"""

HOT_WARM = 0.1
"""The temperature to begin with from a good plan, which should not be lost sight of."""

TELL_S = 0.1
"""Under a limit of time alone, better plans are told no more often than this."""

STEP = 100
"""Iterations between two looks at the clock, at first, or always where iterations count."""

STEP_S = 0.02
"""Under a limit of time, a step is made as long as this."""

CYCLE_S = 30.0
"""Without any limit the temperature falls once in this time, again and again."""


def improve(
    tables: Tables,
    orders: plan_.Orders,
    visits: Sequence[int],
    stop: Stop,
    *,
    seed: int,
    warm: bool,
    on_best: Callable[[plan_.Orders], None],
) -> None:
    """
    Search on from a feasible plan until told to stop, and tell of each better one.

    Parameters
    ----------
    visits
        Those that some vehicle can serve; the others are not tried.
    warm
        The plan is a good one: stay near it.
    """
    if not visits:
        return
    instance = instance_.of(tables)
    walk = annealing.walk(instance, orders, visits, seed=seed)
    # The arrays hold shorter times than a problem may have: such a plan stays as it is.
    if walk is None:
        return
    scale = max(1.0, _mean_leg(instance, walk))
    hot = HOT_WARM if warm else HOT
    cooling = _Cooling(stop)
    size, told, tell_at = STEP, walk.best_cost[0], 0.0
    while count := stop.take(size):
        temperature = scale * hot * (COLD / hot) ** cooling.share()
        began, before = time.monotonic(), walk.best_cost[0]
        annealing.run(instance, walk, count, temperature)
        now = time.monotonic()
        if stop.iterations is None:
            size = _longer(size, now - began)
        if walk.best_cost[0] < before:
            stop.improved()
        if walk.best_cost[0] < told and (stop.iterations is not None or now >= tell_at):
            told, tell_at = walk.best_cost[0], now + TELL_S
            on_best(plan_.orders(instance, walk.best))
    if walk.best_cost[0] < told:
        on_best(plan_.orders(instance, walk.best))


def _mean_leg(instance: Instance, walk: Walk) -> float:
    routes = walk.plan.routes
    legs = int(routes.stops.sum()) + int((routes.stops > 0).sum())
    return float(routes.cost.sum()) / max(1, legs)


def _longer(size: int, seconds: float) -> int:
    """Return how many iterations last `STEP_S`, at most twice as many as last time."""
    return max(1, min(2 * size, int(size * STEP_S / max(seconds, 1e-6))))


class _Cooling:
    """How much of the search is over, 0 … 1."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._began = time.monotonic()
        self._done = stop.done

    def share(self) -> float:
        stop = self._stop
        if stop.iterations is not None:
            return min(1.0, (stop.done - self._done) / max(1, stop.iterations - self._done))
        elapsed = time.monotonic() - self._began
        if stop.deadline is not None:
            return min(1.0, elapsed / max(1e-6, stop.deadline - self._began))
        return elapsed % CYCLE_S / CYCLE_S
