"""Which vehicles and visits go to which of several searches that share one plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from routing.engine.instance import Instance
from routing.engine.records import NEVER
from routing.tables import Tables

Orders = Mapping[int, Sequence[int]]


class Piece(NamedTuple):
    """
    What one search may change.

    Attributes
    ----------
    orders
        Its routes as they are, by vehicle.
    vehicles, visits
        Those in the routes, and those that are free.
    max_changes
        So many of its visits may have another vehicle than before.
    """

    orders: dict[int, Sequence[int]]
    vehicles: list[int]
    visits: list[int]
    max_changes: int


def split(
    tables: Tables,
    instance: Instance,
    orders: Orders,
    visits: Sequence[int],
    count: int,
    chance: np.random.Generator,
) -> list[Piece]:
    """
    Return ``count`` pieces of a plan, each of routes near each other; less if there are too few.

    Where the border runs is up to chance: what it parts now is together another time. Free
    vehicles and visits on no route are dealt out; those that belong together stay together.
    """
    used = [vehicle for vehicle, order in orders.items() if any(item >= 0 for item in order)]
    groups = _halved(instance, orders, used, min(count, len(used) // 2), chance)
    free = [vehicle for vehicle in range(len(instance.vehicles)) if not orders.get(vehicle)]
    turn = int(chance.integers(len(groups)))
    dealt = [
        [*group, *free[(turn + k) % len(groups) :: len(groups)]] for k, group in enumerate(groups)
    ]
    homes = {vehicle: k for k, group in enumerate(dealt) for vehicle in group}
    inside: list[list[int]] = [[] for _ in groups]
    for k, group in enumerate(groups):
        inside[k] += [item for vehicle in group for item in orders[vehicle] if item >= 0]
    _deal(tables, instance, visits, inside, homes, chance)
    most = _changes(instance, orders, groups)
    return [
        Piece({v: orders[v] for v in group}, cars, stops, limit)
        for group, cars, stops, limit in zip(groups, dealt, inside, most, strict=True)
    ]


def _halved(
    instance: Instance,
    orders: Orders,
    used: list[int],
    count: int,
    chance: np.random.Generator,
) -> list[list[int]]:
    """Divide routes into groups with about as many visits each, again and again by two."""
    if count <= 1:
        return [used]
    near = _near_first(instance, orders, used, chance)
    sizes = np.cumsum([len(orders[vehicle]) for vehicle in near])
    left = count // 2
    cut = int(np.searchsorted(sizes, sizes[-1] * left / count)) + 1
    cut = max(2 * left, min(len(near) - 2 * (count - left), cut))
    return [
        *_halved(instance, orders, near[:cut], left, chance),
        *_halved(instance, orders, near[cut:], count - left, chance),
    ]


def _near_first(
    instance: Instance, orders: Orders, used: list[int], chance: np.random.Generator
) -> list[int]:
    """Return routes by how far they are from a random visit of theirs, on average."""
    stops = [[item for item in orders[vehicle] if item >= 0] for vehicle in used]
    lengths = np.array([len(route) for route in stops])
    places = instance.nodes.place[np.concatenate(stops)].astype(np.int64)
    here = places[chance.integers(len(places))]
    away = instance.durations[0, here, places].astype(np.float64)
    begins = np.cumsum(lengths) - lengths
    mean = np.add.reduceat(away, begins) / lengths
    return [used[k] for k in np.argsort(mean, kind="stable")]


def _deal(
    tables: Tables,
    instance: Instance,
    visits: Sequence[int],
    inside: list[list[int]],
    homes: Mapping[int, int],
    chance: np.random.Generator,
) -> None:
    """
    Give each visit that is on no route to a piece: to that of its company, or of its lock.

    What has company in two pieces is for neither this time.
    """
    home = {visit: k for k, stops in enumerate(inside) for visit in stops}
    waiting = set(visits) - set(home)
    for visit in sorted(waiting):
        if visit not in waiting:
            continue
        group, anchors = _group(tables, instance, visit, waiting, home, homes)
        waiting -= group
        anywhere = int(chance.integers(len(inside)))
        if len(anchors) <= 1:
            inside[min(anchors, default=anywhere)] += sorted(group)


def _group(
    tables: Tables,
    instance: Instance,
    visit: int,
    waiting: set[int],
    home: Mapping[int, int],
    homes: Mapping[int, int],
) -> tuple[set[int], set[int]]:
    """Return a visit with those that go where it goes, and the pieces where they must go."""
    group, anchors, found = {visit}, set[int](), [visit]
    while found:
        own = found.pop()
        vehicle = tables.locked_to.get(own, -1)
        if vehicle in homes:
            anchors.add(homes[vehicle])
        for mate in _company(tables, instance, own):
            if mate in home:
                anchors.add(home[mate])
            elif mate in waiting and mate not in group:
                group.add(mate)
                found.append(mate)
    return group, anchors


def _company(tables: Tables, instance: Instance, visit: int) -> list[int]:
    """Return the visits that can only be on the vehicle of a visit, or bring the same goods."""
    ask = instance.asks[visit]
    mates: list[int] = instance.company[ask.first_mate : ask.first_foe].tolist()
    partner = tables.partner.get(visit)
    mates += _rivals(instance, visit)
    return mates if partner is None else [*mates, partner]


def _rivals(instance: Instance, visit: int) -> list[int]:
    """Return all visits of the choice that a visit belongs to."""
    way = instance.asks[visit].way
    if way < 0:
        return []
    own = instance.options[way]
    every = instance.options[own.first_rival : own.last_rival]
    return [int(k) for one in every for k in instance.company[one.first : one.last]]


def _changes(instance: Instance, orders: Orders, groups: list[list[int]]) -> list[int]:
    """Return how many changes of vehicle each piece may have: its own, and a share of the rest."""
    if instance.max_changes >= NEVER:
        return [NEVER for _ in groups]
    made = [
        sum(
            0 <= instance.asks[item].was != vehicle
            for vehicle in group
            for item in orders[vehicle]
            if item >= 0
        )
        for group in groups
    ]
    rest = max(0, instance.max_changes - sum(made))
    return [own + (rest + k) // len(groups) for k, own in enumerate(made)]
