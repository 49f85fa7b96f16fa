"""
The plan that a search changes: routes as linked nodes, with what the next change asks for.

Seconds of a stretch of route are a function of when it begins: begun at any second up to
``last`` it ends at ``max(begun, first) + taken``. Two such functions and the leg between them make
one again, so a visit between two stretches is timed in a few operations (Vidal, Crainic, Gendreau,
Prins 2013, "A hybrid genetic algorithm with adaptive diversity management ..."). With several
windows per visit the functions span all of them, and are bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.engine import exact, loads, spans
from routing.engine.instance import Instance
from routing.engine.kernel import inlined, kernel, whole
from routing.engine.records import LATEST, NO_PLACE
from routing.problem import NO_WAY

Orders = Mapping[int, Sequence[int]]

OUT = 2**32 - 1
"""The route of a visit that is on none."""

LINK = np.dtype(
    [
        ("prev", "u4"),
        ("next", "u4"),
        ("route", "u4"),
        ("unused", "u4"),
        ("scan", "u4"),
        ("busy", "i4"),
        ("cost", "f8"),
        ("seconds", "i4"),
        ("first", "i4"),
        ("last", "i4"),
        ("taken", "i4"),
        ("rest_first", "i4"),
        ("rest_last", "i4"),
        ("rest_taken", "i4"),
        ("metres", "i4"),
    ]
)
"""
A node in its route: ``seconds``, ``metres`` and ``cost`` are of the leg that leads here, ``busy``
is service with the setup that this leg entails; ``first``, ``last`` and ``taken`` time the stretch
from the start until it is left, ``rest_…`` that from arriving here to the end. One cache line.
"""

ROUTE = np.dtype(
    [
        ("stops", "i8"),
        ("halts", "i8"),
        ("metres", "i8"),
        ("drive", "i8"),
        ("way", "f8"),
        ("cost", "f8"),
    ]
)
"""
``stops`` are visits, ``halts`` all that is between start and end; ``way`` is what the legs cost,
``cost`` all of the route; both 0 when the vehicle is unused.
"""


class Plan(NamedTuple):
    """
    Arrays of one plan.

    Attributes
    ----------
    links
        ``(nodes,)`` `LINK`.
    routes
        ``(vehicles,)`` `ROUTE`.
    most_before, most_after
        ``(nodes, dimensions)`` int64: the largest load at any time until a node is left, and from
        then on.
    load
        ``(nodes, dimensions)`` int64: when a node is left.
    room
        ``(vehicles, dimensions)`` int64: what fits in at every moment of the route.
    changes
        ``(1,)`` how many visits have another vehicle than before.
    depot
        ``(nodes,)`` int64, where the goods of a node's trip were loaded, as in `Instance`.
    choice
        ``(3,)`` how the last cheapest insertion is made: see `compound.apply`.
    gaps, scans, until_blink, spans
        Scratch.
    """

    links: Any
    routes: Any
    most_before: NDArray[np.int64]
    most_after: NDArray[np.int64]
    load: NDArray[np.int64]
    room: NDArray[np.int64]
    gaps: NDArray[np.uint32]
    scans: NDArray[np.int64]
    until_blink: NDArray[np.int64]
    changes: NDArray[np.int64]
    spans: Any
    depot: NDArray[np.int64]
    choice: NDArray[np.int64]


def empty(instance: Instance) -> Plan:
    """Return a plan in which no vehicle is used."""
    nodes, dimensions = instance.delivered.shape
    plan = Plan(
        links=_aligned(nodes).view(np.recarray),
        routes=np.zeros(len(instance.vehicles), ROUTE).view(np.recarray),
        most_before=np.zeros((nodes, dimensions), np.int64),
        most_after=np.zeros((nodes, dimensions), np.int64),
        load=np.zeros((nodes, dimensions), np.int64),
        room=np.zeros(instance.capacity.shape, np.int64),
        gaps=np.zeros(nodes + 2 * instance.num_visits + 100, np.uint32),
        scans=np.zeros(1, np.int64),
        until_blink=np.zeros(1, np.int64),
        changes=np.zeros(1, np.int64),
        depot=np.zeros(nodes, np.int64),
        choice=np.zeros(3, np.int64),
        spans=np.zeros((spans.ROWS, spans.MOST), spans.SPAN).view(np.recarray),
    )
    clear(instance, plan)
    return plan


def _aligned(nodes: int) -> NDArray[np.void]:
    """Return links that begin where a cache line does."""
    room = np.zeros((nodes + 1) * LINK.itemsize, np.uint8)
    first = -room.ctypes.data % LINK.itemsize
    return room[first : first + nodes * LINK.itemsize].view(LINK)


def fill(instance: Instance, plan: Plan, orders: Orders) -> bool:
    """Make a plan that of given orders of visits by vehicle; False: one of them is infeasible."""
    clear(instance, plan)
    feasible = True
    for vehicle, order in orders.items():
        if order:
            nodes = _as_nodes(instance, vehicle, order)
            feasible = put(instance, plan, vehicle, np.array(nodes, np.uint32)) and feasible
    return feasible


def _as_nodes(instance: Instance, vehicle: int, order: Sequence[int]) -> list[int]:
    """Return the nodes of an order, in which ``~k`` is the vehicle's ``k``-th reload."""
    own = instance.clocks[vehicle]
    free: dict[int, list[int]] = {}
    for node in reversed(range(own.first_reload, own.last_reload)):
        free.setdefault(int(instance.asks[node].option), []).append(node)
    # A halt to load again for which no node is left stands beside another one, of no use.
    return [
        item if item >= 0 else free[~item].pop() for item in order if item >= 0 or free.get(~item)
    ]


