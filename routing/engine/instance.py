"""A problem as arrays: what the compiled loops look up and never change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from routing.engine import company, nearness, trips
from routing.engine.dearest import dearest
from routing.engine.records import ASK, CLOCK, LATEST, NEVER, NO_PLACE, NODE, SCALE, VEHICLE
from routing.engine.transpose import transposed
from routing.problem import Vehicle, Visit, Window
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
        ``(c,)`` int64, visits that must share a vehicle, or must not: see `ASK`.
    carried
        ``(nodes, dimensions)`` int64, what a shipment brings on board, or takes off.
    has_goods
        ``(n, depots)`` bool.
    timed
        Route duration has a price or a limit somewhere.
    exact
        Some route needs `exact` to say what the clock costs.
    rare
        More than time, load and skills is asked for: locks, company, sources, changes, trips.
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
    origin = _origin(tables)
    hours = _hours(legs, origin)
    by_hour = _by_hour(legs, hours, origin)
    durations = _frozen(by_hour[:, 0]) if len(hours) == 1 else _frozen(by_hour.min(axis=1))
    metres = _stack([leg.distances for leg in legs])
    costs = _stack([leg.distances if leg.costs is None else leg.costs for leg in legs])
    durations_to = _frozen(transposed(durations))
    costs_to = durations_to if _same(costs, durations) else _frozen(transposed(costs))
    members, first_member = _grouped(tables.vehicle_kinds)
    reloads = trips.nodes(tables)
    ends: list[tuple[Window, ...]] = [()] * (2 * len(tables.vehicles))
    windows = [*tables.windows, *ends, *(reload.windows for _, reload in reloads.each)]
    neighbours = nearness.none(len(tables.visits))
    if near:
        neighbours = nearness.of(tables, durations[0], costs[0], vehicles[0])
    dimensions = len(tables.problem.dimensions)
    none = [(0,) * dimensions] * (2 * len(tables.vehicles) + len(reloads.each))
    clocks, breaks = _clocks(tables, origin, hourly=len(hours) > 1)
    clocks.first_reload, clocks.last_reload = reloads.first[:-1], reloads.first[1:]
    asks, joined = _asks(tables, origin, reloads)
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
        nodes=_nodes(tables, reloads, origin),
        vehicles=vehicles,
        members=members,
        first_member=first_member,
        durations=durations,
        metres=metres,
        costs=costs,
        durations_to=durations_to,
        costs_to=costs_to,
        windows=np.array(
            [_clock(window, origin) for several in windows for window in several], np.int64
        ).reshape(-1, 2),
        first_window=np.cumsum([0, *map(len, windows)]).astype(np.int64),
        delivered=_amounts([*tables.delivered, *none]),
        picked_up=_amounts([*tables.picked_up, *none]),
        capacity=_amounts([vehicle.capacity for vehicle in tables.vehicles]),
        allowed=_allowed(tables),
        before=neighbours.before,
        after=neighbours.after,
        around=neighbours.around,
        clocks=clocks,
        breaks=breaks,
        asks=asks,
        hours=hours,
        by_hour=by_hour,
        services=_services(tables, reloads),
        company=joined,
        start_load=_amounts([vehicle.load or (0,) * dimensions for vehicle in tables.vehicles]),
        carried=_amounts([*carried, *none]),
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
            or len(joined)
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
        grouped=bool(len(joined)),
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
    types = _types(tables)
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


def _types(tables: Tables) -> dict[str, int]:
    names = sorted({vehicle.type for vehicle in tables.vehicles})
    return {name: k for k, name in enumerate(names)}


def _services(tables: Tables, reloads: trips.Reloads) -> NDArray[np.int64]:
    names = _types(tables)
    found = np.zeros((len(names), reloads.first_node + len(reloads.each)), np.int64)
    found[:, reloads.first_node :] = [min(reload.duration_s, LATEST) for _, reload in reloads.each]
    for k, visit in enumerate(tables.visits):
        for name, row in names.items():
            found[row, k] = min(visit.service_s_by_type.get(name, visit.service_s), LATEST)
    return found


def _hours(legs: Sequence[Legs], origin: int) -> NDArray[np.int64]:
    begins = sorted({begin - origin for leg in legs for begin, _ in leg.hours})
    return np.array([-NEVER, *begins], np.int64)


def _by_hour(legs: Sequence[Legs], hours: NDArray[np.int64], origin: int) -> NDArray[np.int32]:
    """Return durations by matrix and hour; those of problems without hours are not copied."""
    if len(hours) == 1:
        return _frozen(_stack([leg.durations for leg in legs])[:, None])
    found = []
    for leg in legs:
        known = [(-NEVER, leg.durations), *((b - origin, d) for b, d in leg.hours)]
        found.append(np.stack([[d for b, d in known if b <= hour][-1] for hour in hours]))
    return _frozen(np.stack(found))


def _clocks(tables: Tables, origin: int, *, hourly: bool) -> tuple[Any, NDArray[np.int64]]:
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
            (*_clock(pause.window, origin), min(pause.duration_s, LATEST))
            for pause in vehicle.breaks
        ]
    return clocks, np.array(breaks, np.int64).reshape(-1, 3)


def _asks(tables: Tables, origin: int, reloads: trips.Reloads) -> tuple[Any, NDArray[np.int64]]:
    """Return what few nodes ask, and the company of all visits, one after the other."""
    asks: Any = np.zeros(reloads.first_node + len(reloads.each), ASK).view(np.recarray)
    asks.ready, asks.was, asks.partner = -NEVER, -1, -1
    asks.option[reloads.first_node :] = reloads.option
    per_moved = SCALE // 3600 * tables.problem.stability.cost_per_moved_h
    mates, foes = company.mates(tables), company.foes(tables)
    joined: list[int] = []
    for k, visit in enumerate(tables.visits):
        ask = asks[k]
        if visit.due is not None:
            ask.due = visit.due - origin
            ask.per_late = SCALE // 3600 * visit.cost_per_late_h
        if visit.promised is not None:
            ask.promised, ask.per_moved = visit.promised - origin, per_moved
        if visit.ready is not None:
            ask.ready = visit.ready - origin
        if visit.was is not None:
            # One that is not there any more is none of those that are.
            ask.was = tables.vehicle_index.get(visit.was, len(tables.vehicles))
        ask.partner, ask.leads = tables.partner.get(k, -1), k in tables.pickups
        ask.first_mate, ask.first_foe = len(joined), len(joined) + len(mates[k])
        joined += [*mates[k], *foes[k]]
        ask.last_foe = len(joined)
    _lock(tables, asks, reloads.first_node)
    return asks, np.array(joined, np.int64)


def _lock(tables: Tables, asks: Any, first_reload: int) -> None:
    """
    Say after which nodes nothing may be put in, and which may not be taken out.

    A halt to load again goes only when it is of no use (`compound.tidy`).
    """
    count = len(tables.visits)
    asks.held[first_reload:] = True
    for k, vehicle in enumerate(tables.vehicles):
        prefix = [tables.visit_index[name] for name in vehicle.prefix]
        suffix = [tables.visit_index[name] for name in vehicle.suffix]
        asks.held[[*prefix, *suffix]] = True
        asks.shut[[count + 2 * k, *prefix][: None if vehicle.locked else -1]] = True
        asks.shut[suffix] = True


def _nodes(tables: Tables, reloads: trips.Reloads, origin: int) -> Any:
    count = len(tables.visits)
    nodes: Any = np.zeros(reloads.first_node + len(reloads.each), NODE).view(np.recarray)
    for k, (_, stop) in enumerate(reloads.each):
        bounds = _clock(stop.window or _ANY_TIME, origin if stop.window else 0)
        service = min(stop.duration_s, LATEST)
        nodes[reloads.first_node + k] = (stop.place, 0, *bounds, service, 0, 0.0)
    rows = {need: k for k, need in enumerate(_needs(tables))}
    unpriced = SCALE * dearest(tables)
    for k, visit in enumerate(tables.visits):
        windows = tables.windows[k]
        price = visit.price_unplanned
        hull = Window(windows[0].earliest, windows[-1].latest) if windows else _ANY_TIME
        nodes[k] = (
            visit.place,
            rows[_need(tables, k, visit)],
            *_clock(hull, origin if windows else 0),
            min(visit.service_s, LATEST),
            min(visit.setup_s, LATEST),
            unpriced * (1 + visit.priority) if price is None else float(price) * SCALE,
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


Needs = tuple[object, ...]


def _needs(tables: Tables) -> dict[Needs, int]:
    """Return a visit of each kind that asks for other vehicles than the rest."""
    found: dict[Needs, int] = {}
    for k, visit in enumerate(tables.visits):
        found.setdefault(_need(tables, k, visit), k)
    return found


def _need(tables: Tables, index: int, visit: Visit) -> Needs:
    lock = tables.locked_to.get(index)
    return visit.skills, visit.vehicles, visit.not_vehicles, visit.sources, lock


def _allowed(tables: Tables) -> NDArray[np.bool_]:
    leaders = {kind: k for k, kind in enumerate(tables.vehicle_kinds)}
    return np.array(
        [
            [tables.may_serve(leaders[kind], visit) for kind in sorted(leaders)]
            for visit in _needs(tables).values()
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


def _frozen(matrices: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return a view that nobody writes through: else loops are compiled for either kind."""
    view = matrices.view()
    view.flags.writeable = False
    return view


def _same(one: NDArray[np.int32], other: NDArray[np.int32]) -> bool:
    return one is other or (one.shape == other.shape and np.shares_memory(one, other))
