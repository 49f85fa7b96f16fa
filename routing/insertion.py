"""
Where a visit fits into a plan, and at what cost; and a first plan made of such insertions.

All gaps of all routes are looked at at once. Two things are only bounded there, the setup that a
visit gains or loses when its neighbour changes, and the shortest route duration; so the cheapest
gaps are then timed as a whole route, and that answer decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from routing import gaps as gaps_
from routing.feasible import feasible_cost
from routing.gaps import (
    BEFORE,
    DRIVE,
    DUE,
    LOADS,
    METRES,
    POSITION,
    PRICE,
    READY,
    VEHICLE,
    Array,
    Floats,
    Mask,
)
from routing.problem import NO_WAY
from routing.tables import Legs, Tables

SEVERAL_TRIES = 500
"""A first plan of at most so many visits is tried in several orders."""

_TIMED = 8  # so many feasible gaps, cheapest first, are timed exactly


class Spot(NamedTuple):
    """A place in a route for a visit; ``cost`` is what the plan's cost rises by, minor units."""

    cost: int
    vehicle: int
    position: int


class View(NamedTuple):
    """Gaps of routes, with seconds, metres and price of the legs to a visit and on from it."""

    gaps: Array
    legs_in: Array
    legs_out: Array

    def more(self, leg: int, row: int) -> Array:
        """Return how much longer or dearer a route gets, by what its legs are measured in."""
        extra: Array = self.legs_in[leg] + self.legs_out[leg] - self.gaps[row]
        return extra


