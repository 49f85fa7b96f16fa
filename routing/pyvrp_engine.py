"""Runs PyVRP on a model of a problem, from a given plan or from its own, and tells of each best."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import pyvrp
from pyvrp import IteratedLocalSearchCallbacks, IteratedLocalSearchParams, PenaltyParams
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.solve import SolveParams

from routing.pyvrp_model import Model
from routing.stop import Stop

TELL_S = 0.1
"""Under a limit of time alone, bests are told no more often than this."""

_USUAL = PenaltyParams()


def run(
    model: Model,
    stop: Stop,
    *,
    seed: int,
    start: pyvrp.Solution | None,
    on_best: Callable[[pyvrp.Solution], None],
    feasible_by: Stop | None = None,
) -> pyvrp.Solution:
    """
    Return PyVRP's best solution, feasible or not.

    Parameters
    ----------
    on_best
        Called with feasible solutions, each better than all before; under a limit of time
        alone, not with all of them.
    feasible_by
        Give up when this ends before the first feasible solution is found.
    """
    watch = _Watch(stop, on_best, feasible_by)
    params = SolveParams(ils=IteratedLocalSearchParams(callbacks=watch), penalty=_penalties(model))
    with warnings.catch_warnings():
        # That no feasible plan is found is for the caller to see, and to say.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = pyvrp.solve(
            model.data,
            watch.stop,
            seed=seed % 2**32,
            collect_stats=False,
            display=False,
            params=params,
            initial_solution=start,
        )
    return result.best


def _penalties(model: Model) -> PenaltyParams:
    """
    Return what a second late or a unit too much may cost.

    PyVRP's own limits suit a price of 1 a metre. They grow with the unit price and, so that a
    visit is left out rather than served late, with what planning it is worth; up to where sums
    over a plan would leave 64 bits.
    """
    unit = model.money.largest_unit
    most = max(_USUAL.max_penalty * unit, float(model.largest_prize))
    if most == _USUAL.max_penalty:
        return _USUAL
    sure = 1e17 / (max(1, model.data.num_clients) * model.longest_leg)
    most = max(_USUAL.max_penalty, min(most, sure))
    return PenaltyParams(min_penalty=_USUAL.min_penalty * unit, max_penalty=most)


class _Watch(IteratedLocalSearchCallbacks):
    """Listens to PyVRP, and stops it."""

    def __init__(
        self, stop: Stop, on_best: Callable[[pyvrp.Solution], None], feasible_by: Stop | None
    ) -> None:
        self._stop = stop
        self._tell = on_best
        self._feasible_by = feasible_by
        self._feasible = False
        self._untold: pyvrp.Solution | None = None
        self._next_tell = 0.0

    def on_start(self, ils: pyvrp.IteratedLocalSearch) -> None:
        if ils.initial_solution.is_feasible():
            self.on_best(ils.initial_solution)

    def on_best(self, best: pyvrp.Solution) -> None:
        self._feasible = True
        self._stop.improved()
        self._untold = best

    def stop(self, best_cost: int) -> bool:
        self._tell_best()
        if self._stop.reached():
            return True
        by = self._feasible_by
        return by is not None and not self._feasible and by.reached()

    def _tell_best(self) -> None:
        now = time.monotonic()
        # Looking at a plan takes time. Where iterations count, all are looked at, come what may.
        if self._untold is None or (self._stop.iterations is None and now < self._next_tell):
            return
        self._next_tell = now + TELL_S
        self._tell(self._untold)
        self._untold = None
