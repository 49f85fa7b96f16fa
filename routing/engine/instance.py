"""A problem as arrays: what the compiled loops look up and never change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from routing.engine import clocks as clocks_
from routing.engine import nearness, trips
from routing.engine import nodes as nodes_
from routing.engine.arrays import amounts, frozen, same, stack
from routing.engine.records import NEVER, SCALE, VEHICLE
from routing.engine.transpose import transposed
from routing.problem import Vehicle, Window
from routing.tables import Legs, Tables


class Instance(NamedTuple):
    """
    A problem by number: visits are nodes ``0 … n-1``, vehicle ``r`` has a start and an end node.

    After these come nodes for loading again, some for each vehicle.

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
        ``(needs, kinds)`` bool.
    before, after
        ``(n, k)`` uint32: visits that are best to have just before or after a visit, best first.
    around
        ``(n, k)`` uint32: visits that are near, nearest first, the visit itself included.
    clocks, breaks
        ``(r,)`` `CLOCK`; ``(b, 3)`` int64, from when to when each begins, and how long it lasts.
    asks
        ``(nodes,)`` `ASK`.
    hours, by_hour
        ``(h,)`` int64, from when on each holds; ``(m, h, places, places)`` int32. ``durations`` has
        the least of all hours.
    services
        ``(types, nodes)`` int64, by type of vehicle.
    company
        ``(c,)`` int64, visits that must share a vehicle, or must not, or are of one option: see
        `ASK` and `OPTION`.
    options
        ``(o,)`` `OPTION`.
    carried
        ``(nodes, dimensions)`` int64, what a shipment brings on board, or takes off.
    has_goods
        ``(n, depots)`` bool.
    timed
        Route duration has a price or a limit somewhere.
    exact
        Some route needs `exact` to say what the clock costs.
    rare
        More than time, load and skills is asked for: locks, company, sources, changes, trips,
        choices.
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
    clocks: Any
    breaks: NDArray[np.int64]
    asks: Any
    hours: NDArray[np.int64]
    by_hour: NDArray[np.int32]
    services: NDArray[np.int64]
    company: NDArray[np.int64]
    options: Any
    start_load: NDArray[np.int64]
    carried: NDArray[np.int64]
    has_goods: NDArray[np.bool_]
    per_change: float
    max_changes: int
    per_stop2: float
    timed: bool
    exact: bool
    moved: bool
    has_ready: bool
    by_type: bool
    rare: bool
    trips: bool
    paired: bool
    sourced: bool
    locked: bool
    grouped: bool
    choosing: bool
    limited: bool
    setups: bool
    only_delivers: bool


_BUILT: WeakKeyDictionary[Tables, Instance] = WeakKeyDictionary()
_APART: WeakKeyDictionary[Tables, Instance] = WeakKeyDictionary()


def of(tables: Tables, *, near: bool = True) -> Instance:
    """
    Return the arrays of a problem with at least one vehicle and one visit; made once.

    Parameters
    ----------
    near
        False: nobody will ask which visits are near which, and most of the time is saved.
    """
    found = _BUILT.get(tables)
    if found is None and not near:
        found = _APART.get(tables)
    if found is None:
        found = _build(tables, near=near)
        (_BUILT if near else _APART)[tables] = found
    return found


def remember(tables: Tables, instance: Instance) -> None:
    """Let `of` return arrays that were made elsewhere."""
    _BUILT[tables] = instance


