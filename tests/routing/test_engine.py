"""The compiled engine beside the plain rules: what it believes of a plan is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiled import kept
from routing import rules
from routing.engine import annealing, instance, kernel, plan
from routing.engine.annealing import Walk
from routing.engine.improve import improve
from routing.engine.instance import Instance
from routing.engine.records import SCALE
from routing.feasible import feasible_cost
from routing.problem import Balance, Choice, Option, Problem, Reload, Shipment, Stability, Window
from routing.stop import Stop
from routing.tables import Tables
from tests.routing.build import line, problem, town, van, visit
from tests.routing.random_problems import problems


def walked(asked: Problem, *, iterations: int, seed: int) -> tuple[Tables, Instance, Walk]:
    tables = Tables(asked)
    arrays = instance.of(tables)
    walk = annealing.walk(arrays, {}, range(len(asked.visits)), seed=seed)
    assert walk is not None
    annealing.run(arrays, walk, iterations, 20.0 * SCALE)
    return tables, arrays, walk


def worth(tables: Tables, orders: dict[int, list[int]]) -> float:
    """What the engine minimises: exact costs of routes, which round, and its own prices."""
    return sum(feasible_cost(tables, vehicle, order) or 0 for vehicle, order in orders.items())


@settings(deadline=None, max_examples=150)
@given(problems().filter(lambda p: p.vehicles and p.visits), st.integers(0, 2**32))
def test_routes_are_feasible_and_cost_what_it_says(asked: Problem, seed: int) -> None:
    tables, arrays, walk = walked(asked, iterations=60, seed=seed)
    for vehicle, order in plan.orders(arrays, walk.plan.links.next).items():
        cost = feasible_cost(tables, vehicle, order)
        assert cost is not None
        assert abs(walk.plan.routes[vehicle].cost / SCALE - cost) <= 0.5


@settings(deadline=None, max_examples=150)
@given(problems().filter(lambda p: p.vehicles and p.visits), st.integers(0, 2**32))
def test_what_is_known_of_a_plan_after_changes_is_what_a_fresh_look_finds(
    asked: Problem, seed: int
) -> None:
    _, arrays, walk = walked(asked, iterations=60, seed=seed)
    fresh = plan.empty(arrays)
    assert plan.fill(arrays, fresh, plan.orders(arrays, walk.plan.links.next))
    used = np.flatnonzero(fresh.routes.stops > 0)
    np.testing.assert_array_equal(walk.plan.routes[used], fresh.routes[used])
    np.testing.assert_array_equal(walk.plan.room[used], fresh.room[used])
    first_reload = len(asked.visits) + 2 * len(asked.vehicles)
    for node in np.flatnonzero(np.isin(fresh.links.route[:first_reload], used)):
        kept, found = walk.plan.links[node], fresh.links[node]
        assert [kept[name] for name in _KNOWN] == [found[name] for name in _KNOWN]
    for vehicle in used.tolist():
        assert plan.order_of(arrays, walk.plan.links.next, vehicle) == plan.order_of(
            arrays, fresh.links.next, vehicle
        )


# Which of several nodes stands for the same halt to load again does not matter.
_KNOWN = [name for name in plan.LINK.names or () if name not in {"scan", "prev", "next"}]


@settings(deadline=None, max_examples=150)
@given(problems().filter(lambda p: p.vehicles and p.visits), st.integers(0, 2**32))
def test_the_cost_that_is_carried_along_is_that_of_the_plan(asked: Problem, seed: int) -> None:
    _, arrays, walk = walked(asked, iterations=60, seed=seed)
    tables = Tables(asked)
    planned = np.flatnonzero(walk.plan.links.route[: len(asked.visits)] != plan.OUT).tolist()
    left_out = walk.left_out[1 : walk.left_out[0] + 1].tolist()
    # One visit stands for each choice of which none is planned.
    assert {tables.priced(k).id for k in left_out} == {
        tables.priced(k).id for k in tables.left_out(planned)
    }
    assert len({tables.priced(k).id for k in left_out}) == len(left_out)
    assert list(rules.of_choices(tables, planned)) == []
    whole = walk.plan.routes.cost.sum() + arrays.nodes.price[left_out].sum()
    whole += SCALE * tables.price_of_options(planned)
    assert walk.cost[0] == whole
    assert walk.best_cost[0] <= whole + 0.5


def improved(asked: Problem, *, iterations: int, seed: int = 0) -> dict[int, list[int]]:
    tables = Tables(asked)
    told: list[dict[int, list[int]]] = [{}]

    def on_best(orders: object) -> None:
        assert isinstance(orders, dict)
        told.append(orders)

    stop = Stop(iterations=iterations, deadline=None, asked=lambda: False)
    visits: Sequence[int] = range(len(asked.visits))
    improve(tables, {}, visits, stop, seed=seed, warm=False, on_best=on_best)
    return told[-1]


def test_a_town_is_planned_whole_and_cheaper_with_time() -> None:
    asked = town(40)
    tables = Tables(asked)
    few, many = (improved(asked, iterations=count) for count in (20, 3000))
    assert sum(map(len, many.values())) == 40
    assert worth(tables, many) < worth(tables, few)


def test_the_same_seed_gives_the_same_plan() -> None:
    assert improved(town(30), iterations=500, seed=4) == improved(town(30), iterations=500, seed=4)


def test_files_that_count_seconds_from_1970_are_planned() -> None:
    day = 1_772_000_000
    shift = Window(day, day + 40_000)
    visits = [replace(visit(f"v{k}", 1), windows=(shift,)) for k in range(3)]
    asked = problem(line(0, 10), [van(shift=shift)], visits)
    assert sum(map(len, improved(asked, iterations=20).values())) == 3


def test_a_plan_longer_than_the_arrays_hold_is_left_alone() -> None:
    asked = problem(
        line(0, 10), [van(shift=Window(0, 2**40))], [replace(visit("a", 1), service_s=2**35)]
    )
    arrays = instance.of(Tables(asked))
    assert annealing.walk(arrays, {0: [0]}, [0], seed=0) is None


@pytest.mark.parametrize(
    ("vehicle", "wish", "parts"),
    [
        ({}, {"due": 0, "cost_per_late_h": 10**8}, {}),
        ({}, {"promised": 0}, {"stability": Stability(cost_per_moved_h=10**8)}),
        ({}, {"was": "gone"}, {"stability": Stability(cost_per_change=10**6)}),
        ({}, {}, {"balance": Balance(cost_per_stop2=10**6)}),
        ({}, {"service_s": 3600}, {"balance": Balance(cost_per_h2=10**6)}),
        ({"overtime_from": 0, "cost_per_overtime_h": 10**8}, {}, {}),
    ],
)
def test_what_must_be_planned_is_dearer_left_out_than_late(
    vehicle: dict[str, Any], wish: dict[str, Any], parts: dict[str, Any]
) -> None:
    asked = problem(line(0, 100), [van(**vehicle)], [visit("a", 1, **wish)])
    tables = Tables(replace(asked, **parts))
    cost = feasible_cost(tables, 0, [0])
    assert cost is not None
    assert instance.of(tables).nodes.price[0] > SCALE * cost


def test_no_route_loads_again_between_the_ends_of_a_shipment() -> None:
    visits = [visit("a", 1), visit("b", 1), visit("c", 1, delivered=(3,))]
    again = van(capacity=(3,), reloads=(Reload("r", 1),))
    plain = problem(line(0, 10), [again], visits, "kg")
    asked = replace(plain, shipments=(Shipment("a", "b", (1,)),))
    for seed in range(20):
        tables, arrays, walk = walked(asked, iterations=30, seed=seed)
        for vehicle, order in plan.orders(arrays, walk.plan.links.next).items():
            assert feasible_cost(tables, vehicle, order) is not None


def test_options_that_are_tried_leave_routes_as_they_were() -> None:
    # A halt to load again that is of no use may stand on a route; to take it out is another change.
    visits = [visit("a", 1), visit("b", 1, ready=0), visit("c", 1, setup_s=1), visit("d", 0)]
    again = van(start=None, end=None, cost_per_h=1000, reloads=(Reload("r", 1),), max_trips=2)
    asked = problem(line(0, 0), [again], visits)
    asked = replace(asked, choices=(Choice("order", (Option(("a",)),)),))
    for seed in range(40):
        tables, arrays, walk = walked(asked, iterations=60, seed=seed)
        left_out = walk.left_out[1 : walk.left_out[0] + 1].tolist()
        whole = walk.plan.routes.cost.sum() + arrays.nodes.price[left_out].sum()
        assert walk.cost[0] == whole
        for vehicle, order in plan.orders(arrays, walk.plan.links.next).items():
            assert feasible_cost(tables, vehicle, order) is not None


def test_one_machine_code_serves_every_problem() -> None:
    several = van("other", speed_factor=1.3)
    asked = problem(line(0, 10, 30), [van(), several], [visit("a", 1), visit("b", 2)])
    walked(town(5), iterations=1, seed=0)
    walked(asked, iterations=1, seed=0)
    assert len(annealing.run.signatures) == 1  # type: ignore[attr-defined]


def test_compiled_code_is_made_anew_when_another_module_changes() -> None:
    modules = kept.stamp(Path(kernel.__file__).parent)
    assert annealing.run._cache._cache_file._source_stamp[1] == modules  # type: ignore[attr-defined]
