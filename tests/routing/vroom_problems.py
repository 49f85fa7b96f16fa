"""Random problems that VROOM has words for, and plans of any problem, for round trips."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from routing.formats.vroom.prices import unplanned_prices
from routing.problem import Balance, Matrix, Problem, Stability, Vehicle, Visit
from routing.schedule import schedule
from routing.solution import Route, Solution, Step
from routing.tables import disjoint
from tests.routing.random_problems import problems

_NO_WORD = {
    "cost_per_h": 0,
    "max_duration_s": None,
    "rest": None,
    "overtime_from": None,
    "cost_per_overtime_h": 0,
    "reloads": (),
    "max_trips": 4,
    "load": (),
}


@st.composite
def sayable(draw: st.DrawFn) -> Problem:
    """Problems with what VROOM knows: jobs first, then shipments, and prices as VROOM counts."""
    found = draw(problems(max_visits=6, max_vehicles=3).filter(lambda p: p.vehicles))
    matrices = {n: Matrix(m.durations, m.distances, m.costs) for n, m in found.matrices.items()}
    vehicles = tuple(_plain_vehicle(vehicle, matrices) for vehicle in found.vehicles)
    visits = _plain_visits(found)
    prices = unplanned_prices([visit.priority for visit in visits], vehicles, matrices)
    return replace(
        found,
        vehicles=vehicles,
        visits=tuple(
            replace(visit, price_unplanned=price)
            for visit, price in zip(visits, prices, strict=True)
        ),
        matrices=matrices,
        dimensions=("load 1", "load 2"),
        stability=Stability(),
        balance=Balance(),
        choices=(),
    )


def _plain_vehicle(vehicle: Vehicle, matrices: dict[str, Matrix]) -> Vehicle:
    priced = matrices[vehicle.profile].costs is not None
    last = vehicle.shift.latest
    changes: dict[str, Any] = {
        **_NO_WORD,
        **({"cost_per_km": 0, "cost_per_drive_h": 0} if priced else {}),
        "breaks": tuple(
            replace(pause, description="pause")
            for pause in vehicle.breaks
            if pause.window.latest + pause.duration_s <= last
            and max(pause.window.earliest, vehicle.shift.earliest) <= pause.window.latest
        ),
    }
    if vehicle.start is None and vehicle.end is None:
        changes["end"] = 0
    return replace(vehicle, **changes)


def _plain_visits(found: Problem) -> list[Visit]:
    by_id = {
        visit.id: Visit(
            visit.id,
            visit.place,
            disjoint(visit.windows),
            visit.service_s,
            visit.setup_s,
            visit.delivered or (0, 0),
            visit.picked_up or (0, 0),
            visit.skills,
            visit.priority,
            description=visit.description,
            service_s_by_type=visit.service_s_by_type,
        )
        for visit in found.visits
    }
    paired = []
    for shipment in found.shipments:
        pickup, delivery = by_id.pop(shipment.pickup), by_id.pop(shipment.delivery)
        paired += [pickup, replace(delivery, skills=pickup.skills, priority=pickup.priority)]
    return [*by_id.values(), *paired]


def told(problem: Problem) -> object:
    """Return all that decides something, as values that can be compared."""
    matrices = {
        name: [None if a is None else a.tolist() for a in (m.durations, m.distances, m.costs)]
        for name, m in problem.matrices.items()
    }
    return problem.vehicles, problem.visits, problem.shipments, problem.dimensions, matrices


@st.composite
def plans(draw: st.DrawFn) -> tuple[Problem, Solution]:
    """A problem of any kind, and the best times for orders that may break any rule."""
    asked = draw(problems(max_visits=6, max_vehicles=3))
    ids = [visit.id for visit in asked.visits]
    names: list[str] = list(draw(st.permutations(ids)))
    sequences: dict[str, list[str]] = {}
    for vehicle in asked.vehicles:
        count = draw(st.integers(0, 4))
        mine, names = names[:count], names[count:]
        for reload in vehicle.reloads:
            if draw(st.booleans()) and mine:
                mine.insert(draw(st.integers(0, len(mine))), reload.id)
        if mine:
            sequences[vehicle.id] = mine
    return asked, replace(schedule(asked, sequences), violations=())


def as_read(plan: Solution) -> Solution:
    """Return a plan with pauses between two halts at one place after the first of them."""
    return replace(plan, routes=tuple(_pauses_first(route) for route in plan.routes))


def _pauses_first(route: Route) -> Route:
    steps, pauses = list(route.steps), list(route.pauses)
    for k in range(1, len(steps)):
        if steps[k].place != steps[k - 1].place or steps[k].drive_s:
            continue
        before = [pause for pause in pauses if (pause.step, pause.after) == (k, False)]
        if before:
            moved = steps[k].pause_before_s
            steps[k - 1] = _longer(steps[k - 1], moved)
            steps[k] = replace(steps[k], arrival=steps[k].arrival + moved, pause_before_s=0)
            pauses = [replace(p, step=k - 1, after=True) if p in before else p for p in pauses]
    return replace(route, steps=tuple(steps), pauses=tuple(pauses))


def _longer(step: Step, seconds: int) -> Step:
    return replace(step, pause_after_s=step.pause_after_s + seconds)
