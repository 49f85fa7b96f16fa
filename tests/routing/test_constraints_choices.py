"""Goods that can come in several ways, on days whose best plan is known by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from routing.explain import explain
from routing.faults import InvalidProblem
from routing.problem import Choice, Option, Problem, Shipment, Vehicle
from routing.quote import quote
from routing.rework import Strength, improve
from routing.schedule import schedule
from routing.solve import Budget, solve
from tests.routing.build import line, van, visit
from tests.routing.solved import left_out, routes, solved

DEPOTS = line(0, 200, 10, 190)
"""Two depots, and two places, each near one of them."""

VANS = (van("x", start=0, end=0, capacity=(9,)), van("y", start=1, end=1, capacity=(9,)))

FROM_X, FROM_Y = frozenset({0}), frozenset({1})


def either(price: int = 0, **more: Any) -> tuple[Choice, ...]:
    """The goods come by visit a, or by visit b at a price."""
    return (Choice("order", (Option(("a",)), Option(("b",), price)), **more),)


A = visit("a", 2, sources=FROM_X)
B = visit("b", 2, sources=FROM_Y)


def test_the_cheaper_option_is_taken() -> None:
    plan = solved(DEPOTS, VANS, [A, B], choices=either(), dimensions=("kg",))
    assert (routes(plan), plan.cost, left_out(plan)) == ({"x": "a"}, 20, "")


def test_an_option_with_a_price_is_taken_where_that_saves_more() -> None:
    near_y = [replace(A, place=3), replace(B, place=3)]
    for price, taken in ((359, {"y": "b"}), (361, {"x": "a"})):
        plan = solved(DEPOTS, VANS, near_y, choices=either(price), dimensions=("kg",))
        assert routes(plan) == taken
        assert plan.objective == {359: 20 + 359, 361: 380}[price]


def test_the_depot_that_has_the_goods_on_a_van_that_drives_by_is_taken() -> None:
    beside = visit("c", 2, sources=FROM_Y)
    plan = solved(DEPOTS, VANS, [A, B, beside], choices=either(), dimensions=("kg",))
    # The second van passes anyway: to come from the near depot would cost 20 more.
    assert {frozenset(word) for word in routes(plan).values()} == {frozenset("bc")}


def test_what_one_depot_does_not_have_is_split_over_two() -> None:
    whole = visit("w", 3, sources=FROM_Y, delivered=(9,))
    halves = [visit("a", 2, sources=FROM_X, delivered=(4,)), visit("b", 2, sources=FROM_Y)]
    order = Choice("order", (Option(("w",)), Option(("a", "b"), 5)))
    plan = solved(DEPOTS, VANS, [whole, *halves], choices=(order,), dimensions=("kg",))
    assert (routes(plan), plan.price_options) == ({"y": "w"}, 0)
    full = [replace(VANS[0]), replace(VANS[1], capacity=(8,))]
    plan = solved(DEPOTS, full, [whole, *halves], choices=(order,), dimensions=("kg",))
    assert (routes(plan), plan.objective) == ({"x": "a", "y": "b"}, 20 + 380 + 5)


def test_goods_of_another_depot_may_be_fetched_on_the_way() -> None:
    fetched = [visit("p", 1), visit("a", 2)]
    order = Choice("order", (Option(("p", "a"), 30), Option(("b",))))
    for price in (0, 1000):
        plan = solved(
            DEPOTS,
            [VANS[0], replace(VANS[1], cost_fixed=price)],
            [*fetched, B],
            choices=(order,),
            shipments=(Shipment("p", "a", (3,)),),
            dimensions=("kg",),
        )
        assert routes(plan) == ({"x": "pa"} if price else {"y": "b"})


def test_a_choice_is_left_out_where_all_options_cost_more_than_its_price() -> None:
    plan = solved(DEPOTS, VANS, [A, B], choices=either(price_unplanned=19), dimensions=("kg",))
    assert (routes(plan), left_out(plan), plan.price_unplanned) == ({}, "ab", 19)
    codes = {reason.code for one in plan.unplanned for reason in one.reasons}
    assert codes == {"not_worth_it"}
    plan = solved(DEPOTS, VANS, [A, B], choices=either(price_unplanned=21), dimensions=("kg",))
    assert routes(plan) == {"x": "a"}


def test_an_option_is_planned_whole_or_not_at_all() -> None:
    order = Choice("order", (Option(("a", "b")),))
    short = (VANS[0], replace(VANS[1], capacity=(0,)))
    both = [A, replace(B, delivered=(1,))]
    plan = solved(DEPOTS, short, both, choices=(order,), dimensions=("kg",))
    assert left_out(plan) == "ab"
    told = {one.visit: {reason.code for reason in one.reasons} for one in plan.unplanned}
    assert told["a"] == {"option_incomplete"}
    assert told["b"] & {"over_capacity", "no_vehicle_skill"}


def test_of_two_choices_that_do_not_both_fit_the_one_of_higher_priority_is_planned() -> None:
    small = [replace(VANS[0], capacity=(1,), max_stops=1)]
    visits = [replace(A, delivered=(1,)), replace(A, id="c", delivered=(1,))]
    choices = (Choice("low", (Option(("a",)),)), Choice("high", (Option(("c",)),), None, 1))
    plan = solved(DEPOTS, small, visits, choices=choices, dimensions=("kg",))
    assert (routes(plan), left_out(plan)) == ({"x": "c"}, "a")


def day(*visits: Any, choices: Sequence[Choice], vans: Sequence[Vehicle] = VANS) -> Problem:
    return Problem(
        tuple(vans), tuple(visits), {"car": DEPOTS}, dimensions=("kg",), choices=tuple(choices)
    )


def test_a_start_with_two_options_or_half_of_one_is_mended() -> None:
    asked = day(A, B, choices=either())
    both = schedule(asked, {"x": ["a"], "y": ["b"]})
    assert [v.code for v in both.violations] == ["choice"]
    assert solve(asked, Budget(iterations=0), start=both).violations == ()
    half = day(A, B, choices=[Choice("order", (Option(("a", "b")),))])
    found = solve(half, Budget(iterations=50), start=schedule(half, {"x": ["a"]}))
    assert sorted(step.visit for route in found.routes for step in route.steps) == ["a", "b"]


def test_questions_about_an_option() -> None:
    asked = day(A, B, choices=either(price_unplanned=5))
    plan = solve(asked, Budget(iterations=50))
    assert [way.cost for way in quote(asked, plan, "a")] == [20]
    assert {reason.code for reason in explain(asked, plan, "a").reasons} == {"not_worth_it"}
    taken = schedule(asked, {"x": ["a"]})
    with pytest.raises(InvalidProblem, match="other_option"):
        quote(asked, taken, "b")
    split = day(A, B, choices=[Choice("order", (Option(("a", "b")),), 1)])
    plan = solve(split, Budget(iterations=50))
    with pytest.raises(InvalidProblem, match="option_of_several"):
        quote(split, plan, "a")
    assert explain(split, plan, "a").relaxations == ()


def test_a_running_plan_goes_on_with_the_options_that_it_has() -> None:
    asked = day(A, B, visit("c", 3), choices=either())
    plan = schedule(asked, {"y": ["b", "c"]})
    strengths: tuple[Strength, ...] = ("reorder", "redistribute")
    for strength in strengths:
        better = improve(asked, plan, Budget(iterations=100), strength=strength)
        assert better.solution.objective <= plan.objective
        assert better.solution.violations == ()
    changed = improve(
        asked, plan, Budget(iterations=100), strength="reorder_changed", changed=["x"]
    )
    assert changed.solution.sequences == plan.sequences


@pytest.mark.parametrize(
    ("choices", "more", "codes"),
    [
        ([Choice("order", ())], {}, {"no_option"}),
        ([Choice("order", (Option(()),))], {}, {"no_visit"}),
        ([Choice("order", (Option(("ghost",)),))], {}, {"unknown_visit"}),
        ([Choice("order", (Option(("a",)), Option(("a",))))], {}, {"visit_twice"}),
        ([Choice("order", (Option(("a",), -1),))], {}, {"negative_number"}),
        ([Choice("o", (Option(("a",)),)), Choice("o", (Option(("b",)),))], {}, {"duplicate_id"}),
        (either(), {"visits": (replace(A, price_unplanned=3), B)}, {"choice_and_price"}),
        (either(), {"visits": (replace(A, priority=3), B)}, {"choice_and_price"}),
        (either(), {"vehicles": (replace(VANS[0], prefix=("a",)),)}, {"choice_and_lock"}),
        (either(), {"shipments": (Shipment("a", "b"),)}, {"choice_and_shipment"}),
    ],
)
def test_a_choice_that_is_none_is_refused(
    choices: Sequence[Choice], more: dict[str, Any], codes: set[str]
) -> None:
    usual: dict[str, Any] = {"vehicles": VANS, "visits": (A, B), "matrices": {"car": DEPOTS}}
    with pytest.raises(InvalidProblem) as caught:
        Problem(**{**usual, "dimensions": ("kg",), "choices": tuple(choices), **more})
    assert {fault.code for fault in caught.value.faults} == codes
