"""Goods that can come in several ways: which visits an option has, and the cheapest option."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.compound import NOWHERE, apply
from routing.engine.insertion import near
from routing.engine.instance import Instance
from routing.engine.kernel import kernel, whole
from routing.engine.plan import OUT, Plan
from routing.engine.undo import Undo, begin, keep, restore, withdraw


@kernel
def absent(instance: Instance, plan: Plan, visit: int) -> bool:
    """Return whether a visit is on no route, nor any that brings the same goods."""
    if not instance.choosing or instance.asks[visit].way < 0:
        return plan.links[visit].route == OUT
    way = instance.options[instance.asks[visit].way]
    for k in range(way.first_rival, way.last_rival):
        if plan.links[instance.company[instance.options[k].first]].route != OUT:
            return False
    return True


@kernel
def put_in(
    instance: Instance,
    plan: Plan,
    undo: Undo,
    trial: Undo,
    visit: int,
    open_: NDArray[np.bool_],
    blink: float,
    chance: NDArray[np.uint64],
    hints: NDArray[np.int64],
    limit: float,
) -> float:
    """
    Put the cheapest option of a visit's choice in; return what the plan then costs more.

    Parameters
    ----------
    trial
        Scratch: each option is put in, and taken back.
    open_
        ``(options,)`` which may be chosen.
    limit
        What costs as much as this is not put in; the answer is then inf, and nothing has changed.
    """
    way = instance.options[instance.asks[visit].way]
    chosen, best = whole(-1), limit
    for k in range(way.first_rival, way.last_rival):
        if open_[k]:
            begin(plan, trial)
            rise = _try(instance, plan, undo, trial, k, blink, chance, hints, best)
            if rise < best:
                chosen, best = k, rise
            withdraw(instance, plan, visit)
            restore(instance, plan, trial)
    if chosen < 0:
        return np.inf
    begin(plan, trial)
    rise = _try(instance, plan, undo, trial, chosen, 0.0, chance, hints, limit)
    if rise == np.inf:
        withdraw(instance, plan, visit)
        restore(instance, plan, trial)
    return rise


@kernel
def _try(
    instance: Instance,
    plan: Plan,
    undo: Undo,
    trial: Undo,
    option: int,
    blink: float,
    chance: NDArray[np.uint64],
    hints: NDArray[np.int64],
    limit: float,
) -> float:
    """Put the visits of an option in, each where it is cheapest; inf: not all, or up to a limit."""
    way = instance.options[option]
    rise = way.price
    for k in range(way.first, way.last):
        visit = whole(instance.company[k])
        if plan.links[visit].route != OUT:
            continue  # it came with its partner
        node, _ = near(instance, plan, visit, blink, chance, hints, limit - rise)
        if node == NOWHERE:
            return np.inf
        vehicle = whole(plan.links[node].route)
        keep(instance, plan, undo, vehicle)
        keep(instance, plan, trial, vehicle)
        rise -= plan.routes[vehicle].cost
        apply(instance, plan, visit, whole(node))
        rise += plan.routes[vehicle].cost
    return rise if rise < limit else np.inf


def open_ones(instance: Instance, visits: Sequence[int]) -> Any:
    """Return which options have no visits but some of the given."""
    known = np.zeros(instance.num_visits + 1, np.bool_)
    known[list(visits)] = True
    return np.array(
        [known[instance.company[way.first : way.last]].all() for way in instance.options], np.bool_
    )
