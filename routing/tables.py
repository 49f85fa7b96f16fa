"""A problem by number: what the engines look up while they plan, made once per run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np

from routing.problem import NO_WAY, Choice, IntMatrix, Matrix, Problem, Vehicle, Visit, Window

Load = tuple[int, ...]


class Tables:
    """
    Visits and vehicles of a problem by index, in the order of the problem.

    Attributes
    ----------
    windows
        Per visit, ascending and disjoint; empty: any time.
    delivered, picked_up
        Per visit, one number for each load dimension.
    carried
        Per visit that is part of a shipment, what is on board more after it.
    partner
        The other visit of a shipment, per visit that is part of one.
    pickups
        The visits that shipments begin at.
    options
        Per option of all choices, the visits; ``option_of`` says which a visit is in.
    choices
        Per choice, its options by their number in ``options``.
    locked_to
        The vehicle of each visit that is in the prefix or suffix of one.
    vehicle_kinds
        Per vehicle, the number of its kind; vehicles of one kind differ by what they and their
        breaks are called only.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.vehicles = problem.vehicles
        self.visits = problem.visits
        self.vehicle_index = {vehicle.id: k for k, vehicle in enumerate(problem.vehicles)}
        self.visit_index = {visit.id: k for k, visit in enumerate(problem.visits)}
        none = (0,) * len(problem.dimensions)
        self.windows = [disjoint(visit.windows) for visit in problem.visits]
        self.delivered: list[Load] = [visit.delivered or none for visit in problem.visits]
        self.picked_up: list[Load] = [visit.picked_up or none for visit in problem.visits]
        self.carried = _carried(problem, self.visit_index)
        self.partner = _partners(problem, self.visit_index)
        self.pickups = {self.visit_index[shipment.pickup] for shipment in problem.shipments}
        self.locked_to = {
            self.visit_index[name]: k
            for k, vehicle in enumerate(problem.vehicles)
            for name in (*vehicle.prefix, *vehicle.suffix)
        }
        every = [option for choice in problem.choices for option in choice.options]
        self.options = [[self.visit_index[name] for name in option.visits] for option in every]
        self.option_of = {k: number for number, own in enumerate(self.options) for k in own}
        self.choices = _ranges([len(choice.options) for choice in problem.choices])
        self._first_options = [numbers.start for numbers in self.choices]
        self.vehicle_kinds = _kinds(problem)
        self._durations: dict[tuple[str, int], tuple[IntMatrix, Hours]] = {}
        self._legs: list[Legs] = [self._legs_of(vehicle) for vehicle in problem.vehicles]

    def legs(self, vehicle: int) -> Legs:
        """Return what driving takes and costs for a vehicle."""
        return self._legs[vehicle]

    def visit(self, index: int) -> Visit:
        """Return a visit by its index."""
        return self.visits[index]

    def worth(self, orders: Mapping[int, Sequence[int]], cost: int) -> tuple[int, int]:
        """
        Return what engines minimise: what must be planned and is not, then money.

        Each visit or choice without a price that is left out counts 1 + its priority.
        """
        planned = {index for order in orders.values() for index in order}
        missing, price = self.price_of_left_out(planned)
        return missing, cost + price + self.price_of_options(planned)

    def priced(self, index: int) -> Visit | Choice:
        """Return who says what leaving a visit out costs: itself, or its choice."""
        number = self.option_of.get(index)
        if number is None:
            return self.visits[index]
        return self.problem.choices[bisect_right(self._first_options, number) - 1]

    def companions(self, index: int) -> list[int]:
        """Return the other visits of the option that a visit is in."""
        number = self.option_of.get(index)
        return [] if number is None else [k for k in self.options[number] if k != index]

    def price_of_left_out(self, planned: Collection[int]) -> tuple[int, int]:
        """Return what must be planned and is not, counted as in `worth`, and the others' price."""
        asked: list[Visit | Choice] = [
            visit
            for index, visit in enumerate(self.visits)
            if index not in planned and index not in self.option_of
        ]
        asked += [
            choice
            for choice, options in zip(self.problem.choices, self.choices, strict=True)
            if not self._planned(options, planned)
        ]
        missing = sum(1 + one.priority for one in asked if one.price_unplanned is None)
        return missing, sum(one.price_unplanned or 0 for one in asked)

    def price_of_options(self, planned: Collection[int]) -> int:
        """Return the price of the options that are planned."""
        price = 0
        for choice, options in zip(self.problem.choices, self.choices, strict=True):
            for number in self._planned(options, planned):
                price += choice.options[number - options.start].price
        return price

    def left_out(self, planned: Collection[int]) -> list[int]:
        """Return the visits on no route, but those whose goods come by another option."""
        settled: set[int] = set()
        for options in self.choices:
            if self._planned(options, planned):
                settled |= {index for number in options for index in self.options[number]}
        return [k for k in range(len(self.visits)) if k not in planned and k not in settled]

    def _planned(self, options: range, planned: Collection[int]) -> list[int]:
        return [k for k in options if any(index in planned for index in self.options[k])]

    def service_s(self, vehicle: int, index: int) -> int:
        """Return how long a vehicle serves a visit."""
        visit = self.visits[index]
        if not visit.service_s_by_type:
            return visit.service_s
        return visit.service_s_by_type.get(self.vehicles[vehicle].type, visit.service_s)

    def may_serve(self, vehicle: int, index: int) -> bool:
        """Return whether a vehicle has skills and goods for a visit, and is not kept from it."""
        asked, visit = self.vehicles[vehicle], self.visits[index]
        full = any(load > most for load, most in zip(asked.load, asked.capacity, strict=False))
        if full or self.locked_to.get(index, vehicle) != vehicle:
            return False
        if visit.sources is not None and not self._may_load(asked, visit.sources):
            return False
        if visit.vehicles is not None and asked.id not in visit.vehicles:
            return False
        return visit.skills <= asked.skills and asked.id not in visit.not_vehicles

    def _may_load(self, vehicle: Vehicle, sources: frozenset[int]) -> bool:
        """Return whether a vehicle comes to a place that has some goods."""
        return vehicle.start in sources or any(stop.place in sources for stop in vehicle.reloads)

    def changes_vehicle(self, vehicle: int, index: int) -> bool:
        """Return whether a visit was another vehicle's."""
        was = self.visits[index].was
        return was is not None and was != self.vehicles[vehicle].id

    def _legs_of(self, vehicle: Vehicle) -> Legs:
        key = (vehicle.profile, thousandths(vehicle.speed_factor))
        matrix = self.problem.matrices[vehicle.profile]
        if key not in self._durations:
            factor = vehicle.speed_factor
            hours = [
                (begin, driving_times(Matrix(durations, matrix.distances), factor))
                for begin, durations in matrix.hours
            ]
            self._durations[key] = driving_times(matrix, factor), tuple(hours)
        return Legs(*self._durations[key], matrix)


