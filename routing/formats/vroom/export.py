"""A problem as VROOM's JSON input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from routing.faults import InvalidProblem
from routing.formats.ids import NumberId, written
from routing.formats.vroom import unsaid
from routing.formats.vroom.tasks import Tasks
from routing.problem import Break, Problem, Shipment, Vehicle, Visit
from routing.solution import Pause, Solution
from routing.tables import disjoint

Json = dict[str, Any]


def write_problem(
    problem: Problem, *, start: Solution | None = None, numbers: bool = False
) -> Json:
    """
    Return a problem in VROOM's input format: what `read` takes.

    Parameters
    ----------
    start
        A plan to begin with: it becomes the vehicles' ``steps``.
    numbers
        Replace ids and skills that are texts by numbers that are free: VROOM takes nothing else.
        The text is then the description of what has none.

    Returns
    -------
    document
        Ready for `json.dumps`. Names of dimensions, ``Problem.start`` and ``co2_g_per_km`` decide
        nothing and are not told, nor are coordinates of places where nothing happens. Where all
        visits must be planned, the file does not say so: VROOM plans as many as it can.

    Raises
    ------
    InvalidProblem
        ``beyond_vroom`` for everything that VROOM has no word for.
    """
    found = list(unsaid.faults(problem))
    if found:
        raise InvalidProblem(found)
    return _Writer(problem, start, numbers=numbers).document()


class _Writer:
    """Knows the problem's objects by name while it is written."""

    def __init__(self, problem: Problem, start: Solution | None, *, numbers: bool) -> None:
        self._problem = problem
        self._tasks = Tasks(problem)
        self._visits = {visit.id: visit for visit in problem.visits}
        self._routes = {route.vehicle: route for route in start.routes} if start else {}
        self._numbers = _numbers(problem, self._tasks) if numbers else {}

    def document(self) -> Json:
        problem = self._problem
        jobs = [visit for visit in problem.visits if self._tasks.kind(visit.id) == "job"]
        return {
            "vehicles": [self._vehicle(vehicle) for vehicle in problem.vehicles],
            "jobs": [self._job(visit) for visit in jobs],
            "shipments": [self._shipment(shipment) for shipment in problem.shipments],
            "matrices": {name: self._matrix(name) for name in problem.matrices},
        }

    def _vehicle(self, vehicle: Vehicle) -> Json:
        own_costs = self._problem.matrices[vehicle.profile].costs is not None
        by_way = {"per_hour": vehicle.cost_per_drive_h, "per_km": vehicle.cost_per_km}
        limits = {
            "max_tasks": vehicle.max_stops,
            "max_travel_time": vehicle.max_drive_s,
            "max_distance": vehicle.max_distance_m,
        }
        return {
            "id": self._id("vehicle", vehicle.id),
            "profile": vehicle.profile,
            **self._description(vehicle.description, vehicle.id),
            **self._end("start", vehicle.start),
            **self._end("end", vehicle.end),
            **({"capacity": list(vehicle.capacity)} if self._problem.dimensions else {}),
            "costs": {"fixed": vehicle.cost_fixed, **({} if own_costs else by_way)},
            **self._skills(vehicle.skills),
            **({"type": vehicle.type} if vehicle.type else {}),
            "time_window": list(vehicle.shift),
            **({"breaks": [self._break(b) for b in vehicle.breaks]} if vehicle.breaks else {}),
            **({"speed_factor": vehicle.speed_factor} if vehicle.speed_factor != 1 else {}),
            **{key: limit for key, limit in limits.items() if limit is not None},
            **self._steps(vehicle),
        }

    def _break(self, pause: Break) -> Json:
        return {
            "id": self._id("break", pause.id),
            **self._description(pause.description, pause.id),
            "time_windows": [list(pause.window)],
            "service": pause.duration_s,
        }

    def _steps(self, vehicle: Vehicle) -> Json:
        route = self._routes.get(vehicle.id)
        if route is None:
            return {}
        steps: list[Json] = [{"type": "start"}] if vehicle.start is not None else []
        for number, step in enumerate(route.steps):
            pauses = [pause for pause in route.pauses if pause.step == number]
            served = {"type": self._tasks.kind(step.visit), "id": self._visit_id(step.visit)}
            steps += [self._pause(pause) for pause in pauses if not pause.after]
            steps.append(served)
            steps += [self._pause(pause) for pause in pauses if pause.after]
        return {"steps": [*steps, *([{"type": "end"}] if vehicle.end is not None else [])]}

    def _pause(self, pause: Pause) -> Json:
        return {"type": "break", "id": self._id("break", pause.id)}

    def _job(self, visit: Visit) -> Json:
        loads = {"delivery": visit.delivered, "pickup": visit.picked_up}
        return {
            **self._task(visit),
            **{key: list(load) for key, load in loads.items() if any(load)},
            **self._skills(visit.skills),
            "priority": visit.priority,
        }

    def _shipment(self, shipment: Shipment) -> Json:
        pickup, delivery = self._visits[shipment.pickup], self._visits[shipment.delivery]
        return {
            "pickup": self._task(pickup),
            "delivery": self._task(delivery),
            **({"amount": list(shipment.load)} if shipment.load else {}),
            **self._skills(pickup.skills),
            "priority": pickup.priority,
        }

    def _task(self, visit: Visit) -> Json:
        # VROOM takes no windows that overlap, or come in another order.
        windows = [list(window) for window in disjoint(visit.windows)]
        by_type = dict(visit.service_s_by_type)
        return {
            "id": self._visit_id(visit.id),
            **self._description(visit.description, visit.id),
            **self._at("location", visit.place),
            "setup": visit.setup_s,
            "service": visit.service_s,
            **({"service_per_type": by_type} if by_type else {}),
            **({"time_windows": windows} if windows else {}),
        }

    def _matrix(self, profile: str) -> Json:
        matrix = self._problem.matrices[profile]
        arrays = {
            "durations": matrix.durations,
            **({"distances": matrix.distances} if self._has_distances() else {}),
            **({} if matrix.costs is None else {"costs": matrix.costs}),
        }
        return {name: array.tolist() for name, array in arrays.items()}

    def _has_distances(self) -> bool:
        """Return whether distances are of use: VROOM wants them for all profiles, or for none."""
        vehicles, matrices = self._problem.vehicles, self._problem.matrices.values()
        needed = any(vehicle.cost_per_km or vehicle.max_distance_m for vehicle in vehicles)
        # Zeros are what a file without distances is read as.
        return needed or any(matrix.distances.any() for matrix in matrices)

    def _end(self, name: str, place: int | None) -> Json:
        return {} if place is None else self._at(name, place)

    def _at(self, name: str, place: int) -> Json:
        points = self._problem.coordinates
        located = {} if points is None else {name: points[place].tolist()}
        return {**located, f"{name}_index": place}

    def _skills(self, skills: Iterable[str]) -> Json:
        found = [self._id("skill", skill) for skill in sorted(skills)]
        return {"skills": found} if found else {}

    def _visit_id(self, visit: str) -> int | str:
        return self._id(self._tasks.kind(visit), visit)

    def _id(self, kind: str, identifier: str) -> int | str:
        numbers = self._numbers.get(kind, {})
        return numbers[identifier] if identifier in numbers else written(identifier)

    def _description(self, description: str, identifier: str) -> Json:
        named = bool(self._numbers) and not isinstance(identifier, NumberId)
        text = description or (identifier if named else "")
        return {"description": text} if text else {}


def _numbers(problem: Problem, tasks: Tasks) -> dict[str, dict[str, int]]:
    """Return a number for everything that has a name, by kind; what has one keeps it."""
    names: dict[str, list[str]] = {"vehicle": [], "break": [], "skill": []}
    for vehicle in problem.vehicles:
        names["vehicle"].append(vehicle.id)
        names["break"] += [pause.id for pause in vehicle.breaks]
        names["skill"] += sorted(vehicle.skills)
    for visit in problem.visits:
        names.setdefault(tasks.kind(visit.id), []).append(visit.id)
        names["skill"] += sorted(visit.skills)
    return {kind: _numbered(found) for kind, found in names.items()}


def _numbered(names: Sequence[str]) -> dict[str, int]:
    given = [name for name in names if isinstance(name, NumberId)]
    own = {str(name): int(written(name)) for name in given}
    taken = set(own.values())
    free = (number for number in count(1) if number not in taken)
    return {name: own[name] if name in own else next(free) for name in dict.fromkeys(names)}
