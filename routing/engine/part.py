"""A part of a problem: some of its vehicles and visits, as if there were no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.engine.instance import Instance
from routing.engine.records import OPTION


class Part(NamedTuple):
    """
    Arrays of a part, and which vehicles and visits of the whole it consists of.

    Matrices are those of the whole, not copies; what is near is looked up there as well.

    Attributes
    ----------
    price
        Of options that are planned here and elsewhere, in the money of `records.SCALE`: each
        counts in one part. Their visits stay where they are.
    """

    instance: Instance
    vehicles: NDArray[np.int64]
    visits: NDArray[np.int64]
    price: float

    def inner(self, orders: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
        """Return orders of the whole by the numbers of the part; ``~k`` stands for a reload."""
        number = np.full(int(self.visits.max(initial=0)) + 1, -1)
        number[self.visits] = np.arange(len(self.visits))
        return {
            k: [int(number[item]) if item >= 0 else item for item in orders[int(vehicle)]]
            for k, vehicle in enumerate(self.vehicles)
            if orders.get(int(vehicle))
        }

    def outer(self, orders: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
        """Return orders of the part by the numbers of the whole."""
        return {
            int(self.vehicles[k]): [int(self.visits[item]) if item >= 0 else item for item in order]
            for k, order in orders.items()
        }


def of(
    instance: Instance, vehicles: Sequence[int], visits: Sequence[int], max_changes: int
) -> Part:
    """
    Return a part of a problem; partners and those that must share a vehicle are in it together.

    Parameters
    ----------
    max_changes
        So many of these visits may have another vehicle than before.
    """
    cars, stops = np.sort(np.array(vehicles, np.int64)), np.sort(np.array(visits, np.int64))
    reloads = [
        np.arange(own.first_reload, own.last_reload) for own in (instance.clocks[k] for k in cars)
    ]
    ends = instance.num_visits + 2 * np.repeat(cars, 2) + np.tile([0, 1], len(cars))
    nodes = np.concatenate([stops, ends, *reloads]).astype(np.int64)
    number = np.full(len(instance.nodes), -1, np.int64)
    number[nodes] = np.arange(len(nodes))
    windows, first_window = _windows(instance, nodes)
    asks, company = _asks(instance, nodes, number, cars)
    options, company, price = _options(instance, asks, company, number)
    kinds = len(instance.first_member) - 1
    own = instance.vehicles[cars]
    counts = np.bincount(own.kind.astype(np.int64), minlength=kinds)
    clocks = instance.clocks[cars].copy()
    first = len(stops) + 2 * len(cars) + np.cumsum([0, *map(len, reloads)])
    clocks.first_reload, clocks.last_reload = first[:-1], first[1:]
    return Part(
        instance._replace(
            num_visits=len(stops),
            nodes=instance.nodes[nodes],
            vehicles=own,
            members=np.argsort(own.kind, kind="stable").astype(np.int64),
            first_member=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            windows=windows,
            first_window=first_window,
            delivered=instance.delivered[nodes],
            picked_up=instance.picked_up[nodes],
            carried=instance.carried[nodes],
            capacity=instance.capacity[cars],
            start_load=instance.start_load[cars],
            services=np.ascontiguousarray(instance.services[:, nodes]),
            has_goods=instance.has_goods[stops],
            before=_near(instance.before, stops, number),
            after=_near(instance.after, stops, number),
            around=_near(instance.around, stops, number),
            clocks=clocks,
            asks=asks,
            company=company,
            options=options,
            choosing=bool(len(options)),
            locked=instance.locked or bool(asks.held[: len(stops)].any()),
            max_changes=max_changes,
        ),
        cars,
        stops,
        price,
    )


def _near(
    ranks: NDArray[np.uint32], stops: NDArray[np.int64], number: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Return those of the part, best first; rows are filled up with the visit itself."""
    found = number[ranks[stops]]
    order = np.argsort(found < 0, axis=1, kind="stable")
    found = np.take_along_axis(found, order, axis=1)
    return np.where(found < 0, np.arange(len(stops))[:, None], found).astype(np.uint32)


def _windows(
    instance: Instance, nodes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first = instance.first_window
    counts = first[nodes + 1] - first[nodes]
    begins = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    rows = np.repeat(first[nodes] - begins[:-1], counts) + np.arange(begins[-1])
    return instance.windows[rows], begins


def _asks(
    instance: Instance,
    nodes: NDArray[np.int64],
    number: NDArray[np.int64],
    cars: NDArray[np.int64],
) -> tuple[Any, NDArray[np.int64]]:
    """Return what nodes ask, and the company of those in the part."""
    asks = instance.asks[nodes].copy()
    paired = asks.partner >= 0
    asks.partner[paired] = number[asks.partner[paired]]
    known = np.full(len(instance.vehicles) + 1, len(cars), np.int64)
    known[cars] = np.arange(len(cars))
    had = asks.was >= 0
    asks.was[had] = known[np.minimum(asks.was[had], len(instance.vehicles))]
    if not instance.grouped:
        return asks, instance.company
    joined: list[int] = []
    for ask, whole in zip(asks, instance.asks[nodes], strict=True):
        mates = number[instance.company[whole.first_mate : whole.first_foe]]
        foes = number[instance.company[whole.first_foe : whole.last_foe]]
        ask.first_mate = len(joined)
        joined += mates[mates >= 0].tolist()
        ask.first_foe = len(joined)
        joined += foes[foes >= 0].tolist()
        ask.last_foe = len(joined)
    return asks, np.array(joined, np.int64)


def _options(
    instance: Instance, asks: Any, company: NDArray[np.int64], number: NDArray[np.int64]
) -> tuple[Any, NDArray[np.int64], float]:
    """
    Return the options of choices that are whole in a part, company with their visits, and a price.

    Visits of other choices are held: what brings their goods is elsewhere as well.
    """
    if not instance.choosing:
        return instance.options, company, 0.0
    inside = [number[instance.company[way.first : way.last]] for way in instance.options]
    cut = {
        int(way.first_rival)
        for way, own in zip(instance.options, inside, strict=True)
        if (own < 0).any() and (own >= 0).any()
    }
    found: list[tuple[int, int, float, int, int]] = []
    joined, price = company.tolist(), 0.0
    for first in dict.fromkeys(instance.options.first_rival.tolist()):
        rivals = range(first, instance.options[first].last_rival)
        begin = len(found)
        for k in rivals:
            own = inside[k][inside[k] >= 0]
            asks.way[own] = len(found)
            if first in cut:
                asks.way[own], asks.held[own] = -1, True
                price += instance.options[k].price if inside[k][0] >= 0 and len(own) else 0.0
            elif len(own):
                found.append((len(joined), len(joined) + len(own), instance.options[k].price, 0, 0))
                joined += own.tolist()
        for k in range(begin, len(found)):
            found[k] = (*found[k][:3], begin, len(found))
    options: Any = np.array(found, OPTION).view(np.recarray)
    return options, np.array(joined, np.int64), price
