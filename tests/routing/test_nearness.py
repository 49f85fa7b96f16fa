"""Nearness beside the plain way: a whole row of numbers at once, sorted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from routing.engine import instance, nearness
from routing.engine.nearness import LATE, WAIT
from routing.problem import NO_WAY, Problem, Window
from routing.tables import Tables
from tests.routing.build import line, problem, table, town, van, visit
from tests.routing.random_problems import problems

Floats = NDArray[np.float32]


@given(problems(max_visits=30).filter(lambda p: p.vehicles and p.visits))
def test_neighbours_are_those_of_a_sorted_row(asked: Problem) -> None:
    compare(asked)


@pytest.mark.parametrize("count", [39, 40, 41, 200, 201, 450])
def test_so_are_the_nearest_of_many(count: int) -> None:
    compare(town(count, seed=count))


def test_of_equally_near_visits_the_first_is_nearer() -> None:
    asked = problem(line(*[0] * 100), [van()], [visit(f"v{k}", k) for k in range(100)])
    near = found(asked)
    assert near.before[50].tolist() == list(range(40))
    assert near.around[50].tolist() == [50, *range(50), *range(51, 100)]


def test_places_without_a_way_between_them_come_last_and_weigh_nothing() -> None:
    no = NO_WAY
    rows = [[0, 5, no, 9], [5, 0, no, 2], [no, no, 0, no], [9, 2, no, 0]]
    far = Window(1000, 2000)
    visits = [visit("a", 1), visit("island", 2), visit("late", 3, far), visit("home", 0)]
    asked = problem(table(rows), [van()], visits)
    near = found(asked)
    assert near.after[0].tolist() == [2, 3, 1, 0]


def test_seconds_may_count_from_1970() -> None:
    early = town(60)
    day = 1_772_000_000
    late = replace(
        early,
        vehicles=tuple(
            replace(v, shift=Window(v.shift.earliest + day, v.shift.latest + day))
            for v in early.vehicles
        ),
        visits=tuple(
            replace(v, windows=tuple(Window(*(at + day for at in w)) for w in v.windows))
            for v in early.visits
            if v.windows
        ),
    )
    same = replace(early, visits=tuple(v for v in early.visits if v.windows))
    for one, other in zip(found(late), found(same), strict=True):
        np.testing.assert_array_equal(one, other)


def compare(asked: Problem) -> None:
    near = found(asked)
    for k in range(len(asked.visits)):
        to, onward, apart = rows_of(asked, k)
        for ranks, row in ((near.before, to), (near.after, onward), (near.around, apart)):
            nearest = np.argsort(row, kind="stable")[: ranks.shape[1]]
            np.testing.assert_array_equal(ranks[k], nearest)


def found(asked: Problem) -> nearness.Nearness:
    arrays = instance.of(Tables(asked))
    return nearness.Nearness(arrays.before, arrays.after, arrays.around)


def rows_of(asked: Problem, k: int) -> tuple[Floats, Floats, Floats]:
    """Return how far all visits are from being just before, just after, and around a visit."""
    tables = Tables(asked)
    legs, prices = tables.legs(0), instance.of(tables).vehicles[0]
    costs = legs.distances if legs.costs is None else legs.costs
    place = np.array([one.place for one in asked.visits])
    busy = np.array([one.service_s + one.setup_s for one in asked.visits])
    earliest = np.array([w[0].earliest if w else 0 for w in tables.windows])
    latest = np.array([w[-1].latest if w else 2**40 for w in tables.windows])

    def way(origin: Any, there: Any) -> Floats:
        seconds = legs.durations[origin, there]
        cost = np.float32(prices.per_arc) * costs[origin, there].astype(np.float32)
        cost += np.float32(prices.per_drive_s + prices.per_s) * seconds.astype(np.float32)
        return np.where(seconds == NO_WAY, np.float32(1e30), cost)

    def clocked(origin: Any, there: Any, one: Any, next_: Any) -> Floats:
        left = busy[one] + legs.durations[origin, there]
        wait = np.maximum(earliest[next_] - (latest[one] + left), 0)
        late = np.maximum(earliest[one] + left - latest[next_], 0)
        second = nearness._measure(tables, legs.durations, costs, prices).second
        far: Floats = (way(origin, there) + second * (WAIT * wait + LATE * late)).astype(np.float32)
        far[k] = np.inf
        return far

    to = clocked(place, place[k], np.arange(len(place)), k)
    onward = clocked(place[k], place, k, np.arange(len(place)))
    apart = np.minimum(way(place, place[k]), way(place[k], place))
    apart[k] = -1
    return to, onward, apart
