"""What is on board along a route: loads by node, the room that is left, where goods come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from routing.engine.instance import Instance
from routing.engine.kernel import inlined, kernel, whole

if TYPE_CHECKING:
    from routing.engine.plan import Plan


@inlined
def load(instance: Instance, plan: Plan, vehicle: int, start: int) -> None:
    """Recompute the loads of a route, and the room that is left on all of it."""
    links = plan.links
    if instance.sourced:
        _note_depots(instance, plan, start)
    for k in range(instance.capacity.shape[1]):
        if instance.only_delivers:
            load = instance.start_load[vehicle, k]
            node = links[start].next
            while node != start + 1:
                load += instance.delivered[node, k]
                node = links[node].next
            plan.room[vehicle, k] = instance.capacity[vehicle, k] - load
        else:
            _load_of(instance, plan, whole(vehicle), whole(start), k)


@kernel
def load_again(instance: Instance, plan: Plan, vehicle: int) -> None:
    """Recompute the loads of a route."""
    load(instance, plan, vehicle, instance.num_visits + 2 * vehicle)


@kernel
def _load_of(instance: Instance, plan: Plan, vehicle: int, start: int, k: int) -> None:
    """Recompute the loads of a route in one dimension, trip by trip."""
    links = plan.links
    load = instance.start_load[vehicle, k] + _to_deliver(instance, plan, start, k)
    most, highest = load, load
    plan.load[start, k] = plan.most_before[start, k] = load
    node = whole(links[start].next)
    while node != start + 1:
        if node > start:
            load = most = _to_deliver(instance, plan, node, k)
        else:
            load += instance.picked_up[node, k] - instance.delivered[node, k]
            load += instance.carried[node, k]
            most = max(most, load)
        highest = max(highest, load)
        plan.load[node, k] = load
        plan.most_before[node, k] = most
        node = whole(links[node].next)
    plan.room[vehicle, k] = instance.capacity[vehicle, k] - highest
    most = np.int64(0)
    node = whole(links[start + 1].prev)
    while True:
        most = max(most, plan.load[node, k])
        plan.most_after[node, k] = most
        if node == start:
            break
        if node > start:
            most = np.int64(0)
        node = whole(links[node].prev)


@kernel
def _to_deliver(instance: Instance, plan: Plan, node: int, k: int) -> np.int64:
    """Return what is delivered on the trip that begins at a node."""
    total = np.int64(0)
    node = whole(plan.links[node].next)
    while node < instance.num_visits:
        total += instance.delivered[node, k]
        node = whole(plan.links[node].next)
    return total


@kernel
def _note_depots(instance: Instance, plan: Plan, start: int) -> None:
    depot, node = instance.asks[start].depot, whole(start)
    while node != start + 1:
        if node > start:
            depot = instance.asks[node].depot
        plan.depot[node] = depot
        node = whole(plan.links[node].next)


@kernel
def fits(instance: Instance, plan: Plan, vehicle: int) -> bool:
    """Return whether a route holds its loads, loads them where they are, and unloads none early."""
    for k in range(plan.room.shape[1]):
        if plan.room[vehicle, k] < 0:
            return False
    if not instance.sourced and not instance.paired:
        return True
    start = instance.num_visits + 2 * vehicle
    node, shipped = whole(plan.links[start].next), 0
    while node != start + 1:
        if node > start:
            if shipped > 0:
                return False
        elif instance.sourced and not instance.has_goods[node, plan.depot[node]]:
            return False
        elif instance.asks[node].partner >= 0:
            shipped += 1 if instance.asks[node].leads else -1
        node = whole(plan.links[node].next)
    return True
