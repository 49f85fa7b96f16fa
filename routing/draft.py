"""A plan under construction, and a first plan made of insertions, by the engine's own rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.engine import chance, insertion, misses
from routing.engine import instance as instance_
from routing.engine import plan as plan_
from routing.engine.instance import SCALE
from routing.feasible import feasible_cost
from routing.problem import NO_WAY
from routing.tables import Tables

SEVERAL_TRIES = 500
"""A first plan of at most so many visits is tried in several orders."""


class Spot(NamedTuple):
    """A place in a route for a visit; ``cost`` is what the plan's cost rises by, minor units."""

    cost: int
    vehicle: int
    position: int


class Draft:
    """
    A plan that visits are put into, always feasible.

    Parameters
    ----------
    orders
        Indices of visits, by index of vehicle; feasible.
    """

    def __init__(self, tables: Tables, orders: Mapping[int, Sequence[int]]) -> None:
        self.tables = tables
        self.orders: dict[int, list[int]] = {k: list(order) for k, order in orders.items() if order}
        # Arrays hold shorter times than a problem may have: such a plan stays as it is.
        self._open = False
        if tables.vehicles and tables.visits:
            self.instance = instance_.of(tables)
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
        return None if node == insertion.NOWHERE else self._spot(index, node)

    def insert(self, index: int, spot: Spot) -> None:
        """Put a visit where `best` found room for it."""
        before = self.instance.num_visits + 2 * spot.vehicle
        if spot.position:
            before = self.orders[spot.vehicle][spot.position - 1]
        self._put(index, before)

    def insert_if_worth(self, index: int) -> bool:
        """Insert a visit where it is cheap; not where leaving it out is cheaper still."""
        price = self.tables.visits[index].price_unplanned
        # As dear as leaving it out is worth it still; rises are whole numbers.
        limit = np.inf if price is None else float(price) * SCALE + 0.5
        node, _ = self._find(insertion.near, index, limit)
        if node == insertion.NOWHERE:
            return False
        self._put(index, node)
        return True

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
        vehicle, position = self._place(before)
        plan_.insert(self.instance, self.plan, index, before)
        self.orders.setdefault(vehicle, []).insert(position, index)

    def _find(
        self, look: Callable[..., tuple[int, float]], index: int, limit: float
    ) -> tuple[int, float]:
        if not self._open:
            return insertion.NOWHERE, np.inf
        return look(self.instance, self.plan, index, self._chance, self._hints, limit)

    def _spot(self, index: int, node: int) -> Spot:
        vehicle, position = self._place(node)
        order = self.orders.get(vehicle, [])
        longer = [*order[:position], index, *order[position:]]
        cost = feasible_cost(self.tables, vehicle, longer)
        before = feasible_cost(self.tables, vehicle, order)
        assert cost is not None  # the compiled rules and the plain ones are the same
        assert before is not None
        return Spot(cost - before, vehicle, position)

    def _place(self, node: int) -> tuple[int, int]:
        """Return the vehicle and the position of the gap after a node."""
        link = self.plan.links[node]
        return int(link.route), int(link.position)


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
    return min(drafts, key=lambda draft: tables.worth(draft.orders, draft.cost))


def in_order(tables: Tables, vehicle: int, order: Sequence[int]) -> list[int]:
    """Return those visits of an order that a vehicle can serve one after the other."""
    kept: list[int] = []
    for index in order:
        if feasible_cost(tables, vehicle, [*kept, index]) is not None:
            kept.append(index)
    return kept


def _rank(tables: Tables, index: int) -> tuple[bool, int]:
    visit = tables.visits[index]
    return visit.price_unplanned is not None, -visit.priority


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
