"""Several searches on one plan: its pieces, and what is put together from them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing import crew, schedule
from routing.check import check
from routing.engine import annealing, instance, part, plan
from routing.engine.instance import Instance
from routing.engine.records import SCALE
from routing.problem import Problem
from routing.solve import Budget, Progress, solve
from routing.split import Piece, split
from routing.tables import Tables
from tests.routing.build import rich_town, town
from tests.routing.random_problems import problems

COUNTS = st.integers(2, 4)


def planned(asked: Problem, seed: int) -> tuple[Tables, Instance, dict[int, list[int]]]:
    """Return a plan that is not a good one, and may leave visits out."""
    tables = Tables(asked)
    arrays = instance.of(tables)
    walk = annealing.walk(arrays, {}, range(len(asked.visits)), seed=seed)
    assert walk is not None
    annealing.run(arrays, walk, 30, 50.0 * SCALE)
    return tables, arrays, plan.orders(arrays, walk.plan.links.next)


def cut(asked: Problem, seed: int, count: int) -> tuple[Tables, Instance, list[Piece]]:
    tables, arrays, orders = planned(asked, seed)
    assume(orders)
    chance = np.random.default_rng(seed)
    pieces = split(tables, arrays, orders, range(len(asked.visits)), count, chance)
    return tables, arrays, pieces


SOME = problems().filter(lambda p: p.vehicles and p.visits)


@settings(deadline=None, max_examples=100)
@given(SOME, st.integers(0, 2**32), COUNTS)
def test_each_visit_and_vehicle_is_in_one_piece_and_company_stays_together(
    asked: Problem, seed: int, count: int
) -> None:
    tables, arrays, pieces = cut(asked, seed, count)
    assert sorted(v for piece in pieces for v in piece.vehicles) == [*range(len(asked.vehicles))]
    dealt = sorted(v for piece in pieces for v in piece.visits)
    assert dealt == sorted(set(dealt))
    planned = {item for piece in pieces for order in piece.orders.values() for item in order}
    # Who has company in two pieces waits.
    tied = {k for k in range(len(asked.visits)) if asked.visits[k].together} | {*tables.option_of}
    assert set(range(len(asked.visits))) - set(dealt) <= tied - planned
    assert len(pieces) == 1 or all(len(piece.orders) >= 2 for piece in pieces)
    for piece in pieces:
        for visit in piece.visits:
            ask = arrays.asks[visit]
            mates = arrays.company[ask.first_mate : ask.first_foe].tolist()
            assert set(mates) <= set(piece.visits)
            assert tables.partner.get(visit, visit) in piece.visits


@settings(deadline=None, max_examples=100)
@given(SOME, st.integers(0, 2**32), COUNTS)
def test_a_piece_costs_what_it_costs_in_the_whole(asked: Problem, seed: int, count: int) -> None:
    _, arrays, pieces = cut(asked, seed, count)
    whole = plan.empty(arrays)
    for piece in pieces:
        assert plan.fill(arrays, whole, piece.orders)
        own = part.of(arrays, piece.vehicles, piece.visits, piece.max_changes)
        alone = plan.empty(own.instance)
        inner = own.inner(piece.orders)
        assert plan.fill(own.instance, alone, inner)
        assert own.outer(inner) == {k: list(order) for k, order in piece.orders.items()}
        assert alone.routes.cost.tolist() == whole.routes.cost[own.vehicles].tolist()


@settings(deadline=None, max_examples=150)
@given(SOME, st.integers(0, 2**32), COUNTS)
def test_pieces_that_were_searched_apart_make_a_plan_that_keeps_all_rules(
    asked: Problem, seed: int, count: int
) -> None:
    tables, arrays, pieces = cut(asked, seed, count)
    orders: dict[int, Sequence[int]] = {}
    cost = 0.0
    for piece in pieces:
        own = part.of(arrays, piece.vehicles, piece.visits, piece.max_changes)
        everything = range(len(piece.visits))
        walk = annealing.walk(own.instance, own.inner(piece.orders), everything, seed=seed)
        assert walk is not None
        annealing.run(own.instance, walk, 40, 20.0 * SCALE)
        orders |= own.outer(plan.orders(own.instance, walk.plan.links.next))
        cost += walk.cost[0] + own.price
    found = schedule.solution(tables, orders)
    assert [v for v in check(asked, found) if v.code != "must_be_planned"] == []
    dealt = {v for piece in pieces for v in piece.visits}
    out = {
        tables.priced(index).id: index
        for index in tables.left_out({item for order in orders.values() for item in order})
        if index in dealt
    }
    prices = arrays.nodes.price[sorted(out.values())].sum()
    told = (cost - prices) / SCALE - found.price_options
    assert abs(told - found.cost) <= 1.0 * len(orders)


def test_two_cores_find_what_one_finds_and_say_so_on_the_way() -> None:
    told: list[int] = []

    def tell(progress: Progress) -> None:
        told.append(progress.objective)
        assert check(asked, progress.solution()) == []

    asked = town(60, 8)
    both = solve(asked, Budget(iterations=4000), cores=2, on_best=tell)
    assert told == sorted(told, reverse=True)
    assert told[-1] == both.cost
    one = solve(asked, Budget(iterations=4000), cores=1)
    assert both.cost <= 1.05 * one.cost


def test_children_that_were_started_ahead_are_taken() -> None:
    crew.prepare(2)
    ahead = {child.pid for child in multiprocessing.active_children()}
    seen: set[int | None] = set()

    def look(_: Progress) -> None:
        seen.update(child.pid for child in multiprocessing.active_children())

    solve(town(20), Budget(iterations=50), cores=2, on_best=look)
    assert len(ahead) == 2
    assert seen == ahead
    assert multiprocessing.active_children() == []


def test_a_child_that_hangs_is_given_up() -> None:
    frozen: list[int] = []

    def freeze(_: Progress) -> None:
        children = multiprocessing.active_children()
        if children and not frozen:
            frozen.append(children[0].pid or 0)
            os.kill(frozen[0], signal.SIGSTOP)

    began = time.monotonic()
    found = solve(town(40), Budget(seconds=3), cores=2, on_best=freeze)
    assert frozen
    assert not found.unplanned
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("asked", [town(80, 10), rich_town(80, 10)], ids=["plain", "rich"])
def test_a_child_that_dies_while_it_has_a_piece_loses_only_what_it_found(asked: Problem) -> None:
    killed: list[int] = []
    told: list[int] = []

    def kill(progress: Progress) -> None:
        told.append(progress.objective)
        children = multiprocessing.active_children()
        if len(told) == 3 and children:
            killed.append(children[-1].pid or 0)
            os.kill(killed[0], signal.SIGKILL)

    found = solve(asked, Budget(iterations=8000), cores=2, on_best=kill)
    assert killed
    assert not found.unplanned
    assert check(asked, found) == []
    assert found.objective == told[-1]


def test_when_every_child_is_killed_again_and_again_a_rich_day_is_planned_all_the_same() -> None:
    def kill(_: Progress) -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)

    asked = rich_town(60, 8)
    found = solve(asked, Budget(seconds=3), cores=2, on_best=kill)
    assert not found.unplanned
    assert check(asked, found) == []
