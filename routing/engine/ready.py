"""Compile the search before it is needed: the first time on a machine that takes half a minute."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np
from numba.core import event

from routing.engine import chance, compound, insertion, instance, misses, options, plan, undo
from routing.engine.improve import improve
from routing.problem import Choice, Matrix, Option, Problem, Vehicle, Visit, Window
from routing.stop import Stop
from routing.tables import Tables


@cache
def make_ready() -> None:
    """Load the machine code from disk, or make it and keep it there; the same for any problem."""
    apart = np.array([[0, 1], [1, 0]], np.int32)
    problem = Problem(
        vehicles=(Vehicle("van", "any", 0, 0, Window(0, 10), cost_per_km=1000),),
        visits=(Visit("a", 1), Visit("b", 1), Visit("c", 1)),
        matrices={"any": Matrix(apart, apart)},
        choices=(Choice("d", (Option(("c",)),)),),
    )
    stop = Stop(iterations=2, deadline=None, asked=lambda: False)
    tables = Tables(problem)
    improve(tables, {}, (0, 1), stop, seed=0, warm=False, on_best=lambda _: None)
    arrays = instance.of(tables)
    empty, hints = plan.empty(arrays), insertion.kinds(arrays)
    insertion.near(arrays, empty, 0, 0.0, chance.seeded(0), hints, np.inf)
    rest = (np.ones(1, np.bool_), 0.0, chance.seeded(0), hints, np.inf)
    options.put_in(arrays, empty, undo.nothing(arrays), undo.nothing(arrays), 2, *rest)
    options.absent(arrays, empty, 0)
    insertion.best(arrays, empty, 0, chance.seeded(0), hints, np.inf)
    offers: Any = np.zeros(1, insertion.OFFER).view(np.recarray)
    insertion.of_each_vehicle(arrays, empty, 0, chance.seeded(0), offers)
    misses.nearest(arrays, empty, 0, np.ones(1, np.bool_))
    plan.fill(arrays, empty, {0: (0,)})
    compound.apply(arrays, empty, 1, 0)


class Herald(event.Listener):
    """Says once that something is compiled; what is only loaded takes no time."""

    def __init__(self) -> None:
        self._said = False

    def on_start(self, _: object) -> None:
        """Say it, the first time."""
        if not self._said:
            self._said = True
            sys.stdout.write("milkrun: compiling the search ...\n")
            sys.stdout.flush()

    def on_end(self, _: object) -> None:
        """Say nothing: others follow."""


if __name__ == "__main__":
    with event.install_listener("numba:compile", Herald()):
        make_ready()
