"""The ways to bring an order as a choice: the solver adds routes, and takes the cheapest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from dispatch.intake.sourcing import Bring, SourcingOption
from routing.problem import Choice, Option, Visit, Window
from routing.solution import Solution


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order that can come in several ways, and where and when it is to come."""

    number: str
    place: int
    options: Sequence[SourcingOption]
    windows: tuple[Window, ...] = ()
    service_s: int = 0
    priority: int = 0
    price_unplanned: int | None = None


def build(
    wanted: Sequence[Wanted],
    *,
    start: datetime,
    depots: Mapping[UUID, int],
    loads: Mapping[UUID, tuple[int, ...]],
) -> tuple[tuple[Visit, ...], tuple[Choice, ...]]:
    """
    Return visits and choices: a visit for each depot that delivers, ready when its goods are.

    ``depots`` are their places in the matrices, ``loads`` what one unit of a part takes up.
    Options that need a depot without a place are left out.
    """
    visits: list[Visit] = []
    choices: list[Choice] = []
    for order in wanted:
        ways: list[Option] = []
        for number, option in _usable(order, depots):
            own = [
                _visit(
                    order, option, depot_id, f"{order.number}/{number}/{k}", start, depots, loads
                )
                for k, depot_id in enumerate(sorted(option.ready_at))
            ]
            visits += own
            ways.append(Option(tuple(visit.id for visit in own), option.price))
        if ways:
            choices.append(Choice(order.number, tuple(ways), order.price_unplanned, order.priority))
    return tuple(visits), tuple(choices)


def taken(wanted: Sequence[Wanted], plan: Solution) -> dict[str, SourcingOption]:
    """Return which option a plan takes, by the order's number; orders left out are not there."""
    found: dict[str, SourcingOption] = {}
    planned = {step.visit for route in plan.routes for step in route.steps}
    for order in wanted:
        for number, option in enumerate(order.options):
            if f"{order.number}/{number}/0" in planned:
                found[order.number] = option
    return found


def _usable(order: Wanted, depots: Mapping[UUID, int]) -> list[tuple[int, SourcingOption]]:
    return [
        (number, option)
        for number, option in enumerate(order.options)
        if all(depot_id in depots for depot_id in option.ready_at)
    ]


def _visit(
    order: Wanted,
    option: SourcingOption,
    depot_id: UUID,
    name: str,
    start: datetime,
    depots: Mapping[UUID, int],
    loads: Mapping[UUID, tuple[int, ...]],
) -> Visit:
    goods = [each for each in option.bring if each.depot_id == depot_id]
    return Visit(
        id=name,
        place=order.place,
        windows=order.windows,
        service_s=order.service_s,
        delivered=_load(goods, loads),
        ready=max(0, ceil((option.ready_at[depot_id] - start).total_seconds())),
        sources=frozenset({depots[depot_id]}),
    )


def _load(goods: Sequence[Bring], loads: Mapping[UUID, tuple[int, ...]]) -> tuple[int, ...]:
    each = [[unit * one.quantity for unit in loads[one.part_id]] for one in goods]
    return tuple(sum(column) for column in zip(*each, strict=True))
