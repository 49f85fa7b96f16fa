"""From a plan to a better one: how hot the search begins, how it cools, when it tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

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


class Fall(NamedTuple):
    """How the temperature falls in the course of a search, in the money of `records.SCALE`."""

    hot: float
    cold: float

    def at(self, share: float) -> float:
        """Return the temperature when so much of the search is over, 0 … 1."""
        return float(self.hot * (self.cold / self.hot) ** share)

    def part(self, begin: float, end: float) -> Fall:
        """Return how it falls between two shares of the search."""
        return Fall(self.at(begin), self.at(end))


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
    told, tell_at = walk.best_cost[0], 0.0

    def tell() -> None:
        nonlocal told, tell_at
        now = time.monotonic()
        if walk.best_cost[0] < told and (stop.iterations is not None or now >= tell_at):
            told, tell_at = walk.best_cost[0], now + TELL_S
            on_best(plan_.orders(instance, walk.best))

    cool(instance, walk, stop, fall(instance, walk, warm=warm), each=tell)
    if walk.best_cost[0] < told:
        on_best(plan_.orders(instance, walk.best))


def fall(instance: Instance, walk: Walk, *, warm: bool) -> Fall:
    """Return the temperatures for a search that begins with a plan."""
    routes = walk.plan.routes
    used = routes.stops > 0
    legs = int(routes.stops.sum()) + int(used.sum())
    cost = float(routes.cost.sum())
    ways = cost - float(instance.vehicles.fixed[used].sum())
    # Vehicles that cost far more than their ways make it no hotter, unless little else costs.
    if ways > cost / 100:
        cost = min(cost, 10.0 * ways)
    leg = max(1.0, cost / max(1, legs))
    return Fall(leg * (HOT_WARM if warm else HOT), leg * COLD)


def cool(
    instance: Instance,
    walk: Walk,
    stop: Stop,
    fall: Fall,
    *,
    each: Callable[[], None] = lambda: None,
) -> None:
    """Let a search run until told to stop; ``each`` is called every now and then."""
    cooling = Cooling(stop)
    size = STEP
    while count := stop.take(size):
        began, before = time.monotonic(), walk.best_cost[0]
        annealing.run(instance, walk, count, fall.at(cooling.share()))
        if stop.iterations is None:
            size = _longer(size, time.monotonic() - began)
        if walk.best_cost[0] < before:
            stop.improved()
        each()


def _longer(size: int, seconds: float) -> int:
    """Return how many iterations last `STEP_S`, at most twice as many as last time."""
    return max(1, min(2 * size, int(size * STEP_S / max(seconds, 1e-6))))


class Cooling:
    """How much of a search is over."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._began = time.monotonic()
        self._done = stop.done

    def share(self, at: float | None = None) -> float:
        """Return how much is over, 0 … 1: now, or at a time of `time.monotonic`."""
        stop = self._stop
        if stop.iterations is not None:
            return min(1.0, (stop.done - self._done) / max(1, stop.iterations - self._done))
        elapsed = (time.monotonic() if at is None else at) - self._began
        if stop.deadline is not None:
            return min(1.0, elapsed / max(1e-6, stop.deadline - self._began))
        return elapsed % CYCLE_S / CYCLE_S
