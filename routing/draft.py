"""A plan under construction, and a first plan made of insertions, by the engine's own rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.engine import chance, compound, insertion, misses, options, undo
from routing.engine import instance as instance_
from routing.engine import plan as plan_
from routing.engine.records import SCALE
from routing.feasible import feasible_cost
from routing.problem import NO_WAY
from routing.tables import Tables

SEVERAL_TRIES = 500
"""A first plan of at most so many visits is tried in several orders."""


class Spot(NamedTuple):
    """
    A place in a route for a visit; ``cost`` is what the plan's cost rises by, minor units.

    ``order`` is what the vehicle then does, the visit's partner or a reload included.
    """

    cost: int
    vehicle: int
    order: tuple[int, ...]


def _near(instance: Any, plan: Any, index: int, *rest: Any) -> tuple[int, float]:
    """Return `insertion.near`, nothing overlooked."""
    return insertion.near(instance, plan, index, 0.0, *rest)


class Draft:
    """
    A plan that visits are put into, always feasible.

    Parameters
    ----------
    orders
        Indices of visits, by index of vehicle; feasible.
    near
        False: to be asked about a few visits only, which is possible sooner.
    """

    def __init__(
        self, tables: Tables, orders: Mapping[int, Sequence[int]], *, near: bool = True
    ) -> None:
        self.tables = tables
        self.orders: dict[int, list[int]] = {k: list(order) for k, order in orders.items() if order}
        # Arrays hold shorter times than a problem may have: such a plan stays as it is.
        self._open = False
        if tables.vehicles and tables.visits:
            self.instance = instance_.of(tables, near=near)
            self.plan = plan_.empty(self.instance)
            self._hints = insertion.kinds(self.instance)
            self._chance = chance.seeded(0)
            self._open = plan_.fill(self.instance, self.plan, self.orders)

    @property
    def cost(self) -> int:
        """The cost of all routes, in minor units."""
        costs = (feasible_cost(self.tables, k, order) for k, order in self.orders.items())
        return sum(cost or 0 for cost in costs)

    def best(self, index: int) -> Spot | None:
        """Return the cheapest feasible insertion of a visit, all gaps considered, or None."""
        node, _ = self._find(insertion.best, index, np.inf)
        return None if node == compound.NOWHERE else self._spot(index, node)

    def offers(self, index: int) -> list[Spot]:
        """Return the cheapest insertion for each vehicle, one unused of a kind, cheapest first."""
        if not self._open:
            return []
        offers: Any = np.zeros(len(self.tables.vehicles), insertion.OFFER).view(np.recarray)
        insertion.of_each_vehicle(self.instance, self.plan, index, self._chance, offers)
        found, unused = [], set()
        for vehicle in np.argsort(offers.rise, kind="stable").tolist():
            kind = self.tables.vehicle_kinds[vehicle]
            offer = offers[vehicle]
            if offer.rise == np.inf or (not self.orders.get(vehicle) and kind in unused):
                continue
            if not self.orders.get(vehicle):
                unused.add(kind)
            self.plan.choice[:] = offer.kind, offer.other, offer.gap
            found.append(self._spot(index, int(offer.node)))
        return found

    def insert_if_worth(self, index: int) -> bool:
        """
        Insert a visit where it is cheap; not where leaving it out is cheaper still.

        Of a choice of which nothing is planned, the cheapest option is put in.
        """
        if not self._open or not options.absent(self.instance, self.plan, index):
            return False
        if index in self.tables.option_of:
            return self._put_choice_in(index)
        price = self._price(index)
        # As dear as leaving it out is worth it still; rises are whole numbers.
        limit = np.inf if price is None else float(price) * SCALE + 0.5
        node, _ = self._find(_near, index, limit)
        if node == compound.NOWHERE:
            return False
        self._put(index, node)
        return True

    def _put_choice_in(self, index: int) -> bool:
        price = self.tables.priced(index).price_unplanned
        limit = np.inf if price is None else float(price) * SCALE + 0.5
        instance, plan = self.instance, self.plan
        before, trial = undo.nothing(instance), undo.nothing(instance)
        every = np.ones(len(instance.options), np.bool_)
        rest = (0.0, self._chance, self._hints, limit)
        if options.put_in(instance, plan, before, trial, index, every, *rest) == np.inf:
            return False
        for number in before.vehicles[: before.kept[0]].tolist():
            self.orders[number] = plan_.order_of(instance, plan.links.next, number)
            if not self.orders[number]:
                del self.orders[number]
        return True

    def _price(self, index: int) -> int | None:
        """Return what leaving a visit out costs, with its partner; None: it must be planned."""
        both = [index, *([self.tables.partner[index]] if index in self.tables.partner else [])]
        prices = [self.tables.visits[one].price_unplanned for one in both]
        known = [price for price in prices if price is not None]
        return sum(known) if len(known) == len(both) else None

    def misses(self, index: int, vehicles: set[int]) -> list[tuple[int, int]]:
        """
        Return vehicle and position of the gap that is nearest to holding a visit, in several ways.

        One gap for each set of rules that gaps break, those that break few rules first.
        """
        if not self._open:
            return []
        able = np.zeros(len(self.tables.vehicles), np.bool_)
        able[list(vehicles)] = True
        found = misses.nearest(self.instance, self.plan, index, able)
        return [self._place(node) for _, node in found]

    def _put(self, index: int, before: int) -> None:
        vehicle = int(self.plan.links[before].route)
        compound.apply(self.instance, self.plan, index, before)
        self.orders[vehicle] = plan_.order_of(self.instance, self.plan.links.next, vehicle)

    def _find(
        self, look: Callable[..., tuple[int, float]], index: int, limit: float
    ) -> tuple[int, float]:
        if not self._open:
            return compound.NOWHERE, np.inf
        return look(self.instance, self.plan, index, self._chance, self._hints, limit)

    def _spot(self, index: int, node: int) -> Spot:
        vehicle, position = self._place(node)
        order = self.orders.get(vehicle, [])
        longer = self._longer(index, order, position)
        cost = feasible_cost(self.tables, vehicle, longer)
        before = feasible_cost(self.tables, vehicle, order)
        assert cost is not None  # the compiled rules and the plain ones are the same
        assert before is not None
        return Spot(cost - before, vehicle, tuple(longer))

    def _longer(self, index: int, order: list[int], position: int) -> list[int]:
        """Return an order with a visit as the engine has chosen."""
        kind, other, gap = map(int, self.plan.choice)
        if kind == compound.PAIR:
            rest = order[position:]
            cut = 0 if gap == other else rest.index(gap) + 1
            delivery = self.tables.partner[other]
            return [*order[:position], other, *rest[:cut], delivery, *rest[cut:]]
        new = [index]
        if kind != compound.PLAIN:
            reload = ~int(self.instance.asks[other].option)
            new = [reload, index] if kind == compound.RELOAD_BEFORE else [index, reload]
        return [*order[:position], *new, *order[position:]]

    def _place(self, node: int) -> tuple[int, int]:
        """Return the vehicle and the position of the gap after a node."""
        links = self.plan.links
        vehicle, position = int(links[node].route), 0
        while links[node].prev != node:
            node, position = links[node].prev, position + 1
        return vehicle, position


def first_plan(
    tables: Tables,
    orders: Mapping[int, Sequence[int]],
    *,
    stop: Callable[[], bool] = lambda: False,
) -> Draft:
    """
    Return a feasible plan: the visits of ``orders``, and all others that insertion can place.

    Visits that must be planned come before those with a price, and among them those of high
    priority. Within that, three orders are tried and the best plan is kept: far visits first,
    those that end early, and those of narrow windows (measured on the Solomon, Homberger and
    ORTEC instances: each of the three wins somewhere). ``stop`` ends it early.
    """
    planned = {index for order in orders.values() for index in order}
    waiting = [index for index in range(len(tables.visits)) if index not in planned]
    far = _far(tables)
    ends = [windows[-1].latest if windows else far.max() for windows in tables.windows]
    width = [sum(w.latest - w.earliest for w in windows) for windows in tables.windows]
    hardness = (-far, np.array(ends) - far, np.array(width) - 2 * far)
    drafts = []
    several = 0 < len(waiting) <= SEVERAL_TRIES
    for hard in hardness if several else hardness[1:2]:
        draft = Draft(tables, orders)
        drafts.append(draft)
        for index in sorted(waiting, key=lambda index: (*_rank(tables, index), hard[index])):
            if stop():
                break
            draft.insert_if_worth(index)
    if not several:
        return drafts[0]
    return min(drafts, key=lambda draft: tables.worth(draft.orders, draft.cost))


def _rank(tables: Tables, index: int) -> tuple[bool, int]:
    priced = tables.priced(index)
    return priced.price_unplanned is not None, -priced.priority


def _far(tables: Tables) -> NDArray[np.int64]:
    """Return the shortest drive to each visit from any vehicle's start, or from its end."""
    places = np.array([visit.place for visit in tables.visits], np.intp)
    nearest = np.full(len(places), NO_WAY, np.int64)
    for vehicle in {kind: k for k, kind in enumerate(tables.vehicle_kinds)}.values():
        durations = tables.legs(vehicle).durations
        start, end = tables.vehicles[vehicle].start, tables.vehicles[vehicle].end
        if start is not None:
            nearest = np.minimum(nearest, durations[start, places])
        elif end is not None:
            nearest = np.minimum(nearest, durations[places, end])
    nearest[nearest == NO_WAY] = 0
    return nearest
