"""One seed's search for a better plan: which engine runs, for how long, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from routing import beginning, pyvrp_prices
from routing.draft import Draft
from routing.engine.improve import improve
from routing.feasible import feasible_cost
from routing.problem import Visit
from routing.stop import Stop
from routing.tables import Tables

if TYPE_CHECKING:
    import pyvrp

Orders = Mapping[int, Sequence[int]]
Worth = tuple[int, int]

SHARE_FOR_ALL = 0.25
"""
Of the budget, to find a plan of everything that must be planned from PyVRP's own beginning; then
it goes on from the plan that is there, and what that leaves out may stay out.
"""

SHARE_OF_OWN = 0.8
"""
Of the budget, for our own search; PyVRP then goes on from its plan. Eight instances of 200 to 1,000
visits, 5 s on two cores, mean gap: 60 % 2.11, 80 % 1.76, our own alone 1.95 % (decision 0007).
"""

LARGE = 1000
"""
With more visits than this our own search goes on alone. Days of 2,000 and 3,000 visits were 1.3 and
2.3 % cheaper after 30 s than with PyVRP, one of 10,000 6.5 % after 60 s; and PyVRP's matrices take
a gigabyte more for each core then, and a step of it many seconds, which nothing interrupts.
"""

_SMALL = 20


class Search:
    """
    The best plan so far of one search.

    Parameters
    ----------
    orders
        A feasible plan to begin with.
    on_best
        Called with each plan that is better than all before; never with the first.
    """

    def __init__(
        self, tables: Tables, orders: Orders, *, on_best: Callable[[Orders, Worth], None]
    ) -> None:
        self.tables = tables
        self.orders: Orders = orders
        self._costs: dict[tuple[int, tuple[int, ...]], int | None] = {}
        self.worth = self._worth(orders)
        self._on_best = on_best

    def run(self, stop: Stop, *, seed: int, warm: bool) -> None:
        """
        Search until told to stop.

        Parameters
        ----------
        warm
            The plan that is there is a good one: the search begins near it.
        """
        visits = self.begin(stop)
        if not visits:
            return
        own = self.own_part(stop)
        improve(self.tables, self.orders, visits, own, seed=seed, warm=warm, on_best=self.offer)
        if own is not stop:
            stop.done = own.done
            stop.improved()
            self.polish(visits, stop, seed=seed)

    def begin(self, stop: Stop) -> Sequence[int]:
        """Return the visits that some vehicle can serve; none when there is no time."""
        visits = possible(self.tables, self._left_out())
        if not visits or stop.now():
            return ()
        if len(visits) <= _SMALL:
            stop.patience = 10_000 * len(visits)
        return visits

    def own_part(self, stop: Stop) -> Stop:
        """Return the limit of our own search: the given one when it goes on alone."""
        alone = len(self.tables.visits) > LARGE or beyond_pyvrp(self.tables)
        return stop if alone else stop.part(SHARE_OF_OWN)

    def polish(self, visits: Sequence[int], stop: Stop, *, seed: int) -> None:
        """Let PyVRP go on from the plan that is there."""
        self._run_pyvrp(visits, stop, seed=seed)
        self._put_in(visits)

    def offer(self, orders: Orders) -> None:
        """Take a plan if it is better; one that breaks a rule is mended first."""
        orders = self._mended(orders)
        worth = self._worth(orders)
        if worth < self.worth:
            self.orders, self.worth = orders, worth
            self._on_best(orders, worth)

    def _run_pyvrp(self, visits: Sequence[int], stop: Stop, *, seed: int) -> None:
        # Not at the top: PyVRP takes a while to import, and not every plan needs it.
        from routing import pyvrp_engine, pyvrp_model

        tables = self.tables
        model = pyvrp_model.build(tables, visits)

        def look(solution: pyvrp.Solution) -> None:
            self.offer(model.orders(solution))

        if self._must_leave_out(visits):
            by = stop.part(SHARE_FOR_ALL)
            best = pyvrp_engine.run(
                model, stop, seed=seed, start=None, on_best=look, feasible_by=by
            )
            self.offer(model.orders(best))
            if best.is_feasible():
                return
        if self._must_leave_out(visits):
            model = pyvrp_model.build(tables, visits, reward=_reward(tables, visits))
        start = model.solution(tables, self.orders)
        best = pyvrp_engine.run(model, stop, seed=seed, start=start, on_best=look)
        self.offer(model.orders(best))

    def _put_in(self, visits: Sequence[int]) -> None:
        """Insert what was left out and fits after all."""
        left_out = self._left_out()
        draft = Draft(self.tables, self.orders)
        for index in visits:
            if index in left_out:
                draft.insert_if_worth(index)
        self.offer(draft.orders)

    def _must_leave_out(self, visits: Sequence[int]) -> bool:
        left_out = self._left_out()
        return any(
            self.tables.visits[index].price_unplanned is None and index in left_out
            for index in visits
        )

    def _left_out(self) -> set[int]:
        planned = {index for order in self.orders.values() for index in order}
        return set(range(len(self.tables.visits))) - planned

    def _worth(self, orders: Orders) -> Worth:
        costs = [self._cost(vehicle, order) for vehicle, order in orders.items()]
        return self.tables.worth(orders, sum(cost or 0 for cost in costs))

    def _cost(self, vehicle: int, order: Sequence[int]) -> int | None:
        """Return the cost of a route, remembered: most routes of a plan are those of the last."""
        key = (self.tables.vehicle_kinds[vehicle], tuple(order))
        if key not in self._costs:
            self._costs[key] = feasible_cost(self.tables, vehicle, order)
        return self._costs[key]

    def _mended(self, orders: Orders) -> Orders:
        """Return a plan without infeasible routes: their visits are put where they fit, or out."""
        broken = {k for k, order in orders.items() if self._cost(k, order) is None}
        whole = {k: order for k, order in orders.items() if k not in broken}
        if not broken:
            return whole
        waiting = [index for k in sorted(broken) for index in orders[k] if index >= 0]
        for vehicle in broken:
            beside = {k: order for k, order in whole.items() if k != vehicle}
            whole[vehicle] = beginning.kept(self.tables, vehicle, orders[vehicle], beside)
        whole = {**beginning.whole_options(self.tables, whole)}
        draft = Draft(self.tables, whole)
        kept = {index for order in whole.values() for index in order}
        for index in waiting:
            if index not in kept:
                draft.insert_if_worth(index)
        return draft.orders


def beyond_pyvrp(tables: Tables) -> bool:
    """Return whether a problem is for our own engine alone."""
    return any(True for _ in pyvrp_prices.obstacles(tables))


def possible(tables: Tables, visits: set[int]) -> list[int]:
    """
    Return all visits but those of the given that no vehicle could serve even alone.

    Without one of its visits an option is of no use, and the others are not returned either.
    """
    empty = Draft(tables, beginning.begun(tables, {}))
    none = {index for index in visits if empty.best(index) is None}
    useless = {index for option in tables.options if none & {*option} for index in option}
    return [index for index in range(len(tables.visits)) if index not in none | useless]


def _reward(tables: Tables, visits: Sequence[int]) -> Callable[[Visit], int]:
    """
    Return what planning a visit is worth when not all can be: more than it can cost.

    Thrice the dearest route for one visit alone is more than what any visit adds to a route,
    and more than any visit with a price is worth.
    """
    empty = Draft(tables, {})
    alone = [spot.cost for index in visits if (spot := empty.best(index)) is not None]
    prices = [tables.visits[index].price_unplanned or 0 for index in visits]
    base = 3 * max([1, *alone, *prices])
    return lambda visit: base * (1 + visit.priority)
