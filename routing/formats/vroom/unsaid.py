"""What a problem asks for that VROOM's input has no word for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from routing import beyond
from routing.faults import Fault
from routing.formats.vroom import prices
from routing.problem import Problem, Stability, Vehicle, Visit

_VEHICLE = ("cost_per_h", "max_duration_s", "overtime_from")
_VISIT = ("cost_per_late_h",)
"""What it has no word for beside what is beyond the usual anyway."""

_SAID = frozenset({"breaks", "service_s_by_type", "shipments", "hours"})
"""What is beyond the usual and VROOM has words for, or is told in words of its own here."""

_MOST_PRIORITY = 100
_MOST_SPEED = 5


def faults(problem: Problem) -> Iterator[Fault]:
    """Yield everything that a file of VROOM's would leave out, or say otherwise."""
    for index, vehicle in enumerate(problem.vehicles):
        yield from _of_vehicle(f"vehicles[{index}] {vehicle.id!r}", vehicle)
    for index, visit in enumerate(problem.visits):
        where = f"visits[{index}] {visit.id!r}"
        yield from _set(where, visit, _VISIT)
        if visit.priority > _MOST_PRIORITY:
            cause = f"{visit.priority} is more than {_MOST_PRIORITY}, VROOM's highest"
            yield _fault(f"{where}.priority", cause)
    yield from _prices(problem)
    yield from _shipments(problem)
    for profile, matrix in problem.matrices.items():
        if matrix.hours:
            yield _fault(f"matrices[{profile!r}].hours", "VROOM has one matrix for all hours")
    for what, place in beyond.the_usual(problem):
        if what not in _SAID:
            yield _no_word(place)
    if problem.stability != Stability():
        yield _no_word("stability")


def _of_vehicle(where: str, vehicle: Vehicle) -> Iterator[Fault]:
    yield from _set(where, vehicle, _VEHICLE)
    if vehicle.start is None and vehicle.end is None:
        yield _fault(where, "VROOM's vehicles start or end somewhere, this one does neither")
    if vehicle.speed_factor > _MOST_SPEED:
        cause = f"{vehicle.speed_factor} is more than {_MOST_SPEED}, VROOM's highest"
        yield _fault(f"{where}.speed_factor", cause)
    for number, pause in enumerate(vehicle.breaks):
        # VROOM's break is taken in any case, ours not by who is back when the window ends.
        if pause.window.latest + pause.duration_s > vehicle.shift.latest:
            cause = f"it may last until after the shift's end at {vehicle.shift.latest}"
            yield _fault(f"{where}.breaks[{number}]", cause)


def _prices(problem: Problem) -> Iterator[Fault]:
    if all(visit.price_unplanned is None for visit in problem.visits):
        return
    priorities = [visit.priority for visit in problem.visits]
    usual = prices.unplanned_prices(priorities, problem.vehicles, problem.matrices)
    for index, (visit, price) in enumerate(zip(problem.visits, usual, strict=True)):
        if visit.price_unplanned != price:
            cause = f"{visit.price_unplanned} is not what VROOM counts for its priority, {price}"
            yield _fault(f"visits[{index}] {visit.id!r}.price_unplanned", cause)


def _shipments(problem: Problem) -> Iterator[Fault]:
    visits = {visit.id: visit for visit in problem.visits}
    for index, shipment in enumerate(problem.shipments):
        pickup, delivery = visits[shipment.pickup], visits[shipment.delivery]
        for name in ("skills", "priority"):
            if getattr(pickup, name) != getattr(delivery, name):
                cause = f"its two visits differ in {name}, VROOM has one for both"
                yield _fault(f"shipments[{index}]", cause)


def _set(where: str, item: Vehicle | Visit, names: tuple[str, ...]) -> Iterator[Fault]:
    """Yield those of some fields that are not as they are by default."""
    defaults = {each.name: each.default for each in fields(item)}
    for name in names:
        if getattr(item, name) != defaults[name]:
            yield _no_word(f"{where}.{name}")


def _no_word(where: str) -> Fault:
    return _fault(where, "VROOM's input has no word for it")


def _fault(where: str, cause: str) -> Fault:
    return Fault(where, "beyond_vroom", cause, "take it out, or plan the problem here")
