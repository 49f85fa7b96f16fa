"""The one place that says whether a visit fits into a gap of a route, and what it costs there."""

from __future__ import annotations

from typing import Any

import numpy as np

from routing.engine import exact
from routing.engine.instance import Instance
from routing.engine.kernel import inlined, kernel, whole
from routing.engine.plan import OUT, Plan, changes_vehicle, serving
from routing.engine.records import NO_PLACE
from routing.problem import NO_WAY

DEAR = 1e300
"""More than any rise, less than that of what must not be."""


@inlined
def rise(instance: Instance, plan: Plan, visit: int, before: int, least: float) -> float:
    """
    Return by how much the plan's cost rises with a visit after a node; inf where it must not be.

    Parameters
    ----------
    least
        A rise that is known already: what costs as much or more may be answered by `DEAR`,
        whether or not it must not be.
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
        return DEAR
    taken: Any = duration(instance, plan, before, visit, after, seconds_in, seconds_out)
    if taken < 0 or taken > asked.max_duration:
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
    if base + asked.per_s * taken >= least:
        return DEAR
    if instance.exact:
        # One kind of number: the function is compiled for each.
        where, what = whole(before), whole(visit)
        return base + exact.price(instance, plan.spans, plan.links, whole(vehicle), where, what)
    return base + asked.per_s * taken


@inlined
def _extras(instance: Instance, plan: Plan, vehicle: int, visit: int, after: int) -> float:
    """Return what a visit costs beside way and time; the next one's share is in its leg's cost."""
    if not instance.rare:
        return 0.0
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
    if instance.rare and kept_out(instance, plan, vehicle, before, visit):
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
    if overloads(instance, plan, vehicle, before, visit):
        return True
    if instance.rare and instance.sourced and unserved(instance, plan, before, visit):
        return True
    return not instance.allowed[node.needs, instance.vehicles[vehicle].kind]


@inlined
def overloads(instance: Instance, plan: Plan, vehicle: int, before: int, visit: int) -> bool:
    """Return whether there is no room for what a visit gets or gives."""
    for k in range(plan.room.shape[1]):
        out, in_ = instance.delivered[visit, k], instance.picked_up[visit, k]
        room, most = plan.room[vehicle, k], instance.capacity[vehicle, k]
        if (out > room or in_ > room) and (
            instance.only_delivers
            or (out > 0 and plan.most_before[before, k] + out > most)
            or (in_ > 0 and plan.most_after[before, k] + in_ > most)
        ):
            return True
    return False


@inlined
def unserved(instance: Instance, plan: Plan, before: int, visit: int) -> bool:
    """Return whether the trip that a gap is in begins where a visit's goods are not."""
    return not instance.has_goods[visit, plan.depot[before]]


@inlined
def kept_out(instance: Instance, plan: Plan, vehicle: int, before: int, visit: int) -> bool:
    """Return whether locks, company or the number of changes keep a visit from a gap."""
    if instance.locked and (
        instance.asks[before].shut
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
    for k in range(instance.asks[visit].first_mate, instance.asks[visit].first_foe):
        home = plan.links[instance.company[k]].route
        if home != OUT and home != vehicle:
            return False
    for k in range(instance.asks[visit].first_foe, instance.asks[visit].last_foe):
        if plan.links[instance.company[k]].route == vehicle:
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


@kernel
def rise_at(instance: Instance, plan: Plan, visit: int, before: int, least: float) -> float:
    """Return `rise`, compiled once: for where it is not called all the time."""
    return rise(instance, plan, visit, before, least)
