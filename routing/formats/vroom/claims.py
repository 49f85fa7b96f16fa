"""VROOM's JSON output as it is written: routes, steps and what is left out, each with its type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from routing.formats.faults import Faults, refuse
from routing.formats.vroom.models import Id
from routing.formats.vroom.pydantic_faults import parse

Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
HALTS = ("job", "pickup", "delivery", "reload")


class Step(BaseModel):
    """One step; keys beyond these, such as geometry and clock times, are no claims."""

    type: Literal["start", "job", "pickup", "delivery", "break", "reload", "end"]
    id: Id | None = None
    arrival: Whole
    duration: Whole
    distance: Whole | None = None
    setup: Whole = 0
    service: Whole = 0
    waiting_time: Whole = 0
    load: list[Whole] | None = None
    location_index: Whole | None = None
    departure: Whole | None = None

    @property
    def begin(self) -> int:
        """When service, or the break, begins."""
        return self.arrival + self.waiting_time

    @property
    def done(self) -> int:
        """When setup and service, or the break, are over."""
        return self.begin + self.setup + self.service


class Route(BaseModel):
    """One vehicle's route."""

    vehicle: Id
    cost: Whole
    steps: list[Step]


class Reason(BaseModel):
    """Why something is left out; beyond VROOM's keys."""

    code: str
    cause: str = ""
    action: str = ""


class Unassigned(BaseModel):
    """A task on no route."""

    id: Id
    type: Literal["job", "pickup", "delivery"] = "job"
    reason: str | None = None
    reasons: list[Reason] = []


class Summary(BaseModel):
    """What the routes sum up to."""

    cost: Whole


class Output(BaseModel):
    """The whole document."""

    code: Whole = 0
    error: str | None = None
    summary: Summary
    unassigned: list[Unassigned] = []
    routes: list[Route] = []


def read(data: object) -> Output:
    """
    Return a document that is one of VROOM's output format.

    Raises
    ------
    InvalidProblem
        It is not; with every fault, by JSON path.
    """
    if not isinstance(data, dict):
        cause = f"the plan is {type(data).__name__}, not an object"
        raise refuse("file", "wrong_type", cause, "name a file in VROOM's output format")
    if data.get("code") and "error" in data:
        cause = f"the plan is an error: {data['error']}"
        raise refuse("error", "no_plan", str(cause)[:500], "solve the problem first")
    faults = Faults()
    output = parse(Output, data, "", faults)
    faults.raise_any()
    assert output is not None
    for row, route in enumerate(output.routes):
        _check(f"routes[{row}].steps", route, faults)
    faults.raise_any()
    return output


@dataclass(slots=True)
class Around:
    """A step that is no break, with the breaks at its place before and after it."""

    step: Step
    before: list[Step] = field(default_factory=list)
    after: list[Step] = field(default_factory=list)


def around(steps: Sequence[Step]) -> list[Around]:
    """Return the steps that are no breaks, each with the breaks at it."""
    found: list[Around] = []
    waiting: list[Step] = []
    for step in steps:
        if step.type == "break":
            waiting.append(step)
            continue
        here = Around(step)
        for pause in waiting:
            if found and _is_at(found[-1].step, pause, step):
                found[-1].after.append(pause)
            else:
                here.before.append(pause)
        waiting = []
        found.append(here)
    if found:
        found[-1].after += waiting
    return found


def _is_at(before: Step, pause: Step, after: Step) -> bool:
    """Return whether a break is where the step before it is, and not the one after it."""
    if pause.duration != before.duration or pause.duration != after.duration:
        return pause.duration == before.duration
    # The leg takes no time: the places tell, and a halt is likelier than the start.
    told = (pause.location_index, before.location_index)
    return before.type != "start" and (None in told or told[0] == told[1])


def _check(where: str, route: Route, faults: Faults) -> None:
    steps = route.steps
    if not steps:
        faults.add(where, "wrong_count", "no steps", "take the route out")
        return
    if not any(step.type in HALTS for step in steps) and (len(steps), steps[-1].type) != (2, "end"):
        faults.add(where, "wrong_count", "no job in these steps", "take the route out")
    for index, step in enumerate(steps):
        place = f"{where}[{index}]"
        if step.type in HALTS and step.id is None:
            faults.add(f"{place}.id", "missing_key", f"a {step.type} without id", "add its id")
        if step.type == "start" and index > 0:
            cause = "a start that is not the first step"
            faults.add(f"{place}.type", "out_of_order", cause, "begin the route with it")
        if step.type == "end" and index < len(steps) - 1:
            cause = "an end that is not the last step"
            faults.add(f"{place}.type", "out_of_order", cause, "end the route with it")
        if step.type == "break" and _under_way(steps, index):
            cause = "a break that begins between two halts"
            action = "let it begin at a halt: on the way there is no place for it"
            faults.add(place, "break_under_way", cause, action)


def _under_way(steps: Sequence[Step], index: int) -> bool:
    """Return whether some of a leg was driven before a break, and the rest of it after."""
    before = [step.duration for step in steps[:index] if step.type != "break"]
    after = [step.duration for step in steps[index:] if step.type != "break"]
    pause = steps[index].duration
    return bool(before and after) and pause not in (before[-1], after[0])
