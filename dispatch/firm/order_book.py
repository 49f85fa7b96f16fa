"""
The orders of the made-up firm's morning, before they are placed: who wants what, when, from where.

120 orders with 310 lines. 14 of them owe old parts, six have dangerous goods, four wait for a
part that is not there. Order 118 cannot be brought in its window, order 119 weighs 380 kg.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.firm.assortment import Item, Use
from dispatch.firm.ground import Ground

NUM_ORDERS = 120
NUM_LINES = 310
NUM_WITH_CORES = 14
NUM_DANGEROUS = 6
NUM_WAITING = 4
NUM_SECOND = 40
"""So many orders leave the second warehouse, which has two of the six vans."""

TOO_EARLY, HEAVY = 118, 119
"""Numbers of the orders that are not like the others."""

_HOUR = 3600
_TOO_EARLY_WINDOW = (8 * _HOUR + 2700, 9 * _HOUR)

# From, to and how often: garages want parts before noon, or when they get to it.
_WINDOWS: tuple[tuple[int | None, int | None, float], ...] = (
    (None, None, 0.20),
    (None, 11 * _HOUR, 0.24),
    (9 * _HOUR, 10 * _HOUR + 1800, 0.14),
    (9 * _HOUR + 1800, 11 * _HOUR + 1800, 0.16),
    (13 * _HOUR + 1800, 15 * _HOUR + 1800, 0.12),
    (13 * _HOUR + 1800, 17 * _HOUR, 0.14),
)
_DOWNTIME_COST_PER_H = 26_000
"""What a blocked bay loses, in minor units."""


@dataclass(frozen=True, slots=True)
class BookLine:
    """So many of a part."""

    item: Item
    quantity: int


@dataclass(frozen=True, slots=True)
class BookOrder:
    """An order to be placed; workshop and warehouse count from 0, times are seconds of the day."""

    number: int
    workshop: int
    warehouse: int
    lines: tuple[BookLine, ...]
    earliest: int | None
    latest: int | None
    priority: int
    downtime_cost_per_h: int

    @property
    def title(self) -> str:
        return f"SO-{self.number:03d}"

    def has(self, use: Use) -> bool:
        """Tell whether a part of it is of that use."""
        return any(line.item.use is use for line in self.lines)


def drawn(ground: Ground, items: Collection[Item], rng: np.random.Generator) -> list[BookOrder]:
    """Draw the orders of a morning, by number."""
    by_use = {use: [item for item in items if item.use is use] for use in Use}
    special = _special(rng)
    workshops = _workshops(len(ground.workshops), rng)
    workshops[TOO_EARLY - 1] = ground.farthest()
    orders = []
    for number, num_lines in enumerate(_num_lines(rng, special), start=1):
        use = special.get(number)
        lines = _lines(by_use[Use.USUAL], num_lines, rng)
        if use:
            lines[0] = BookLine(_special_part(by_use[use], use, rng), 1)
        orders.append(_order(number, workshops[number - 1], lines, rng))
    return _from_warehouses(orders, ground)


def _special(rng: np.random.Generator) -> dict[int, Use]:
    """Return which orders have a part that not everybody wants."""
    numbers = rng.choice(TOO_EARLY - 1, NUM_WITH_CORES + NUM_DANGEROUS + NUM_WAITING, replace=False)
    uses = [Use.CORE] * NUM_WITH_CORES + [Use.DANGEROUS] * NUM_DANGEROUS
    uses += [Use.SCARCE] * NUM_WAITING
    return {int(n) + 1: use for n, use in zip(numbers, uses, strict=True)} | {HEAVY: Use.HEAVY}


def _num_lines(rng: np.random.Generator, special: dict[int, Use]) -> list[int]:
    """
    Return how many lines each order has; most have few, and all together `NUM_LINES`.

    The heavy one has one, and those that wait have two at least: something is brought today.
    """
    least = np.ones(NUM_ORDERS, dtype=np.int64)
    for number, use in special.items():
        least[number - 1] += use is Use.SCARCE
    weights = np.full(NUM_ORDERS, 1.4)
    weights[HEAVY - 1] = 1e-9
    spread = rng.dirichlet(weights)
    extra = rng.multinomial(NUM_LINES - int(least.sum()), spread)
    return [int(few + more) for few, more in zip(least, extra, strict=True)]


def _lines(usual: Sequence[Item], num_lines: int, rng: np.random.Generator) -> list[BookLine]:
    shares = np.array([item.share for item in usual])
    chosen = rng.choice(len(usual), num_lines, replace=False, p=shares / shares.sum())
    pieces = rng.choice([1, 2, 4], num_lines, p=[0.8, 0.16, 0.04])
    return [
        BookLine(usual[n], 1 if usual[n].volume_ml > 20_000 else int(quantity))
        for n, quantity in zip(chosen, pieces, strict=True)
    ]


def _special_part(parts: Sequence[Item], use: Use, rng: np.random.Generator) -> Item:
    if use is Use.HEAVY:
        return max(parts, key=lambda item: item.weight_g)
    return parts[int(rng.integers(len(parts)))]


def _workshops(how_many: int, rng: np.random.Generator) -> list[int]:
    """Return whose each order is: everybody has one, and some have several."""
    again = rng.integers(how_many, size=NUM_ORDERS - how_many)
    return [int(n) for n in (*rng.permutation(how_many), *again)]


def _order(
    number: int, workshop: int, lines: Sequence[BookLine], rng: np.random.Generator
) -> BookOrder:
    earliest, latest, _ = _WINDOWS[rng.choice(len(_WINDOWS), p=[share for *_, share in _WINDOWS])]
    priority = int(rng.choice([0, 1, 3], p=[0.8, 0.15, 0.05]))
    if number == TOO_EARLY:
        earliest, latest = _TOO_EARLY_WINDOW
    return BookOrder(
        number=number,
        workshop=workshop,
        warehouse=0,
        lines=tuple(lines),
        earliest=earliest,
        latest=latest,
        priority=priority,
        downtime_cost_per_h=_DOWNTIME_COST_PER_H if priority == 3 else 0,
    )


def _from_warehouses(orders: Sequence[BookOrder], ground: Ground) -> list[BookOrder]:
    """
    Let the second warehouse bring what is dangerous, and what is nearer to it than the rest.

    Its second van alone may carry dangerous goods, so those come at any hour. What is scarce or
    heavy leaves the first.
    """

    def nearness(order: BookOrder) -> float:
        shop = ground.workshops[order.workshop]
        return ground.metres_to(1, shop) - ground.metres_to(0, shop)

    bound = (Use.DANGEROUS, Use.SCARCE)
    free = [order for order in orders[: TOO_EARLY - 1] if not any(map(order.has, bound))]
    free.sort(key=lambda order: (nearness(order), order.number))
    second = {order.number for order in free[: NUM_SECOND - NUM_DANGEROUS]}

    def placed(order: BookOrder) -> BookOrder:
        if order.has(Use.DANGEROUS):
            return replace(order, warehouse=1, earliest=None, latest=None)
        return replace(order, warehouse=1) if order.number in second else order

    return [placed(order) for order in orders]
