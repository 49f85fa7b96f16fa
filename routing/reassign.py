"""Which vehicle drives which route of a plan: whole routes change hands, at the least cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from routing import itinerary
from routing.feasible import feasible_cost
from routing.problem import Vehicle
from routing.tables import Tables

Orders = Mapping[int, Sequence[int]]

MOST_STOPS = 40_000
"""So many halts are timed at most, half a second; routes beyond that keep their vehicle."""

MOST_PAIRS = 10_000
"""So many pairs of a route and a kind of vehicle are looked at, the cheapest of each route."""

EFFORT = 0.2
"""What CP-SAT may spend, in its own seconds, which do not depend on the clock."""


def reassigned(tables: Tables, orders: Orders) -> Orders:
    """
    Return a plan with the same routes, driven by the vehicles that make it cheapest.

    Vehicles that are not used may take a route; nobody drives two. Every rule holds, that of
    `Stability.max_changes` as well. The same plan gives the same answer; where nothing can be
    gained, or within `EFFORT` nothing better is found, that is the plan as it was.
    """
    routes = {vehicle: order for vehicle, order in orders.items() if order}
    if len(set(tables.vehicle_kinds)) < 2 or not routes:
        return orders
    pairs = _Pairs(tables, routes).all()
    if not _promising(tables, pairs):
        return orders
    chosen = _cheapest(tables, pairs)
    now = sum(pair.cost for pair in pairs if _own(tables, pair))
    if sum(pair.cost for pair in chosen) >= now:
        return orders
    return _driven(tables, routes, chosen)


class Pair(NamedTuple):
    """A route, named by who drives it now, and a kind of vehicle that could."""

    route: int
    kind: int
    cost: int
    changes: int


@dataclass(frozen=True)
class _Pairs:
    """What each route costs with each kind of vehicle that may drive it."""

    tables: Tables
    routes: Orders

    def all(self) -> list[Pair]:
        """Return the pairs, those of each route together; one of them is as it is now."""
        each = max(2, MOST_PAIRS // len(self.routes))
        found: list[Pair] = []
        stops = 0
        for route, order in self.routes.items():
            own = self.tables.vehicle_kinds[route]
            timed = stops + len(order) * len({*self._alike.values()}) <= MOST_STOPS
            pairs = self._of(route, self._kinds if timed else {own: route})
            stops += len(order) * len({*self._alike.values()}) if timed else 0
            pairs.sort(key=lambda pair: (pair.kind != own, pair.cost))
            found += pairs[:each]
        return found

    def _of(self, route: int, kinds: Mapping[int, int]) -> list[Pair]:
        """Return the pairs of a route: ``kinds`` gives one vehicle of each kind."""
        order, tables = self.routes[route], self.tables
        asked = [tables.visits[index] for index in itinerary.visits(order)]
        was = Counter(visit.was for visit in asked if visit.was is not None)
        barred = {name for visit in asked for name in visit.not_vehicles}
        price = tables.problem.stability.cost_per_change
        costs: dict[int, int | None] = {}
        found = []
        for kind, vehicle in kinds.items():
            name = tables.vehicles[vehicle].id
            if name in barred or any(
                v.vehicles is not None and name not in v.vehicles for v in asked
            ):
                continue
            changes = was.total() - was[name]
            alike = self._alike[vehicle]
            if alike not in costs:
                cost = self._cost(vehicle, order)
                costs[alike] = None if cost is None else cost - price * changes
            if (base := costs[alike]) is not None:
                found.append(Pair(route, kind, base + price * changes, changes))
        return found

    def _cost(self, vehicle: int, order: Sequence[int]) -> int | None:
        # A route loads again at the reloads of its vehicle, by their number.
        if any(~item >= len(self.tables.vehicles[vehicle].reloads) for item in order if item < 0):
            return None
        return feasible_cost(self.tables, vehicle, order)

    @cached_property
    def _kinds(self) -> dict[int, int]:
        """The first vehicle of each kind."""
        found: dict[int, int] = {}
        for vehicle, kind in enumerate(self.tables.vehicle_kinds):
            found.setdefault(kind, vehicle)
        return found

    @cached_property
    def _alike(self) -> dict[int, int]:
        """A number for each first vehicle: those with the same one differ by name alone."""
        numbers: dict[Vehicle, int] = {}
        return {
            vehicle: numbers.setdefault(
                replace(self.tables.vehicles[vehicle], id="", description=""), len(numbers)
            )
            for vehicle in self._kinds.values()
        }


def _promising(tables: Tables, pairs: Sequence[Pair]) -> bool:
    """Return whether some route would be cheaper with another kind, were it free."""
    now = {pair.route: pair.cost for pair in pairs if _own(tables, pair)}
    return any(pair.cost < now[pair.route] for pair in pairs)


def _own(tables: Tables, pair: Pair) -> bool:
    return tables.vehicle_kinds[pair.route] == pair.kind


def _cheapest(tables: Tables, pairs: Sequence[Pair]) -> list[Pair]:
    """Return one pair of each route that together cost least."""
    found = _by_flow(tables, pairs)
    most = tables.problem.stability.max_changes
    if most is None or sum(pair.changes for pair in found) <= most:
        return found
    return _by_search(tables, pairs, most)


def _by_flow(tables: Tables, pairs: Sequence[Pair]) -> list[Pair]:
    """Return the cheapest pairs, however many visits change vehicle: a flow of least cost."""
    # Not at the top, here and below: few plans need it.
    from ortools.graph.python import min_cost_flow

    number = Counter(tables.vehicle_kinds)
    routes = list(dict.fromkeys(pair.route for pair in pairs))
    kinds = list(dict.fromkeys(pair.kind for pair in pairs))
    route_node = {route: node for node, route in enumerate(routes)}
    kind_node = {kind: len(routes) + node for node, kind in enumerate(kinds)}
    sink = len(routes) + len(kinds)
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = [
        flow.add_arc_with_capacity_and_unit_cost(
            route_node[pair.route], kind_node[pair.kind], 1, pair.cost
        )
        for pair in pairs
    ]
    for kind, node in kind_node.items():
        flow.add_arc_with_capacity_and_unit_cost(node, sink, number[kind], 0)
    for node in route_node.values():
        flow.set_node_supply(node, 1)
    flow.set_node_supply(sink, -len(routes))
    status = flow.solve()
    # There is one: as it is now.
    assert status == flow.OPTIMAL
    return [pair for pair, arc in zip(pairs, arcs, strict=True) if flow.flow(arc)]


def _by_search(tables: Tables, pairs: Sequence[Pair], most: int) -> list[Pair]:
    """Return the cheapest pairs, or the best that are found, with so few changes of vehicle."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in pairs]
    of_route: dict[int, list[cp_model.IntVar]] = {}
    of_kind: dict[int, list[cp_model.IntVar]] = {}
    for pair, variable in zip(pairs, chosen, strict=True):
        of_route.setdefault(pair.route, []).append(variable)
        of_kind.setdefault(pair.kind, []).append(variable)
        model.add_hint(variable, _own(tables, pair))
    for variables in of_route.values():
        model.add_exactly_one(variables)
    number = Counter(tables.vehicle_kinds)
    for kind, variables in of_kind.items():
        model.add(cp_model.LinearExpr.sum(variables) <= number[kind])
    changes = [pair.changes for pair in pairs]
    model.add(cp_model.LinearExpr.weighted_sum(chosen, changes) <= most)
    model.minimize(cp_model.LinearExpr.weighted_sum(chosen, [pair.cost for pair in pairs]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [pair for pair in pairs if _own(tables, pair)]
    return [p for p, variable in zip(pairs, chosen, strict=True) if solver.boolean_value(variable)]


def _driven(tables: Tables, routes: Orders, chosen: Sequence[Pair]) -> Orders:
    """Return routes with their new vehicles; who has one of the right kind keeps it."""
    found = {pair.route: routes[pair.route] for pair in chosen if _own(tables, pair)}
    for pair in chosen:
        if not _own(tables, pair):
            free = (k for k, kind in enumerate(tables.vehicle_kinds) if kind == pair.kind)
            found[next(k for k in free if k not in found)] = routes[pair.route]
    return found
