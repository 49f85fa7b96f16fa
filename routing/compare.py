"""Several plans side by side, of one problem or of several that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from routing.problem import Problem
from routing.rework import changes
from routing.solution import Route, Solution


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What a plan comes to.

    ``distance_m``, ``duration_s``, ``drive_s``, ``wait_s`` and ``cost`` are sums over routes,
    ``objective`` counts what is left out too. ``num_late`` visits start after they are due or after
    their last window, by ``late_s`` in all. ``overtime_s`` is after `Vehicle.overtime_from`, or
    after the shift. ``co2_g`` is distance times `Vehicle.co2_g_per_km`. ``num_changes`` visits
    are served by another vehicle, newly, or no more, against the first plan.
    """

    num_routes: int
    num_unplanned: int
    distance_m: int
    duration_s: int
    drive_s: int
    wait_s: int
    cost: int
    objective: int
    num_late: int
    late_s: int
    overtime_s: int
    co2_g: int
    num_changes: int


def compare(plans: Mapping[str, tuple[Problem, Solution]]) -> dict[str, Figures]:
    """
    Return the figures of each plan by its name; the first one is what changes are counted from.

    A what-if is a plan of a changed problem: `dataclasses.replace` makes one from another without
    touching it.
    """
    found: dict[str, Figures] = {}
    first = next((solution for _, solution in plans.values()), None)
    for name, (problem, solution) in plans.items():
        found[name] = _figures(problem, solution, first or solution)
    return found


def _figures(problem: Problem, solution: Solution, first: Solution) -> Figures:
    routes = solution.routes
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    late = [seconds for route in routes for seconds in _late(problem, route) if seconds > 0]
    overtime = 0
    grams = 0
    for route in routes:
        own = vehicles[route.vehicle]
        end = own.shift.latest if own.overtime_from is None else own.overtime_from
        overtime += max(0, route.arrival - end)
        grams += own.co2_g_per_km * route.distance_m
    moved = {"new", "left_out", "vehicle"}
    return Figures(
        num_routes=len(routes),
        num_unplanned=len(solution.unplanned),
        distance_m=sum(route.distance_m for route in routes),
        duration_s=sum(route.duration_s for route in routes),
        drive_s=sum(route.drive_s for route in routes),
        wait_s=sum(step.wait_s for route in routes for step in route.steps),
        cost=solution.cost,
        objective=solution.objective,
        num_late=len(late),
        late_s=sum(late),
        overtime_s=overtime,
        co2_g=(grams + 500) // 1000,
        num_changes=sum(change.why in moved for change in changes(first, solution)),
    )


def _late(problem: Problem, route: Route) -> list[int]:
    """Return how late each visit of a route is, 0 for those that are not."""
    visits = {visit.id: visit for visit in problem.visits}
    found = []
    for step in route.visits:
        own = visits[step.visit]
        last = max((window.latest for window in own.windows), default=None)
        ends = [end for end in (own.due, last) if end is not None]
        found.append(max(0, step.service_start - min(ends)) if ends else 0)
    return found
