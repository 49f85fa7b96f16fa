"""What visits, ends of routes and halts to load again ask, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.engine import clocks, company, trips
from routing.engine.dearest import dearest
from routing.engine.records import ASK, LATEST, NEVER, NO_PLACE, NODE, OPTION, SCALE
from routing.problem import Visit, Window
from routing.tables import Tables

_ANY_TIME = Window(0, LATEST)


def records(tables: Tables, reloads: trips.Reloads, origin: int) -> Any:
    """Return the `NODE` of each visit, start, end and halt to load again."""
    count = len(tables.visits)
    nodes: Any = np.zeros(reloads.first_node + len(reloads.each), NODE).view(np.recarray)
    for k, (_, stop) in enumerate(reloads.each):
        bounds = clocks.since(stop.window or _ANY_TIME, origin if stop.window else 0)
        service = min(stop.duration_s, LATEST)
        nodes[reloads.first_node + k] = (stop.place, 0, *bounds, service, 0, 0.0)
    rows = {need: k for k, need in enumerate(_needs(tables))}
    unpriced = SCALE * dearest(tables)
    for k, visit in enumerate(tables.visits):
        windows = tables.windows[k]
        priced = tables.priced(k)
        price = priced.price_unplanned
        hull = Window(windows[0].earliest, windows[-1].latest) if windows else _ANY_TIME
        nodes[k] = (
            visit.place,
            rows[_need(tables, k, visit)],
            *clocks.since(hull, origin if windows else 0),
            min(visit.service_s, LATEST),
            min(visit.setup_s, LATEST),
            unpriced * (1 + priced.priority) if price is None else float(price) * SCALE,
        )
    for k, vehicle in enumerate(tables.vehicles):
        shift = clocks.since(vehicle.shift, origin)
        for node, place in ((count + 2 * k, vehicle.start), (count + 2 * k + 1, vehicle.end)):
            nodes[node] = (NO_PLACE if place is None else place, 0, *shift, 0, 0, 0.0)
    return nodes


def asks(tables: Tables, origin: int, reloads: trips.Reloads) -> tuple[Any, NDArray[np.int64]]:
    """Return what few nodes ask, and the company of all visits, one after the other."""
    asks: Any = np.zeros(reloads.first_node + len(reloads.each), ASK).view(np.recarray)
    asks.ready, asks.was, asks.partner, asks.way = -NEVER, -1, -1, -1
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
        ask.way = tables.option_of.get(k, -1)
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


def options(tables: Tables, joined: NDArray[np.int64]) -> tuple[Any, NDArray[np.int64]]:
    """Return the options of all choices, and the company with their visits after it."""
    found: Any = np.zeros(len(tables.options), OPTION).view(np.recarray)
    sizes = [len(visits) for visits in tables.options]
    found.last = len(joined) + np.cumsum(sizes, dtype=np.int64)
    found.first = found.last - np.array(sizes, np.int64)
    for choice, numbers in zip(tables.problem.choices, tables.choices, strict=True):
        for k in numbers:
            found[k].price = float(SCALE * choice.options[k - numbers.start].price)
            found[k].first_rival, found[k].last_rival = numbers.start, numbers.stop
    return found, np.concatenate([joined, *map(np.array, tables.options)]).astype(np.int64)


Needs = tuple[object, ...]


def allowed(tables: Tables) -> NDArray[np.bool_]:
    """Return which kinds of vehicles may serve which kinds of visits."""
    leaders = {kind: k for k, kind in enumerate(tables.vehicle_kinds)}
    return np.array(
        [
            [tables.may_serve(leaders[kind], visit) for kind in sorted(leaders)]
            for visit in _needs(tables).values()
        ],
        np.bool_,
    )


def _needs(tables: Tables) -> dict[Needs, int]:
    """Return a visit of each kind that asks for other vehicles than the rest."""
    found: dict[Needs, int] = {}
    for k, visit in enumerate(tables.visits):
        found.setdefault(_need(tables, k, visit), k)
    return found


def _need(tables: Tables, index: int, visit: Visit) -> Needs:
    lock = tables.locked_to.get(index)
    return visit.skills, visit.vehicles, visit.not_vehicles, visit.sources, lock
