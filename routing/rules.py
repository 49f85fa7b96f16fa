"""Rules of a route and of a plan that are about who serves whom, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from routing import itinerary
from routing.solution import Violation
from routing.tables import Tables


def of_route(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    """Yield what an order breaks by who serves whom, and in which order."""
    yield from _skills(tables, vehicle, order)
    yield from _pins(tables, vehicle, order)
    yield from _locks(tables, vehicle, order)
    yield from _apart(tables, vehicle, order)
    yield from _sources(tables, vehicle, order)
    yield from _shipments(tables, vehicle, order)
    most = tables.vehicles[vehicle].max_trips
    count = len(itinerary.trips(order))
    if count > most and tables.vehicles[vehicle].reloads:
        cause = f"loads {count} times, the limit is {most}"
        yield Violation("max_trips", tables.vehicles[vehicle].id, None, cause, count - most)


def of_plan(tables: Tables, orders: Mapping[int, Sequence[int]]) -> Iterator[Violation]:
    """Yield what routes break together: visits that must share a vehicle, and too many changes."""
    homes: dict[str, int] = {}
    changes = 0
    for vehicle, order in sorted(orders.items()):
        for index in itinerary.visits(order):
            group = tables.visits[index].together
            if group and homes.setdefault(group, vehicle) != vehicle:
                cause = f"others of {group!r} are on {tables.vehicles[homes[group]].id}"
                yield _broken("together", tables, vehicle, index, cause)
            changes += tables.changes_vehicle(vehicle, index)
    most = tables.problem.stability.max_changes
    if most is not None and changes > most:
        cause = f"{changes} visits change vehicle, the limit is {most}"
        yield Violation("max_changes", None, None, cause, changes - most)


def of_choices(tables: Tables, planned: Collection[int]) -> Iterator[Violation]:
    """Yield choices of which more than one option is planned, or less than all of one."""
    for choice, options in zip(tables.problem.choices, tables.choices, strict=True):
        begun = [k for k in options if any(index in planned for index in tables.options[k])]
        if len(begun) > 1:
            cause = f"{len(begun)} options of {choice.id!r} are planned"
            yield Violation("choice", None, None, cause, len(begun) - 1)
        for k in begun:
            missing = [tables.visits[i].id for i in tables.options[k] if i not in planned]
            if missing:
                cause = f"{', '.join(missing)} of the same option of {choice.id!r} is not planned"
                visit = next(i for i in tables.options[k] if i in planned)
                name = tables.visits[visit].id
                yield Violation("choice", None, name, cause, len(missing))


def _broken(
    code: str, tables: Tables, vehicle: int, index: int, cause: str, amount: int = 1
) -> Violation:
    return Violation(code, tables.vehicles[vehicle].id, tables.visits[index].id, cause, amount)


def _skills(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    own = tables.vehicles[vehicle].skills
    for index in itinerary.visits(order):
        missing = sorted(tables.visits[index].skills - own)
        if missing:
            cause = f"the vehicle lacks {', '.join(missing)}"
            yield _broken("skills", tables, vehicle, index, cause, len(missing))


def _pins(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    name = tables.vehicles[vehicle].id
    for index in itinerary.visits(order):
        visit = tables.visits[index]
        if tables.locked_to.get(index, vehicle) != vehicle:
            yield _broken("locked", tables, vehicle, index, "it is another vehicle's")
        if name in visit.not_vehicles or (
            visit.vehicles is not None and name not in visit.vehicles
        ):
            yield _broken("pinned", tables, vehicle, index, "it is not for this vehicle")


def _locks(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    asked = tables.vehicles[vehicle]
    ids = [tables.visits[item].id if item >= 0 else "" for item in order]
    first, last = len(asked.prefix), len(ids) - len(asked.suffix)
    if ids and tuple(ids[:first]) != asked.prefix:
        cause = f"its route must begin with {', '.join(asked.prefix)}"
        yield Violation("locked", asked.id, None, cause, 1)
    if ids and (last < 0 or tuple(ids[last:]) != asked.suffix):
        cause = f"its route must end with {', '.join(asked.suffix)}"
        yield Violation("locked", asked.id, None, cause, 1)
    if asked.locked and len(ids) > first:
        yield Violation("locked", asked.id, None, "its route may not change", len(ids) - first)


def _apart(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    first: dict[str, int] = {}
    for index in itinerary.visits(order):
        for word in sorted(tables.visits[index].apart):
            other = first.setdefault(word, index)
            if other != index:
                cause = f"may not share a vehicle with {tables.visits[other].id}"
                yield _broken("apart", tables, vehicle, index, cause)


def _sources(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    depot = tables.vehicles[vehicle].start
    for item in order:
        if item < 0:
            depot = itinerary.place(tables, vehicle, item)
            continue
        sources = tables.visits[item].sources
        if sources is not None and depot not in sources:
            cause = f"place {depot}, where the vehicle loads, does not have its goods"
            yield _broken("source", tables, vehicle, item, cause)


def _shipments(tables: Tables, vehicle: int, order: Sequence[int]) -> Iterator[Violation]:
    position = {item: k for k, item in enumerate(order)}
    for index in itinerary.visits(order):
        other = tables.partner.get(index)
        if other is None:
            continue
        if other not in position:
            cause = f"{tables.visits[other].id} is not on the same route"
            yield _broken("shipment", tables, vehicle, index, cause)
        elif index in tables.pickups and position[other] < position[index]:
            cause = f"{tables.visits[other].id} comes before it"
            yield _broken("shipment", tables, vehicle, index, cause)
        elif index in tables.pickups and any(
            item < 0 for item in order[position[index] : position[other]]
        ):
            yield _broken("shipment", tables, vehicle, index, "the vehicle unloads on the way")
