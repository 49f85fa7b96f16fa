"""What a change touched, so that it can be taken back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.engine.instance import Instance
from routing.engine.kernel import kernel, whole
from routing.engine.loads import load_again
from routing.engine.plan import LINK, OUT, ROUTE, Plan


class Undo(NamedTuple):
    """
    Routes before a change.

    Attributes
    ----------
    now
        ``(1,)`` the number of the change; ``stamp[vehicle]`` is it when that route is kept.
    kept
        ``(2,)`` how many routes and how many nodes are kept.
    vehicles, sizes, routes, room
        The routes that are kept, how many nodes each has, and what `Plan` says of each.
    nodes, links
        Their nodes one after the other, start and end included, and the `LINK` of each.
    changes
        ``(1,)`` as in `Plan`.
    """

    now: NDArray[np.int64]
    stamp: NDArray[np.int64]
    kept: NDArray[np.int64]
    vehicles: NDArray[np.int64]
    sizes: NDArray[np.int64]
    routes: Any
    room: NDArray[np.int64]
    nodes: NDArray[np.uint32]
    links: Any
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
        routes=np.zeros(vehicles, ROUTE).view(np.recarray),
        room=np.zeros(instance.capacity.shape, np.int64),
        nodes=np.zeros(len(instance.nodes), np.uint32),
        links=np.zeros(len(instance.nodes), LINK).view(np.recarray),
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
    node = np.uint32(instance.num_visits + 2 * vehicle)
    end = node + 1
    first = place = undo.kept[1]
    while True:
        undo.nodes[place] = node
        undo.links[place] = plan.links[node]
        place += 1
        if node == end:
            break
        node = plan.links[node].next
    number = undo.kept[0]
    undo.vehicles[number] = vehicle
    undo.sizes[number] = place - first
    undo.routes[number] = plan.routes[vehicle]
    for k in range(plan.room.shape[1]):
        undo.room[number, k] = plan.room[vehicle, k]
    undo.kept[0] += 1
    undo.kept[1] = place


@kernel
def take_back(
    instance: Instance, plan: Plan, undo: Undo, out: NDArray[np.uint32], count: int
) -> None:
    """Give all routes that are kept their visits back; ``out`` are those that were taken out."""
    for k in range(count):
        plan.links[out[k]].route = OUT
        if instance.choosing and instance.asks[out[k]].way >= 0:
            withdraw(instance, plan, whole(out[k]))
    restore(instance, plan, undo)


@kernel
def restore(instance: Instance, plan: Plan, undo: Undo) -> None:
    """Make all routes that are kept what they were; what else is on them is on none already."""
    plan.changes[0] = undo.changes[0]
    if instance.trips:
        for number in range(undo.kept[0]):
            _empty(instance, plan, undo.vehicles[number])
    for place in range(undo.kept[1]):
        plan.links[undo.nodes[place]] = undo.links[place]
    for number in range(undo.kept[0]):
        vehicle = undo.vehicles[number]
        plan.routes[vehicle] = undo.routes[number]
        for k in range(plan.room.shape[1]):
            plan.room[vehicle, k] = undo.room[number, k]
        if not instance.only_delivers or instance.sourced:
            load_again(instance, plan, vehicle)


@kernel
def withdraw(instance: Instance, plan: Plan, visit: int) -> None:
    """Mark the visits of all options of a choice as on no route."""
    way = instance.options[instance.asks[visit].way]
    for option in range(way.first_rival, way.last_rival):
        for k in range(instance.options[option].first, instance.options[option].last):
            plan.links[instance.company[k]].route = OUT


@kernel
def _empty(instance: Instance, plan: Plan, vehicle: int) -> None:
    """Mark all that is on a route as on none: halts to load again will not be put back."""
    end = instance.num_visits + 2 * vehicle + 1
    node = plan.links[end - 1].next
    while node != end:
        plan.links[node].route = OUT
        node = plan.links[node].next