class Draft:
    """
    A plan under construction: visits in order, by vehicle, always feasible.

    Parameters
    ----------
    orders
        Indices of visits, by index of vehicle; feasible.
    """

    def __init__(self, tables: Tables, orders: Mapping[int, Sequence[int]]) -> None:
        self.tables = tables
        self.orders: dict[int, list[int]] = {}
        self.costs: dict[int, int] = {}
        vehicles = tables.vehicles
        self._metres = np.zeros(len(vehicles), np.int64)
        self._drive = np.zeros(len(vehicles), np.int64)
        self._busy = np.zeros(len(vehicles), np.int64)
        self._stops = np.zeros(len(vehicles), np.int64)
        self._limits = gaps_.Limits(tables)
        self._groups: list[Legs] = []
        self._group_of = [self._group(tables.legs(k)) for k in range(len(vehicles))]
        self._gaps: list[dict[int, Array]] = [{} for _ in self._groups]
        self._joined: list[Array | None] = [None for _ in self._groups]
        self._unused: dict[int, list[int]] = {}
        for vehicle in reversed(range(len(vehicles))):
            if not orders.get(vehicle):
                self._unused.setdefault(tables.vehicle_kinds[vehicle], []).append(vehicle)
        for vehicle, order in orders.items():
            if order:
                self._set(vehicle, list(order))
        for unused in self._unused.values():
            self._show(unused[-1], [])

    def insert(self, index: int, spot: Spot) -> None:
        """Put a visit where `best` found room for it."""
        order = self.orders.get(spot.vehicle, [])
        self._use(spot.vehicle, used=True)
        self._set(spot.vehicle, [*order[: spot.position], index, *order[spot.position :]])

    def change(self, orders: Mapping[int, Sequence[int]]) -> bool:
        """Give vehicles other orders; False, and nothing changes, if one of them is infeasible."""
        costs = {k: feasible_cost(self.tables, k, order) for k, order in orders.items()}
        if None in costs.values():
            return False
        for vehicle, order in orders.items():
            self._use(vehicle, used=bool(order))
            self._set(vehicle, list(order))
        return True

    def best(self, index: int, *, blink: Callable[[], bool] | None = None) -> Spot | None:
        """
        Return the cheapest feasible insertion of a visit, or None.

        A gap at which ``blink`` says True is overlooked: a search that always takes the cheapest
        comes back to the same plan (Christiaens and Vanden Berghe 2020).
        """
        found: Spot | None = None
        timed = 0
        for estimate, vehicle, position in self._candidates(index):
            if found is not None and (timed >= _TIMED or estimate > found.cost + 1):
                break
            if blink is not None and blink():
                continue
            order = self.orders.get(vehicle, [])
            longer = [*order[:position], index, *order[position:]]
            cost = feasible_cost(self.tables, vehicle, longer)
            if cost is None:
                continue
            timed += 1
            rise = cost - self.costs.get(vehicle, 0)
            if found is None or rise < found.cost:
                found = Spot(rise, vehicle, position)
        return found

    def views(self, index: int) -> Iterator[View]:
        """Yield the gaps of all routes as a visit sees them; one view for each set of matrices."""
        for group, legs in enumerate(self._groups):
            gaps = self._joined_gaps(group)
            if gaps.shape[1]:
                place = self.tables.visits[index].place
                yield View(gaps, *gaps_.legs_to(legs, gaps, place))

    def tests(self, index: int, view: View) -> dict[str, Mask]:
        """
        Return for each rule which gaps may keep it when they hold a visit.

        Where one says no, the answer is sure; where all say yes, `best` still times the route.
        """
        visit, limits, gaps = self.tables.visits[index], self._limits, view.gaps
        vehicle = gaps[VEHICLE]
        drive = self._drive[vehicle] + view.more(0, DRIVE)
        metres = self._metres[vehicle] + view.more(1, METRES)
        load = np.ones(gaps.shape[1], np.bool_)
        for k, (out, in_) in enumerate(
            zip(self.tables.delivered[index], self.tables.picked_up[index], strict=True)
        ):
            load &= (gaps[LOADS + 2 * k] >= out) & (gaps[LOADS + 2 * k + 1] >= in_)
        start, in_time = gaps_.earliest_start(self.tables, index, gaps[READY] + view.legs_in[0])
        setup = np.where(gaps[BEFORE] == visit.place, 0, visit.setup_s)
        onward = start + setup + visit.service_s + view.legs_out[0]
        work = drive + self._busy[vehicle] + visit.service_s
        return {
            "way": (view.legs_in[0] < NO_WAY) & (view.legs_out[0] < NO_WAY),
            "skills": limits.allows(visit.skills)[vehicle],
            "load": load,
            "time": in_time & (onward <= gaps[DUE]),
            "max_distance": metres <= limits.metres[vehicle],
            "max_drive": drive <= limits.drive[vehicle],
            "max_duration": work <= limits.duration[vehicle],
            "max_stops": self._stops[vehicle] < limits.stops[vehicle],
        }

    def _candidates(self, index: int) -> Iterable[tuple[float, int, int]]:
        """Return gaps that may hold a visit, with an estimated cost, cheapest first."""
        costs, vehicles, positions = [], [], []
        for view in self.views(index):
            possible = np.logical_and.reduce(list(self.tests(index, view).values()))
            open_ = View(*(array[:, possible] for array in view))
            costs.append(self._estimate(index, open_))
            vehicles.append(open_.gaps[VEHICLE])
            positions.append(open_.gaps[POSITION])
        if not costs:
            return []
        cost = np.concatenate(costs)
        cheapest = np.argsort(cost, kind="stable")
        return zip(
            cost[cheapest].tolist(),
            np.concatenate(vehicles)[cheapest].tolist(),
            np.concatenate(positions)[cheapest].tolist(),
            strict=True,
        )

    def _estimate(self, index: int, view: View) -> Floats:
        visit, limits, vehicle = self.tables.visits[index], self._limits, view.gaps[VEHICLE]
        drive = view.more(0, DRIVE)
        fixed = np.where(self._stops[vehicle] == 0, limits.fixed[vehicle], 0)
        cost: Floats = limits.per_km[vehicle] * view.more(1, METRES) / 1000
        cost += limits.per_drive_h[vehicle] * drive / 3600
        cost += limits.per_h[vehicle] * (drive + visit.service_s) / 3600
        cost += fixed + view.more(2, PRICE)
        return cost

    def _use(self, vehicle: int, *, used: bool) -> None:
        """Keep one unused vehicle of each kind among those that are looked at."""
        unused = self._unused.setdefault(self.tables.vehicle_kinds[vehicle], [])
        if used and vehicle in unused:
            unused.remove(vehicle)
            if unused:
                self._show(unused[-1], [])
        if not used and vehicle not in unused:
            if unused:
                del self._gaps[self._group_of[vehicle]][unused[-1]]
            unused.append(vehicle)

    def _set(self, vehicle: int, order: list[int]) -> None:
        cost = feasible_cost(self.tables, vehicle, order)
        assert cost is not None  # drafts hold feasible routes only
        self.orders[vehicle] = order
        self.costs[vehicle] = cost
        self._show(vehicle, order)

    def _show(self, vehicle: int, order: list[int]) -> None:
        """Describe the gaps of a route anew."""
        gaps = gaps_.of_route(self.tables, vehicle, order)
        group = self._group_of[vehicle]
        self._gaps[group][vehicle] = gaps
        self._joined[group] = None
        self._metres[vehicle] = gaps[METRES].sum()
        self._drive[vehicle] = gaps[DRIVE].sum()
        self._busy[vehicle] = sum(self.tables.visits[index].service_s for index in order)
        self._stops[vehicle] = len(order)

    def _joined_gaps(self, group: int) -> Array:
        joined = self._joined[group]
        if joined is None:
            rows = LOADS + 2 * len(self.tables.problem.dimensions)
            nothing = np.zeros((rows, 0), np.int64)
            joined = np.concatenate([nothing, *self._gaps[group].values()], axis=1)
            self._joined[group] = joined
        return joined

    def _group(self, legs: Legs) -> int:
        """Return the number of the vehicles that drive by the same matrices."""
        for number, other in enumerate(self._groups):
            if other.durations is legs.durations and other.distances is legs.distances:
                return number
        self._groups.append(legs)
        return len(self._groups) - 1


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
            insert_if_worth(draft, index)
    return min(drafts, key=lambda draft: tables.worth(draft.orders, sum(draft.costs.values())))


def insert_if_worth(draft: Draft, index: int, *, blink: Callable[[], bool] | None = None) -> bool:
    """Insert a visit where it is cheapest; not where leaving it out is cheaper still."""
    spot = draft.best(index, blink=blink)
    price = draft.tables.visits[index].price_unplanned
    if spot is None or (price is not None and spot.cost > price):
        return False
    draft.insert(index, spot)
    return True


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


def _far(tables: Tables) -> Array:
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
