"""A version of a plan as a `PlannedDay`: keys become names, for every report there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dispatch.planning import ground, problems, routes, wording
from dispatch.planning.day import Day, Order
from dispatch.planning.planned import LeftOut, PlannedDay
from dispatch.planning.problems import reload_id
from dispatch.plans.gathering import Gathered, Inputs
from dispatch.plans.outline import Outliner
from dispatch.plans.plans import Sequences
from maps import store
from maps.road_map import RoadMap
from routing.problem import Problem
from routing.schedule import schedule
from routing.solution import Solution, Step, Unplanned


def planned_day(inputs: Inputs, sequences: Sequences, road_map: RoadMap) -> PlannedDay:
    """Return routes as reports want them; a halt to load again is shown as a stop at its depot."""
    gathered = inputs.gathered
    name = Outliner(inputs).name
    solution = wording.in_users_units(schedule(inputs.problem, sequences))
    day = _day(gathered)
    problem = _problem(inputs)
    named = _solution(inputs, solution)
    travel = store.travel_from_settings(road_map, ground.conditions(gathered.day, gathered.at))
    measured = replace(
        inputs.ground,
        depots={name(key): place for key, place in inputs.ground.depots.items()},
        orders={name(key): place for key, place in inputs.ground.orders.items()},
    )
    namer = routes.namer(day, gathered.at, measured, travel, problem, road_map.geocoder)
    return PlannedDay(
        day=day,
        at=gathered.at,
        start=problems.start_of(gathered.day, gathered.at),
        problem=problem,
        solution=named,
        routes=tuple(namer.route(route) for route in named.routes),
        left_out=tuple(LeftOut(day.order_by_id[one.visit], one.reasons) for one in named.unplanned),
        map_info=road_map.info,
        hours=measured.hours,
        elapsed_s=0.0,
        seed=0,
    )


def _day(gathered: Gathered) -> Day:
    name = gathered.names
    depots = {depot.id: depot for depot in gathered.day.depots}
    halts = [
        Order(f"load at {name[depot.id]}", depot.lon, depot.lat, name=name[depot.id])
        for depot in depots.values()
    ]
    return replace(
        gathered.day,
        depots=tuple(replace(depot, id=name[depot.id]) for depot in depots.values()),
        vehicles=tuple(
            replace(one, id=name[one.id], depot=name[one.depot]) for one in gathered.day.vehicles
        ),
        orders=tuple(
            replace(one, id=name[one.id], source=one.source and name[one.source])
            for one in gathered.day.orders
        ),
        halts=tuple(halts),
    )


def _problem(inputs: Inputs) -> Problem:
    title = Outliner(inputs)
    named = {reload_id(key): title.words(reload_id(key)) for key in inputs.ground.depots}
    return replace(
        inputs.problem,
        vehicles=tuple(
            replace(
                one,
                id=title.name(one.id),
                prefix=_names(title, one.prefix),
                suffix=_names(title, one.suffix),
                reloads=tuple(replace(each, id=named[each.id]) for each in one.reloads),
            )
            for one in inputs.problem.vehicles
        ),
        visits=tuple(replace(one, id=title.name(one.id)) for one in inputs.problem.visits),
    )


def _solution(inputs: Inputs, solution: Solution) -> Solution:
    title = Outliner(inputs)
    return replace(
        solution,
        routes=tuple(
            replace(
                route,
                vehicle=title.name(route.vehicle),
                steps=tuple(_step(title, step) for step in route.steps),
            )
            for route in solution.routes
        ),
        unplanned=tuple(_unplanned(title, solution.unplanned)),
    )


def _step(title: Outliner, step: Step) -> Step:
    return replace(step, visit=title.words(title.name(step.visit)))


def _unplanned(title: Outliner, left_out: Sequence[Unplanned]) -> Iterator[Unplanned]:
    for one in left_out:
        reasons = tuple(
            replace(why, cause=title.words(why.cause), action=title.words(why.action))
            for why in one.reasons
        )
        yield Unplanned(title.name(one.visit), reasons)


def _names(title: Outliner, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(title.name(key) for key in keys)
