"""
The independent judge of a plan: recomputes every number from the problem, step by step.

Slow and obvious on purpose, with exact fractions; shares no code with what makes plans, so that
it can be their gate and their test oracle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from routing import judge
from routing.problem import Problem, Reload, Visit
from routing.solution import Solution, Violation


def check(problem: Problem, solution: Solution) -> list[Violation]:
    """
    Return every rule that a solution breaks, and every number in it that is not true.

    Two families of codes. Rules: ``late``, ``early``, ``overload``, ``shift``, ``not_ready``,
    ``max_distance``, ``max_duration``, ``max_drive``, ``max_stops``, ``max_trips``, ``break``,
    ``rest``, ``skills``, ``pinned``, ``locked``, ``apart``, ``together``, ``source``, ``shipment``,
    ``max_changes``, ``choice``, ``unreachable``, ``must_be_planned`` (a visit without a price that
    is left out), ``visit_twice``, ``visit_missing``, ``vehicle_twice``, ``unknown_visit``,
    ``unknown_vehicle``, ``empty_route``, ``no_reason``. Numbers: ``wrong_…`` with the claimed and
    the true value.
    """
    return [
        *_visits_once(problem, solution),
        *_vehicles_once(problem, solution),
        *_left_out(problem, solution),
        *_route_rules(problem, solution),
        *_among_routes(problem, solution),
        *_choices(problem, solution),
        *_totals(problem, solution),
    ]


def _visits_once(problem: Problem, solution: Solution) -> Iterator[Violation]:
    planned = [step.visit for route in solution.routes for step in route.visits]
    left_out = [unplanned.visit for unplanned in solution.unplanned]
    named = planned + left_out
    known = {visit.id for visit in problem.visits}
    for visit in sorted(set(named) - known):
        yield Violation("unknown_visit", None, visit, "the problem has no such visit")
    counts = Counter(named)
    settled = _settled(problem, set(planned))
    for visit in sorted(known):
        if counts[visit] == 0 and visit not in settled:
            yield Violation("visit_missing", None, visit, "neither on a route nor left out", 1)
        elif counts[visit] > 1:
            cause = f"named {counts[visit]} times"
            yield Violation("visit_twice", None, visit, cause, counts[visit] - 1)


def _settled(problem: Problem, planned: set[str]) -> set[str]:
    """Return the visits of choices of which something is planned."""
    found: set[str] = set()
    for choice in problem.choices:
        members = {visit for option in choice.options for visit in option.visits}
        if members & planned:
            found |= members
    return found


def _choices(problem: Problem, solution: Solution) -> Iterator[Violation]:
    """Rules of options: one of a choice, and all its visits."""
    planned = {step.visit for route in solution.routes for step in route.visits}
    for choice in problem.choices:
        begun = [option for option in choice.options if set(option.visits) & planned]
        if len(begun) > 1:
            cause = f"{len(begun)} options of {choice.id} are planned"
            yield Violation("choice", None, None, cause, len(begun) - 1)
        for option in begun:
            missing = sorted(set(option.visits) - planned)
            if missing:
                first = next(visit for visit in option.visits if visit in planned)
                cause = f"{', '.join(missing)} of the same option of {choice.id} is not planned"
                yield Violation("choice", None, first, cause, len(missing))


def _vehicles_once(problem: Problem, solution: Solution) -> Iterator[Violation]:
    used = [route.vehicle for route in solution.routes]
    known = {vehicle.id for vehicle in problem.vehicles}
    for vehicle in sorted(set(used)):
        if vehicle not in known:
            yield Violation("unknown_vehicle", vehicle, None, "the problem has no such vehicle")
        if used.count(vehicle) > 1:
            cause = f"drives {used.count(vehicle)} routes"
            yield Violation("vehicle_twice", vehicle, None, cause, used.count(vehicle) - 1)


def _left_out(problem: Problem, solution: Solution) -> Iterator[Violation]:
    required = {visit.id for visit in problem.visits if visit.price_unplanned is None}
    for choice in problem.choices:
        if choice.price_unplanned is not None:
            required -= {visit for option in choice.options for visit in option.visits}
    for unplanned in solution.unplanned:
        if unplanned.visit in required:
            cause = "has no price for leaving it out"
            yield Violation("must_be_planned", None, unplanned.visit, cause, 1)
        if not unplanned.reasons:
            yield Violation("no_reason", None, unplanned.visit, "left out without a reason")


def _route_rules(problem: Problem, solution: Solution) -> Iterator[Violation]:
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    for route in solution.routes:
        if route.vehicle not in vehicles:
            continue
        vehicle = vehicles[route.vehicle]
        if not route.visits:
            yield Violation("empty_route", route.vehicle, None, "visits nobody")
        known: dict[bool, dict[str, Visit] | dict[str, Reload]] = {
            False: {visit.id: visit for visit in problem.visits},
            True: {reload.id: reload for reload in vehicle.reloads},
        }
        if all(step.visit in known[step.is_reload] for step in route.steps):
            stops = [(step, known[step.is_reload][step.visit]) for step in route.steps]
            yield from judge.violations(problem, vehicle, route, stops)
        elif any(step.is_reload and step.visit not in known[True] for step in route.steps):
            yield Violation("unknown_visit", vehicle.id, None, "the vehicle has no such reload")


def _among_routes(problem: Problem, solution: Solution) -> Iterator[Violation]:
    """Rules that need all routes: who shares a vehicle, and how many change theirs."""
    visits = {visit.id: visit for visit in problem.visits}
    homes: dict[str, set[str]] = {}
    changes = 0
    for route in solution.routes:
        for step in route.visits:
            visit = visits.get(step.visit)
            if visit is None:
                continue
            changes += visit.was is not None and visit.was != route.vehicle
            if visit.together:
                homes.setdefault(visit.together, set()).add(route.vehicle)
    for group, used in sorted(homes.items()):
        if len(used) > 1:
            cause = f"{group} is spread over {', '.join(sorted(used))}"
            yield Violation("together", None, None, cause, len(used) - 1)
    most = problem.stability.max_changes
    if most is not None and changes > most:
        cause = f"{changes} visits change vehicle, the limit is {most}"
        yield Violation("max_changes", None, None, cause, changes - most)


def _totals(problem: Problem, solution: Solution) -> Iterator[Violation]:
    cost = sum(route.cost for route in solution.routes)
    if solution.cost != cost:
        cause = f"claims {solution.cost}, the routes sum to {cost}"
        yield Violation("wrong_cost", None, None, cause, abs(solution.cost - cost))
    prices = {visit.id: visit.price_unplanned or 0 for visit in problem.visits}
    price = sum(prices.get(unplanned.visit, 0) for unplanned in solution.unplanned)
    planned = {step.visit for route in solution.routes for step in route.visits}
    price_options = 0
    for choice in problem.choices:
        chosen = [option.price for option in choice.options if set(option.visits) & planned]
        price_options += sum(chosen)
        if not chosen:
            price += choice.price_unplanned or 0
    if solution.price_options != price_options:
        cause = f"claims {solution.price_options}, the options sum to {price_options}"
        amount = abs(solution.price_options - price_options)
        yield Violation("wrong_price", None, None, cause, amount)
    if solution.price_unplanned != price:
        cause = f"claims {solution.price_unplanned}, the visits left out sum to {price}"
        amount = abs(solution.price_unplanned - price)
        yield Violation("wrong_price", None, None, cause, amount)
