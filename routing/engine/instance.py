"""A problem as arrays: what the compiled loops look up and never change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from routing.engine import nearness
from routing.problem import NO_WAY, Vehicle, Window
from routing.tables import Legs, Tables

NEVER = 2**62
"""Metres, seconds or stops beyond every limit."""

LATEST = 2**30
"""No second later than this many, some 34 years, after the first that matters is of use."""

NO_PLACE = 2**32 - 1
"""Where a vehicle starts or ends that has no start or end."""

SCALE = 18_000
"""Money is counted in 1/18000 of a minor unit: prices per metre and per second are then whole."""

NODE = np.dtype(
    [
        ("place", "u4"),
        ("skills", "u4"),
        ("earliest", "i4"),
        ("latest", "i4"),
        ("service", "i4"),
        ("setup", "i4"),
        ("price", "f8"),
    ]
)
"""
A visit, or the start or end of a vehicle (`NO_PLACE`: it has none).

``earliest`` and ``latest`` span all windows; ``skills`` is the row of ``Instance.allowed``;
``price`` is what leaving the visit out costs.
"""

VEHICLE = np.dtype(
    [
        ("kind", "u8"),
        ("matrix", "u8"),
        ("per_arc", "f8"),
        ("per_drive_s", "f8"),
        ("per_s", "f8"),
        ("fixed", "f8"),
        ("max_metres", "i8"),
        ("max_drive", "i8"),
        ("max_duration", "i8"),
        ("max_stops", "i8"),
    ]
)
"""What a vehicle costs and may; ``per_arc`` prices ``Instance.costs``."""


class Instance(NamedTuple):
    """
    A problem by number: visits are nodes ``0 … n-1``, vehicle ``r`` has a start and an end node.

    Attributes
    ----------
    nodes
        ``(n + 2 r,)`` `NODE`; the start of vehicle ``k`` is ``n + 2 k``, its end the next one.
    vehicles
        ``(r,)`` `VEHICLE`.
    members, first_member
        Vehicles by kind: those of kind ``k`` are ``members[first_member[k] : first_member[k+1]]``.
    durations, metres, costs
        ``(m, places, places)`` int32, ``[from, to]``; ``costs`` is what an arc is priced by.
    durations_to, costs_to
        The same, ``[to, from]``.
    windows, first_window
        ``(w, 2)`` int64, those of visit ``v`` are ``first_window[v] … first_window[v + 1] - 1``.
    delivered, picked_up
        ``(nodes, dimensions)`` int64.
    capacity
        ``(r, dimensions)`` int64.
    allowed
        ``(skill sets, kinds)`` bool.
    before, after
        ``(n, k)`` uint32: visits that are best to have just before or after a visit, best first.
    around
        ``(n, k)`` uint32: visits that are near, nearest first, the visit itself included.
    timed
        Route duration has a price or a limit somewhere.
    several
        Some visit has more than one window.
    limited
        Some vehicle has a limit on metres, driving or stops.
    setups
        Some visit has a setup duration.
    """

    num_visits: int
    nodes: Any
    vehicles: Any
    members: NDArray[np.int64]
    first_member: NDArray[np.int64]
    durations: NDArray[np.int32]
    metres: NDArray[np.int32]
    costs: NDArray[np.int32]
    durations_to: NDArray[np.int32]
    costs_to: NDArray[np.int32]
    windows: NDArray[np.int64]
    first_window: NDArray[np.int64]
    delivered: NDArray[np.int64]
    picked_up: NDArray[np.int64]
    capacity: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    before: NDArray[np.uint32]
    after: NDArray[np.uint32]
    around: NDArray[np.uint32]
    timed: bool
    several: bool
    limited: bool
    setups: bool
    only_delivers: bool
    spans: NDArray[np.int64]


_BUILT: WeakKeyDictionary[Tables, Instance] = WeakKeyDictionary()


def of(tables: Tables) -> Instance:
    """Return the arrays of a problem with at least one vehicle and one visit; made once."""
    found = _BUILT.get(tables)
    if found is None:
        found = _BUILT[tables] = _build(tables)
    return found


def _build(tables: Tables) -> Instance:
    legs = _distinct_legs(tables)
    vehicles = _vehicles(tables, legs)
    origin = _origin(tables)
    nodes = _nodes(tables, origin)
    durations = _stack([leg.durations for leg in legs])
    metres = _stack([leg.distances for leg in legs])
    costs = _stack([leg.distances if leg.costs is None else leg.costs for leg in legs])
    durations_to = _transposed(durations)
    costs_to = durations_to if _same(costs, durations) else _transposed(costs)
    members, first_member = _grouped(tables.vehicle_kinds)
    first_window = np.cumsum([0, *(len(windows) for windows in tables.windows)])
    near = nearness.of(tables, durations[0], costs[0], vehicles[0])
    none = [(0,) * len(tables.problem.dimensions)] * (2 * len(tables.vehicles))
    return Instance(
        num_visits=len(tables.visits),
        nodes=nodes,
        vehicles=vehicles,
        members=members,
        first_member=first_member,
        durations=durations,
        metres=metres,
        costs=costs,
        durations_to=durations_to,
        costs_to=costs_to,
        windows=np.array(
            [_clock(window, origin) for windows in tables.windows for window in windows], np.int64
        ).reshape(-1, 2),
        first_window=first_window.astype(np.int64),
        delivered=_amounts([*tables.delivered, *none]),
        picked_up=_amounts([*tables.picked_up, *none]),
        capacity=_amounts([vehicle.capacity for vehicle in tables.vehicles]),
        allowed=_allowed(tables),
        before=near.before,
        after=near.after,
        around=near.around,
        timed=any(
            vehicle.cost_per_h or vehicle.max_duration_s is not None for vehicle in tables.vehicles
        ),
        several=any(len(windows) > 1 for windows in tables.windows),
        limited=any(_is_limited(vehicle) for vehicle in tables.vehicles),
        setups=any(visit.setup_s for visit in tables.visits),
        only_delivers=not any(any(load) for load in tables.picked_up),
        spans=np.zeros((2, 64, 3), np.int64),
    )


def _is_limited(vehicle: Vehicle) -> bool:
    limits = (vehicle.max_distance_m, vehicle.max_drive_s, vehicle.max_stops)
    return any(limit is not None for limit in limits)


def _distinct_legs(tables: Tables) -> list[Legs]:
    found: dict[tuple[int, int], Legs] = {}
    for legs in map(tables.legs, range(len(tables.vehicles))):
        found.setdefault((id(legs.durations), id(legs.distances)), legs)
    return list(found.values())


def _vehicles(tables: Tables, legs: Sequence[Legs]) -> Any:
    numbers = {(id(leg.durations), id(leg.distances)): k for k, leg in enumerate(legs)}
    found: Any = np.zeros(len(tables.vehicles), VEHICLE).view(np.recarray)
    for k, vehicle in enumerate(tables.vehicles):
        own = tables.legs(k)
        priced = own.costs is not None
        found[k] = (
            tables.vehicle_kinds[k],
            numbers[id(own.durations), id(own.distances)],
            SCALE if priced else SCALE // 1000 * vehicle.cost_per_km,
            0 if priced else SCALE // 3600 * vehicle.cost_per_drive_h,
            SCALE // 3600 * vehicle.cost_per_h,
            SCALE * vehicle.cost_fixed,
            *(
                NEVER if limit is None else limit
                for limit in (
                    vehicle.max_distance_m,
                    vehicle.max_drive_s,
                    vehicle.max_duration_s,
                    vehicle.max_stops,
                )
            ),
        )
    return found


def _nodes(tables: Tables, origin: int) -> Any:
    count = len(tables.visits)
    nodes: Any = np.zeros(count + 2 * len(tables.vehicles), NODE).view(np.recarray)
    sets = _skill_sets(tables)
    dearest = _dearest(tables)
    for k, visit in enumerate(tables.visits):
        windows = tables.windows[k]
        price = visit.price_unplanned
        hull = Window(windows[0].earliest, windows[-1].latest) if windows else _ANY_TIME
        nodes[k] = (
            visit.place,
            sets[visit.skills],
            *_clock(hull, origin if windows else 0),
            min(visit.service_s, LATEST),
            min(visit.setup_s, LATEST),
            dearest * (1 + visit.priority) if price is None else float(price) * SCALE,
        )
    for k, vehicle in enumerate(tables.vehicles):
        shift = _clock(vehicle.shift, origin)
        for node, place in ((count + 2 * k, vehicle.start), (count + 2 * k + 1, vehicle.end)):
            nodes[node] = (NO_PLACE if place is None else place, 0, *shift, 0, 0, 0.0)
    return nodes


_ANY_TIME = Window(0, LATEST)


def _origin(tables: Tables) -> int:
    """Return the first second that matters: files may count from 1970."""
    return min(vehicle.shift.earliest for vehicle in tables.vehicles)


def _clock(window: Window, origin: int) -> tuple[int, int]:
    """Return a window in seconds since the origin, within what the arrays hold."""
    earliest, latest = window.earliest - origin, window.latest - origin
    return max(-LATEST, min(LATEST, earliest)), max(-LATEST, min(LATEST, latest))


def _dearest(tables: Tables) -> float:
    """Return more than any visit with a price, or any detour, can cost: what must be planned is."""
    most = 1.0
    for vehicle in {kind: k for k, kind in enumerate(tables.vehicle_kinds)}.values():
        asked, legs = tables.vehicles[vehicle], tables.legs(vehicle)
        longest = _largest(legs.durations) + 1
        arc = float(_largest(legs.distances)) * asked.cost_per_km / 1000
        if legs.costs is not None:
            arc = float(_largest(legs.costs))
        drive = longest * (asked.cost_per_drive_h + asked.cost_per_h) / 3600
        shift = asked.cost_per_h * (asked.shift.latest - asked.shift.earliest) / 3600
        most = max(most, asked.cost_fixed + 4 * (arc + drive) + shift)
    prices = [float(visit.price_unplanned or 0) for visit in tables.visits]
    # A whole number: sums of such numbers are exact.
    return float(math.ceil(SCALE * 2.0 * max([most, *prices])))


def _largest(matrix: NDArray[np.int32]) -> int:
    return int(matrix.max(initial=0, where=matrix != NO_WAY))


def _skill_sets(tables: Tables) -> dict[frozenset[str], int]:
    found: set[frozenset[str]] = {visit.skills for visit in tables.visits}
    found.add(frozenset())
    return {skills: k for k, skills in enumerate(sorted(found, key=sorted))}


def _allowed(tables: Tables) -> NDArray[np.bool_]:
    leaders = {kind: k for k, kind in enumerate(tables.vehicle_kinds)}
    return np.array(
        [
            [skills <= tables.vehicles[leaders[kind]].skills for kind in sorted(leaders)]
            for skills in _skill_sets(tables)
        ],
        np.bool_,
    )


def _grouped(kinds: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    members = np.argsort(np.array(kinds), kind="stable").astype(np.int64)
    first = np.concatenate([[0], np.cumsum(np.bincount(kinds))]).astype(np.int64)
    return members, first


def _amounts(loads: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    return np.array(loads, np.int64).reshape(len(loads), -1)


def _stack(matrices: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Return matrices as one array; a single one is not copied."""
    if len(matrices) == 1:
        return _frozen(np.ascontiguousarray(matrices[0])[None])
    return _frozen(np.stack(matrices))


def _transposed(matrices: NDArray[np.int32]) -> NDArray[np.int32]:
    if all(np.array_equal(matrix, matrix.T) for matrix in matrices):
        return matrices
    return _frozen(np.ascontiguousarray(matrices.transpose(0, 2, 1)))


def _frozen(matrices: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return a view that nobody writes through: else loops are compiled for either kind."""
    view = matrices.view()
    view.flags.writeable = False
    return view


def _same(one: NDArray[np.int32], other: NDArray[np.int32]) -> bool:
    return one is other or (one.shape == other.shape and np.shares_memory(one, other))
