"""The gaps that come nearest to holding a visit which fits nowhere, and which rules they break."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine import rise
from routing.engine.instance import Instance
from routing.engine.kernel import kernel
from routing.engine.plan import Plan, serving
from routing.problem import NO_WAY

RULES = ("load", "time", "max_distance", "max_drive", "max_duration", "max_stops")
"""Bit ``k`` of a set of rules stands for the ``k``-th of these."""

MISS = np.dtype([("node", "i8"), ("late", "i8"), ("excess", "f8")])
"""
A gap, after which node: how many seconds late it makes this visit or a later one, and how much too
much load, as a share of what the visit asks for.
"""


def nearest(
    instance: Instance, plan: Plan, visit: int, able: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """
    Return the set of rules that is broken, and the node of the best gap, for each such set.

    Parameters
    ----------
    able
        ``(vehicles,)`` bool: those that are looked at.
    """
    found: Any = np.zeros(2 ** len(RULES), MISS).view(np.recarray)
    found.node = -1
    _scan(instance, plan, visit, able, found)
    known = [rules for rules in range(len(found)) if found[rules].node >= 0]
    known.sort(key=lambda rules: (rules.bit_count(), int(found[rules].late)))
    return [(rules, int(found[rules].node)) for rules in known]


@kernel
def _scan(instance: Instance, plan: Plan, visit: int, able: NDArray[np.bool_], found: Any) -> None:
    for vehicle in range(len(instance.vehicles)):
        if not able[vehicle]:
            continue
        node = instance.num_visits + 2 * vehicle
        end = node + 1
        while node != end:
            _look(instance, plan, vehicle, node, visit, found)
            node = plan.links[node].next


@kernel
def _look(
    instance: Instance, plan: Plan, vehicle: int, before: int, visit: int, found: Any
) -> None:
    after = plan.links[before].next
    seconds_in, seconds_out, _ = rise.ways(instance, vehicle, before, visit, after)
    if seconds_in == NO_WAY or seconds_out == NO_WAY:
        return
    asked = instance.vehicles[vehicle]
    late = _late(instance, plan, before, visit, after, seconds_in, seconds_out)
    excess = _excess(instance, plan, vehicle, before, visit)
    taken = rise.duration(instance, plan, before, visit, after, seconds_in, seconds_out)
    far, long, many = rise.beyond_limits(
        instance, plan, vehicle, before, visit, after, seconds_in + seconds_out
    )
    rules = (excess > 0.0) + 2 * (late > 0) + 4 * far + 8 * long
    rules += 16 * (taken > asked.max_duration) + 32 * many
    best = found[rules]
    if best.node < 0 or late < best.late or (late == best.late and excess < best.excess):
        best.node, best.late, best.excess = before, late, excess


@kernel
def _late(
    instance: Instance,
    plan: Plan,
    before: int,
    visit: int,
    after: int,
    seconds_in: np.int64,
    seconds_out: np.int64,
) -> np.int64:
    node, links = instance.nodes[visit], plan.links
    arrival = links[before].first + links[before].taken + seconds_in
    leave = max(arrival, np.int64(node.earliest)) + seconds_out
    leave += serving(instance, links[before].route, visit)
    if instance.nodes[before].place != node.place:
        leave += node.setup
    return max(np.int64(0), arrival - node.latest, leave - links[after].rest_last)


@kernel
def _excess(instance: Instance, plan: Plan, vehicle: int, before: int, visit: int) -> float:
    excess = 0.0
    for k in range(instance.capacity.shape[1]):
        most = instance.capacity[vehicle, k]
        over = -plan.room[vehicle, k]
        amount = instance.delivered[visit, k]
        if amount > 0:
            if not instance.only_delivers:
                over = plan.most_before[before, k] - most
            excess = max(excess, (over + amount) / amount)
        amount = instance.picked_up[visit, k]
        if amount > 0:
            excess = max(excess, (plan.most_after[before, k] - most + amount) / amount)
    return excess