def orders(instance: Instance, nexts: NDArray[np.uint32]) -> dict[int, list[int]]:
    """Return the visits of each vehicle that is used, by index, from each node's next one."""
    found = {}
    for vehicle in range(len(instance.vehicles)):
        order = order_of(instance, nexts, vehicle)
        if order:
            found[vehicle] = order
    return found


def order_of(instance: Instance, nexts: NDArray[np.uint32], vehicle: int) -> list[int]:
    """Return the visits of one vehicle, and ``~k`` for its ``k``-th reload."""
    start = instance.num_visits + 2 * vehicle
    order = []
    node = int(nexts[start])
    while node != start + 1:
        order.append(node if node < start else ~int(instance.asks[node].option))
        node = int(nexts[node])
    return order


@kernel
def clear(instance: Instance, plan: Plan) -> None:
    """Take every visit out."""
    count = instance.num_visits
    plan.changes[0] = 0
    for node in range(len(instance.nodes)):
        plan.links[node].route = OUT
    for vehicle in range(len(instance.vehicles)):
        start = count + 2 * vehicle
        plan.links[start].prev = start
        plan.links[start + 1].next = start + 1
        plan.links[start].route = plan.links[start + 1].route = vehicle
        join(instance, plan, vehicle, start, start + 1)
        refresh(instance, plan, vehicle)


@kernel
def put(instance: Instance, plan: Plan, vehicle: int, order: NDArray[np.uint32]) -> bool:
    """Give an unused vehicle its visits; False: they are infeasible in this order."""
    start = instance.num_visits + 2 * vehicle
    before = start
    for node in order:
        plan.links[node].route = vehicle
        plan.changes[0] += changes_vehicle(instance, vehicle, node)
        join(instance, plan, vehicle, before, node)
        before = node
    join(instance, plan, vehicle, before, start + 1)
    return refresh(instance, plan, vehicle)


@inlined
def serving(instance: Instance, vehicle: int, node: int) -> int:
    """Return how long a vehicle serves a visit."""
    if instance.by_type:
        return int(instance.services[instance.vehicles[vehicle].type, node])
    return instance.nodes[node].service


@inlined
def changes_vehicle(instance: Instance, vehicle: int, node: int) -> bool:
    """Return whether a visit had another vehicle before."""
    return node < instance.num_visits and 0 <= instance.asks[node].was != vehicle


