"""Problems of every kind that the types allow, small, for hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from routing.problem import (
    NO_WAY,
    Balance,
    Break,
    Choice,
    Matrix,
    Option,
    Problem,
    Reload,
    Rest,
    Shipment,
    Stability,
    Vehicle,
    Visit,
    Window,
)

DIMENSIONS = ("kg", "l")
SKILLS = ("dg", "lift")


def windows(latest: int = 400) -> st.SearchStrategy[Window]:
    return st.tuples(st.integers(0, latest), st.integers(0, latest)).map(
        lambda ends: Window(min(ends), max(ends))
    )


@st.composite
def matrices(draw: st.DrawFn, size: int, *, roads: bool) -> Matrix:
    """
    Asymmetric, with pairs that no way joins.

    ``roads``: as fastest ways are, none is faster over a third place, nor opens a way that is
    none; metres are seconds.
    """
    cell = st.one_of(st.integers(0, 60), st.integers(0, 60), st.just(NO_WAY))
    cells = st.lists(cell, min_size=size * size, max_size=size * size)

    def array() -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        values = np.array(draw(cells), dtype=np.int32).reshape(size, size)
        np.fill_diagonal(values, 0)
        return values

    if roads:
        shortest = array().astype(np.int64)
        for via in range(size):
            shortest = np.minimum(shortest, shortest[:, [via]] + shortest[[via], :])
        found = np.minimum(shortest, NO_WAY).astype(np.int32)
        return Matrix(found, found)
    costs = None
    if draw(st.integers(0, 4)) == 0:
        costs = np.minimum(array(), 1000)
    return Matrix(array(), array(), costs, hours=_hours(draw, array))


def _hours(
    draw: st.DrawFn, array: Callable[[], np.ndarray[tuple[int, int], np.dtype[np.int32]]]
) -> tuple[tuple[int, np.ndarray[tuple[int, int], np.dtype[np.int32]]], ...]:
    if draw(st.integers(0, 4)):
        return ()
    return tuple(
        (begin, array()) for begin in sorted(draw(st.sets(st.integers(1, 400), max_size=2)))
    )


@st.composite
def vehicles(draw: st.DrawFn, size: int, name: str) -> Vehicle:
    place = st.one_of(st.none(), st.integers(0, size - 1), st.integers(0, size - 1))
    limit = st.one_of(st.none(), st.none(), st.none(), st.integers(0, 200))
    money = st.sampled_from([0, 0, 1000, 137, 3600, 50_000])
    return Vehicle(
        name,
        profile=draw(st.sampled_from(["car", "car", "truck"])),
        start=draw(place),
        end=draw(place),
        shift=draw(st.one_of(st.just(Window(0, 500)), st.just(Window(0, 500)), windows())),
        capacity=(draw(st.integers(0, 12)), draw(st.sampled_from([5, 1000]))),
        skills=draw(st.frozensets(st.sampled_from(SKILLS))),
        cost_fixed=draw(st.sampled_from([0, 0, 100, 5000])),
        cost_per_km=draw(money),
        cost_per_h=draw(money),
        cost_per_drive_h=draw(money),
        max_distance_m=draw(limit),
        max_duration_s=draw(limit),
        max_drive_s=draw(limit),
        max_stops=draw(st.one_of(st.none(), st.none(), st.integers(0, 4))),
        speed_factor=draw(st.sampled_from([1.0, 1.0, 0.7, 1.3])),
        **draw(seldom(rich_vehicle())),
    )


def seldom(fields: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """None of some fields, most of the time."""
    return st.integers(0, 2).flatmap(lambda k: fields if k == 0 else st.just({}))


@st.composite
def rich_vehicle(draw: st.DrawFn) -> dict[str, Any]:
    pauses = st.lists(st.tuples(windows(), st.integers(0, 40)), max_size=2).map(
        lambda found: tuple(Break(f"break {k}", *pause) for k, pause in enumerate(found))
    )
    rest = st.one_of(st.none(), st.builds(Rest, st.integers(20, 150), st.integers(0, 30)))
    return {
        "type": draw(st.sampled_from(["", "bike"])),
        "breaks": draw(pauses),
        "rest": draw(rest),
        "overtime_from": draw(st.one_of(st.none(), st.integers(0, 500))),
        "cost_per_overtime_h": draw(st.sampled_from([0, 137, 3600])),
        "load": draw(st.one_of(st.just(()), st.just((1, 2)))),
    }


@st.composite
def trips(draw: st.DrawFn, size: int) -> dict[str, Any]:
    window = st.one_of(st.none(), windows())
    reloads = tuple(
        Reload(
            f"reload {k}", draw(st.integers(0, size - 1)), draw(st.integers(0, 20)), draw(window)
        )
        for k in range(draw(st.integers(1, 2)))
    )
    return {"reloads": reloads, "max_trips": draw(st.integers(1, 3))}


@st.composite
def rich_visit(draw: st.DrawFn) -> dict[str, Any]:
    time = st.one_of(st.none(), st.integers(0, 500))
    vans = st.frozensets(st.sampled_from([f"van {k}" for k in range(4)]))
    return {
        "service_s_by_type": draw(st.sampled_from([{}, {"bike": 7}])),
        "due": draw(time),
        "cost_per_late_h": draw(st.sampled_from([0, 137, 3600])),
        "ready": draw(time),
        "vehicles": draw(st.one_of(st.none(), st.none(), vans)),
        "not_vehicles": draw(st.one_of(st.just(frozenset[str]()), vans)),
        "together": draw(st.sampled_from(["", "", "pair", "team"])),
        "apart": draw(st.frozensets(st.sampled_from(["x", "y"]))),
        "was": draw(st.sampled_from([None, "van 0", "van 1", "gone"])),
        "promised": draw(time),
        "sources": draw(st.sampled_from([None, None, frozenset({0, 1, 2}), frozenset({0})])),
    }


@st.composite
def visits(draw: st.DrawFn, size: int, name: str) -> Visit:
    load = st.one_of(st.just(()), st.tuples(st.integers(0, 5), st.integers(0, 5)))
    none = st.just(0)
    return Visit(
        name,
        place=draw(st.integers(0, size - 1)),
        windows=tuple(draw(st.lists(windows(), max_size=3))),
        service_s=draw(st.one_of(none, st.integers(0, 40))),
        setup_s=draw(st.one_of(none, none, st.integers(0, 20))),
        delivered=draw(load),
        picked_up=draw(load),
        skills=draw(st.one_of(st.just(frozenset[str]()), st.frozensets(st.sampled_from(SKILLS)))),
        priority=draw(st.integers(0, 3)),
        price_unplanned=draw(st.one_of(st.none(), st.none(), st.integers(0, 200))),
        **draw(seldom(rich_visit())),
    )


@st.composite
def problems(
    draw: st.DrawFn, max_visits: int = 8, max_vehicles: int = 4, *, roads: bool = False
) -> Problem:
    size = draw(st.integers(1, 7))
    num_visits = draw(st.integers(0, max_visits))
    num_vehicles = draw(st.integers(0, max_vehicles))
    found = {name: draw(matrices(size, roads=roads)) for name in ("car", "truck")}
    vans = [draw(vehicles(size, f"van {k}")) for k in range(num_vehicles)]
    vans = [replace(vehicle, **draw(seldom(trips(size)))) for vehicle in vans]
    stops = [draw(visits(size, f"visit {k}")) for k in range(num_visits)]
    shipments = []
    if draw(st.integers(0, 4)) == 0:
        for k in range(0, num_visits - 1, 2):
            stops[k : k + 2] = [replace(v, delivered=(), picked_up=()) for v in stops[k : k + 2]]
            load = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
            shipments.append(Shipment(stops[k].id, stops[k + 1].id, load))
    choices: tuple[Choice, ...] = ()
    if draw(st.integers(0, 3)) == 0:
        choices = draw(chosen(stops, shipments))
        names = {name for choice in choices for option in choice.options for name in option.visits}
        stops = [
            replace(v, price_unplanned=None, priority=0) if v.id in names else v for v in stops
        ]
    if any(matrix.hours for matrix in found.values()):
        vans = [replace(vehicle, max_drive_s=None) for vehicle in vans]
    return lawful(
        vehicles=tuple(vans),
        visits=tuple(stops),
        shipments=tuple(shipments),
        choices=choices,
        matrices=found,
        dimensions=DIMENSIONS,
        stability=draw(st.sampled_from([Stability(), Stability(), Stability(70, 2, 3600)])),
        balance=draw(st.sampled_from([Balance(), Balance(), Balance(9, 3600)])),
    )


@st.composite
def chosen(draw: st.DrawFn, stops: list[Visit], shipments: list[Shipment]) -> tuple[Choice, ...]:
    """Goods that come by one visit or another, or by several."""
    paired = [(shipment.pickup, shipment.delivery) for shipment in shipments]
    known = {name for pair in paired for name in pair}
    units: list[tuple[str, ...]] = [*paired, *((v.id,) for v in stops if v.id not in known)]
    found: list[Choice] = []
    for _ in range(draw(st.integers(1, 3)) if units else 0):
        options = []
        for _ in range(draw(st.integers(1, 3))):
            taken, units = units[: (size := draw(st.integers(1, 2)))], units[size:]
            if taken:
                names = tuple(name for unit in taken for name in unit)
                options.append(Option(names, draw(st.sampled_from([0, 0, 30, 500]))))
        price = draw(st.one_of(st.none(), st.none(), st.integers(0, 200)))
        name = f"choice {len(found)}"
        if options:
            found.append(Choice(name, tuple(options), price, draw(st.integers(0, 3))))
    return tuple(found)


def lawful(*, visits: tuple[Visit, ...], vehicles: tuple[Vehicle, ...], **parts: Any) -> Problem:
    """Return a problem without vehicles and places that are none, and without contradictions."""
    places = frozenset(range(len(parts["matrices"]["car"].durations)))
    names = frozenset(vehicle.id for vehicle in vehicles)
    taken: dict[str, frozenset[str]] = {"": frozenset()}
    kept = []
    for asked in visits:
        apart = asked.apart - taken.get(asked.together, frozenset())
        if asked.together:
            taken[asked.together] = taken.get(asked.together, frozenset()) | apart
        only = None if asked.vehicles is None else asked.vehicles & names
        known = None if asked.sources is None else asked.sources & places
        kept.append(replace(asked, apart=apart, vehicles=only, sources=known))
        kept[-1] = replace(kept[-1], not_vehicles=asked.not_vehicles & names)
    return Problem(vehicles=vehicles, visits=tuple(kept), **parts)


@st.composite
def locked_problems(draw: st.DrawFn) -> Problem:
    """Problems whose vehicles begin and end with certain visits."""
    asked = draw(problems().filter(lambda p: p.vehicles and p.visits))
    paired = {name for pair in asked.shipments for name in (pair.pickup, pair.delivery)}
    names = draw(st.permutations([v.id for v in asked.visits if v.id not in paired]))
    vehicles = []
    for vehicle in asked.vehicles:
        first, last = draw(st.integers(0, 2)), draw(st.sampled_from([0, 0, 1]))
        shut = draw(st.booleans()) and not last
        prefix, suffix = names[:first], names[first : first + last]
        names = names[first + last :]
        locks: dict[str, Any] = {"prefix": tuple(prefix), "suffix": tuple(suffix), "locked": shut}
        vehicles.append(replace(vehicle, **locks))
    # What belongs together cannot be locked in part, nor what is still to be chosen.
    return replace(asked, vehicles=tuple(vehicles), shipments=(), choices=())
