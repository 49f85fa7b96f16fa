"""What a dispatcher asks about a plan: where would it go, why not, what changed, which is best."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing.check import check
from routing.compare import compare
from routing.explain import explain
from routing.problem import InvalidProblem, Problem, Reload, Window
from routing.quote import quote
from routing.rework import Strength, changes, improve
from routing.schedule import schedule
from routing.solution import Solution
from routing.solve import Budget, solve
from tests.routing import brute_force
from tests.routing.build import line, problem, town, van, visit
from tests.routing.random_problems import problems


def test_a_quote_names_the_detour_and_whom_it_moves() -> None:
    visits = [visit("a", 1), visit("b", 2, due=22, cost_per_late_h=3600), visit("new", 3)]
    asked = problem(line(0, 10, 20, -5), [van()], [*visits[:2], replace(visits[2], service_s=7)])
    plan = schedule(asked, {"van": ["a", "b"]})
    first, *_ = quote(asked, plan, "new")
    # There and back again, from the end of the route: nobody is moved by it.
    assert (first.vehicle, first.cost, first.moved) == ("van", 10, ())
    assert first.route.sequence == ("a", "b", "new")


def test_a_quote_tells_what_becomes_late() -> None:
    visits = [visit("a", 1, due=10, cost_per_late_h=3600), visit("new", 2, (0, 5))]
    asked = problem(line(0, 10, -5), [van(shift=Window(0, 1000))], visits)
    plan = schedule(asked, {"van": ["a"]})
    (only,) = quote(asked, plan, "new")
    assert [(one.visit, one.by_s, one.late_s) for one in only.moved] == [("a", 10, 10)]
    assert only.cost == 10 + 10


def test_a_quote_offers_another_vehicle_and_another_trip() -> None:
    again = (Reload("again", 0, 60),)
    vans = [van("full", capacity=(1,), reloads=again), van("free", capacity=(1,), cost_fixed=70)]
    visits = [visit("a", 1, delivered=(1,)), visit("new", 2, delivered=(1,))]
    asked = problem(line(0, 10, 20), vans, visits, "boxes")
    plan = schedule(asked, {"full": ["a"]})
    ways = quote(asked, plan, "new")
    assert [(way.vehicle, way.cost, way.new_vehicle, way.new_trip) for way in ways] == [
        ("full", 40, False, True),
        ("free", 110, True, False),
    ]


def test_what_fits_nowhere_is_quoted_with_what_it_breaks() -> None:
    visits = [visit("a", 1), visit("new", 2, (0, 5))]
    asked = problem(line(0, 10, 20), [van()], visits)
    plan = schedule(asked, {"van": ["a"]})
    ways = quote(asked, plan, "new")
    assert ways[0].violations
    assert {violation.code for violation in ways[0].violations} == {"late"}


@pytest.mark.parametrize(("name", "code"), [("a", "visit_twice"), ("x", "unknown_visit")])
def test_a_quote_for_what_cannot_be_asked_is_refused(name: str, code: str) -> None:
    asked = problem(line(0, 10), [van()], [visit("a", 1)])
    with pytest.raises(InvalidProblem) as caught:
        quote(asked, schedule(asked, {"van": ["a"]}), name)
    assert [fault.code for fault in caught.value.faults] == [code]


def several(asked: Problem) -> set[str]:
    """Return the visits that are planned only with others."""
    options = [option.visits for choice in asked.choices for option in choice.options]
    return {name for names in options if len(names) > 1 for name in names}


def one_left_out(asked: Problem) -> tuple[Solution, str]:
    plan = solve(asked, Budget(iterations=30))
    if not plan.unplanned:
        routes = plan.sequences
        assume(any(routes.values()))
        vehicle = next(iter(routes))
        locked = {n for v in asked.vehicles for n in (*v.prefix, *v.suffix)}
        paired = {n for s in asked.shipments for n in (s.pickup, s.delivery)}
        out = [step.visit for route in plan.routes for step in route.visits][-1]
        assume(out not in locked | paired | several(asked) and len(routes[vehicle]) > 1)
        routes = {v: tuple(n for n in names if n != out) for v, names in routes.items()}
        plan = schedule(asked, routes)
        assume(not plan.violations)
    name = plan.unplanned[0].visit
    assume(name not in several(asked))
    return plan, name


@settings(deadline=None, max_examples=60)
@given(problems().filter(lambda p: p.vehicles and p.visits))
def test_a_quote_is_what_schedule_says_to_the_second(asked: Problem) -> None:
    plan, name = one_left_out(asked)
    for way in quote(asked, plan, name):
        found = schedule(asked, {**plan.sequences, way.vehicle: way.route.sequence})
        route = next(route for route in found.routes if route.vehicle == way.vehicle)
        assert route == way.route
        if not way.violations:
            assert found.violations == ()
            assert found.cost - plan.cost == way.cost


@settings(deadline=None, max_examples=30)
@given(problems(max_visits=5, max_vehicles=2).filter(lambda p: p.vehicles and p.visits))
def test_a_relaxation_gives_the_price_that_is_told(asked: Problem) -> None:
    plan, name = one_left_out(asked)
    found = explain(asked, plan, name)
    assert found.reasons
    for one in found.relaxations:
        again = schedule(one.problem, one.solution.sequences)
        assert again.objective == one.solution.objective
        assert {v.code for v in check(one.problem, one.solution)} <= {"must_be_planned"}
        assert name in {step.visit for route in again.routes for step in route.visits}


def test_relaxations_are_known_by_hand() -> None:
    visits = [visit("a", 1, price_unplanned=500), visit("late", 2, (0, 15), skills=frozenset("s"))]
    asked = problem(line(0, 10, 20), [van(skills=frozenset("s"), cost_fixed=30)], visits)
    plan = schedule(asked, {"van": ["a"]})
    told = {
        (one.kind, one.who, one.amount, one.price)
        for one in explain(asked, plan, "late").relaxations
    }
    # The place is 20 s away whoever drives there, and then 20 m of way more than to "a" and back.
    assert ("window", "late", 5, 20) in told
    assert not any(kind == "vehicle" for kind, *_ in told)


def test_a_longer_shift_is_told_with_its_minutes() -> None:
    asked = problem(
        line(0, 600, -900), [van(shift=Window(0, 1300))], [visit("a", 1), visit("b", 2)]
    )
    plan = schedule(asked, {"van": ["a"]})
    told = explain(asked, plan, "b").relaxations
    assert [(one.kind, one.amount, one.price) for one in told if one.kind == "overtime"] == [
        ("overtime", 1700, 1800)
    ]
    assert "drop" not in {one.kind for one in told}


def test_a_window_and_a_shift_may_both_have_to_give() -> None:
    late = visit("late", 1, (0, 50))
    asked = problem(line(0, 100), [van(shift=Window(0, 110))], [late])
    # It is reached 50 s late, and the van is back 90 s after its shift; another van would be too.
    (told,) = explain(asked, schedule(asked, {}), "late").relaxations
    assert (told.kind, told.amount, told.price) == ("window_and_overtime", 50 + 90, 200)
    assert told.words == "a window 1 min later and van 2 min longer"


def test_explaining_what_is_planned_is_refused() -> None:
    asked = problem(line(0, 10), [van()], [visit("a", 1)])
    with pytest.raises(InvalidProblem) as caught:
        explain(asked, schedule(asked, {"van": ["a"]}), "a")
    assert [fault.code for fault in caught.value.faults] == ["not_left_out"]


def test_only_the_order_of_changed_routes_changes() -> None:
    asked = problem(
        line(0, 10, 20, 30, 40),
        [van("one"), van("two")],
        [visit(n, k) for k, n in enumerate("abcd", 1)],
    )
    plan = schedule(asked, {"one": ["b", "a", "c"], "two": ["d"]})
    worse = schedule(asked, {"one": ["c", "a", "b"], "two": ["d"]})
    found = improve(
        asked, worse, Budget(iterations=300), strength="reorder_changed", changed=["one"]
    )
    assert {r.vehicle: {s.visit for s in r.steps} for r in found.solution.routes} == {
        "one": {"a", "b", "c"},
        "two": {"d"},
    }
    assert found.saved == worse.objective - found.solution.objective > 0
    assert {change.why for change in found.changes} <= {"order", "time"}
    untouched = improve(asked, plan, Budget(iterations=300), strength="reorder_changed")
    assert untouched.solution.sequences == plan.sequences


def test_redistributing_empties_a_van_and_says_who_moved() -> None:
    asked = problem(
        line(0, 10, 20),
        [van("one", cost_fixed=100), van("two", cost_fixed=100)],
        [visit("a", 1), visit("b", 2)],
    )
    plan = schedule(asked, {"one": ["a"], "two": ["b"]})
    kept = improve(asked, plan, Budget(iterations=300), strength="reorder")
    assert kept.changes == ()
    found = improve(asked, plan, Budget(iterations=300))
    assert found.saved == 120
    assert [change.why for change in found.changes if change.before != change.after] == ["vehicle"]


@settings(deadline=None, max_examples=40)
@given(
    problems(),
    st.sampled_from(["reorder_changed", "reorder", "redistribute"]),
    st.sets(st.sampled_from([f"van {k}" for k in range(4)])),
)
def test_a_reworked_plan_is_never_worse_and_keeps_what_it_must(
    asked: Problem, how: Strength, changed: set[str]
) -> None:
    plan = solve(asked, Budget(iterations=5))
    found = improve(asked, plan, Budget(iterations=20), strength=how, changed=changed)
    assert {v.code for v in check(asked, found.solution)} <= {"must_be_planned"}
    assert brute_force.worth(asked, found.solution) <= brute_force.worth(asked, plan)
    if how == "reorder_changed":
        touched = {v for c in found.changes for v in (c.before, c.after) if v is not None}
        assert touched <= changed
    if how != "redistribute":
        assert "vehicle" not in {change.why for change in found.changes}


def test_plans_side_by_side() -> None:
    vans = [van("one", co2_g_per_km=200, shift=Window(0, 1000), overtime_from=25)]
    asked = problem(line(0, 10, 20), vans, [visit("a", 1, due=5), visit("b", 2)])
    short = schedule(asked, {"one": ["a"]})
    long = schedule(asked, {"one": ["a", "b"]})
    found = compare({"short": (asked, short), "long": (asked, long)})
    assert (found["short"].num_unplanned, found["long"].num_unplanned) == (1, 0)
    assert (found["long"].distance_m, found["long"].co2_g, found["long"].overtime_s) == (40, 8, 15)
    assert (found["long"].num_late, found["long"].late_s) == (1, 5)
    assert (found["short"].num_changes, found["long"].num_changes) == (0, 1)
    assert [change.why for change in changes(long, short)] == ["left_out"]


def test_a_what_if_leaves_the_first_problem_alone() -> None:
    asked = town(12)
    plan = solve(asked, Budget(iterations=200))
    less = replace(asked, vehicles=asked.vehicles[:-1])
    found = compare(
        {"now": (asked, plan), "one van less": (less, solve(less, Budget(iterations=200)))}
    )
    assert len(asked.vehicles) == len(less.vehicles) + 1
    assert set(found) == {"now", "one van less"}


def test_many_may_ask_about_one_plan_at_once() -> None:
    again = (Reload("again", 0, 60),)
    asked = town(60, 6)
    vans = tuple(replace(each, capacity=(6,), reloads=again) for each in asked.vehicles)
    asked = replace(asked, vehicles=vans)
    some = replace(asked, visits=asked.visits[:-8])
    plan = schedule(asked, solve(some, Budget(iterations=50)).sequences)
    names = [each.visit for each in plan.unplanned]
    alone = {name: quote(asked, plan, name) for name in names}
    with ThreadPoolExecutor(8) as crowd:
        told = list(crowd.map(lambda name: (name, quote(asked, plan, name)), names * 60))
    assert all(ways == alone[name] for name, ways in told)