@inlined
def join(instance: Instance, plan: Plan, vehicle: int, before: int, after: int) -> None:
    """Let a node follow another: the links, and what the leg between them takes."""
    link, matrix = plan.links[after], instance.vehicles[vehicle].matrix
    plan.links[before].next = after
    link.prev = before
    here, there = instance.nodes[before].place, instance.nodes[after].place
    link.seconds, link.metres, link.cost = 0, 0, 0.0
    if here != NO_PLACE and there != NO_PLACE:
        seconds = instance.durations[matrix, here, there]
        link.seconds = seconds
        link.cost = instance.vehicles[vehicle].per_arc * instance.costs[matrix, here, there]
        if instance.vehicles[vehicle].per_drive_s > 0.0:
            link.cost += instance.vehicles[vehicle].per_drive_s * seconds
        if instance.limited:
            link.metres = instance.metres[matrix, here, there]
    if instance.rare and instance.per_change > 0.0 and changes_vehicle(instance, vehicle, after):
        link.cost += instance.per_change
    link.busy = serving(instance, vehicle, after)
    if here != there:
        link.busy += instance.nodes[after].setup


@kernel
def refresh(instance: Instance, plan: Plan, vehicle: int) -> bool:
    """
    Recompute what is known of a route whose nodes are joined.

    Returns
    -------
    feasible
        A route that serves fewer visits can break a rule too: where a leg takes longer than the
        way over a third place.
    """
    links, route = plan.links, plan.routes[vehicle]
    start = instance.num_visits + 2 * vehicle
    way, drive, length = 0.0, np.int64(0), np.int64(0)
    node, halts, stops = start, -1, 0
    while node != start + 1:
        node = links[node].next
        links[node].route = vehicle
        way += links[node].cost
        drive += links[node].seconds
        length += links[node].metres
        halts += 1
        stops += node < instance.num_visits
    route.way, route.drive, route.metres = way, drive, length
    route.halts, route.stops = halts, stops
    loads.load(instance, plan, vehicle, start)
    links[start].first, links[start].taken = instance.nodes[start].earliest, 0
    if instance.timed:
        links[start].last = instance.nodes[start].latest
        feasible = _time(instance, plan, vehicle, links[start].next, start + 1)
    else:
        links[start].last = LATEST
        feasible = _arrive(instance, plan, links[start].next, start + 1, False)
        links[start + 1].rest_last = instance.nodes[start + 1].latest
        links[start + 1].rest_first, links[start + 1].rest_taken = -LATEST, 0
        _arrive_back(instance, plan, links[start + 1].prev, start, False)
        _price(instance, plan, vehicle)
    asked = instance.vehicles[vehicle]
    return route.stops == 0 or (
        feasible
        and length <= asked.max_metres
        and drive <= asked.max_drive
        and route.stops <= asked.max_stops
    )


@kernel
def insert(instance: Instance, plan: Plan, visit: int, before: int) -> None:
    """Put a visit after a node; that it fits there is known."""
    links = plan.links
    vehicle, after = links[before].route, links[before].next
    route = plan.routes[vehicle]
    start = instance.num_visits + 2 * vehicle
    links[visit].route = vehicle
    if instance.rare:
        plan.changes[0] += changes_vehicle(instance, vehicle, visit)
    if route.stops:
        route.way -= links[after].cost
        route.drive -= links[after].seconds
        route.metres -= links[after].metres
    join(instance, plan, vehicle, before, visit)
    join(instance, plan, vehicle, visit, after)
    route.way += links[visit].cost + links[after].cost
    route.drive += links[visit].seconds + links[after].seconds
    route.metres += links[visit].metres + links[after].metres
    route.halts += 1
    route.stops += 1
    if instance.only_delivers and not instance.sourced:
        for k in range(plan.room.shape[1]):
            plan.room[vehicle, k] -= instance.delivered[visit, k]
    else:
        loads.load(instance, plan, vehicle, start)
    if instance.timed:
        _time(instance, plan, vehicle, visit, after)
    else:
        _arrive(instance, plan, visit, start + 1, True)
        _arrive_back(instance, plan, visit, start, True)
        _price(instance, plan, vehicle)


@kernel
def _arrive(instance: Instance, plan: Plan, begin: int, end: int, known: bool) -> bool:
    """
    Time a route from one node on, where its duration has neither price nor limit.

    ``first`` is then when a node is left at the earliest, and nothing else is asked for.

    Parameters
    ----------
    known
        The nodes after ``begin`` are timed already: go on as long as something changes.
    """
    links, nodes = plan.links, instance.nodes
    leave = links[links[begin].prev].first
    feasible = True
    node = np.int64(begin)
    while True:
        link = links[node]
        feasible = feasible and link.seconds != NO_WAY
        arrive = leave + link.seconds
        feasible = feasible and arrive <= nodes[node].latest
        leave = max(arrive, nodes[node].earliest) + link.busy
        if known and node != begin and link.first == leave:
            break
        link.first, link.last, link.taken = leave, LATEST, 0
        if node == end:
            break
        node = np.int64(link.next)
    return feasible


