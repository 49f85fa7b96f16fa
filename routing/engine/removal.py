"""
What is taken out of a plan: strings of visits near each other, from several routes.

Slack induction by string removals: Christiaens and Vanden Berghe 2020, "Slack induction by string
removals for vehicle routing problems"; the constants are theirs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routing.engine.chance import below, draw
from routing.engine.instance import Instance
from routing.engine.kernel import inlined, kernel, whole
from routing.engine.plan import OUT, Plan, changes_vehicle, join
from routing.engine.undo import Undo, keep

MEAN_REMOVED = 10.0
"""So many visits are taken out on average."""

LONGEST = 10.0
"""No string is longer."""

SPLIT = 0.5
"""The share of strings in the middle of which some visits stay."""

DEEPER = 0.99
"""With this chance one more visit stays in the middle."""


@kernel
def strings(
    instance: Instance,
    plan: Plan,
    undo: Undo,
    chance: NDArray[np.uint64],
    out: NDArray[np.uint32],
    mean_stops: float,
) -> int:
    """
    Take strings out of the routes around a random visit.

    Parameters
    ----------
    out
        Receives the visits that are taken out.
    mean_stops
        Of the routes that are used.

    Returns
    -------
    count
        How many were taken out.
    """
    links = plan.links
    longest = min(LONGEST, mean_stops)
    most = 4.0 * MEAN_REMOVED / (1.0 + longest) - 1.0
    wanted = int(draw(chance) * most + 1.0)
    seed = below(chance, instance.num_visits)
    count = strings_cut = 0
    for k in range(instance.around.shape[1]):
        if strings_cut >= wanted:
            break
        visit = instance.around[seed, k]
        vehicle = links[visit].route
        if vehicle == OUT or undo.stamp[vehicle] == undo.now[0]:
            continue
        keep(instance, plan, undo, vehicle)
        strings_cut += 1
        first = count
        count = _cut(instance, plan, chance, visit, longest, out, count)
        if instance.rare:
            count = _with_company(instance, plan, undo, whole(vehicle), out, first, count)
    return count


@kernel
def _with_company(
    instance: Instance,
    plan: Plan,
    undo: Undo,
    vehicle: int,
    out: NDArray[np.uint32],
    first: int,
    count: int,
) -> int:
    """Take out what can only move together, and count the changes of vehicle that are undone."""
    for n in range(first, count):
        plan.changes[0] -= changes_vehicle(instance, vehicle, out[n])
    if instance.grouped or instance.paired or instance.choosing:
        count = _with_mates(instance, plan, undo, out, first, count)
    return count


@kernel
def _with_mates(
    instance: Instance, plan: Plan, undo: Undo, out: NDArray[np.uint32], first: int, count: int
) -> int:
    """Take those out as well that can only move with one that was: all may move."""
    done = first
    while done < count:
        ask = instance.asks[out[done]]
        for k in range(ask.first_mate, ask.first_foe):
            count = _with(instance, plan, undo, whole(instance.company[k]), out, count)
        if ask.partner >= 0:
            count = _with(instance, plan, undo, whole(ask.partner), out, count)
        if instance.choosing and ask.way >= 0:
            for k in range(instance.options[ask.way].first, instance.options[ask.way].last):
                count = _with(instance, plan, undo, whole(instance.company[k]), out, count)
        done += 1
    return count


@kernel
def _with(
    instance: Instance, plan: Plan, undo: Undo, visit: int, out: NDArray[np.uint32], count: int
) -> int:
    """Take one visit out of its route, which may be any, unless it is out or held there."""
    link = plan.links[visit]
    if link.route == OUT or instance.asks[visit].held:
        return count
    vehicle = whole(link.route)
    keep(instance, plan, undo, vehicle)
    plan.changes[0] -= changes_vehicle(instance, vehicle, visit)
    join(instance, plan, vehicle, link.prev, link.next)
    link.route = OUT
    out[count] = visit
    return count + 1


@inlined
def _cut(
    instance: Instance,
    plan: Plan,
    chance: NDArray[np.uint64],
    visit: int,
    longest: float,
    out: NDArray[np.uint32],
    count: int,
) -> int:
    """Take a string that holds a visit out of its route; the route is not refreshed."""
    links = plan.links
    vehicle = links[visit].route
    stops = plan.routes[vehicle].halts
    length = 1 + below(chance, max(1, int(min(float(stops), longest))))
    stay = 0
    if 1 < length < stops and draw(chance) < SPLIT:
        while length + stay < stops and draw(chance) < DEEPER:
            stay += 1
    whole = length + stay
    position, node = 1, links[visit].prev
    while links[node].prev != node:
        position, node = position + 1, links[node].prev
    low, high = max(1, position - whole + 1), min(position, stops - whole + 1)
    first = low + below(chance, high - low + 1)
    spared = first + (below(chance, length + 1) if stay else 0)
    node = visit
    for _ in range(position - first):
        node = links[node].prev
    before = links[node].prev
    for place in range(first, first + whole):
        spare = bool(stay) and spared <= place < spared + stay
        if spare or (instance.locked and instance.asks[node].held):
            join(instance, plan, vehicle, before, node)
            before = node
        else:
            links[node].route = OUT
            out[count] = node
            count += 1
        node = links[node].next
    join(instance, plan, vehicle, before, node)
    return count
