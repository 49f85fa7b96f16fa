"""Loading again on the way: which nodes stand for it, and where goods are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.problem import Reload
from routing.tables import Tables

NO_DEPOT = 0
"""The number of no place at all, where a vehicle without a start begins."""


class Reloads(NamedTuple):
    """
    Nodes for loading again, as in `instance.Instance`.

    ``each`` is the vehicle and the reload of each; ``first_node`` the first of them.
    """

    each: list[tuple[int, Reload]]
    first_node: int
    first: NDArray[np.int64]
    option: NDArray[np.int64]


def nodes(tables: Tables) -> Reloads:
    """
    Return for each vehicle as many nodes of each of its reloads as it may have trips more.

    More trips than visits are of no use.
    """
    first_node = len(tables.visits) + 2 * len(tables.vehicles)
    each, option, first = [], [], [first_node]
    for k, vehicle in enumerate(tables.vehicles):
        for number, reload in enumerate(vehicle.reloads):
            for _ in range(min(vehicle.max_trips - 1, len(tables.visits))):
                each.append((k, reload))
                option.append(number)
        first.append(first_node + len(each))
    return Reloads(each, first_node, np.array(first, np.int64), np.array(option, np.int64))


def depots(tables: Tables, reloads: Reloads) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the number of each node's depot, and which depots have a visit's goods."""
    places: dict[int | None, int] = {None: NO_DEPOT}
    depot = np.zeros(reloads.first_node + len(reloads.each), np.int64)
    count = len(tables.visits)
    for k, vehicle in enumerate(tables.vehicles):
        depot[count + 2 * k] = places.setdefault(vehicle.start, len(places))
    for k, (_, reload) in enumerate(reloads.each):
        depot[reloads.first_node + k] = places.setdefault(reload.place, len(places))
    has_goods = np.array(
        [
            [visit.sources is None or place in visit.sources for place in places]
            for visit in tables.visits
        ],
        np.bool_,
    )
    return depot, has_goods