@kernel
def _arrive_back(instance: Instance, plan: Plan, last: int, start: int, known: bool) -> None:
    """Say how late each node up to one may be reached; the counterpart of `_arrive`."""
    links, nodes = plan.links, instance.nodes
    after = links[last].next
    latest = links[after].rest_last - links[after].seconds
    node = np.int64(last)
    while True:
        link = links[node]
        latest = min(latest - link.busy, nodes[node].latest)
        if known and node != last and link.rest_last == latest:
            break
        link.rest_first, link.rest_last, link.rest_taken = -LATEST, latest, 0
        if node == start:
            break
        latest -= link.seconds
        node = np.int64(link.prev)


@inlined
def _price(instance: Instance, plan: Plan, vehicle: int) -> None:
    """Say what a route costs whose duration has no price."""
    asked, route = instance.vehicles[vehicle], plan.routes[vehicle]
    route.cost = 0.0
    if route.stops:
        route.cost = asked.fixed + route.way
        if instance.rare:
            route.cost += instance.per_stop2 * route.stops * route.stops
    else:
        route.way, route.drive, route.metres = 0.0, 0, 0


@inlined
def _time(instance: Instance, plan: Plan, vehicle: int, begin: int, last: int) -> bool:
    """
    Time a route anew: stretches that end from one node on, and that begin up to another.

    Returns
    -------
    feasible
        Every node can be reached, and in time.
    """
    links, nodes, route = plan.links, instance.nodes, plan.routes[vehicle]
    start = instance.num_visits + 2 * vehicle
    before = links[begin].prev
    low, high, taken = links[before].first, links[before].last, links[before].taken
    feasible = True
    node = begin
    while True:
        link = links[node]
        feasible = feasible and link.seconds != NO_WAY
        arrive = taken + link.seconds
        feasible = feasible and low + arrive <= nodes[node].latest
        wait = max(nodes[node].earliest - arrive - high, 0)
        low = max(nodes[node].earliest - arrive, low) - wait
        high = min(nodes[node].latest - arrive, high)
        taken = arrive + wait + link.busy
        link.first, link.last, link.taken = low, high, taken
        if node == start + 1:
            break
        node = link.next
    route.cost = 0.0
    if route.stops:
        asked = instance.vehicles[vehicle]
        feasible = feasible and 0 <= taken <= asked.max_duration
        route.cost = asked.fixed + route.way
        if instance.rare:
            route.cost += instance.per_stop2 * route.stops * route.stops
        if instance.exact:
            clock = exact.price(
                instance, plan.spans, links, whole(vehicle), whole(start), whole(-1)
            )
            feasible = feasible and clock < np.inf
            route.cost += clock if clock < np.inf else 0.0
        else:
            route.cost += asked.per_s * taken
    else:
        route.way, route.drive, route.metres = 0.0, 0, 0
    _time_back(instance, plan, start, last)
    return feasible


@inlined
def _time_back(instance: Instance, plan: Plan, start: int, last: int) -> None:
    links, nodes = plan.links, instance.nodes
    node = last
    if node == start + 1:
        links[node].rest_first, links[node].rest_last = nodes[node].earliest, nodes[node].latest
        links[node].rest_taken = 0
        node = links[node].prev
    onto = links[node].next
    low, high, taken = links[onto].rest_first, links[onto].rest_last, links[onto].rest_taken
    onward = links[onto].seconds
    while True:
        link = links[node]
        onward += link.busy
        wait = max(low - onward - nodes[node].latest, 0)
        low = max(low - onward, nodes[node].earliest) - wait
        high = min(high - onward, nodes[node].latest)
        taken += onward + wait
        link.rest_first, link.rest_last, link.rest_taken = low, high, taken
        if node == start:
            break
        onward = link.seconds
        node = link.prev
