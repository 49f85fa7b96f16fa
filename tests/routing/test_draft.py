from __future__ import annotations

from hypothesis import given, settings

from routing import rules
from routing.check import check
from routing.draft import Draft, first_plan
from routing.feasible import feasible_cost
from routing.problem import Problem
from routing.schedule import solution
from routing.tables import Tables
from tests.routing.build import line, problem, van, visit
from tests.routing.random_problems import problems


def test_a_visit_goes_where_it_costs_least() -> None:
    visits = [visit(name, place) for name, place in (("a", 1), ("b", 3), ("c", 2))]
    tables = Tables(problem(line(0, 10, 20, 30), [van(), van("other")], visits))
    spot = Draft(tables, {0: [0, 1]}).best(2)
    assert spot is not None
    assert (spot.cost, spot.vehicle) == (0, 0)


def test_a_new_vehicle_is_paid_for() -> None:
    visits = [visit("a", 1, (0, 20)), visit("b", 2, (0, 20))]
    vans = [van(cost_fixed=100), van("other", cost_fixed=100)]
    tables = Tables(problem(line(0, 15, -15), vans, visits))
    spot = Draft(tables, {0: [0]}).best(1)
    assert spot is not None
    assert (spot.cost, spot.vehicle) == (130, 1)


def test_leaving_out_what_costs_more_than_it_is_worth() -> None:
    visits = [visit("far", 1, price_unplanned=199), visit("near", 2, price_unplanned=20)]
    draft = first_plan(Tables(problem(line(0, 100, 10), [van()], visits)), {})
    assert draft.orders == {0: [1]}


@settings(deadline=None)
@given(problems())
def test_a_first_plan_passes_the_judge(asked: Problem) -> None:
    tables = Tables(asked)
    draft = first_plan(tables, {})
    found = check(asked, solution(tables, draft.orders))
    assert [v for v in found if v.code != "must_be_planned"] == []


@settings(deadline=None)
@given(problems(max_visits=5, max_vehicles=3))
def test_no_gap_that_would_do_is_missed(asked: Problem) -> None:
    tables = Tables(asked)
    draft = first_plan(tables, {})
    # Shipments, and halts to load again, go in at once with a visit: they have their own tests.
    out = {index for order in draft.orders.values() for index in order} | set(tables.partner)
    asked_again = any(vehicle.reloads for vehicle in asked.vehicles)
    for index in set() if asked_again else set(range(len(tables.visits))) - out:
        costs = [
            cost - (feasible_cost(tables, vehicle, order) or 0)
            for vehicle in range(len(tables.vehicles))
            for order in [draft.orders.get(vehicle, [])]
            for k in range(len(order) + 1)
            for longer in [[*order[:k], index, *order[k:]]]
            if not list(rules.of_plan(tables, {**draft.orders, vehicle: longer}))
            and (cost := feasible_cost(tables, vehicle, longer)) is not None
        ]
        spot = draft.best(index)
        assert (spot is None) == (not costs)
        assert spot is None or spot.cost == min(costs)
