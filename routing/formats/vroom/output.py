"""A plan as VROOM's JSON output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from routing.formats.ids import written
from routing.problem import Problem, Vehicle, Visit
from routing.solution import Route, Solution, Step, Unplanned, Violation

Json = dict[str, Any]

_CAUSES = {
    "late": "delay",
    "shift": "delay",
    "early": "lead_time",
    "overload": "load",
    "max_stops": "max_tasks",
    "max_drive": "max_travel_time",
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
        ``distance``, which is left out when the problem has only times. Beyond VROOM's keys, each
        of ``unassigned`` has ``reason``, a sentence, and ``reasons``: code, cause, action.
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
        visits = [self._visits[step.visit] for step in route.steps]
        broken = [v for v in self._solution.violations if v.vehicle == route.vehicle]
        return {
            "vehicle": written(vehicle.id),
            "cost": route.cost,
            **_description(vehicle),
            "setup": sum(step.setup_s for step in route.steps),
            "service": sum(step.service_s for step in route.steps),
            "duration": route.drive_s,
            "waiting_time": sum(step.wait_s for step in route.steps),
            "priority": sum(visit.priority for visit in visits),
            **({"distance": route.distance_m} if self._has_distances else {}),
            **self._loads("delivery", [visit.delivered for visit in visits]),
            **self._loads("pickup", [visit.picked_up for visit in visits]),
            "steps": list(self._steps(route, vehicle, broken)),
            "violations": _violations(broken),
        }

    def unassigned(self, unplanned: Unplanned) -> Json:
        visit = self._visits[unplanned.visit]
        reasons = unplanned.reasons
        return {
            "id": written(visit.id),
            "type": "job",
            **_description(visit),
            **self._place(visit.place),
            "reason": "; ".join(f"{reason.code}: {reason.cause}" for reason in reasons),
            "reasons": [
                {"code": reason.code, "cause": reason.cause, "action": reason.action}
                for reason in reasons
            ],
        }

    def _steps(self, route: Route, vehicle: Vehicle, broken: Sequence[Violation]) -> Iterable[Json]:
        if vehicle.start is not None:
            yield self._end("start", vehicle.start, route.departure, route.start_load, (0, 0))
        drive = distance = 0
        for step in route.steps:
            drive += step.drive_s
            distance += step.distance_m
            mine = [violation for violation in broken if violation.visit == step.visit]
            yield self._job(step, (drive, distance), mine)
        if vehicle.end is not None:
            load = route.steps[-1].load if route.steps else route.start_load
            total = (route.drive_s, route.distance_m)
            yield self._end("end", vehicle.end, route.arrival, load, total)

    def _job(self, step: Step, travelled: tuple[int, int], broken: Sequence[Violation]) -> Json:
        visit = self._visits[step.visit]
        return {
            "type": "job",
            "id": written(visit.id),
            **_description(visit),
            **self._place(step.place),
            "setup": step.setup_s,
            "service": step.service_s,
            "waiting_time": step.wait_s,
            **self._loads("load", [step.load]),
            "arrival": step.arrival,
            **self._travelled(travelled),
            "violations": _violations(broken),
        }

    def _end(
        self, kind: str, place: int, at: int, load: tuple[int, ...], travelled: tuple[int, int]
    ) -> Json:
        return {
            "type": kind,
            **self._place(place),
            "setup": 0,
            "service": 0,
            "waiting_time": 0,
            **self._loads("load", [load]),
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


def _description(item: Vehicle | Visit) -> Json:
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
