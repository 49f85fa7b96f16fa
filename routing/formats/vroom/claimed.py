"""A plan in VROOM's JSON output, read as what it claims: `routing.check` judges it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from routing.formats.vroom import claims
from routing.formats.vroom.tasks import Tasks
from routing.problem import Problem, Reload, Vehicle, Visit
from routing.solution import Pause, Reason, Route, Solution, Step, Unplanned

_NOT_TOLD = Reason(
    "not_told", cause="the plan names no reason", action="solve again to learn the reasons"
)


def read_solution(problem: Problem, data: object) -> Solution:
    """
    Return the plan that a document in VROOM's output format claims.

    Nothing in it is trusted or put right: `routing.check` compares each claim with the problem.
    What the document leaves out (distances where there are only times, loads where there is no
    capacity) is filled in from the problem. A break between two halts at one place counts as after
    the first; one before leaving the start, or after reaching the end, is none of the route.

    Raises
    ------
    InvalidProblem
        The document is not of that format, or has a break between two halts; with every fault, by
        JSON path.
    """
    output = claims.read(data)
    reader = _Reader(problem)
    unplanned = tuple(reader.unplanned(item) for item in output.unassigned)
    routes = tuple(reader.route(route) for route in output.routes)
    prices = {visit.id: visit.price_unplanned or 0 for visit in problem.visits}
    left_out, options = _prices_of_choices(problem, routes)
    return Solution(
        routes=routes,
        unplanned=unplanned,
        cost=output.summary.cost,
        price_unplanned=left_out + sum(prices.get(item.visit, 0) for item in unplanned),
        price_options=options,
    )


def _prices_of_choices(problem: Problem, routes: Sequence[Route]) -> tuple[int, int]:
    """Return what choices without an option on the routes cost, and the options that are there."""
    planned = {step.visit for route in routes for step in route.visits}
    left_out = options = 0
    for choice in problem.choices:
        chosen = [option.price for option in choice.options if planned.intersection(option.visits)]
        options += sum(chosen)
        left_out += 0 if chosen else choice.price_unplanned or 0
    return left_out, options


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
        self._tasks = Tasks(problem)
        self._vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self._visits = {visit.id: visit for visit in problem.visits}

    def unplanned(self, item: claims.Unassigned) -> Unplanned:
        """Return what is left out, with the reasons that are told."""
        told = tuple(Reason(reason.code, reason.cause, reason.action) for reason in item.reasons)
        if not told and item.reason:
            told = (Reason(item.reason.partition(":")[0], item.reason, ""),)
        return Unplanned(self._tasks.visit(item.type, item.id), told or (_NOT_TOLD,))

    def route(self, claim: claims.Route) -> Route:
        """Return the route that is claimed."""
        vehicle = self._vehicles.get(claim.vehicle)
        found = claims.around(claim.steps)
        first, last = found[0], found[-1]
        halts = [one for one in found if one.step.type in claims.HALTS]
        stops = [self._stop(halt.step, vehicle) for halt in halts]
        start_load, *loads = self._true_loads(stops, vehicle)
        travelled = _Travelled(place=vehicle.start if vehicle else None)
        if first.step.type == "start":
            travelled.duration, travelled.distance = first.step.duration, first.step.distance or 0
            start_load = self._load(first.step, start_load)
        steps = tuple(
            self._step(halt, stop, vehicle, travelled, load)
            for halt, stop, load in zip(halts, stops, loads, strict=True)
        )
        drive, distance = (0, 0)
        if last.step.type == "end":
            place = vehicle.end if vehicle else None
            drive, distance = self._leg(last.step, vehicle, travelled, place)
        return Route(
            vehicle=claim.vehicle,
            departure=_departure(first, steps),
            arrival=_reached(last) if last.step.type == "end" else steps[-1].departure,
            steps=steps,
            end_drive_s=drive,
            end_distance_m=distance,
            start_load=start_load,
            cost=claim.cost,
            pauses=tuple(_pauses(halts)),
        )

    def _stop(self, step: claims.Step, vehicle: Vehicle | None) -> Visit | Reload | None:
        """Return what is served at a step, if the problem has it."""
        if step.type != "reload":
            return self._visits.get(self._visit_id(step))
        reloads = vehicle.reloads if vehicle else ()
        return next((reload for reload in reloads if reload.id == step.id), None)

    def _visit_id(self, step: claims.Step) -> str:
        return self._tasks.visit(step.type, step.id or "")

    def _step(
        self,
        halt: claims.Around,
        stop: Visit | Reload | None,
        vehicle: Vehicle | None,
        travelled: _Travelled,
        load: tuple[int, ...],
    ) -> Step:
        claim = halt.step
        place = stop.place if stop else None
        drive, distance = self._leg(claim, vehicle, travelled, place)
        if claim.location_index is not None:
            place = claim.location_index
        is_reload = claim.type == "reload"
        return Step(
            visit=claim.id or "" if is_reload else self._visit_id(claim),
            place=-1 if place is None else place,
            arrival=_reached(halt),
            wait_s=claim.waiting_time,
            setup_s=claim.setup,
            service_s=claim.service,
            drive_s=drive,
            distance_m=distance,
            load=self._load(claim, load),
            pause_before_s=claim.arrival - _reached(halt),
            pause_after_s=_left(halt) - claim.done,
            is_reload=is_reload,
        )

    def _leg(
        self,
        step: claims.Step,
        vehicle: Vehicle | None,
        travelled: _Travelled,
        place: int | None,
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

    def _load(self, step: claims.Step, true: tuple[int, ...]) -> tuple[int, ...]:
        """Return what is claimed to be on board; without dimensions there is nothing to say."""
        return tuple(step.load) if step.load is not None and self._problem.dimensions else true

    def _true_loads(
        self, stops: Sequence[Visit | Reload | None], vehicle: Vehicle | None
    ) -> list[tuple[int, ...]]:
        """Return what is on board at the start and after each halt."""
        none = (0,) * len(self._problem.dimensions)
        on_board = _sum((vehicle.load if vehicle else ()) or none, self._to_deliver(stops))
        loads = [on_board]
        for number, stop in enumerate(stops, 1):
            if isinstance(stop, Reload):
                on_board = _sum(none, self._to_deliver(stops[number:]))
            elif stop is not None:
                on_board = _sum(on_board, [self._tasks.picked_up(stop)])
                on_board = _sum(on_board, [self._tasks.delivered(stop)], sign=-1)
            loads.append(on_board)
        return loads

    def _to_deliver(self, stops: Sequence[Visit | Reload | None]) -> Iterator[tuple[int, ...]]:
        """Yield what is delivered from what is loaded now: up to the next reload."""
        for stop in stops:
            if isinstance(stop, Reload):
                return
            if stop is not None:
                yield stop.delivered


def _sum(
    load: tuple[int, ...], more: Iterable[tuple[int, ...]], *, sign: int = 1
) -> tuple[int, ...]:
    """Add loads to one, or take them off; an empty one is nothing in every dimension."""
    for amounts in more:
        if amounts:
            load = tuple(a + sign * b for a, b in zip(load, amounts, strict=True))
    return load


def _reached(halt: claims.Around) -> int:
    return halt.before[0].arrival if halt.before else halt.step.arrival


def _left(halt: claims.Around) -> int:
    done = halt.after[-1].done if halt.after else halt.step.done
    # Goods that are not ready keep a vehicle at a reload.
    return done if halt.step.departure is None else max(done, halt.step.departure)


def _departure(first: claims.Around, steps: Sequence[Step]) -> int:
    if first.step.type == "start" and not (first.after and steps):
        return first.step.arrival
    # The route begins at its first halt, or with a break at home that is none of it.
    return steps[0].arrival - steps[0].drive_s if steps else _reached(first)


def _pauses(halts: Sequence[claims.Around]) -> Iterator[Pause]:
    for number, halt in enumerate(halts):
        for after, pauses in ((False, halt.before), (True, halt.after)):
            for pause in pauses:
                yield Pause(pause.id or "", number, after, pause.begin, pause.service)
