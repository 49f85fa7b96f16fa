"""
A vehicle's halts for a given order: where they are, what they ask of the clock, what is on board.

An *order* holds visits by their index; ``~k`` stands for loading again at the vehicle's ``k``-th
`Reload`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from routing.problem import NO_WAY, Reload, Window
from routing.tables import Legs, Load, Tables
from routing.timing import Asked, Drive, Halt


def place(tables: Tables, vehicle: int, item: int) -> int:
    """Return the place of a visit or of a reload."""
    return tables.visits[item].place if item >= 0 else reload(tables, vehicle, item).place


def reload(tables: Tables, vehicle: int, item: int) -> Reload:
    """Return the reload that an item of an order stands for."""
    return tables.vehicles[vehicle].reloads[~item]


def visits(order: Sequence[int]) -> list[int]:
    """Return the visits of an order."""
    return [item for item in order if item >= 0]


def trips(order: Sequence[int]) -> list[list[int]]:
    """Return the visits between loadings."""
    found: list[list[int]] = [[]]
    for item in order:
        if item >= 0:
            found[-1].append(item)
        else:
            found.append([])
    return found


def order(tables: Tables, vehicle: int, ids: Sequence[str]) -> list[int]:
    """Return an order whose visits and reloads are named by id; all are known."""
    numbers = {reload.id: ~k for k, reload in enumerate(tables.vehicles[vehicle].reloads)}
    return [numbers[name] if name in numbers else tables.visit_index[name] for name in ids]


def orders(tables: Tables, sequences: Mapping[str, Sequence[str]]) -> dict[int, list[int]]:
    """Return orders by number of vehicle; all that is named is known."""
    return {
        number: order(tables, number, ids)
        for vehicle, ids in sequences.items()
        for number in [tables.vehicle_index[vehicle]]
    }


def with_visit(tables: Tables, order: Sequence[int], position: int, index: int) -> list[int]:
    """Return an order with a visit at a position, and the other visit of its shipment beside it."""
    both = [index]
    if index in tables.partner:
        both = sorted([index, tables.partner[index]], key=lambda one: one not in tables.pickups)
    return [*order[:position], *both, *order[position:]]


def windows(tables: Tables, vehicle: int, item: int) -> tuple[Window, ...]:
    """Return when service at a visit, or loading at a reload, may begin."""
    return tables.windows[item] if item >= 0 else reload(tables, vehicle, item).windows


def halts(tables: Tables, vehicle: int, order: Sequence[int]) -> tuple[list[Halt], Drive]:
    """
    Return what the halts of a route ask for, and the drive from the last one to the end.

    A leg without a way counts 0 seconds here; who asks must look for such legs first.
    """
    legs = tables.legs(vehicle)
    here = tables.vehicles[vehicle].start
    ready = iter(_ready(tables, order)[1:])
    found = []
    for item in order:
        there = place(tables, vehicle, item)
        drive = _drive(legs, here, there)
        if item >= 0:
            found.append(_visit(tables, vehicle, item, drive, moved=here != there))
        else:
            stop = reload(tables, vehicle, item)
            found.append(Halt(drive, stop.windows, 0, stop.duration_s, ready=next(ready)))
        here = there
    return found, _drive(legs, here, tables.vehicles[vehicle].end)


def asked(tables: Tables, vehicle: int, order: Sequence[int]) -> Asked:
    """Return what a vehicle asks of the times of a route."""
    own = tables.vehicles[vehicle]
    overtime = own.overtime_from if own.cost_per_overtime_h else None
    hourly = tables.legs(vehicle).hours and tables.legs(vehicle).costs is None
    return Asked(
        shift=own.shift,
        ready=_ready(tables, order)[0],
        breaks=own.breaks,
        rest=own.rest,
        per_s=5 * own.cost_per_h,
        per_min2=5 * tables.problem.balance.cost_per_h2,
        per_drive_s=5 * own.cost_per_drive_h if hourly else 0,
        overtime_from=overtime,
        per_overtime_s=5 * own.cost_per_overtime_h,
        max_duration_s=own.max_duration_s,
    )


def is_plain(asked: Asked, halts: Sequence[Halt], last_drive_s: Drive) -> bool:
    """Return whether windows, one per halt, and the shift are all that the clock must keep to."""
    own = asked.breaks or asked.rest or asked.per_min2 or asked.ready is not None
    if own or asked.overtime_from is not None or not isinstance(last_drive_s, int):
        return False
    return not any(
        halt.due
        or halt.promised
        or halt.ready is not None
        or len(halt.windows) > 1
        or not isinstance(halt.drive_s, int)
        for halt in halts
    )


def loads(tables: Tables, vehicle: int, order: Sequence[int]) -> list[Load]:
    """Return what is on board when leaving the start, and when leaving each halt."""
    none = (0,) * len(tables.problem.dimensions)
    waiting = iter(trips(order))
    on_board = _sum(tables, next(waiting), tables.vehicles[vehicle].load or none)
    found = [on_board]
    for item in order:
        if item < 0:
            on_board = _sum(tables, next(waiting), none)
        else:
            changes = (
                tables.delivered[item],
                tables.picked_up[item],
                tables.carried.get(item, none),
            )
            on_board = tuple(
                load - out + in_ + more
                for load, out, in_, more in zip(on_board, *changes, strict=True)
            )
        found.append(on_board)
    return found


def _sum(tables: Tables, trip: Sequence[int], load: Load) -> Load:
    for index in trip:
        load = tuple(a + b for a, b in zip(load, tables.delivered[index], strict=True))
    return load


def _visit(tables: Tables, vehicle: int, index: int, drive: Drive, *, moved: bool) -> Halt:
    visit = tables.visits[index]
    price = tables.problem.stability.cost_per_moved_h
    late = visit.due is not None and visit.cost_per_late_h
    return Halt(
        drive_s=drive,
        windows=tables.windows[index],
        setup_s=visit.setup_s if moved else 0,
        service_s=tables.service_s(vehicle, index),
        due=(visit.due, 5 * visit.cost_per_late_h) if late and visit.due is not None else None,
        promised=(visit.promised, 5 * price) if price and visit.promised is not None else None,
    )


def _drive(legs: Legs, here: int | None, there: int | None) -> Drive:
    if here is None or there is None:
        return 0
    first = legs.durations.item(here, there)
    if not legs.hours:
        return 0 if first == NO_WAY else int(first)
    every = [(-(2**62), first), *((begin, d.item(here, there)) for begin, d in legs.hours)]
    return tuple((begin, None if seconds == NO_WAY else seconds) for begin, seconds in every)


def _ready(tables: Tables, order: Sequence[int]) -> list[int | None]:
    """Return for each trip when the last of its goods can be loaded."""
    return [max(_times(tables, trip), default=None) for trip in trips(order)]


def _times(tables: Tables, trip: Sequence[int]) -> Iterator[int]:
    for index in trip:
        ready = tables.visits[index].ready
        if ready is not None:
            yield ready
