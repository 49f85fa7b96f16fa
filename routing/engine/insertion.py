"""Where a visit is cheapest: the gaps that are looked at, and the best of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine.chance import blinks
from routing.engine.compound import NOWHERE, PLAIN, cheapest_pair, in_route, with_new_trip
from routing.engine.instance import Instance
from routing.engine.kernel import inlined, kernel, whole
from routing.engine.plan import OUT, Plan
from routing.engine.rise import rise, rise_at


@inlined
def cheapest(
    instance: Instance,
    plan: Plan,
    visit: int,
    blink: float,
    chance: NDArray[np.uint64],
    hints: NDArray[np.int64],
    limit: float,
) -> tuple[int, float]:
    """
    Return the node after which a visit is cheapest, and the rise; `NOWHERE` if there is none.

    ``Plan.choice`` then says how it is put in: see `compound.apply`.

    Gaps beside near visits are looked at, and an unused vehicle of each kind; all gaps only when
    those have no room. A gap is overlooked with the chance ``blink``: a search that always
    takes the cheapest comes back to the same plan (Christiaens and Vanden Berghe 2020).

    Parameters
    ----------
    hints
        ``(kinds,)``: an unused vehicle of each kind, if it still is.
    limit
        Rises from here on are of no use.
    """
    if instance.rare and instance.asks[visit].partner >= 0:
        return cheapest_pair(instance, plan, whole(visit), blink, chance, limit, False)
    gaps = plan.gaps
    count = _near_gaps(instance, plan, visit)
    used = count
    count = _unused_of_each(instance, plan, hints, count)
    best, where = limit, NOWHERE
    for attempt in range(2):
        found = False
        for k in range(count):
            if k < used and blinks(chance, plan.until_blink, blink):
                continue
            node = gaps[k]
            cost = rise(instance, plan, visit, node, best)
            found = found or (k < used and cost < np.inf)
            if cost < best:
                best, where = cost, node
                if instance.rare:
                    plan.choice[0] = PLAIN
            if instance.rare and instance.trips:
                cost = with_new_trip(instance, plan, whole(visit), whole(node), best)
                if cost < best:
                    best, where = cost, node
                    found = found or k < used
        if attempt or found:
            break
        count = used = _all_gaps(instance, plan, visit)
    return where, best


@kernel
def near(
    instance: Instance,
    plan: Plan,
    visit: int,
    blink: float,
    chance: NDArray[np.uint64],
    hints: NDArray[np.int64],
    limit: float,
) -> tuple[int, float]:
    """Return `cheapest`, as a function of its own."""
    return cheapest(instance, plan, visit, blink, chance, hints, limit)


@kernel
def best(
    instance: Instance,
    plan: Plan,
    visit: int,
    chance: NDArray[np.uint64],
    hints: NDArray[np.int64],
    limit: float,
) -> tuple[int, float]:
    """Return the cheapest gap of all, and the rise; `NOWHERE` if there is none."""
    if instance.paired and instance.asks[visit].partner >= 0:
        return cheapest_pair(instance, plan, whole(visit), 0.0, chance, limit, True)
    gaps = plan.gaps
    least, where = limit, NOWHERE
    count = _unused_of_each(instance, plan, hints, _all_gaps(instance, plan, visit))
    for k in range(count):
        cost = rise_at(instance, plan, whole(visit), whole(gaps[k]), least)
        if cost < least:
            least, where = cost, gaps[k]
            plan.choice[0] = PLAIN
        if instance.trips:
            cost = with_new_trip(instance, plan, whole(visit), whole(gaps[k]), least)
            if cost < least:
                least, where = cost, gaps[k]
    return where, least


OFFER = np.dtype([("node", "i8"), ("rise", "f8"), ("kind", "i8"), ("other", "i8"), ("gap", "i8")])
"""The cheapest insertion into a vehicle's route: after which node, the rise, `Plan.choice`."""


