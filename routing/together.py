"""
One search on several cores: each anneals its own piece of the plan, and PyVRP polishes it.

Every fraction of a second the pieces are put together and the plan is parted anew, elsewhere. As
long as a plan has too few routes for that, all search the whole of it and go on from the best.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from routing.crew import Crew, Given
from routing.engine import annealing, part
from routing.engine import instance as instance_
from routing.engine import plan as plan_
from routing.engine.improve import Cooling, Fall, cool, fall
from routing.engine.records import NEVER
from routing.search import Orders, Search, Worth
from routing.split import Piece, split
from routing.stop import Stop

EPOCH_S, EPOCH_VISIT_S = 0.3, 0.0002
"""A plan stays parted so long, and so much longer for each visit."""

EPOCH_ITERATIONS, EPOCHS = 1_000, 40
"""Where iterations count, it stays parted for at least so many, or that share of all of them."""

LATE_S = 2.0
"""So long after the end of an epoch others wait for a piece: on a busy machine it still comes."""

SEED_STEP = 1_000_003
"""Child k polishes with the seed plus k times this."""


def run(crew: Crew, search: Search, stop: Stop, *, seed: int, warm: bool) -> bool:
    """
    Let the children search on from a plan, and offer all that they find.

    Returns
    -------
    done
        False: every child died; the caller had better search itself.
    """
    if not (search.tables.vehicles and search.tables.visits):
        return True
    visits = search.begin(stop)
    if not visits:
        return True
    crew.brief(search.tables, stop)
    own = search.own_part(stop)
    _anneal(crew, search, visits, own, seed=seed, warm=warm)
    if own is not stop:
        stop.done = own.done
        stop.improved()
        _polish(crew, search, visits, stop, seed=seed)
    return len(crew) > 0


@dataclass(frozen=True, slots=True)
class Annealed:
    """A piece after some annealing: as it is now, and the best that it was; in `SCALE` money."""

    cost: float
    orders: Orders
    best_cost: float
    best: Orders
    iterations: int


@dataclass(frozen=True, slots=True)
class Anneal:
    """Improve a piece of the plan for a while; the answer is `Annealed`, or None if it cannot."""

    piece: Piece
    seed: int
    iterations: int | None
    deadline: float | None
    falls: Fall

    def run(self, given: Given) -> Annealed | None:
        """Do it: see `crew.Task`."""
        piece = self.piece
        own = part.of(given.instance, piece.vehicles, piece.visits, piece.max_changes)
        everything = range(own.instance.num_visits)
        walk = annealing.walk(own.instance, own.inner(piece.orders), everything, seed=self.seed)
        if walk is None:
            return None
        stop = Stop(iterations=self.iterations, deadline=self.deadline, asked=given.asked)
        cool(own.instance, walk, stop, self.falls)
        return Annealed(
            float(walk.cost[0]) + own.price,
            own.outer(plan_.orders(own.instance, walk.plan.links.next)),
            float(walk.best_cost[0]) + own.price,
            own.outer(plan_.orders(own.instance, walk.best)),
            stop.done,
        )


@dataclass(frozen=True, slots=True)
class Polish:
    """Let PyVRP go on from a plan; tells of each better one, its worth and its orders."""

    orders: Orders
    visits: Sequence[int]
    seed: int
    done: int
    iterations: int | None
    deadline: float | None

    def run(self, given: Given) -> None:
        """Do it: see `crew.Task`."""

        def better(orders: Orders, worth: Worth) -> None:
            given.tell((worth, {vehicle: list(order) for vehicle, order in orders.items()}))

        stop = Stop(iterations=self.iterations, deadline=self.deadline, asked=given.asked)
        stop.done = self.done
        Search(given.tables, self.orders, on_best=better).polish(self.visits, stop, seed=self.seed)


class _State(NamedTuple):
    """The plan as it is, which may be worse than the best, and what the best costs."""

    orders: Orders
    best: Orders
    best_cost: float


def _anneal(
    crew: Crew, search: Search, visits: Sequence[int], stop: Stop, *, seed: int, warm: bool
) -> None:
    instance = instance_.of(search.tables)
    walk = annealing.walk(instance, search.orders, visits, seed=seed)
    if walk is None:
        return
    falls, cooling = fall(instance, walk, warm=warm), Cooling(stop)
    state = _State(search.orders, search.orders, float(walk.best_cost[0]))
    chance = np.random.default_rng(seed)
    news: Callable[[], None] = _nothing
    while len(crew):
        begin, done = cooling.share(), stop.done
        count = stop.take(_iterations(stop))
        if not count:
            break
        deadline = _deadline(stop, len(visits))
        pieces = split(search.tables, instance, state.orders, visits, len(crew), chance)
        limit = None if stop.iterations is None else count
        fell = falls.part(begin, cooling.share(deadline))
        seeds = chance.integers(2**31, size=len(crew)).tolist()
        tasks = {
            k: Anneal(pieces[k % len(pieces)], own, limit, deadline, fell)
            for k, own in enumerate(seeds)
        }
        until = None if deadline is None else min(deadline + LATE_S, stop.deadline or deadline)
        answers = crew.ask(tasks, stop, until=until, meanwhile=news)
        stop.done = done + max((it.iterations for it in answers.values() if it), default=0)
        found = _joined(state, pieces, answers)
        news = _nothing
        if found.best_cost < state.best_cost:
            stop.improved()
            # The children need not wait for it.
            news = partial(search.offer, found.best)
        state = found
    search.offer(state.best)


def _nothing() -> None:
    pass


def _iterations(stop: Stop) -> int:
    if stop.iterations is None:
        return NEVER
    return max(EPOCH_ITERATIONS, stop.iterations // EPOCHS)


def _deadline(stop: Stop, visits: int) -> float | None:
    if stop.deadline is None:
        return None
    now, length = time.monotonic(), EPOCH_S + EPOCH_VISIT_S * visits
    # None is much shorter than the others: it would hardly be worth the parting.
    return stop.deadline if stop.deadline < now + 1.5 * length else now + length


def _joined(
    state: _State, pieces: Sequence[Piece], answers: Mapping[int, Annealed | None]
) -> _State:
    """Put the pieces together again; those that nobody brought back are as they were."""
    orders: dict[int, Sequence[int]] = {}
    best: dict[int, Sequence[int]] = {}
    best_cost = 0.0
    for number, piece in enumerate(pieces):
        found = [it for k, it in answers.items() if it and k % len(pieces) == number]
        if not found:
            orders |= piece.orders
            best_cost = math.inf
            continue
        orders |= min(found, key=lambda it: it.cost).orders
        first = min(found, key=lambda it: it.best_cost)
        best |= first.best
        best_cost += first.best_cost
    if best_cost < state.best_cost - 0.5:
        return _State(orders, best, best_cost)
    return state._replace(orders=orders)


def _polish(crew: Crew, search: Search, visits: Sequence[int], stop: Stop, *, seed: int) -> None:
    found: dict[int, tuple[Worth, Orders]] = {}

    def take(number: int, word: tuple[Worth, Orders]) -> None:
        found[number] = word
        search.offer(word[1])

    tasks = {
        k: Polish(
            search.orders, visits, seed + k * SEED_STEP, stop.done, stop.iterations, stop.deadline
        )
        for k in range(len(crew))
    }
    crew.ask(tasks, stop, until=stop.deadline, on_found=take)
    if found:
        # Which child was faster must not decide between plans that are equally good.
        worth, orders = found[min(found, key=lambda k: (found[k][0], k))]
        if worth == search.worth:
            search.orders = orders
