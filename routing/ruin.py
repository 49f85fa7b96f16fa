"""
A small search of our own for what PyVRP's model cannot say: ruin and recreate.

Takes a handful of visits near each other out of a plan, puts them back where they are cheapest,
and keeps what is no worse: the plain form of Schrimpf et al. 2000, "Record breaking optimization
results using the ruin and recreate principle". Every rule lives in `routing.feasible`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from routing.insertion import Draft, insert_if_worth
from routing.stop import Stop
from routing.tables import Tables

_MOST_RUINED = 12
_NEIGHBOURS = 40
_BLINKS = 0.05


def improve(
    tables: Tables,
    orders: Mapping[int, Sequence[int]],
    visits: Sequence[int],
    stop: Stop,
    *,
    seed: int,
    on_best: Callable[[Mapping[int, Sequence[int]]], None],
) -> None:
    """
    Search on from a feasible plan until told to stop, and tell of each better one.

    Parameters
    ----------
    visits
        Those that some vehicle can serve; the others are not tried.
    """
    if not visits:
        return
    random = np.random.default_rng(seed)
    draft = Draft(tables, orders)
    near = _near(tables, visits)
    worth = _worth(draft)
    while not stop.reached():
        before = {vehicle: list(order) for vehicle, order in draft.orders.items()}
        hit = near[int(random.integers(len(visits)))]
        count = int(random.integers(1, min(_MOST_RUINED, len(hit)) + 1))
        out = {visits[k] for k in random.permutation(hit[: 2 * count])[:count].tolist()}
        out |= set(_left_out(draft, visits)[:_MOST_RUINED])
        if not _ruin(draft, out):
            continue
        for index in random.permutation(sorted(out)).tolist():
            insert_if_worth(draft, index, blink=lambda: random.random() < _BLINKS)
        after = _worth(draft)
        if after > worth:
            changed = {k: before.get(k, []) for k in draft.orders}
            draft.change({k: v for k, v in changed.items() if draft.orders[k] != v})
            continue
        if after < worth:
            stop.improved()
            on_best({vehicle: list(order) for vehicle, order in draft.orders.items()})
        worth = after


def _ruin(draft: Draft, out: set[int]) -> bool:
    """Take visits out; False where a road makes a route infeasible that serves fewer of them."""
    shorter = {
        vehicle: [index for index in order if index not in out]
        for vehicle, order in draft.orders.items()
        if not out.isdisjoint(order)
    }
    return draft.change(shorter)


def _worth(draft: Draft) -> tuple[int, int]:
    return draft.tables.worth(draft.orders, sum(draft.costs.values()))


def _left_out(draft: Draft, visits: Sequence[int]) -> list[int]:
    planned = {index for order in draft.orders.values() for index in order}
    return [index for index in visits if index not in planned]


def _near(tables: Tables, visits: Sequence[int]) -> list[list[int]]:
    """Return for each of the visits the positions of those nearest to it, itself first."""
    places = np.array([tables.visits[index].place for index in visits], np.intp)
    durations = tables.legs(0).durations
    near = []
    for k, place in enumerate(places):
        apart = np.minimum(durations[place, places], durations[places, place]).astype(np.int64)
        apart[k] = -1
        near.append(np.argsort(apart, kind="stable")[:_NEIGHBOURS].tolist())
    return near