@kernel
def of_each_vehicle(
    instance: Instance, plan: Plan, visit: int, chance: NDArray[np.uint64], offers: Any
) -> None:
    """
    Note the cheapest insertion of a visit for each vehicle.

    Parameters
    ----------
    offers
        ``(vehicles,)`` `OFFER`; where a vehicle has no room, ``rise`` is inf.
    """
    lead = visit
    if instance.asks[visit].partner >= 0 and not instance.asks[visit].leads:
        lead = whole(instance.asks[visit].partner)
    for vehicle in range(len(instance.vehicles)):
        offer = offers[vehicle]
        offer.rise = np.inf
        if instance.asks[visit].partner >= 0:
            node, rise = in_route(instance, plan, whole(vehicle), lead, 0.0, chance, np.inf)
            if node != NOWHERE:
                _note(plan, offer, node, rise)
            continue
        node = instance.num_visits + 2 * vehicle
        end = node + 1
        while node != end:
            rise = rise_at(instance, plan, visit, whole(node), offer.rise)
            if rise < offer.rise:
                plan.choice[0] = PLAIN
                _note(plan, offer, node, rise)
            if instance.trips:
                rise = with_new_trip(instance, plan, visit, whole(node), offer.rise)
                if rise < offer.rise:
                    _note(plan, offer, node, rise)
            node = plan.links[node].next


@inlined
def _note(plan: Plan, offer: Any, node: int, rise: float) -> None:
    offer.node, offer.rise = node, rise
    offer.kind, offer.other, offer.gap = plan.choice[0], plan.choice[1], plan.choice[2]


@inlined
def _near_gaps(instance: Instance, plan: Plan, visit: int) -> int:
    """List the gaps beside visits that are near; return how many there are."""
    links, gaps = plan.links, plan.gaps
    scan = np.uint32(plan.scans[0] + 1)
    plan.scans[0] = scan
    count = 0
    for k in range(instance.before.shape[1]):
        node = instance.before[visit, k]
        if links[node].scan != scan and _has_room(instance, plan, visit, links[node].route):
            links[node].scan = scan
            gaps[count] = node
            count += 1
        node = instance.after[visit, k]
        if _has_room(instance, plan, visit, links[node].route):
            node = links[node].prev
            if links[node].scan != scan:
                links[node].scan = scan
                gaps[count] = node
                count += 1
    return count


@inlined
def _has_room(instance: Instance, plan: Plan, visit: int, vehicle: int) -> bool:
    """Return whether a route may have room for what a visit asks to be delivered."""
    if vehicle == OUT:
        return False
    if instance.only_delivers:
        for k in range(plan.room.shape[1]):
            if instance.delivered[visit, k] > plan.room[vehicle, k]:
                return False
    return True


@kernel
def _all_gaps(instance: Instance, plan: Plan, visit: int) -> int:
    """List the gaps of all routes that may have room; return how many there are."""
    count = 0
    for vehicle in range(len(instance.vehicles)):
        if plan.routes[vehicle].stops == 0 or not _has_room(instance, plan, visit, vehicle):
            continue
        node = instance.num_visits + 2 * vehicle
        end = node + 1
        while node != end:
            plan.gaps[count] = node
            count += 1
            node = plan.links[node].next
    return count


@inlined
def _unused_of_each(instance: Instance, plan: Plan, hints: NDArray[np.int64], count: int) -> int:
    """
    List the gap of an unused vehicle of each kind; return how many gaps there are now.

    Another kind comes first each time: of those that cost the same none is preferred.
    """
    kinds = len(instance.first_member) - 1
    for k in range(kinds):
        vehicle = _unused(instance, plan, (k + plan.scans[0]) % kinds, hints)
        if vehicle >= 0:
            plan.gaps[count] = instance.num_visits + 2 * vehicle
            count += 1
    return count


@inlined
def _unused(instance: Instance, plan: Plan, kind: int, hints: NDArray[np.int64]) -> int:
    """Return an unused vehicle of a kind, -1 when there is none."""
    hint = hints[kind]
    if hint >= 0 and plan.routes[hint].stops == 0:
        return hint
    for k in range(instance.first_member[kind], instance.first_member[kind + 1]):
        vehicle = instance.members[k]
        if plan.routes[vehicle].stops == 0:
            hints[kind] = vehicle
            return vehicle
    hints[kind] = -1
    return -1


def kinds(instance: Instance) -> Any:
    """Return hints for `cheapest` that know nothing."""
    return np.full(len(instance.first_member) - 1, -1, np.int64)
