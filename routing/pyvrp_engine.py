"""Runs PyVRP on its model of a problem, from a start or from its own, and tells of each best."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pyvrp
from pyvrp import IteratedLocalSearchCallbacks, IteratedLocalSearchParams, PenaltyParams
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.solve import SolveParams

from routing.pyvrp_model import Model


@dataclass(frozen=True, slots=True)
class Stop:
    """When to stop: after so many iterations, at a time of `time.monotonic`, or when asked to."""

    iterations: int | None
    deadline: float | None
    asked: Callable[[], bool]

    def now(self) -> bool:
        """Return whether the time is up, or stopping was asked for."""
        return (self.deadline is not None and time.monotonic() >= self.deadline) or self.asked()


def run(
    model: Model,
    stop: Stop,
    *,
    seed: int,
    start: pyvrp.Solution | None,
    on_best: Callable[[pyvrp.Solution], None],
    until_feasible: bool = False,
) -> tuple[pyvrp.Solution, int]:
    """
    Return PyVRP's best solution, feasible or not, and the number of iterations done.

    Parameters
    ----------
    on_best
        Called with each feasible solution that is better than all before.
    until_feasible
        Stop at the first feasible solution.
    """
    watch = _Watch(stop, on_best, until_feasible)
    params = SolveParams(ils=IteratedLocalSearchParams(callbacks=watch), penalty=_penalties(model))
    with warnings.catch_warnings():
        # That no feasible plan is found is for the caller to see, and to say.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = pyvrp.solve(
            model.data,
            watch.stop,
            seed=seed,
            collect_stats=False,
            display=False,
            params=params,
            initial_solution=start,
        )
    return result.best, result.num_iterations


def _penalties(model: Model) -> PenaltyParams:
    return PenaltyParams()


class _Watch(IteratedLocalSearchCallbacks):
    """Listens to PyVRP, and stops it."""

    def __init__(
        self, stop: Stop, on_best: Callable[[pyvrp.Solution], None], until_feasible: bool
    ) -> None:
        self._stop = stop
        self._on_best = on_best
        self._until_feasible = until_feasible
        self._iterations = 0
        self._feasible = False

    def on_best(self, best: pyvrp.Solution) -> None:
        self._feasible = True
        self._on_best(best)

    def stop(self, best_cost: int) -> bool:
        if self._stop.iterations is not None and self._iterations >= self._stop.iterations:
            return True
        self._iterations += 1
        return (self._until_feasible and self._feasible) or self._stop.now()
