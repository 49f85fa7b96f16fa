"""A plan in VROOM's JSON output, read as what it claims: `routing.check` judges it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from routing.formats.faults import Faults, refuse
from routing.formats.vroom.models import Id
from routing.formats.vroom.pydantic_faults import parse
from routing.problem import Problem, Vehicle, Visit
from routing.solution import Reason, Route, Solution, Step, Unplanned

_Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]

_NOT_TOLD = Reason(
    "not_told", cause="the plan names no reason", action="solve again to learn the reasons"
)


class _Step(BaseModel):
    """One halt; keys beyond these, such as geometry and clock times, are no claims."""

    type: Literal["start", "job", "end"]
    id: Id | None = None
    arrival: _Whole
    duration: _Whole
    distance: _Whole | None = None
    setup: _Whole = 0
    service: _Whole = 0
    waiting_time: _Whole = 0
    load: list[_Whole] | None = None
    location_index: _Whole | None = None


class _Route(BaseModel):
    vehicle: Id
    cost: _Whole
    steps: list[_Step]


class _Reason(BaseModel):
    code: str
    cause: str = ""
    action: str = ""


class _Unassigned(BaseModel):
    id: Id
    reason: str | None = None
    reasons: list[_Reason] = []


class _Summary(BaseModel):
    cost: _Whole


class _Output(BaseModel):
    code: _Whole = 0
    error: str | None = None
    summary: _Summary
    unassigned: list[_Unassigned] = []
    routes: list[_Route] = []


def read_solution(problem: Problem, data: object) -> Solution:
    """
    Return the plan that a document in VROOM's output format claims.

    Nothing in it is trusted or put right: `routing.check` compares each claim with the problem.
    What the document leaves out (distances where there are only times, loads where there is no
    capacity) is filled in from the problem.

    Raises
    ------
    InvalidProblem
        The document is not of that format; with every fault, by JSON path.
    """
    if not isinstance(data, dict):
        cause = f"the plan is {type(data).__name__}, not an object"
        raise refuse("file", "wrong_type", cause, "name a file in VROOM's output format")
    if data.get("code") and "error" in data:
        cause = f"the plan is an error: {data['error']}"
        raise refuse("error", "no_plan", str(cause)[:500], "solve the problem first")
    faults = Faults()
    output = parse(_Output, data, "", faults)
    faults.raise_any()
    assert output is not None
    _check_steps(output, faults)
    faults.raise_any()
    prices = {visit.id: visit.price_unplanned or 0 for visit in problem.visits}
    reader = _Reader(problem)
    return Solution(
        routes=tuple(reader.route(route) for route in output.routes),
        unplanned=tuple(_unplanned(item) for item in output.unassigned),
        cost=output.summary.cost,
        price_unplanned=sum(prices.get(item.id, 0) for item in output.unassigned),
    )


def _check_steps(output: _Output, faults: Faults) -> None:
    for row, route in enumerate(output.routes):
        where = f"routes[{row}].steps"
        if not route.steps:
            faults.add(where, "wrong_count", "no steps", "take the route out")
        elif all(step.type != "job" for step in route.steps) and len(route.steps) == 1:
            faults.add(where, "wrong_count", "one step and no job", "take the route out")
        for index, step in enumerate(route.steps):
            place = f"{where}[{index}]"
            if step.type == "job" and step.id is None:
                faults.add(f"{place}.id", "missing_key", "a job without id", "add its id")
            if step.type == "start" and index > 0:
                cause = "a start that is not the first step"
                faults.add(f"{place}.type", "out_of_order", cause, "begin the route with it")
            if step.type == "end" and index < len(route.steps) - 1:
                cause = "an end that is not the last step"
                faults.add(f"{place}.type", "out_of_order", cause, "end the route with it")


def _unplanned(item: _Unassigned) -> Unplanned:
    told = tuple(Reason(reason.code, reason.cause, reason.action) for reason in item.reasons)
    if not told and item.reason:
        told = (Reason(item.reason.partition(":")[0], item.reason, ""),)
    return Unplanned(item.id, told or (_NOT_TOLD,))


@dataclass(slots=True)
class _Travelled:
    """What the claims before this step add up to."""

    duration: int = 0
    distance: int = 0
    place: int | None = None


class _Reader:
    """Turns cumulated claims into legs, with the problem at hand for what is left out."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self._visits = {visit.id: visit for visit in problem.visits}

    def route(self, claim: _Route) -> Route:
        vehicle = self._vehicles.get(claim.vehicle)
        jobs = [step for step in claim.steps if step.type == "job"]
        first, last = claim.steps[0], claim.steps[-1]
        start_load, *loads = self._true_loads(jobs)
        travelled = _Travelled(place=vehicle.start if vehicle else None)
        if first.type == "start":
            travelled.duration, travelled.distance = first.duration, first.distance or 0
        steps = tuple(
            self._step(job, vehicle, travelled, load) for job, load in zip(jobs, loads, strict=True)
        )
        drive, distance = (0, 0)
        if last.type == "end":
            drive, distance = self._leg(last, vehicle, travelled, vehicle.end if vehicle else None)
        return Route(
            vehicle=claim.vehicle,
            departure=first.arrival - (steps[0].drive_s if first.type == "job" else 0),
            arrival=steps[-1].departure if last.type == "job" else last.arrival,
            steps=steps,
            end_drive_s=drive,
            end_distance_m=distance,
            start_load=self._load(first, start_load) if first.type == "start" else start_load,
            cost=claim.cost,
        )

    def _step(
        self, job: _Step, vehicle: Vehicle | None, travelled: _Travelled, load: tuple[int, ...]
    ) -> Step:
        visit = self._visits.get(job.id or "")
        place = visit.place if visit else None
        drive, distance = self._leg(job, vehicle, travelled, place)
        if job.location_index is not None:
            place = job.location_index
        return Step(
            visit=job.id or "",
            place=-1 if place is None else place,
            arrival=job.arrival,
            wait_s=job.waiting_time,
            setup_s=job.setup,
            service_s=job.service,
            drive_s=drive,
            distance_m=distance,
            load=self._load(job, load),
        )

    def _leg(
        self, step: _Step, vehicle: Vehicle | None, travelled: _Travelled, place: int | None
    ) -> tuple[int, int]:
        """Return seconds and metres of the leg that leads to a step, and move on to it."""
        drive = step.duration - travelled.duration
        if step.distance is None:
            distance = self._true_distance(vehicle, travelled.place, place)
        else:
            distance = step.distance - travelled.distance
        travelled.duration += drive
        travelled.distance += distance
        travelled.place = place
        return drive, distance

    def _true_distance(self, vehicle: Vehicle | None, here: int | None, there: int | None) -> int:
        if vehicle is None or here is None or there is None:
            return 0
        return int(self._problem.matrices[vehicle.profile].distances[here, there])

    def _load(self, step: _Step, true: tuple[int, ...]) -> tuple[int, ...]:
        """Return what a step claims to be on board; without dimensions there is nothing to say."""
        return tuple(step.load) if step.load is not None and self._problem.dimensions else true

    def _true_loads(self, jobs: Sequence[_Step]) -> list[tuple[int, ...]]:
        """Return what is on board at the start and after each job."""
        visits = [self._visits.get(job.id or "") for job in jobs]
        dimensions = range(len(self._problem.dimensions))
        delivered = [_amounts(visit, "delivered", len(dimensions)) for visit in visits]
        picked_up = [_amounts(visit, "picked_up", len(dimensions)) for visit in visits]
        loads = [tuple(sum(amounts[k] for amounts in delivered) for k in dimensions)]
        for down, up in zip(delivered, picked_up, strict=True):
            loads.append(tuple(loads[-1][k] - down[k] + up[k] for k in dimensions))
        return loads


def _amounts(visit: Visit | None, name: str, length: int) -> tuple[int, ...]:
    amounts: tuple[int, ...] = getattr(visit, name) if visit else ()
    return amounts or (0,) * length
