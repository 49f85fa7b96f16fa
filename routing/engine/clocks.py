"""What the clock asks, as arrays: breaks, rest, overtime, hours of the day, service by type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine import trips
from routing.engine.arrays import frozen, stack
from routing.engine.records import CLOCK, LATEST, NEVER, SCALE
from routing.problem import Window
from routing.tables import Legs, Tables


def origin(tables: Tables) -> int:
    """Return the first second that matters: files may count from 1970."""
    return min(vehicle.shift.earliest for vehicle in tables.vehicles)


def since(window: Window, origin: int) -> tuple[int, int]:
    """Return a window in seconds since the origin, within what the arrays hold."""
    earliest, latest = window.earliest - origin, window.latest - origin
    return max(-LATEST, min(LATEST, earliest)), max(-LATEST, min(LATEST, latest))


def of_vehicles(tables: Tables, origin: int, *, hourly: bool) -> tuple[Any, NDArray[np.int64]]:
    """Return the `CLOCK` of each vehicle, and the breaks of all, one after the other."""
    clocks: Any = np.zeros(len(tables.vehicles), CLOCK).view(np.recarray)
    breaks: list[tuple[int, int, int]] = []
    for k, vehicle in enumerate(tables.vehicles):
        rest = vehicle.rest
        overtime = vehicle.overtime_from is not None and vehicle.cost_per_overtime_h
        priced = tables.legs(k).costs is not None
        clocks[k] = (
            len(breaks),
            len(vehicle.breaks),
            bool(vehicle.breaks) or rest is not None,
            NEVER if rest is None else rest.drive_s,
            NEVER if rest is None else min(rest.duration_s, LATEST),
            SCALE // 3600 * vehicle.cost_per_drive_h if hourly and not priced else 0,
            SCALE // 3600 * tables.problem.balance.cost_per_h2,
            (vehicle.overtime_from or 0) - origin if overtime else NEVER,
            SCALE // 3600 * vehicle.cost_per_overtime_h if overtime else 0,
            0,
            0,
        )
        breaks += [
            (*since(pause.window, origin), min(pause.duration_s, LATEST))
            for pause in vehicle.breaks
        ]
    return clocks, np.array(breaks, np.int64).reshape(-1, 3)


def hours(legs: Sequence[Legs], origin: int) -> NDArray[np.int64]:
    """Return from when on the durations of each hour hold; the first from ever."""
    begins = sorted({begin - origin for leg in legs for begin, _ in leg.hours})
    return np.array([-NEVER, *begins], np.int64)


def by_hour(legs: Sequence[Legs], hours: NDArray[np.int64], origin: int) -> NDArray[np.int32]:
    """Return durations by matrix and hour; those of problems without hours are not copied."""
    if len(hours) == 1:
        return frozen(stack([leg.durations for leg in legs])[:, None])
    found = []
    for leg in legs:
        known = [(-NEVER, leg.durations), *((b - origin, d) for b, d in leg.hours)]
        found.append(np.stack([[d for b, d in known if b <= hour][-1] for hour in hours]))
    return frozen(np.stack(found))


def types(tables: Tables) -> dict[str, int]:
    """Return a number for each type of vehicle."""
    names = sorted({vehicle.type for vehicle in tables.vehicles})
    return {name: k for k, name in enumerate(names)}


def services(tables: Tables, reloads: trips.Reloads) -> NDArray[np.int64]:
    """Return how long service, or loading, takes by type of vehicle and node."""
    names = types(tables)
    found = np.zeros((len(names), reloads.first_node + len(reloads.each)), np.int64)
    found[:, reloads.first_node :] = [min(reload.duration_s, LATEST) for _, reload in reloads.each]
    for k, visit in enumerate(tables.visits):
        for name, row in names.items():
            found[row, k] = min(visit.service_s_by_type.get(name, visit.service_s), LATEST)
    return found
