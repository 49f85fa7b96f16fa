"""
The gaps of routes as tables of numbers, so that numpy looks at all of them at once.

Earliest departure before a gap and latest arrival after it (Savelsbergh 1992) say whether the
times hold; running maxima of the load say it for capacities.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from routing import timing
from routing.problem import Window
from routing.tables import Legs, Tables

NO_PLACE = -1
"""Stands for the start or end of a vehicle that has none."""

# Rows of a table; then, per load dimension, the room before the gap and the room after it.
VEHICLE, POSITION, BEFORE, AFTER, READY, DUE, DRIVE, METRES, PRICE, LOADS = range(10)

Array = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def of_route(tables: Tables, vehicle: int, order: Sequence[int]) -> Array:
    """Return the table of a route's gaps, one column for each, as the rows' names say."""
    asked, legs = tables.vehicles[vehicle], tables.legs(vehicle)
    count = len(order) + 1
    gaps = np.zeros((LOADS + 2 * len(asked.capacity), count), np.int64)
    places = [tables.visits[index].place for index in order]
    gaps[VEHICLE] = vehicle
    gaps[POSITION] = np.arange(count)
    gaps[BEFORE] = [NO_PLACE if asked.start is None else asked.start, *places]
    gaps[AFTER] = [*places, NO_PLACE if asked.end is None else asked.end]
    gaps[READY], gaps[DUE] = _slack(tables, vehicle, order)
    # An unused vehicle drives nothing: all of the first visit's legs are new.
    if order:
        real = (gaps[BEFORE] != NO_PLACE) & (gaps[AFTER] != NO_PLACE)
        for row, matrix in ((DRIVE, legs.durations), (METRES, legs.distances), (PRICE, legs.costs)):
            if matrix is not None:
                gaps[row] = np.where(real, matrix[gaps[BEFORE], gaps[AFTER]], 0)
    for k, capacity in enumerate(asked.capacity):
        out = np.array([tables.delivered[index][k] for index in order], np.int64)
        in_ = np.array([tables.picked_up[index][k] for index in order], np.int64)
        loads = np.concatenate([[out.sum()], out.sum() + np.cumsum(in_ - out)])
        gaps[LOADS + 2 * k] = capacity - np.maximum.accumulate(loads)
        gaps[LOADS + 2 * k + 1] = capacity - np.maximum.accumulate(loads[::-1])[::-1]
    return gaps


def legs_to(legs: Legs, gaps: Array, place: int) -> tuple[Array, Array]:
    """Return seconds, metres and price from before each gap to a place, and on to after it."""
    matrices = (legs.durations, legs.distances, legs.costs)
    before, after = gaps[BEFORE], gaps[AFTER]
    legs_in = np.zeros((3, gaps.shape[1]), np.int64)
    legs_out = np.zeros((3, gaps.shape[1]), np.int64)
    for row, matrix in enumerate(matrices):
        if matrix is not None:
            legs_in[row] = np.where(before == NO_PLACE, 0, matrix[before, place])
            legs_out[row] = np.where(after == NO_PLACE, 0, matrix[place, after])
    return legs_in, legs_out


def earliest_start(tables: Tables, index: int, arrival: Array) -> tuple[Array, Mask]:
    """Return when service can start at the earliest for each arrival, and whether in time."""
    windows = tables.windows[index]
    if not windows:
        return arrival, np.ones(len(arrival), np.bool_)
    start = np.maximum(arrival, windows[-1].earliest)
    for window in reversed(windows[:-1]):
        start = np.where(arrival <= window.latest, np.maximum(arrival, window.earliest), start)
    return start, arrival <= windows[-1].latest


def _slack(tables: Tables, vehicle: int, order: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the earliest departure before each gap, and the latest arrival after it."""
    shift = tables.vehicles[vehicle].shift
    stops, onward = timing.halts(tables, vehicle, order)
    ready = [shift.earliest]
    for stop in stops:
        now = ready[-1] + stop.drive_s
        now = next((max(now, w.earliest) for w in stop.windows if now <= w.latest), now)
        ready.append(now + stop.setup_s + stop.service_s)
    due = [shift.latest]
    arrival = shift.latest
    for stop in reversed(stops):
        start = arrival - onward - stop.service_s
        # A new neighbour may spare the setup here: without it, the bound holds either way.
        due.append(_latest_start(stop.windows, start))
        arrival = _latest_start(stop.windows, start - stop.setup_s)
        onward = stop.drive_s
    return ready, due[::-1]


def _latest_start(windows: Sequence[Window], bound: int) -> int:
    """Return the latest second inside a window that is not after a bound."""
    return max((min(w.latest, bound) for w in windows if w.earliest <= bound), default=bound)


class Limits:
    """What vehicles may and cost, per vehicle; no limit is a number beyond all others."""

    def __init__(self, tables: Tables) -> None:
        vehicles = tables.vehicles
        self._skills = [vehicle.skills for vehicle in vehicles]
        self._allowed: dict[frozenset[str], Mask] = {}
        self.metres = _limit(vehicle.max_distance_m for vehicle in vehicles)
        self.drive = _limit(vehicle.max_drive_s for vehicle in vehicles)
        self.duration = _limit(vehicle.max_duration_s for vehicle in vehicles)
        self.stops = _limit(vehicle.max_stops for vehicle in vehicles)
        self.fixed = np.array([vehicle.cost_fixed for vehicle in vehicles], np.int64)
        self.per_h = np.array([vehicle.cost_per_h for vehicle in vehicles], np.float64)
        # Where legs have their own price, km and hours of driving have none.
        priced = [tables.legs(k).costs is not None for k in range(len(vehicles))]
        free = np.where(priced, 0.0, 1.0)
        self.per_km = free * [vehicle.cost_per_km for vehicle in vehicles]
        self.per_drive_h = free * [vehicle.cost_per_drive_h for vehicle in vehicles]

    def allows(self, skills: frozenset[str]) -> Mask:
        """Return which vehicles have all skills."""
        if skills not in self._allowed:
            self._allowed[skills] = np.array([skills <= own for own in self._skills], np.bool_)
        return self._allowed[skills]


def _limit(numbers: Iterable[int | None]) -> Array:
    return np.array([2**62 if number is None else number for number in numbers], np.int64)
