"""A problem by number: what the engines look up while they plan, made once per run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from routing.problem import NO_WAY, IntMatrix, Matrix, Problem, Vehicle, Visit, Window

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
    vehicle_kinds
        Per vehicle, the number of its kind; vehicles of one kind differ by id only.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.vehicles = problem.vehicles
        self.visits = problem.visits
        self.vehicle_index = {vehicle.id: k for k, vehicle in enumerate(problem.vehicles)}
        self.visit_index = {visit.id: k for k, visit in enumerate(problem.visits)}
        none = (0,) * len(problem.dimensions)
        self.windows = [_disjoint(visit.windows) for visit in problem.visits]
        self.delivered: list[Load] = [visit.delivered or none for visit in problem.visits]
        self.picked_up: list[Load] = [visit.picked_up or none for visit in problem.visits]
        self.vehicle_kinds = _kinds(problem.vehicles)
        self._durations: dict[tuple[str, int], IntMatrix] = {}
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

        Each visit without a price that is left out counts 1 + its priority.
        """
        planned = {index for order in orders.values() for index in order}
        missing = 0
        for index, visit in enumerate(self.visits):
            if index not in planned and visit.price_unplanned is None:
                missing += 1 + visit.priority
            elif index not in planned:
                cost += visit.price_unplanned or 0
        return missing, cost

    def _legs_of(self, vehicle: Vehicle) -> Legs:
        key = (vehicle.profile, thousandths(vehicle.speed_factor))
        matrix = self.problem.matrices[vehicle.profile]
        if key not in self._durations:
            self._durations[key] = driving_times(matrix, vehicle.speed_factor)
        return Legs(self._durations[key], matrix)


class Legs:
    """Driving between places for one vehicle: seconds, metres, and the price if there is one."""

    __slots__ = ("costs", "distances", "durations")

    def __init__(self, durations: IntMatrix, matrix: Matrix) -> None:
        self.durations = durations
        self.distances = matrix.distances
        self.costs = matrix.costs


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
    vehicle: Vehicle, *, distance_m: int, duration_s: int, drive_s: int, leg_costs: int | None
) -> int:
    """
    Return the cost of one route in minor units, rounded half up.

    ``leg_costs`` is the sum over the legs of ``Matrix.costs``, which then stands for the prices
    per km and per hour of driving; None: these prices apply.
    """
    # In 1/18000 of a minor unit, the common denominator of 1/1000 and 1/3600.
    hours = vehicle.cost_per_h * duration_s
    if leg_costs is None:
        hours += vehicle.cost_per_drive_h * drive_s
        whole = vehicle.cost_fixed
        parts = 18 * vehicle.cost_per_km * distance_m + 5 * hours
    else:
        whole = vehicle.cost_fixed + leg_costs
        parts = 5 * hours
    return whole + (parts + 9000) // 18000


def _disjoint(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Return windows in ascending order, those that touch joined."""
    joined: list[Window] = []
    for window in sorted(windows):
        if joined and window.earliest <= joined[-1].latest + 1:
            joined[-1] = Window(joined[-1].earliest, max(joined[-1].latest, window.latest))
        else:
            joined.append(Window(*window))
    return tuple(joined)


def _kinds(vehicles: Sequence[Vehicle]) -> list[int]:
    numbers: dict[Vehicle, int] = {}
    return [
        numbers.setdefault(replace(vehicle, id="", description=""), len(numbers))
        for vehicle in vehicles
    ]
