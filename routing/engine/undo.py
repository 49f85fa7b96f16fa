"""What a change touched, so that it can be taken back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.engine.instance import Instance
from routing.engine.kernel import kernel
from routing.engine.plan import OUT, Plan, refresh

LEG = np.dtype(
    [("node", "u4"), ("seconds", "i4"), ("metres", "i4"), ("busy", "i4"), ("cost", "f8")]
)
"""A node, and the leg that led there."""


class Undo(NamedTuple):
    """
    The orders of routes before a change.

    Attributes
    ----------
    now
        ``(1,)`` the number of the change; ``stamp[vehicle]`` is it when that route is kept.
    kept
        ``(2,)`` how many routes and how many nodes are kept.
    vehicles, sizes, legs
        The routes that are kept, how many visits each has, and their `LEG` one after the other,
        that to the end of each included.
    changes
        ``(1,)`` as in `Plan`.
    """

    now: NDArray[np.int64]
    stamp: NDArray[np.int64]
    kept: NDArray[np.int64]
    vehicles: NDArray[np.int64]
    sizes: NDArray[np.int64]
    legs: Any
    changes: NDArray[np.int64]


def nothing(instance: Instance) -> Undo:
    """Return an empty memory."""
    vehicles = len(instance.vehicles)
    return Undo(
        now=np.zeros(1, np.int64),
        stamp=np.full(vehicles, -1, np.int64),
        kept=np.zeros(2, np.int64),
        vehicles=np.zeros(vehicles, np.int64),
        sizes=np.zeros(vehicles, np.int64),
        legs=np.zeros(len(instance.nodes), LEG).view(np.recarray),
        changes=np.zeros(1, np.int64),
    )


@kernel
def begin(plan: Plan, undo: Undo) -> None:
    """Begin a change: forget the last one."""
    undo.changes[0] = plan.changes[0]
    undo.now[0] += 1
    undo.kept[0] = undo.kept[1] = 0


@kernel
def keep(instance: Instance, plan: Plan, undo: Undo, vehicle: int) -> None:
    """Remember a route as it is, unless this change has done so already."""
    if undo.stamp[vehicle] == undo.now[0]:
        return
    undo.stamp[vehicle] = undo.now[0]
    end = instance.num_visits + 2 * vehicle + 1
    links, node = plan.links, plan.links[end - 1].next
    place = undo.kept[1]
    while True:
        leg, link = undo.legs[place], links[node]
        leg.node, leg.seconds, leg.metres = node, link.seconds, link.metres
        leg.busy, leg.cost = link.busy, link.cost
        place += 1
        if node == end:
            break
        node = link.next
    undo.vehicles[undo.kept[0]] = vehicle
    undo.sizes[undo.kept[0]] = place - undo.kept[1] - 1
    undo.kept[0] += 1
    undo.kept[1] = place


@kernel
def take_back(
    instance: Instance, plan: Plan, undo: Undo, out: NDArray[np.uint32], count: int
) -> None:
    """Give all routes that are kept their visits back; ``out`` are those that were taken out."""
    links = plan.links
    for k in range(count):
        links[out[k]].route = OUT
    plan.changes[0] = undo.changes[0]
    for k in range(undo.kept[0]):
        _empty(instance, plan, undo.vehicles[k])
    place = 0
    for k in range(undo.kept[0]):
        vehicle = undo.vehicles[k]
        before = np.uint32(instance.num_visits + 2 * vehicle)
        for _ in range(undo.sizes[k] + 1):
            leg = undo.legs[place]
            link = links[leg.node]
            links[before].next = leg.node
            link.prev = before
            link.seconds, link.metres = leg.seconds, leg.metres
            link.busy, link.cost = leg.busy, leg.cost
            before = leg.node
            place += 1
        refresh(instance, plan, vehicle)


@kernel
def _empty(instance: Instance, plan: Plan, vehicle: int) -> None:
    """Mark all that is on a route as on none: not all of it will be put back."""
    end = instance.num_visits + 2 * vehicle + 1
    node = plan.links[end - 1].next
    while node != end:
        plan.links[node].route = OUT
        node = plan.links[node].next
