"""What a search begins with: what is locked, and as much of a start as keeps to all rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from routing import rules
from routing.feasible import feasible_cost
from routing.tables import Tables

Orders = Mapping[int, Sequence[int]]


def begun(tables: Tables, start: Orders) -> dict[int, list[int]]:
    """
    Return a feasible plan of what is locked and, around that, what a start has.

    A vehicle whose locks cannot be kept is not used: the visits that are locked to it stay out.
    """
    bound = [k for k in range(len(tables.vehicles)) if any(locks(tables, k))]
    while True:
        start = whole_options(tables, start)
        found: dict[int, list[int]] = {}
        for vehicle in dict.fromkeys([*bound, *start]):
            order = kept(tables, vehicle, start.get(vehicle, ()), found)
            if order:
                found[vehicle] = order
        # What one visit of an option had no place for, the others may have had.
        if whole_options(tables, found) == found:
            return found
        start = found


def whole_options(tables: Tables, orders: Orders) -> dict[int, list[int]]:
    """Return routes with at most one option of each choice, and none in part."""
    planned = {index for order in orders.values() for index in order if index >= 0}
    gone: set[int] = set()
    for options in tables.choices:
        chosen = next((k for k in options if planned.issuperset(tables.options[k])), None)
        gone |= {index for k in options if k != chosen for index in tables.options[k]}
    return {k: [item for item in order if item not in gone] for k, order in orders.items()}


def locks(tables: Tables, vehicle: int) -> tuple[list[int], list[int]]:
    """Return the visits that a vehicle's route begins with, and those that it ends with."""
    asked, index = tables.vehicles[vehicle], tables.visit_index
    return [index[name] for name in asked.prefix], [index[name] for name in asked.suffix]


def kept(tables: Tables, vehicle: int, order: Sequence[int], beside: Orders) -> list[int]:
    """Return as much of an order as is feasible beside other routes."""
    first, last = locks(tables, vehicle)
    whole = [*first, *(item for item in order if item not in {*first, *last}), *last]
    if _fits(tables, vehicle, whole, beside):
        return whole
    inner = range(len(first), len(whole) - len(last))
    chosen = {k for k in range(len(whole)) if k not in inner}
    if not _fits(tables, vehicle, [whole[k] for k in sorted(chosen)], beside):
        return []
    for unit in _units(tables, whole, inner):
        # Without the loading before it there may be no room for a visit.
        loadings = {k for k in range(unit[0]) if whole[k] < 0}
        for more in (chosen | {*unit}, chosen | {*unit} | loadings):
            if _fits(tables, vehicle, [whole[k] for k in sorted(more)], beside):
                chosen = more
                break
    return [whole[k] for k in sorted(chosen)]


def _units(tables: Tables, whole: Sequence[int], inner: range) -> Iterator[list[int]]:
    """Yield positions of visits that can only come in at once: one, or a pickup and delivery."""
    position = {whole[k]: k for k in inner}
    for k in inner:
        partner = position.get(tables.partner.get(whole[k], whole[k]))
        if whole[k] >= 0 and partner is not None and k <= partner:
            yield sorted({k, partner})


def _fits(tables: Tables, vehicle: int, order: Sequence[int], beside: Orders) -> bool:
    if feasible_cost(tables, vehicle, order) is None:
        return False
    return next(rules.of_plan(tables, {**beside, vehicle: order}), None) is None
