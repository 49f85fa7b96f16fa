"""Goods that can come in several ways: which visits an option has, and the cheapest option."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.compound import NOWHERE, apply, tidy
from routing.engine.insertion import near
from routing.engine.instance import Instance
from routing.engine.kernel import kernel, whole
from routing.engine.plan import OUT, Plan, changes_vehicle, join, refresh
from routing.engine.undo import Undo, keep


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
    open_
        ``(options,)`` which may be chosen.
    limit
        What costs as much as this is not put in; the answer is then inf, and nothing has changed.
    """
    way = instance.options[instance.asks[visit].way]
    chosen, best = whole(-1), limit
    for k in range(way.first_rival, way.last_rival):
        if open_[k]:
            rise = _try(instance, plan, undo, k, blink, chance, hints, best)
            if rise < best:
                chosen, best = k, rise
            if rise < np.inf:
                take_out(instance, plan, undo, k)
    if chosen < 0:
        return np.inf
    return _try(instance, plan, undo, chosen, 0.0, chance, hints, limit)


@kernel
def _try(
    instance: Instance,
    plan: Plan,
    undo: Undo,
    option: int,
    blink: float,
    chance: NDArray[np.uint64],
    hints: NDArray[np.int64],
    limit: float,
) -> float:
    """Put the visits of an option in, each where it is cheapest; inf: they are out again."""
    way = instance.options[option]
    rise = way.price
    for k in range(way.first, way.last):
        visit = whole(instance.company[k])
        if plan.links[visit].route != OUT:
            continue  # it came with its partner
        node, _ = near(instance, plan, visit, blink, chance, hints, limit - rise)
        if node == NOWHERE:
            take_out(instance, plan, undo, option)
            return np.inf
        vehicle = whole(plan.links[node].route)
        keep(instance, plan, undo, vehicle)
        rise -= plan.routes[vehicle].cost
        apply(instance, plan, visit, whole(node))
        rise += plan.routes[vehicle].cost
    if rise >= limit:
        take_out(instance, plan, undo, option)
        return np.inf
    return rise


@kernel
def take_out(instance: Instance, plan: Plan, undo: Undo, option: int) -> None:
    """Take the visits of an option out again that were put in since `undo.begin`."""
    links, way = plan.links, instance.options[option]
    for k in range(way.first, way.last):
        visit = whole(instance.company[k])
        if links[visit].route == OUT:
            continue
        vehicle = whole(links[visit].route)
        keep(instance, plan, undo, vehicle)
        plan.changes[0] -= changes_vehicle(instance, vehicle, visit)
        join(instance, plan, vehicle, whole(links[visit].prev), whole(links[visit].next))
        links[visit].route = OUT
        if instance.trips:
            tidy(instance, plan, vehicle)
        else:
            refresh(instance, plan, vehicle)


def open_ones(instance: Instance, visits: Sequence[int]) -> Any:
    """Return which options have no visits but some of the given."""
    known = np.zeros(instance.num_visits + 1, np.bool_)
    known[list(visits)] = True
    return np.array(
        [known[instance.company[way.first : way.last]].all() for way in instance.options], np.bool_
    )
