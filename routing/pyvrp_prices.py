"""
What travelling costs and how far it may go, in the one matrix that PyVRP has for both.

PyVRP minimises ``unit_distance_cost * distance + unit_duration_cost * duration`` and limits the
distance. Here "distance" is metres, seconds of driving, or money, whichever says the most about
a kind of vehicle. All money is multiplied by one scale, so that prices per metre and per second
become whole numbers in the right ratio.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from routing import beyond
from routing.faults import Fault
from routing.problem import NO_WAY, Vehicle
from routing.tables import Legs, Tables

Meaning = Literal["metres", "drive", "money"]

LARGEST_UNIT = 1000
"""
Prices per metre or second are at most this many units of money: PyVRP's penalties for a second
late or a unit too much, up to 100,000 by default, then stay far above what they forbid.
"""


@dataclass(frozen=True, slots=True)
class Money:
    """The scale of all money, and the largest price per metre or second after it."""

    scale: Fraction
    largest_unit: int

    def units(self, minor: Fraction | int) -> int:
        """Return an amount of money in PyVRP's units, rounded half up."""
        return int(minor * self.scale + Fraction(1, 2))

    def per_s(self, per_h: int) -> int:
        """Return a price per hour as one per second."""
        return self.units(Fraction(per_h, 3600))


def obstacles(tables: Tables) -> Iterator[Fault]:
    """Yield what about a problem PyVRP's model cannot say."""
    for k, vehicle in enumerate(tables.vehicles):
        meaning = meaning_of(vehicle, tables.legs(k))
        limits = [("max_distance_m", "metres", "km"), ("max_drive_s", "drive", "hours of driving")]
        for name, needed, words in limits:
            if getattr(vehicle, name) is not None and meaning != needed:
                where = f"vehicles[{k}] {vehicle.id!r}.{name}"
                cause = f"PyVRP limits only what it prices, and {words} are not the only price"
                action = "drop the limit, or price only what is limited"
                yield Fault(where, "limit_and_price", cause, action)
    for what, where in beyond.the_usual(tables.problem):
        cause = f"PyVRP's model has no {what}"
        yield Fault(where, "beyond_pyvrp", cause, "none is needed: our own search plans it alone")


def meaning_of(vehicle: Vehicle, legs: Legs) -> Meaning:
    """Return what PyVRP's distance means for a vehicle."""
    if legs.costs is not None:
        return "money"
    if vehicle.cost_per_km and vehicle.cost_per_drive_h:
        return "money"
    if vehicle.cost_per_drive_h:
        return "drive"
    free = vehicle.cost_per_km == 0 and vehicle.max_distance_m is None
    return "drive" if free and vehicle.max_drive_s is not None else "metres"


def money(tables: Tables) -> Money:
    """
    Return the scale of money.

    It is 1 when distance alone costs, 1 a metre: benchmarks are solved as they are. Else the
    least that makes all unit prices whole; and no more than keeps them below `LARGEST_UNIT`,
    then rounded, which moves their ratio by less than a thousandth of the larger one.
    """
    units = [unit for k in range(len(tables.vehicles)) for unit in _unit_prices(tables, k)]
    largest = max(units, default=Fraction(0))
    if not largest:
        return Money(Fraction(1), 1)
    exact = Fraction(lcm(*(unit.denominator for unit in units)))
    scale = min(exact, max(Fraction(1, 1), LARGEST_UNIT / largest))
    return Money(scale, max(1, round(largest * scale)))


def unit_price(vehicle: Vehicle, legs: Legs, money: Money) -> int:
    """Return the price of a unit of PyVRP's distance."""
    meaning = meaning_of(vehicle, legs)
    if meaning == "money":
        return 1
    if meaning == "drive":
        return money.per_s(vehicle.cost_per_drive_h)
    return money.units(Fraction(vehicle.cost_per_km, 1000))


def distances(
    vehicle: Vehicle, legs: Legs, money: Money, pairs: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> NDArray[np.int64]:
    """Return PyVRP's distance for pairs of places; what it says where there is no way is void."""
    meaning = meaning_of(vehicle, legs)
    if meaning == "metres":
        return legs.distances[pairs].astype(np.int64)
    if meaning == "drive":
        return legs.durations[pairs].astype(np.int64)
    scale = float(money.scale)
    if legs.costs is not None:
        costs: NDArray[np.int64] = np.rint(legs.costs[pairs] * scale).astype(np.int64)
        return costs
    possible = legs.durations[pairs] != NO_WAY
    per_km, per_h = vehicle.cost_per_km / 1000, vehicle.cost_per_drive_h / 3600
    cost = (legs.distances[pairs] * per_km + legs.durations[pairs] * per_h) * scale
    whole: NDArray[np.int64] = np.where(possible, np.rint(cost), 0).astype(np.int64)
    return whole


def _unit_prices(tables: Tables, index: int) -> Sequence[Fraction]:
    vehicle, legs = tables.vehicles[index], tables.legs(index)
    per_s = Fraction(vehicle.cost_per_h, 3600)
    if legs.costs is not None:
        return [per_s, Fraction(1)]
    return [per_s, Fraction(vehicle.cost_per_km, 1000), Fraction(vehicle.cost_per_drive_h, 3600)]
