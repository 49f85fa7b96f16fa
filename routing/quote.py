"""Where a visit would go in a plan, what each way costs, and whom it moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from routing import itinerary, schedule
from routing.draft import Draft
from routing.engine.ready import make_ready
from routing.faults import Fault, InvalidProblem
from routing.problem import Problem
from routing.solution import Route, Solution, Step, Violation
from routing.tables import Tables

MOST = 12
"""So many insertions are told, the cheapest of each vehicle first."""

_KEPT = 4
"""So many plans are kept ready: a dispatcher asks again and again about the same one."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A visit that is served at another time than before; ``late_s`` is how much later than due."""

    visit: str
    by_s: int
    late_s: int


@dataclass(frozen=True, slots=True)
class Insertion:
    """
    One way to serve a visit: on a vehicle, with the route that it then drives.

    ``cost`` is what the plan's cost rises by, in minor units; what leaving the visit out costs is
    not counted. ``moved`` are the other visits of the route whose service starts at another
    second. ``new_vehicle``: it is not used so far; ``new_trip``: it loads once more.
    ``violations``: what it breaks, where nothing that breaks no rule is left.
    """

    vehicle: str
    cost: int
    route: Route
    moved: tuple[Moved, ...]
    new_vehicle: bool
    new_trip: bool
    violations: tuple[Violation, ...] = ()

    def step(self, visit: str) -> Step:
        """Return the halt that serves a visit."""
        return next(step for step in self.route.visits if step.visit == visit)


def quote(problem: Problem, solution: Solution, visit: str) -> list[Insertion]:
    """
    Return the sensible insertions of a visit that a plan leaves out, the cheapest first.

    For each vehicle its cheapest way, one unused vehicle of each kind included, and loading once
    more where it has no room. When no way keeps all rules, those that break least are told, with
    what they break. Times and costs are `schedule`'s; what an option costs beside its routes is not
    counted.

    Parameters
    ----------
    solution
        Feasible but for visits left out; it is kept ready for the next question.

    Raises
    ------
    InvalidProblem
        The problem has no such visit, the plan has it already, its goods come by another option, or
        it is planned only together with others of its option.
    """
    desk = _desk(problem, solution)
    index = desk.tables.visit_index.get(visit)
    if index is None:
        cause = f"the problem has no visit {visit!r}"
        raise InvalidProblem([Fault("visit", "unknown_visit", cause, "use the problem's ids")])
    if index in desk.planned:
        cause = f"visit {visit!r} is in the plan already"
        action = "take it out first, or ask about another one"
        raise InvalidProblem([Fault("visit", "visit_twice", cause, action)])
    if index not in desk.tables.left_out(desk.planned):
        cause = f"the goods of visit {visit!r} come by another option already"
        action = "take that one out first, or ask about another visit"
        raise InvalidProblem([Fault("visit", "other_option", cause, action)])
    if desk.tables.companions(index):
        cause = f"visit {visit!r} is planned only together with others of its option"
        action = "plan again with the option alone, and compare"
        raise InvalidProblem([Fault("visit", "option_of_several", cause, action)])
    return desk.quote(index)


class Desk:
    """A plan that questions are asked about; many may ask at once, and are answered in turn."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        make_ready()
        self.problem, self.solution = problem, solution
        self.tables = Tables(problem)
        self.orders = itinerary.orders(self.tables, solution.sequences)
        self.planned = {i for order in self.orders.values() for i in itinerary.visits(order)}
        self.draft = Draft(self.tables, self.orders, near=False)
        self._routes = {route.vehicle: route for route in solution.routes}
        # A draft tries some insertions out in its own arrays.
        self._one_at_a_time = Lock()

    def quote(self, index: int) -> list[Insertion]:
        """Return `quote`'s answer."""
        with self._one_at_a_time:
            return self._ways(index)

    def fits(self, index: int) -> list[Insertion]:
        """Return the insertions that keep all rules, the cheapest first."""
        with self._one_at_a_time:
            return self._fitting(index)

    def _fitting(self, index: int) -> list[Insertion]:
        spots = self.draft.offers(index)[:MOST]
        ways = [self._insertion(spot.vehicle, list(spot.order)) for spot in spots]
        return sorted(ways, key=lambda way: way.cost)

    def _ways(self, index: int) -> list[Insertion]:
        if ways := self._fitting(index):
            return ways
        return sorted(self._misses(index), key=lambda way: (len(way.violations), way.cost))

    def _misses(self, index: int) -> Iterator[Insertion]:
        able = {
            vehicle
            for vehicle in range(len(self.tables.vehicles))
            if self.tables.may_serve(vehicle, index)
        }
        for vehicle, position in self.draft.misses(index, able):
            order = self.orders.get(vehicle, [])
            yield self._insertion(
                vehicle, itinerary.with_visit(self.tables, order, position, index)
            )

    def _insertion(self, vehicle: int, order: list[int]) -> Insertion:
        found = schedule.part(self.tables, {vehicle: order})
        route = found.routes[0]
        before = self._routes.get(route.vehicle)
        trips = [] if before is None else [step for step in before.steps if step.is_reload]
        return Insertion(
            vehicle=route.vehicle,
            cost=route.cost - (0 if before is None else before.cost),
            route=route,
            moved=tuple(self._moved(before, route)),
            new_vehicle=before is None,
            new_trip=sum(step.is_reload for step in route.steps) > len(trips),
            violations=found.violations,
        )

    def _moved(self, before: Route | None, after: Route) -> Iterator[Moved]:
        """Yield the visits of a route whose service starts at another time than it did."""
        if before is None:
            return
        starts = {step.visit: step.service_start for step in before.visits}
        for step in after.visits:
            by = step.service_start - starts.get(step.visit, step.service_start)
            if by:
                due = self.tables.visits[self.tables.visit_index[step.visit]].due
                late = 0 if due is None else max(0, step.service_start - due)
                yield Moved(step.visit, by, late)


_desks: list[Desk] = []
_desks_lock = Lock()


def _desk(problem: Problem, solution: Solution) -> Desk:
    """Return the desk of a plan; the last few are kept."""
    with _desks_lock:
        for desk in _desks:
            if desk.problem is problem and desk.solution is solution:
                return desk
        desk = Desk(problem, solution)
        _desks.insert(0, desk)
        del _desks[_KEPT:]
        return desk
