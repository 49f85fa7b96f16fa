"""The one place that says whether a visit fits into a gap of a route, and what it costs there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine import exact
from routing.engine.chance import blinks
from routing.engine.instance import NO_PLACE, Instance
from routing.engine.kernel import inlined, kernel, whole
from routing.engine.plan import OUT, Plan, changes_vehicle, serving
from routing.problem import NO_WAY

NOWHERE = 2**32 - 1


@inlined
def rise(instance: Instance, plan: Plan, visit: int, before: int, least: float) -> float:
    """
    Return by how much the plan's cost rises with a visit after a node; inf where it must not be.

    Parameters
    ----------
    least
        A rise that is known already: what costs as much or more may be answered by inf.
    """
    vehicle, after = plan.links[before].route, plan.links[before].next
    if _barred(instance, plan, vehicle, before, visit, after):
        return np.inf
    asked, route = instance.vehicles[vehicle], plan.routes[vehicle]
    seconds_in, seconds_out, cost = ways(instance, vehicle, before, visit, after)
    if seconds_in == NO_WAY or seconds_out == NO_WAY:
        return np.inf
    cost += -plan.links[after].cost if route.stops else asked.fixed
    cost += _extras(instance, plan, vehicle, visit, after)
    # Where duration has no price, what the ways cost is all that can rise.
    if not instance.timed and cost >= least:
        return np.inf
    taken: Any = duration(instance, plan, before, visit, after, seconds_in, seconds_out)
    if taken < 0:
        return np.inf
    if instance.limited and any_(
        beyond_limits(instance, plan, vehicle, before, visit, after, seconds_in + seconds_out)
    ):
        return np.inf
    if not instance.timed:
        return cost
    # The fixed cost of a used vehicle is in both the old and the new cost of the route.
    base = cost + route.way - route.cost
    if route.stops:
        base += asked.fixed + instance.per_stop2 * route.stops * route.stops
    if taken > asked.max_duration or base + asked.per_s * taken >= least:
        return np.inf
    if instance.exact:
        # One kind of number: the function is compiled for each.
        where, what = whole(before), whole(visit)
        return base + exact.price(instance, plan.spans, plan.links, whole(vehicle), where, what)
    return base + asked.per_s * taken


@inlined
def _extras(instance: Instance, plan: Plan, vehicle: int, visit: int, after: int) -> float:
    """Return what a visit costs beside way and time; the next one's share is in its leg's cost."""
    stops, cost = plan.routes[vehicle].stops, 0.0
    if instance.per_stop2 > 0.0:
        cost += instance.per_stop2 * (2 * stops + 1)
    if instance.per_change > 0.0:
        cost += instance.per_change * changes_vehicle(instance, vehicle, visit)
        if stops:
            cost += instance.per_change * changes_vehicle(instance, vehicle, after)
    return cost


@inlined
def _places(instance: Instance, before: int, visit: int, after: int) -> tuple[int, int, int]:
    nodes = instance.nodes
    return nodes[before].place, nodes[visit].place, nodes[after].place


@inlined
def ways(
    instance: Instance, vehicle: int, before: int, visit: int, after: int
) -> tuple[np.int64, np.int64, float]:
    """Return the seconds to a visit and on from it, and what both ways cost."""
    asked = instance.vehicles[vehicle]
    here, there, to = _places(instance, before, visit, after)
    seconds_in, seconds_out, cost = np.int64(0), np.int64(0), 0.0
    if here != NO_PLACE:
        seconds_in = np.int64(instance.durations_to[asked.matrix, there, here])
        cost += asked.per_arc * instance.costs_to[asked.matrix, there, here]
    if to != NO_PLACE:
        seconds_out = np.int64(instance.durations[asked.matrix, there, to])
        cost += asked.per_arc * instance.costs[asked.matrix, there, to]
    return seconds_in, seconds_out, cost + asked.per_drive_s * (seconds_in + seconds_out)


@inlined
def _barred(
    instance: Instance, plan: Plan, vehicle: int, before: int, visit: int, after: int
) -> bool:
    """
    Return whether a gap is no place for a visit, whatever the ways are.

    Most gaps are too early or too late, or in a full vehicle: no look at a matrix is needed.
    """
    node = instance.nodes[visit]
    if _kept_out(instance, plan, vehicle, before, visit):
        return True
    ready = plan.links[before].first + plan.links[before].taken
    if ready > node.latest:
        return True
    if (
        not instance.setups
        and max(ready, node.earliest) + serving(instance, vehicle, visit)
        > plan.links[after].rest_last
    ):
        return True
    for k in range(plan.room.shape[1]):
        out, in_ = instance.delivered[visit, k], instance.picked_up[visit, k]
        room, most = plan.room[vehicle, k], instance.capacity[vehicle, k]
        if (out > room or in_ > room) and (
            instance.only_delivers
            or plan.most_before[before, k] + out > most
            or plan.most_after[before, k] + in_ > most
        ):
            return True
    return not instance.allowed[node.needs, instance.vehicles[vehicle].kind]


@inlined
def _kept_out(instance: Instance, plan: Plan, vehicle: int, before: int, visit: int) -> bool:
    """Return whether locks, company or the number of changes keep a visit from a gap."""
    if instance.locked and (
        instance.shut[before]
        or (instance.vehicles[vehicle].bound and plan.routes[vehicle].stops == 0)
    ):
        return True
    if instance.grouped and not _suits(instance, plan, whole(vehicle), whole(visit)):
        return True
    full = plan.changes[0] >= instance.max_changes
    return full and changes_vehicle(instance, vehicle, visit)


@kernel
def _suits(instance: Instance, plan: Plan, vehicle: int, visit: int) -> bool:
    """Return whether those that must share a visit's vehicle are there, and no others' foe."""
    for k in range(instance.first_mate[visit], instance.first_mate[visit + 1]):
        home = plan.links[instance.mates[k]].route
        if home != OUT and home != vehicle:
            return False
    for k in range(instance.first_foe[visit], instance.first_foe[visit + 1]):
        if plan.links[instance.foes[k]].route == vehicle:
            return False
    return True


@inlined
def duration(
    instance: Instance,
    plan: Plan,
    before: int,
    visit: int,
    after: int,
    seconds_in: np.int64,
    seconds_out: np.int64,
) -> np.int64:
    """
    Return the shortest duration of a route with a visit in a gap; -1: it cannot be in time.

    Where `exact` has the last word it is a bound from below, and not to be late one as well.
    """
    links, node = plan.links, instance.nodes[visit]
    service = serving(instance, links[before].route, visit)
    here, there, to = _places(instance, before, visit, after)
    arrive = links[before].taken + seconds_in
    if links[before].first + arrive > node.latest:
        return np.int64(-1)
    wait = max(node.earliest - arrive - links[before].last, 0)
    first = max(node.earliest - arrive, links[before].first) - wait
    last = min(node.latest - arrive, links[before].last)
    arrive += wait + service + seconds_out
    if here != there:
        arrive += node.setup
    rest_first, rest_last = np.int64(links[after].rest_first), np.int64(links[after].rest_last)
    rest_taken = np.int64(links[after].rest_taken)
    if instance.setups and (here == to) != (there == to) and instance.nodes[after].setup:
        # The next stop gains or loses its setup by its new neighbour.
        rest_first, rest_last, rest_taken = _rest(instance, plan, after, there != to)
    if first + arrive > rest_last:
        return np.int64(-1)
    return arrive + max(rest_first - arrive - last, 0) + rest_taken


@kernel
def _rest(
    instance: Instance, plan: Plan, node: int, with_setup: bool
) -> tuple[np.int64, np.int64, np.int64]:
    """Return the timing from arriving at a node to the end, with its setup or without."""
    links, nodes = plan.links, instance.nodes
    onto = links[node].next
    if onto == node:
        return links[node].rest_first, links[node].rest_last, links[node].rest_taken
    onward = links[onto].seconds + serving(instance, links[node].route, node)
    if with_setup:
        onward += nodes[node].setup
    wait = max(links[onto].rest_first - onward - nodes[node].latest, 0)
    first = max(links[onto].rest_first - onward, nodes[node].earliest) - wait
    last = min(links[onto].rest_last - onward, nodes[node].latest)
    return first, last, links[onto].rest_taken + onward + wait


@kernel
def beyond_limits(
    instance: Instance,
    plan: Plan,
    vehicle: int,
    before: int,
    visit: int,
    after: int,
    seconds: np.int64,
) -> tuple[bool, bool, bool]:
    """Return whether a route with a visit in a gap goes too far, drives too long, has too many."""
    asked, route = instance.vehicles[vehicle], plan.routes[vehicle]
    here, there, to = _places(instance, before, visit, after)
    metres = instance.metres[asked.matrix]
    length = route.metres
    drive = route.drive + seconds
    if here != NO_PLACE:
        length += metres[here, there]
    if to != NO_PLACE:
        length += metres[there, to]
    if route.stops:
        drive -= plan.links[after].seconds
        if here != NO_PLACE and to != NO_PLACE:
            length -= metres[here, to]
    return length > asked.max_metres, drive > asked.max_drive, route.stops >= asked.max_stops


@inlined
def any_(broken: tuple[bool, bool, bool]) -> bool:
    """Return whether one of three limits is broken."""
    return broken[0] or broken[1] or broken[2]


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
    chance: NDArray[np.uint64],
    hints: NDArray[np.int64],
    limit: float,
) -> tuple[int, float]:
    """Return `cheapest`, nothing overlooked."""
    return cheapest(instance, plan, visit, 0.0, chance, hints, limit)


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
    gaps = plan.gaps
    least, where = limit, NOWHERE
    count = _unused_of_each(instance, plan, hints, _all_gaps(instance, plan, visit))
    for k in range(count):
        cost = rise(instance, plan, visit, gaps[k], least)
        if cost < least:
            least, where = cost, gaps[k]
    return where, least


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
    """List the gap of an unused vehicle of each kind; return how many gaps there are now."""
    for kind in range(len(instance.first_member) - 1):
        vehicle = _unused(instance, plan, kind, hints)
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
