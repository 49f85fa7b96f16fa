"""Insertions of two nodes at once: a visit with a halt to load again, or a whole shipment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routing.engine.chance import blinks
from routing.engine.instance import Instance
from routing.engine.kernel import kernel, whole
from routing.engine.loads import fits
from routing.engine.plan import OUT, Plan, changes_vehicle, insert, join, refresh
from routing.engine.records import NO_PLACE
from routing.engine.rise import kept_out, overloads, rise_at, unserved

PLAIN, RELOAD_BEFORE, RELOAD_AFTER, PAIR = 0, 1, 2, 3
"""What ``Plan.choice[0]`` says of the last cheapest insertion."""

NOWHERE = 2**32 - 1


@kernel
def apply(instance: Instance, plan: Plan, visit: int, before: int) -> None:
    """
    Make an insertion after a node as ``Plan.choice`` says.

    ``choice[1]`` is the node for loading again; or for a pair the pickup, and ``choice[2]`` the
    node that the delivery follows.
    """
    kind, other = plan.choice[0], plan.choice[1]
    if kind == PLAIN:
        insert(instance, plan, visit, before)
    elif kind == PAIR:
        insert(instance, plan, other, before)
        insert(instance, plan, whole(instance.asks[other].partner), plan.choice[2])
    else:
        vehicle = whole(plan.links[before].route)
        plan.changes[0] += changes_vehicle(instance, vehicle, visit)
        _link(instance, plan, vehicle, before, visit, other, kind)


@kernel
def _link(
    instance: Instance, plan: Plan, vehicle: int, before: int, visit: int, reload: int, kind: int
) -> bool:
    after = whole(plan.links[before].next)
    first, second = (reload, visit) if kind == RELOAD_BEFORE else (visit, reload)
    join(instance, plan, vehicle, before, first)
    join(instance, plan, vehicle, first, second)
    join(instance, plan, vehicle, second, after)
    return refresh(instance, plan, vehicle) and fits(instance, plan, vehicle)


@kernel
def with_new_trip(instance: Instance, plan: Plan, visit: int, before: int, least: float) -> float:
    """
    Return by how much the cost rises when the vehicle loads again just before a visit, or after it.

    The cheaper way is noted in ``Plan.choice``. Only where the visit does not fit as it is, or
    where goods are ready at other times: what waits for them need not go with what cannot.
    """
    vehicle = whole(plan.links[before].route)
    asked, route = instance.vehicles[vehicle], plan.routes[vehicle]
    if route.halts - route.stops + 1 >= asked.max_trips:
        return np.inf
    if (
        not instance.has_ready
        and not overloads(instance, plan, vehicle, before, visit)
        and not unserved(instance, plan, before, visit)
    ):
        return np.inf
    if kept_out(instance, plan, vehicle, before, visit):
        return np.inf
    if not instance.allowed[instance.nodes[visit].needs, asked.kind]:
        return np.inf
    best, tried = least, -1
    own = instance.clocks[vehicle]
    for reload in range(own.first_reload, own.last_reload):
        option = instance.asks[reload].option
        if option == tried or plan.links[reload].route != OUT:
            continue
        tried = option
        for kind in (RELOAD_BEFORE, RELOAD_AFTER):
            rise = _tried(instance, plan, vehicle, before, visit, reload, kind, best)
            if rise < best:
                best = rise
                plan.choice[0], plan.choice[1] = kind, reload
    return best if best < least else np.inf


@kernel
def _tried(
    instance: Instance,
    plan: Plan,
    vehicle: int,
    before: int,
    visit: int,
    reload: int,
    kind: int,
    least: float,
) -> float:
    after, cost = whole(plan.links[before].next), plan.routes[vehicle].cost
    first, second = (reload, visit) if kind == RELOAD_BEFORE else (visit, reload)
    way = _arc(instance, vehicle, before, first) + _arc(instance, vehicle, first, second)
    way += _arc(instance, vehicle, second, after) - _arc(instance, vehicle, before, after)
    # Time does not shrink by a longer way, nor does anything else that costs.
    if plan.routes[vehicle].stops > 0 and way >= least:
        return np.inf
    feasible = _link(instance, plan, vehicle, before, visit, reload, kind)
    rise = plan.routes[vehicle].cost - cost
    join(instance, plan, vehicle, before, after)
    plan.links[visit].route = plan.links[reload].route = OUT
    refresh(instance, plan, vehicle)
    return rise if feasible else np.inf


@kernel
def _arc(instance: Instance, vehicle: int, here: int, there: int) -> float:
    asked = instance.vehicles[vehicle]
    one, other = instance.nodes[here].place, instance.nodes[there].place
    if one == NO_PLACE or other == NO_PLACE:
        return 0.0
    seconds = instance.durations[asked.matrix, one, other]
    cost = asked.per_arc * instance.costs[asked.matrix, one, other]
    return float(cost + asked.per_drive_s * seconds)


@kernel
def tidy(instance: Instance, plan: Plan, vehicle: int) -> bool:
    """Leave out each halt to load again that is of no use any more, and return `refresh`."""
    start = instance.num_visits + 2 * vehicle
    node = whole(plan.links[start].next)
    while node != start + 1:
        after = whole(plan.links[node].next)
        if node > start:
            before = whole(plan.links[node].prev)
            join(instance, plan, vehicle, before, after)
            plan.links[node].route = OUT
            if not (refresh(instance, plan, vehicle) and fits(instance, plan, vehicle)):
                join(instance, plan, vehicle, before, node)
                join(instance, plan, vehicle, node, after)
        node = after
    return refresh(instance, plan, vehicle)


@kernel
def cheapest_pair(
    instance: Instance,
    plan: Plan,
    visit: int,
    blink: float,
    chance: NDArray[np.uint64],
    limit: float,
    everywhere: bool,
) -> tuple[int, float]:
    """
    Return the node after which a pickup is cheapest, with its delivery, and the rise.

    Where the delivery goes is noted in ``Plan.choice``. All gaps of the routes near either visit
    are looked at, or of all routes. A gap that is too dear for the pickup alone is passed over.
    """
    pickup = visit if instance.asks[visit].leads else whole(instance.asks[visit].partner)
    links, best, where = plan.links, limit, NOWHERE
    scan = plan.scans[0] + 1
    plan.scans[0] = scan
    _mark_near(instance, plan, pickup, scan)
    _mark_near(instance, plan, whole(instance.asks[pickup].partner), scan)
    for attempt in range(2):
        found = False
        tried = -1
        for vehicle in range(len(instance.vehicles)):
            used = plan.routes[vehicle].stops > 0
            end = instance.num_visits + 2 * vehicle + 1
            near = everywhere or attempt == 1 or links[end].scan == scan
            if not used:
                # One unused vehicle stands for others of its kind that follow.
                near = instance.vehicles[vehicle].kind != tried
                tried = instance.vehicles[vehicle].kind
            if not near:
                continue
            node, rise = in_route(instance, plan, whole(vehicle), pickup, blink, chance, best)
            if node != NOWHERE:
                where, best, found = node, rise, found or used
        if found or everywhere:
            break
    return where, best


@kernel
def _mark_near(instance: Instance, plan: Plan, visit: int, scan: np.int64) -> None:
    """Mark the ends of routes with a visit near another one."""
    for k in range(min(instance.around.shape[1], 2 * instance.before.shape[1])):
        vehicle = plan.links[instance.around[visit, k]].route
        if vehicle != OUT:
            plan.links[instance.num_visits + 2 * vehicle + 1].scan = scan


@kernel
def in_route(
    instance: Instance,
    plan: Plan,
    vehicle: int,
    pickup: int,
    blink: float,
    chance: NDArray[np.uint64],
    least: float,
) -> tuple[int, float]:
    """Return after which node of a route a pickup is cheapest, with its delivery, and the rise."""
    links, where, best = plan.links, NOWHERE, least
    node = instance.num_visits + 2 * vehicle
    end, cost = node + 1, plan.routes[vehicle].cost
    while node != end:
        after = whole(links[node].next)
        overlooked = plan.routes[vehicle].stops > 0 and blinks(chance, plan.until_blink, blink)
        if (
            not overlooked
            and _holds(instance, plan, vehicle, node, pickup)
            and rise_at(instance, plan, pickup, node, best) < best
        ):
            join(instance, plan, vehicle, node, pickup)
            join(instance, plan, vehicle, pickup, after)
            if refresh(instance, plan, vehicle):
                rise, gap = _delivered(instance, plan, vehicle, pickup, cost, best)
                if rise < best:
                    best, where = rise, node
                    plan.choice[0], plan.choice[1], plan.choice[2] = PAIR, pickup, gap
            join(instance, plan, vehicle, node, after)
            links[pickup].route = OUT
            refresh(instance, plan, vehicle)
        node = after
    return where, best


@kernel
def _delivered(
    instance: Instance, plan: Plan, vehicle: int, pickup: int, cost: float, least: float
) -> tuple[float, int]:
    """Return the least rise, and after which node the delivery goes, with the pickup put in."""
    delivery = whole(instance.asks[pickup].partner)
    now, best, gap = plan.routes[vehicle].cost - cost, least, NOWHERE
    node = pickup
    while node < instance.num_visits:
        over = False
        for k in range(plan.load.shape[1]):
            over = over or plan.load[node, k] > instance.capacity[vehicle, k]
        if over:
            break
        rise = now + rise_at(instance, plan, delivery, node, best - now)
        if rise < best:
            best, gap = rise, node
        node = whole(plan.links[node].next)
    return best, gap


@kernel
def _holds(instance: Instance, plan: Plan, vehicle: int, node: int, pickup: int) -> bool:
    for k in range(plan.load.shape[1]):
        if plan.load[node, k] + instance.carried[pickup, k] > instance.capacity[vehicle, k]:
            return False
    return True
