"""Rules of a valid problem that are about who serves whom: locks, pins, company, shipments."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from routing import validity_values as values
from routing.faults import Fault
from routing.problem import Problem, Vehicle, Visit


def faults(problem: Problem) -> Iterator[Fault]:
    """Yield names that stand for nothing, and wishes that contradict each other."""
    yield from _locks(problem)
    for index, vehicle in enumerate(problem.vehicles):
        if vehicle.load:
            where = f"vehicles[{index}] {vehicle.id!r}.load"
            yield from values.of_load(where, vehicle.load, problem)
    names = {vehicle.id for vehicle in problem.vehicles}
    for index, visit in enumerate(problem.visits):
        yield from _pins(f"visits[{index}] {visit.id!r}", visit, names, problem)
    yield from _company(problem)
    yield from _shipments(problem)


def _locks(problem: Problem) -> Iterator[Fault]:
    visits = {visit.id for visit in problem.visits}
    seen: dict[str, str] = {}
    for index, vehicle in enumerate(problem.vehicles):
        for part, names in (("prefix", vehicle.prefix), ("suffix", vehicle.suffix)):
            where = f"vehicles[{index}] {vehicle.id!r}.{part}"
            for name in names:
                yield from _once(where, name, visits, seen)
        yield from _locked(f"vehicles[{index}] {vehicle.id!r}", vehicle)


def _once(where: str, name: str, visits: Collection[str], seen: dict[str, str]) -> Iterator[Fault]:
    if name not in visits:
        yield Fault(where, "unknown_visit", f"no visit {name!r}", "use the problem's ids")
    elif name in seen:
        cause = f"visit {name!r} is in {seen[name]} already"
        yield Fault(where, "visit_twice", cause, "name each visit once")
    else:
        seen[name] = where


def _locked(where: str, vehicle: Vehicle) -> Iterator[Fault]:
    if vehicle.locked and vehicle.suffix:
        cause = "its route is the prefix and nothing else, so that it cannot end with a suffix"
        action = "put all its visits into the prefix, or do not lock it"
        yield Fault(f"{where}.suffix", "locked_suffix", cause, action)


def _pins(where: str, visit: Visit, names: Collection[str], problem: Problem) -> Iterator[Fault]:
    for part in ("vehicles", "not_vehicles"):
        for name in sorted(getattr(visit, part) or ()):
            if name not in names:
                cause = f"no vehicle {name!r}"
                action = "use the problem's ids"
                yield Fault(f"{where}.{part}", "unknown_vehicle", cause, action)
    for place in sorted(visit.sources or ()):
        yield from values.of_place(f"{where}.sources", place, problem)


def _company(problem: Problem) -> Iterator[Fault]:
    """Yield pairs of visits that must share a vehicle and must not."""
    first: dict[tuple[str, str], str] = {}
    for index, visit in enumerate(problem.visits):
        for word in sorted(visit.apart) if visit.together else ():
            other = first.setdefault((visit.together, word), visit.id)
            if other != visit.id:
                cause = f"with {other!r} it is together by {visit.together!r}, apart by {word!r}"
                where = f"visits[{index}] {visit.id!r}"
                yield Fault(where, "together_and_apart", cause, "drop one of the two")


def _shipments(problem: Problem) -> Iterator[Fault]:
    visits = {visit.id: visit for visit in problem.visits}
    locked = {n for vehicle in problem.vehicles for n in (*vehicle.prefix, *vehicle.suffix)}
    seen: dict[str, str] = {}
    for index, shipment in enumerate(problem.shipments):
        where = f"shipments[{index}]"
        yield from _once(f"{where}.pickup", shipment.pickup, visits, seen)
        yield from _once(f"{where}.delivery", shipment.delivery, visits, seen)
        if shipment.load:
            yield from values.of_load(f"{where}.load", shipment.load, problem)
        for name in (shipment.pickup, shipment.delivery):
            visit = visits.get(name)
            if visit is not None and (any(visit.delivered) or any(visit.picked_up)):
                cause = f"visit {name!r} has a load of its own beside the shipment's"
                action = "make it two visits, one for the shipment"
                yield Fault(where, "shipment_and_load", cause, action)
            if name in locked:
                cause = f"visit {name!r} is locked to a vehicle, the other one may move"
                action = "give what is on board as the vehicle's load, and plan the delivery alone"
                yield Fault(where, "shipment_and_lock", cause, action)
