"""
The independent judge of a plan: recomputes every number from the problem, step by step.

Slow and obvious on purpose, with exact fractions; shares no code with what makes plans, so that
it can be their gate and their test oracle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import floor

from routing.problem import NO_WAY, Problem, Vehicle, Visit
from routing.solution import Route, Solution, Step, Violation


def check(problem: Problem, solution: Solution) -> list[Violation]:
    """
    Return every rule that a solution breaks, and every number in it that is not true.

    Two families of codes. Rules: ``late``, ``early``, ``overload``, ``shift``, ``max_distance``,
    ``max_duration``, ``max_drive``, ``max_stops``, ``skills``, ``unreachable``,
    ``must_be_planned`` (a visit without a price that is left out), ``visit_twice``,
    ``visit_missing``, ``vehicle_twice``, ``unknown_visit``, ``unknown_vehicle``,
    ``empty_route``, ``no_reason``. Numbers: ``wrong_…`` with the claimed and the true value.
    """
    return [
        *_visits_once(problem, solution),
        *_vehicles_once(problem, solution),
        *_left_out(problem, solution),
        *_route_rules(problem, solution),
        *_totals(problem, solution),
    ]


def _visits_once(problem: Problem, solution: Solution) -> Iterator[Violation]:
    planned = [step.visit for route in solution.routes for step in route.steps]
    left_out = [unplanned.visit for unplanned in solution.unplanned]
    named = planned + left_out
    known = {visit.id for visit in problem.visits}
    for visit in sorted(set(named) - known):
        yield Violation("unknown_visit", None, visit, "the problem has no such visit")
    counts = Counter(named)
    for visit in sorted(known):
        if counts[visit] == 0:
            yield Violation("visit_missing", None, visit, "neither on a route nor left out", 1)
        elif counts[visit] > 1:
            cause = f"named {counts[visit]} times"
            yield Violation("visit_twice", None, visit, cause, counts[visit] - 1)


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
    for unplanned in solution.unplanned:
        if unplanned.visit in required:
            cause = "has no price for leaving it out"
            yield Violation("must_be_planned", None, unplanned.visit, cause, 1)
        if not unplanned.reasons:
            yield Violation("no_reason", None, unplanned.visit, "left out without a reason")


def _route_rules(problem: Problem, solution: Solution) -> Iterator[Violation]:
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    visits = {visit.id: visit for visit in problem.visits}
    for route in solution.routes:
        if route.vehicle not in vehicles:
            continue
        if not route.steps:
            yield Violation("empty_route", route.vehicle, None, "visits nobody")
        if all(step.visit in visits for step in route.steps):
            stops = [(step, visits[step.visit]) for step in route.steps]
            yield from _Judge(problem, vehicles[route.vehicle], route, stops).violations()


class _Judge:
    """One route beside what its vehicle and its visits ask for."""

    def __init__(
        self, problem: Problem, vehicle: Vehicle, route: Route, stops: list[tuple[Step, Visit]]
    ) -> None:
        self.problem = problem
        self.vehicle = vehicle
        self.route = route
        self.stops = stops

    def violations(self) -> Iterator[Violation]:
        yield from self._drives()
        yield from self._clock()
        yield from self._windows()
        yield from self._loads()
        yield from self._limits()
        yield from self._skills()
        yield from self._cost()

    def _drives(self) -> Iterator[Violation]:
        """Every leg is the matrix's."""
        here = self.vehicle.start
        for step, visit in self.stops:
            yield from self._equal("wrong_place", step.place, visit.place, step.visit)
            claimed = step.drive_s, step.distance_m
            yield from self._leg(here, visit.place, claimed, step.visit)
            here = visit.place
        claimed = self.route.end_drive_s, self.route.end_distance_m
        if self.stops:
            yield from self._leg(here, self.vehicle.end, claimed, None)

    def _leg(
        self, here: int | None, there: int | None, claimed: tuple[int, int], visit: str | None
    ) -> Iterator[Violation]:
        if here is None or there is None:
            seconds, metres = 0, 0
        elif self._barred(here, there):
            cause = f"no way from place {here} to place {there}"
            yield Violation("unreachable", self.vehicle.id, visit, cause, 1)
            return
        else:
            matrix = self.problem.matrices[self.vehicle.profile]
            factor = Fraction(round(self.vehicle.speed_factor * 1000), 1000)
            seconds = _half_up(Fraction(int(matrix.durations[here, there])) / factor)
            metres = int(matrix.distances[here, there])
        yield from self._equal("wrong_drive", claimed[0], seconds, visit)
        yield from self._equal("wrong_distance", claimed[1], metres, visit)

    def _barred(self, here: int, there: int) -> bool:
        matrix = self.problem.matrices[self.vehicle.profile]
        return NO_WAY in (matrix.durations[here, there], matrix.distances[here, there])

    def _clock(self) -> Iterator[Violation]:
        """Each arrival follows from the departure before it."""
        now = self.route.departure
        here = self.vehicle.start
        for step, visit in self.stops:
            setup = 0 if here == visit.place else visit.setup_s
            yield from self._equal("wrong_setup", step.setup_s, setup, step.visit)
            yield from self._equal("wrong_service", step.service_s, visit.service_s, step.visit)
            yield from self._equal("wrong_arrival", step.arrival, now + step.drive_s, step.visit)
            if step.wait_s < 0:
                cause = f"waits {step.wait_s} s"
                yield Violation("wrong_wait", self.vehicle.id, step.visit, cause, -step.wait_s)
            now = step.arrival + step.wait_s + step.setup_s + step.service_s
            here = visit.place
        yield from self._equal(
            "wrong_arrival", self.route.arrival, now + self.route.end_drive_s, None
        )

    def _windows(self) -> Iterator[Violation]:
        for step, visit in self.stops:
            start = step.arrival + step.wait_s
            if not visit.windows or any(e <= start <= last for e, last in visit.windows):
                continue
            before = [start - window.latest for window in visit.windows if window.latest < start]
            if before:
                cause = f"served {min(before)} s late"
                yield Violation("late", self.vehicle.id, step.visit, cause, min(before))
            else:
                early = min(window.earliest for window in visit.windows) - start
                cause = f"served {early} s early"
                yield Violation("early", self.vehicle.id, step.visit, cause, early)

    def _loads(self) -> Iterator[Violation]:
        lengths = {len(self.route.start_load), *(len(step.load) for step, _ in self.stops)}
        if lengths != {len(self.problem.dimensions)}:
            cause = "not one number for each load dimension"
            yield Violation("wrong_load", self.vehicle.id, None, cause)
            return
        for k, name in enumerate(self.problem.dimensions):
            load = sum(_amount(visit.delivered, k) for _, visit in self.stops)
            yield from self._equal("wrong_load", self.route.start_load[k], load, None)
            most, where = load, None
            for step, visit in self.stops:
                load += _amount(visit.picked_up, k) - _amount(visit.delivered, k)
                yield from self._equal("wrong_load", step.load[k], load, step.visit)
                if load > most:
                    most, where = load, step.visit
            over = most - self.vehicle.capacity[k]
            if over > 0:
                cause = f"{name} +{over} over the capacity of {self.vehicle.capacity[k]}"
                yield Violation("overload", self.vehicle.id, where, cause, over)

    def _limits(self) -> Iterator[Violation]:
        vehicle, route = self.vehicle, self.route
        early = vehicle.shift.earliest - route.departure
        late = route.arrival - vehicle.shift.latest
        if early > 0:
            yield Violation("shift", vehicle.id, None, f"leaves {early} s before it", early)
        if late > 0:
            yield Violation("shift", vehicle.id, None, f"ends {late} s after it", late)
        distance = sum(step.distance_m for step, _ in self.stops) + route.end_distance_m
        drive = sum(step.drive_s for step, _ in self.stops) + route.end_drive_s
        yield from self._limit("max_distance", distance, vehicle.max_distance_m)
        duration = route.arrival - route.departure
        yield from self._limit("max_duration", duration, vehicle.max_duration_s)
        yield from self._limit("max_drive", drive, vehicle.max_drive_s)
        yield from self._limit("max_stops", len(self.stops), vehicle.max_stops)

    def _limit(self, code: str, used: int, limit: int | None) -> Iterator[Violation]:
        if limit is not None and used > limit:
            cause = f"{used}, the limit is {limit}"
            yield Violation(code, self.vehicle.id, None, cause, used - limit)

    def _skills(self) -> Iterator[Violation]:
        for step, visit in self.stops:
            missing = sorted(visit.skills - self.vehicle.skills)
            if missing:
                cause = f"the vehicle lacks {', '.join(missing)}"
                yield Violation("skills", self.vehicle.id, step.visit, cause, len(missing))

    def _cost(self) -> Iterator[Violation]:
        vehicle = self.vehicle
        hours = Fraction(self.route.arrival - self.route.departure, 3600)
        cost = vehicle.cost_fixed + hours * vehicle.cost_per_h
        if self.problem.matrices[vehicle.profile].costs is None:
            metres = sum(step.distance_m for step, _ in self.stops) + self.route.end_distance_m
            drive = sum(step.drive_s for step, _ in self.stops) + self.route.end_drive_s
            cost += Fraction(metres, 1000) * vehicle.cost_per_km
            cost += Fraction(drive, 3600) * vehicle.cost_per_drive_h
        else:
            cost += self._leg_costs()
        yield from self._equal("wrong_cost", self.route.cost, _half_up(cost), None)

    def _leg_costs(self) -> int:
        costs = self.problem.matrices[self.vehicle.profile].costs
        places = [self.vehicle.start, *(visit.place for _, visit in self.stops), self.vehicle.end]
        total = 0
        for here, there in pairwise(places):
            if here is None or there is None or costs is None or self._barred(here, there):
                continue
            total += int(costs[here, there])
        return total

    def _equal(self, code: str, claimed: int, true: int, visit: str | None) -> Iterator[Violation]:
        if claimed != true:
            cause = f"claims {claimed}, is {true}"
            yield Violation(code, self.vehicle.id, visit, cause, abs(claimed - true))


def _totals(problem: Problem, solution: Solution) -> Iterator[Violation]:
    cost = sum(route.cost for route in solution.routes)
    if solution.cost != cost:
        cause = f"claims {solution.cost}, the routes sum to {cost}"
        yield Violation("wrong_cost", None, None, cause, abs(solution.cost - cost))
    prices = {visit.id: visit.price_unplanned or 0 for visit in problem.visits}
    price = sum(prices.get(unplanned.visit, 0) for unplanned in solution.unplanned)
    if solution.price_unplanned != price:
        cause = f"claims {solution.price_unplanned}, the visits left out sum to {price}"
        amount = abs(solution.price_unplanned - price)
        yield Violation("wrong_price", None, None, cause, amount)


def _amount(load: tuple[int, ...], dimension: int) -> int:
    return load[dimension] if load else 0


def _half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))