def _build(tables: Tables, *, near: bool) -> Instance:
    legs = _distinct_legs(tables)
    vehicles = _vehicles(tables, legs)
    origin = clocks_.origin(tables)
    hours = clocks_.hours(legs, origin)
    by_hour = clocks_.by_hour(legs, hours, origin)
    durations = frozen(by_hour[:, 0]) if len(hours) == 1 else frozen(by_hour.min(axis=1))
    metres = stack([leg.distances for leg in legs])
    costs = stack([leg.distances if leg.costs is None else leg.costs for leg in legs])
    durations_to = frozen(transposed(durations))
    costs_to = durations_to if same(costs, durations) else frozen(transposed(costs))
    members, first_member = _grouped(tables.vehicle_kinds)
    reloads = trips.nodes(tables)
    ends: list[tuple[Window, ...]] = [()] * (2 * len(tables.vehicles))
    windows = [*tables.windows, *ends, *(reload.windows for _, reload in reloads.each)]
    neighbours = nearness.none(len(tables.visits))
    if near:
        neighbours = nearness.of(tables, durations[0], costs[0], vehicles[0])
    dimensions = len(tables.problem.dimensions)
    none = [(0,) * dimensions] * (2 * len(tables.vehicles) + len(reloads.each))
    clocks, breaks = clocks_.of_vehicles(tables, origin, hourly=len(hours) > 1)
    clocks.first_reload, clocks.last_reload = reloads.first[:-1], reloads.first[1:]
    asks, joined = nodes_.asks(tables, origin, reloads)
    grouped = bool(len(joined))
    options, joined = nodes_.options(tables, joined)
    asks.depot, has_goods = trips.depots(tables, reloads)
    carried = [tables.carried.get(k, (0,) * dimensions) for k in range(len(tables.visits))]
    stability, balance = tables.problem.stability, tables.problem.balance
    several = any(len(windows) > 1 for windows in tables.windows)
    wished = bool((asks.per_late > 0).any() or (asks.per_moved > 0).any())
    has_ready = bool((asks.ready > -NEVER).any())
    over = bool((clocks.per_overtime_s > 0).any() or (clocks.per_min2 > 0).any())
    exact = several or wished or has_ready or over or bool(clocks.pausing.any()) or len(hours) > 1
    return Instance(
        num_visits=len(tables.visits),
        nodes=nodes_.records(tables, reloads, origin),
        vehicles=vehicles,
        members=members,
        first_member=first_member,
        durations=durations,
        metres=metres,
        costs=costs,
        durations_to=durations_to,
        costs_to=costs_to,
        windows=np.array(
            [clocks_.since(window, origin) for several in windows for window in several], np.int64
        ).reshape(-1, 2),
        first_window=np.cumsum([0, *map(len, windows)]).astype(np.int64),
        delivered=amounts([*tables.delivered, *none]),
        picked_up=amounts([*tables.picked_up, *none]),
        capacity=amounts([vehicle.capacity for vehicle in tables.vehicles]),
        allowed=nodes_.allowed(tables),
        before=neighbours.before,
        after=neighbours.after,
        around=neighbours.around,
        clocks=clocks,
        breaks=breaks,
        asks=asks,
        hours=hours,
        by_hour=by_hour,
        services=clocks_.services(tables, reloads),
        company=joined,
        options=options,
        start_load=amounts([vehicle.load or (0,) * dimensions for vehicle in tables.vehicles]),
        carried=amounts([*carried, *none]),
        has_goods=has_goods,
        per_change=float(SCALE * stability.cost_per_change),
        max_changes=NEVER if stability.max_changes is None else stability.max_changes,
        per_stop2=float(SCALE * balance.cost_per_stop2),
        timed=any(
            vehicle.cost_per_h or vehicle.max_duration_s is not None for vehicle in tables.vehicles
        )
        or exact,
        exact=exact,
        moved=bool((asks.per_moved > 0).any()),
        has_ready=has_ready,
        by_type=any(visit.service_s_by_type for visit in tables.visits),
        rare=bool(
            reloads.each
            or tables.partner
            or grouped
            or len(options)
            or asks.shut.any()
            or asks.held.any()
            or (asks.was >= 0).any()
            or balance.cost_per_stop2
            or any(visit.sources is not None for visit in tables.visits)
        ),
        trips=bool(reloads.each),
        paired=bool(tables.partner),
        sourced=any(visit.sources is not None for visit in tables.visits),
        locked=bool(asks.shut.any() or asks.held.any()),
        grouped=grouped,
        choosing=bool(len(options)),
        limited=any(_is_limited(vehicle) for vehicle in tables.vehicles),
        setups=any(visit.setup_s for visit in tables.visits),
        only_delivers=not (
            any(any(load) for load in tables.picked_up) or reloads.each or tables.partner
        ),
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
    types = clocks_.types(tables)
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
            vehicle.max_trips if vehicle.reloads else 1,
            types[vehicle.type],
            bool(vehicle.prefix or vehicle.suffix or vehicle.locked),
        )
    return found


def _grouped(kinds: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    members = np.argsort(np.array(kinds), kind="stable").astype(np.int64)
    first = np.concatenate([[0], np.cumsum(np.bincount(kinds))]).astype(np.int64)
    return members, first