Hours = tuple[tuple[int, IntMatrix], ...]


class Legs:
    """
    Driving between places for one vehicle: seconds, metres, and the price if there is one.

    ``hours`` are seconds of other hours, as in `Matrix`.
    """

    __slots__ = ("costs", "distances", "durations", "hours")

    def __init__(self, durations: IntMatrix, hours: Hours, matrix: Matrix) -> None:
        self.durations = durations
        self.hours = hours
        self.distances = matrix.distances
        self.costs = matrix.costs


def disjoint(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Return windows in ascending order, those that touch joined."""
    joined: list[Window] = []
    for window in sorted(windows):
        if joined and window.earliest <= joined[-1].latest + 1:
            joined[-1] = Window(joined[-1].earliest, max(joined[-1].latest, window.latest))
        else:
            joined.append(Window(*window))
    return tuple(joined)


def thousandths(speed_factor: float) -> int:
    """Return a speed factor in thousandths, as `Vehicle` reads it."""
    return round(speed_factor * 1000)


def driving_times(matrix: Matrix, speed_factor: float) -> IntMatrix:
    """
    Return how long a vehicle drives between places.

    Returns
    -------
    durations
        ``(n, n)`` int32, seconds, each divided by the speed factor and rounded half up;
        `NO_WAY` where the durations or the distances have it.
    """
    factor = thousandths(speed_factor)
    barred = (matrix.durations == NO_WAY) | (matrix.distances == NO_WAY)
    if factor == 1000:
        if not (barred & (matrix.durations != NO_WAY)).any():
            return matrix.durations
        return np.where(barred, np.int32(NO_WAY), matrix.durations)
    scaled = (matrix.durations.astype(np.int64) * 2000 + factor) // (2 * factor)
    return np.where(barred, NO_WAY, scaled).astype(np.int32)


def route_cost(
    tables: Tables,
    vehicle: int,
    *,
    distance_m: int,
    duration_s: int,
    drive_s: int,
    leg_costs: int | None,
    clock_price: int = 0,
    num_stops: int = 0,
    num_changes: int = 0,
) -> int:
    """
    Return the cost of one route in minor units, rounded half up.

    Parameters
    ----------
    leg_costs
        The sum over the legs of ``Matrix.costs``, which then stands for the prices per km and per
        hour of driving; None: these prices apply.
    clock_price
        What being late, moved or in overtime costs, in 1/18000 of a minor unit.
    num_changes
        Visits that were another vehicle's.
    """
    # In 1/18000 of a minor unit, the common denominator of 1/1000 and 1/3600.
    asked, problem = tables.vehicles[vehicle], tables.problem
    hours = asked.cost_per_h * duration_s
    hours += problem.balance.cost_per_h2 * (duration_s // 60) ** 2
    whole = asked.cost_fixed + problem.balance.cost_per_stop2 * num_stops**2
    whole += problem.stability.cost_per_change * num_changes
    parts = clock_price
    if leg_costs is None:
        hours += asked.cost_per_drive_h * drive_s
        parts += 18 * asked.cost_per_km * distance_m
    else:
        whole += leg_costs
    return whole + (parts + 5 * hours + 9000) // 18000


def _ranges(lengths: Sequence[int]) -> list[range]:
    """Return ranges of these lengths, one after the other."""
    ends = [0, *accumulate(lengths)]
    return [range(begin, end) for begin, end in pairwise(ends)]


def _carried(problem: Problem, visit_index: Mapping[str, int]) -> dict[int, Load]:
    found = {}
    for shipment in problem.shipments:
        load = shipment.load or (0,) * len(problem.dimensions)
        found[visit_index[shipment.pickup]] = load
        found[visit_index[shipment.delivery]] = tuple(-amount for amount in load)
    return found


def _partners(problem: Problem, visit_index: Mapping[str, int]) -> dict[int, int]:
    found = {}
    for shipment in problem.shipments:
        pickup, delivery = visit_index[shipment.pickup], visit_index[shipment.delivery]
        found[pickup], found[delivery] = delivery, pickup
    return found


def _kinds(problem: Problem) -> list[int]:
    named = {visit.was for visit in problem.visits}
    for visit in problem.visits:
        named |= visit.not_vehicles | (visit.vehicles or frozenset())
    numbers: dict[Vehicle, int] = {}
    return [
        numbers.setdefault(
            replace(
                vehicle,
                id=vehicle.id if vehicle.id in named else "",
                description="",
                breaks=tuple(replace(pause, id="", description="") for pause in vehicle.breaks),
            ),
            len(numbers),
        )
        for vehicle in problem.vehicles
    ]
