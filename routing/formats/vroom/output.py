"""A plan as VROOM's JSON output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from routing.formats.ids import written
from routing.formats.vroom.tasks import Tasks
from routing.problem import Break, Problem, Vehicle, Visit
from routing.solution import Pause, Route, Solution, Step, Unplanned, Violation

Json = dict[str, Any]

_CAUSES = {
    "late": "delay",
    "shift": "delay",
    "early": "lead_time",
    "overload": "load",
    "max_stops": "max_tasks",
    "max_drive": "max_travel_time",
    "shipment": "precedence",
    "break": "missing_break",
}
"""VROOM's names of causes; `skills` and `max_distance` are the same, others it does not know."""


def write(
    problem: Problem, solution: Solution, *, computing_times: Mapping[str, int] | None = None
) -> Json:
    """
    Return a plan in VROOM's output format.

    Parameters
    ----------
    computing_times
        Milliseconds, such as ``{"loading": 3, "solving": 20000}``.

    Returns
    -------
    document
        Ready for `json.dumps`. ``duration`` is of driving, cumulated along ``steps``, and so is
        ``distance``, which is left out when the problem has only times. Beyond VROOM's keys: each
        of ``unassigned`` has ``reason``, a sentence, and ``reasons``: code, cause, action; a rest
        is a break without ``id``; a halt to load again is a step of type ``reload``, whose
        ``departure`` is when the vehicle leaves it; breaks tell their place.
    """
    writer = _Writer(problem, solution)
    routes = [writer.route(route) for route in solution.routes]
    return {
        "code": 0,
        "summary": writer.summary(routes, computing_times or {}),
        "unassigned": [writer.unassigned(unplanned) for unplanned in solution.unplanned],
        "routes": routes,
    }


