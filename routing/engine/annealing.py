"""Ruin and recreate under a falling temperature: the loop itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.engine import chance as chance_
from routing.engine import insertion
from routing.engine import options as options_
from routing.engine import plan as plan_
from routing.engine import undo as undo_
from routing.engine.chance import below, draw
from routing.engine.compound import NOWHERE, apply, tidy
from routing.engine.insertion import cheapest
from routing.engine.instance import Instance
from routing.engine.kernel import kernel, whole
from routing.engine.options import absent
from routing.engine.plan import OUT, Plan, refresh
from routing.engine.records import NO_PLACE
from routing.engine.removal import strings
from routing.engine.undo import Undo, begin, keep, take_back

BLINK = 0.01
"""The share of gaps that are overlooked."""

RETRIED = 20
"""So many visits that are on no route are tried again in each iteration."""


class Walk(NamedTuple):
    """
    One search under way.

    Attributes
    ----------
    cost, best_cost
        ``(1,)`` float64: of the plan, and of the best so far, prices of what is left out included.
    best
        ``(nodes,)`` int64: the next node of each in the best plan so far.
    left_out
        ``(n + 1,)`` int64: how many visits are on no route, then which; one for each choice.
    open, met
        ``(options,)`` which options may be chosen; when each was last met, as `Undo.now`.
    """

    plan: Plan
    undo: Undo
    trial: Undo
    chance: NDArray[np.uint64]
    hints: NDArray[np.int64]
    cost: NDArray[np.float64]
    best_cost: NDArray[np.float64]
    best: NDArray[np.uint32]
    left_out: NDArray[np.uint32]
    out: NDArray[np.uint32]
    keys: NDArray[np.float64]
    open: NDArray[np.bool_]
    met: NDArray[np.int64]


def walk(
    instance: Instance, orders: plan_.Orders, visits: Sequence[int], *, seed: int
) -> Walk | None:
    """
    Return a search that begins with a plan; None where a route of it is infeasible.

    Parameters
    ----------
    visits
        Those that may be put in; the others stay where they are.
    """
    plan = plan_.empty(instance)
    if not plan_.fill(instance, plan, orders):
        return None
    count = instance.num_visits
    missing = _missing(instance, plan, visits)
    found = Walk(
        plan=plan,
        undo=undo_.nothing(instance),
        trial=undo_.nothing(instance),
        chance=chance_.seeded(seed),
        hints=insertion.kinds(instance),
        cost=np.zeros(1),
        best_cost=np.zeros(1),
        best=plan.links.next.copy(),
        left_out=np.zeros(count + 1, np.uint32),
        out=np.zeros(count + RETRIED, np.uint32),
        keys=np.zeros(count + RETRIED),
        open=options_.open_ones(instance, visits),
        met=np.full(len(instance.options), -1, np.int64),
    )
    found.left_out[: len(missing) + 1] = [len(missing), *missing]
    found.cost[0] = plan.routes.cost.sum() + instance.nodes.price[missing].sum()
    found.cost[0] += sum(
        way.price
        for way in instance.options
        if plan.links[instance.company[way.first]].route != OUT
    )
    found.best_cost[0] = found.cost[0]
    return found


def _missing(instance: Instance, plan: Plan, visits: Sequence[int]) -> list[int]:
    """Return the visits on no route; for a choice of which nothing is planned only its first."""
    if not instance.choosing:
        return [visit for visit in visits if plan.links[visit].route == OUT]
    found = {}
    for visit in visits:
        way = instance.asks[visit].way
        if absent(instance, plan, visit):
            found[visit if way < 0 else ~int(instance.options[way].first_rival)] = visit
    return list(found.values())


@kernel
def run(instance: Instance, walk: Walk, iterations: int, temperature: float) -> None:
    """Do so many iterations at one temperature, in the money of `records.SCALE`."""
    plan, undo, chance = walk.plan, walk.undo, walk.chance
    used, most = 0, walk.left_out[0]
    for vehicle in range(len(instance.vehicles)):
        used += plan.routes[vehicle].stops > 0
        most += plan.routes[vehicle].stops
    for _ in range(iterations):
        begin(plan, undo)
        before = walk.cost[0]
        planned = most - walk.left_out[0]
        count = strings(instance, plan, undo, chance, walk.out, planned / max(1, used))
        feasible = True
        for k in range(undo.kept[0]):
            vehicle = undo.vehicles[k]
            walk.cost[0] -= plan.routes[vehicle].cost
            if instance.trips:
                feasible = tidy(instance, plan, whole(vehicle)) and feasible
            else:
                feasible = refresh(instance, plan, whole(vehicle)) and feasible
            walk.cost[0] += plan.routes[vehicle].cost
        if not feasible:
            take_back(instance, plan, undo, walk.out, count)
            walk.cost[0] = before
            continue
        if instance.choosing:
            count = _gathered(instance, walk, count)
        count = _with_left_out(instance, walk, count)
        _sort(instance, walk, count)
        limit = before - temperature * np.log(max(draw(chance), 1e-300))
        missing = _recreate(instance, walk, count, limit)
        if walk.cost[0] < limit:
            _note_left_out(instance, walk, count, missing)
            used = _count_used(instance, plan, undo, used)
            if walk.cost[0] < walk.best_cost[0] - 0.5:
                walk.best_cost[0] = walk.cost[0]
                for node in range(len(instance.nodes)):
                    walk.best[node] = plan.links[node].next
        else:
            take_back(instance, plan, undo, walk.out, count)
            walk.cost[0] = before


@kernel
def _gathered(instance: Instance, walk: Walk, count: int) -> int:
    """Let one visit stand for each choice that was taken out; return how many there are then."""
    kept = 0
    for k in range(count):
        visit = walk.out[k]
        way = instance.asks[visit].way
        if way >= 0:
            first = instance.options[way].first_rival
            if walk.met[first] == walk.undo.now[0]:
                continue
            walk.met[first] = walk.undo.now[0]
            walk.cost[0] -= instance.options[way].price
        walk.out[kept] = visit
        kept += 1
    return kept


@kernel
def _with_left_out(instance: Instance, walk: Walk, count: int) -> int:
    """Add some of the visits on no route to those that are to be put in; prices are counted."""
    missing = walk.left_out[0]
    for k in range(count):
        walk.cost[0] += instance.nodes[walk.out[k]].price
    for k in range(min(missing, RETRIED)):
        other = 1 + k + below(walk.chance, missing - k)
        visit = walk.left_out[other]
        walk.left_out[other] = walk.left_out[1 + k]
        walk.left_out[1 + k] = visit
        walk.out[count + k] = visit
    return count + min(missing, RETRIED)


@kernel
def _recreate(instance: Instance, walk: Walk, count: int, limit: float) -> int:
    """
    Put visits in one after the other, where they are cheapest; return how many are not in.

    What is planned costs no less with more visits, or hardly ever: once it is up to the limit, the
    rest stays out and ``walk.cost`` is inf.
    """
    plan, missing = walk.plan, 0
    unpaid = 0.0  # the prices of those that are still to come
    for k in range(count):
        unpaid += instance.nodes[walk.out[k]].price
    for k in range(count):
        left = limit - walk.cost[0] + unpaid
        if left <= 0.0:
            walk.cost[0] = np.inf
            break
        visit = walk.out[k]
        if not absent(instance, plan, whole(visit)):
            continue
        price = instance.nodes[visit].price
        unpaid -= price
        chosen = instance.choosing and instance.asks[visit].way >= 0
        if instance.paired and not chosen and instance.asks[visit].partner >= 0:
            price += instance.nodes[instance.asks[visit].partner].price
        tight = left < price
        least = left if tight else price
        if chosen:
            rise = _put_choice_in(instance, walk, whole(visit), least)
            if rise == np.inf and tight:
                walk.cost[0] = np.inf
                break
            missing += rise == np.inf
            walk.cost[0] += rise - price if rise < np.inf else 0.0
            continue
        node, _ = cheapest(instance, plan, visit, BLINK, walk.chance, walk.hints, least)
        if node == NOWHERE:
            if tight:
                walk.cost[0] = np.inf
                break
            missing += 1
            continue
        vehicle = plan.links[node].route
        keep(instance, plan, walk.undo, vehicle)
        walk.cost[0] -= plan.routes[vehicle].cost + price
        apply(instance, plan, whole(visit), whole(node))
        walk.cost[0] += plan.routes[vehicle].cost
    return missing


@kernel
def _put_choice_in(instance: Instance, walk: Walk, visit: int, limit: float) -> float:
    """Return `options.put_in` for a choice that a visit stands for."""
    return options_.put_in(
        instance,
        walk.plan,
        walk.undo,
        walk.trial,
        visit,
        walk.open,
        BLINK,
        walk.chance,
        walk.hints,
        limit,
    )


@kernel
def _note_left_out(instance: Instance, walk: Walk, count: int, missing: int) -> None:
    """Keep the list of visits on no route in step with the plan."""
    if missing == 0 and walk.left_out[0] == 0:
        return
    plan, left_out = walk.plan, walk.left_out
    kept = 0
    for k in range(1, left_out[0] + 1):
        if absent(instance, plan, whole(left_out[k])):
            kept += 1
            left_out[kept] = left_out[k]
    known = kept
    for k in range(count):
        visit = walk.out[k]
        if absent(instance, plan, whole(visit)):
            seen = False
            for other in range(1, known + 1):
                seen = seen or left_out[other] == visit
            if not seen:
                kept += 1
                left_out[kept] = visit
    left_out[0] = kept


@kernel
def _count_used(instance: Instance, plan: Plan, undo: Undo, used: int) -> int:
    for k in range(undo.kept[0]):
        used += plan.routes[undo.vehicles[k]].stops > 0
        used -= undo.routes[k].stops > 0
    return used


@kernel
def _sort(instance: Instance, walk: Walk, count: int) -> None:
    """Bring the visits that are to be put in into one of several orders, by chance."""
    out, keys = walk.out, walk.keys
    for k in range(count - 1, 0, -1):
        other = below(walk.chance, k + 1)
        out[k], out[other] = out[other], out[k]
    kind = below(walk.chance, 17)
    if kind < 4:
        return
    for k in range(count):
        keys[k] = _key(instance, out[k], kind)
    for k in range(1, count):
        visit, key, place = out[k], keys[k], k
        while place > 0 and keys[place - 1] > key:
            out[place], keys[place] = out[place - 1], keys[place - 1]
            place -= 1
        out[place], keys[place] = visit, key


@kernel
def _key(instance: Instance, visit: int, kind: int) -> float:
    """Return what visits are put in by: large, far, near, narrow, early or late ones first."""
    node = instance.nodes[visit]
    if kind < 8:
        return -_size(instance, visit)
    if kind < 11:
        home = instance.nodes[instance.num_visits].place
        far = 0.0
        if home != NO_PLACE:
            far = float(instance.durations[0, home, node.place])
        return far if kind == 10 else -far
    if kind < 13:
        return float(node.latest) - node.earliest
    return float(node.earliest) if kind < 15 else -float(node.latest)


@kernel
def _size(instance: Instance, visit: int) -> float:
    """Return how much of the first vehicle's capacity a visit takes, in its largest dimension."""
    size = 0.0
    for k in range(instance.capacity.shape[1]):
        load = max(instance.delivered[visit, k], instance.picked_up[visit, k])
        size = max(size, load / max(1.0, float(instance.capacity[0, k])))
    return size
