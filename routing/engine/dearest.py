"""More than anything with a price can cost: what leaving out counts where a visit has no price."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from routing.problem import NO_WAY, Vehicle
from routing.tables import Tables


def dearest(tables: Tables) -> float:
    """Return more minor units than any visit with a price, or any detour, can cost; whole."""
    kinds = {kind: k for k, kind in enumerate(tables.vehicle_kinds)}.values()
    routes = [_detour(tables, k) + _wishes(tables, tables.vehicles[k]) for k in kinds]
    prices = [float(tables.priced(k).price_unplanned or 0) for k in range(len(tables.visits))]
    together = max(map(len, tables.options), default=1)
    dearest_option = max(
        (option.price for choice in tables.problem.choices for option in choice.options), default=0
    )
    # A whole number: sums of such numbers are exact.
    return float(math.ceil(2.0 * (together * max([1.0, *routes, *prices]) + dearest_option)))


def _detour(tables: Tables, vehicle: int) -> float:
    """Return what a visit adds to the cost of driving and of hours."""
    asked, legs = tables.vehicles[vehicle], tables.legs(vehicle)
    longest = max(map(_largest, (legs.durations, *(later for _, later in legs.hours)))) + 1
    arc = float(_largest(legs.distances)) * asked.cost_per_km / 1000
    if legs.costs is not None:
        arc = float(_largest(legs.costs))
    drive = longest * (asked.cost_per_drive_h + asked.cost_per_h) / 3600
    shift = asked.cost_per_h * (asked.shift.latest - asked.shift.earliest) / 3600
    return asked.cost_fixed + 4 * (arc + drive) + shift


def _wishes(tables: Tables, asked: Vehicle) -> float:
    """Return what a visit adds where it makes all others of a route late, moved or uneven."""
    first, last = asked.shift
    stability, balance = tables.problem.stability, tables.problem.balance
    price = asked.cost_per_overtime_h * max(0, last - (asked.overtime_from or 0)) / 3600
    price += balance.cost_per_h2 * ((last - first) / 3600) ** 2
    price += balance.cost_per_stop2 * 2 * len(tables.visits) + stability.cost_per_change
    for visit in tables.visits:
        if visit.due is not None:
            price += visit.cost_per_late_h * max(0, last - visit.due) / 3600
        if visit.promised is not None:
            farthest = max(abs(last - visit.promised), abs(first - visit.promised))
            price += stability.cost_per_moved_h * farthest / 3600
    return price


def _largest(matrix: NDArray[np.int32]) -> int:
    return int(matrix.max(initial=0, where=matrix != NO_WAY))