class _Writer:
    """Knows the problem's objects by name while its plan is written."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self._problem = problem
        self._solution = solution
        self._tasks = Tasks(problem)
        self._vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self._visits = {visit.id: visit for visit in problem.visits}
        self._has_distances = _has_distances(problem)

    def summary(self, routes: Sequence[Json], computing_times: Mapping[str, int]) -> Json:
        sums = ("setup", "service", "duration", "waiting_time", "priority")
        return {
            "cost": self._solution.cost,
            "routes": len(routes),
            "unassigned": len(self._solution.unplanned),
            **{key: sum(route[key] for route in routes) for key in sums},
            **self._sum("distance", routes),
            **self._sum_loads("delivery", routes),
            **self._sum_loads("pickup", routes),
            "violations": _violations(self._solution.violations),
            "computing_times": dict(computing_times),
        }

    def route(self, route: Route) -> Json:
        vehicle = self._vehicles[route.vehicle]
        visits = [self._visits[step.visit] for step in route.visits]
        broken = [v for v in self._solution.violations if v.vehicle == route.vehicle]
        steps = list(self._steps(route, vehicle, broken))
        setup, service = (sum(step[key] for step in steps) for key in ("setup", "service"))
        return {
            "vehicle": written(vehicle.id),
            "cost": route.cost,
            **_description(vehicle),
            "setup": setup,
            "service": service,
            "duration": route.drive_s,
            "waiting_time": route.duration_s - route.drive_s - setup - service,
            "priority": sum(visit.priority for visit in visits),
            **({"distance": route.distance_m} if self._has_distances else {}),
            **self._loads("delivery", [self._tasks.delivered(visit) for visit in visits]),
            **self._loads("pickup", [self._tasks.picked_up(visit) for visit in visits]),
            "steps": steps,
            "violations": _violations(broken),
        }

    def unassigned(self, unplanned: Unplanned) -> Json:
        visit = self._visits[unplanned.visit]
        reasons = unplanned.reasons
        return {
            "id": written(visit.id),
            "type": self._tasks.kind(visit.id),
            **_description(visit),
            **self._place(visit.place),
            "reason": "; ".join(f"{reason.code}: {reason.cause}" for reason in reasons),
            "reasons": [
                {"code": reason.code, "cause": reason.cause, "action": reason.action}
                for reason in reasons
            ],
        }

    def _steps(self, route: Route, vehicle: Vehicle, broken: Sequence[Violation]) -> Iterable[Json]:
        # As in VROOM, a route without a start begins where its first halt is; so does the end.
        places = [step.place for step in route.steps]
        begin = next(iter(places), None) if vehicle.start is None else vehicle.start
        end = next(reversed(places), None) if vehicle.end is None else vehicle.end
        if begin is not None:
            yield self._end("start", begin, route.departure, route.start_load, (0, 0))
        drive = distance = 0
        on_board = route.start_load
        for number, step in enumerate(route.steps):
            drive += step.drive_s
            distance += step.distance_m
            here = {**self._place(step.place), **self._travelled((drive, distance))}
            pauses = [pause for pause in route.pauses if pause.step == number]
            before = [pause for pause in pauses if not pause.after]
            after = [pause for pause in pauses if pause.after]
            yield from self._breaks(before, step.arrival, vehicle, {**here, **self._load(on_board)})
            mine = [violation for violation in broken if violation.visit == step.visit]
            yield self._halt(step, vehicle, here, mine)
            on_board = step.load
            yield from self._breaks(
                after, step.service_end, vehicle, {**here, **self._load(on_board)}
            )
        if end is not None:
            total = (route.drive_s, route.distance_m)
            yield self._end("end", end, route.arrival, on_board, total)

    def _breaks(
        self, pauses: Sequence[Pause], now: int, vehicle: Vehicle, here: Json
    ) -> Iterable[Json]:
        breaks = {pause.id: pause for pause in vehicle.breaks}
        for pause in pauses:
            yield {
                "type": "break",
                **({"id": written(breaks[pause.id].id)} if pause.id in breaks else {}),
                **(_description(breaks[pause.id]) if pause.id in breaks else {}),
                "setup": 0,
                "service": pause.duration_s,
                "waiting_time": pause.start - now,
                "arrival": now,
                **here,
                "violations": [],
            }
            now = pause.start + pause.duration_s

    def _halt(self, step: Step, vehicle: Vehicle, here: Json, broken: Sequence[Violation]) -> Json:
        return {
            **self._served(step, vehicle),
            "setup": step.setup_s,
            "service": step.service_s,
            "waiting_time": step.wait_s,
            **self._load(step.load),
            "arrival": step.arrival + step.pause_before_s,
            **here,
            **({"departure": step.departure} if step.is_reload else {}),
            "violations": _violations(broken),
        }

    def _served(self, step: Step, vehicle: Vehicle) -> Json:
        if step.is_reload:
            reload = next(reload for reload in vehicle.reloads if reload.id == step.visit)
            return {"type": "reload", "id": written(reload.id)}
        visit = self._visits[step.visit]
        return {"type": self._tasks.kind(visit.id), "id": written(visit.id), **_description(visit)}

    def _end(
        self, kind: str, place: int, at: int, load: tuple[int, ...], travelled: tuple[int, int]
    ) -> Json:
        return {
            "type": kind,
            **self._place(place),
            "setup": 0,
            "service": 0,
            "waiting_time": 0,
            **self._load(load),
            "arrival": at,
            **self._travelled(travelled),
            "violations": [],
        }

    def _travelled(self, travelled: tuple[int, int]) -> Json:
        duration, distance = travelled
        return {"duration": duration, **({"distance": distance} if self._has_distances else {})}

    def _place(self, place: int) -> Json:
        points = self._problem.coordinates
        located = {} if points is None else {"location": points[place].tolist()}
        return {**located, "location_index": place}

    def _load(self, load: tuple[int, ...]) -> Json:
        return self._loads("load", [load])

    def _loads(self, key: str, loads: Sequence[tuple[int, ...]]) -> Json:
        """Sum loads by dimension; an empty one is nothing in every dimension."""
        if not self._problem.dimensions:
            return {}
        numbers = range(len(self._problem.dimensions))
        return {key: [sum(load[k] for load in loads if load) for k in numbers]}

    def _sum_loads(self, key: str, routes: Sequence[Json]) -> Json:
        return self._loads(key, [tuple(route.get(key, ())) for route in routes])

    def _sum(self, key: str, routes: Sequence[Json]) -> Json:
        return {key: sum(route[key] for route in routes)} if self._has_distances else {}


def _has_distances(problem: Problem) -> bool:
    """Tell whether any distance is known: a file with only times has zeros for distances."""
    matrices = problem.matrices.values()
    timed = any(matrix.durations.any() for matrix in matrices)
    return not timed or any(matrix.distances.any() for matrix in matrices)


def _description(item: Vehicle | Visit | Break) -> Json:
    return {"description": item.description} if item.description else {}


def _violations(violations: Iterable[Violation]) -> list[Json]:
    return [
        {
            "cause": _CAUSES.get(violation.code, violation.code),
            **({"duration": violation.amount} if violation.code in _TIMED else {}),
        }
        for violation in violations
    ]


_TIMED = frozenset({"late", "early", "shift"})
