"""What leaving a job out costs, so that VROOM's order of aims becomes a sum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from routing.problem import NO_WAY, IntMatrix, Matrix, Vehicle
from routing.validity import LARGEST


def unplanned_prices(
    priorities: Sequence[int], vehicles: Sequence[Vehicle], matrices: Mapping[str, Matrix]
) -> list[int]:
    """
    Return the price of leaving out each job.

    VROOM maximises the sum of priorities, then the number of jobs, then minimises cost. So one
    job outweighs the cost of any set of routes, and one step of priority outweighs all jobs; as
    far as `LARGEST` allows, which only problems with millions per leg reach.
    """
    routes = min(_any_routes_cost(len(priorities), vehicles, matrices) + 1, LARGEST // 101)
    step = max(1, min(len(priorities) + 1, (LARGEST // routes - 1) // 100))
    return [routes * (1 + step * priority) for priority in priorities]


def _any_routes_cost(
    num_jobs: int, vehicles: Sequence[Vehicle], matrices: Mapping[str, Matrix]
) -> int:
    """Return a cost that no set of routes exceeds."""
    fixed = sorted((vehicle.cost_fixed for vehicle in vehicles), reverse=True)[:num_jobs]
    longest = max((_longest_leg_cost(v, matrices[v.profile]) for v in vehicles), default=0)
    # Each route has one leg more than it has jobs, and there are at most as many as jobs.
    return sum(fixed) + 2 * num_jobs * longest


def _longest_leg_cost(vehicle: Vehicle, matrix: Matrix) -> int:
    if matrix.costs is not None:
        return largest(matrix.costs)
    driving = round(largest(matrix.durations) / vehicle.speed_factor) + 1
    by_time = driving * vehicle.cost_per_drive_h // 3600
    return by_time + largest(matrix.distances) * vehicle.cost_per_km // 1000 + 2


def largest(array: IntMatrix) -> int:
    """Return the largest entry that is a way."""
    return int(array.max(initial=0, where=array < NO_WAY))


def longest_drive(vehicles: Iterable[Vehicle], matrices: Mapping[str, Matrix]) -> int:
    """Return the duration of the longest leg that any of the vehicles could drive."""
    legs = (largest(matrices[v.profile].durations) / v.speed_factor for v in vehicles)
    return int(max(legs, default=0.0)) + 1
