"""Who serves whom, with whom and from where, on days whose best plan is known by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from routing.problem import Balance, Stability, Vehicle
from tests.routing.build import line, van, visit
from tests.routing.solved import left_out, only, routes, solved

BOTH_SIDES = line(0, 100, -100)

DEPOTS = line(0, 200, 10, 190)
"""Two depots, and two places, each near one of them."""


def both_depots(**changes: Any) -> list[Vehicle]:
    return [van("x", start=0, end=0, **changes), van("y", start=1, end=1, **changes)]


@pytest.mark.parametrize(
    "pin", [{"vehicles": frozenset({"dear"})}, {"not_vehicles": frozenset({"cheap"})}]
)
def test_a_visit_goes_to_a_vehicle_that_may_serve_it(pin: dict[str, Any]) -> None:
    vans = [van("cheap"), van("dear", cost_per_km=3000)]
    plan = solved(BOTH_SIDES, vans, [visit("a", 1, **pin), visit("b", 2)])
    assert (routes(plan), plan.cost) == ({"cheap": "b", "dear": "a"}, 200 + 600)


def test_a_visit_for_no_vehicle_is_left_out() -> None:
    assert left_out(solved(BOTH_SIDES, [van()], [visit("a", 1, vehicles=frozenset())])) == "a"


def test_goods_come_from_a_depot_that_has_them() -> None:
    far = visit("a", 2, sources=frozenset({1}))
    plan = solved(DEPOTS, both_depots(), [far, visit("b", 3)])
    # Both from depot 1 at 200, the farther one at 10; from depot 0 the first would cost 20.
    assert (set(routes(plan)), plan.cost) == ({"y"}, 380)


def test_without_a_word_for_it_goods_come_from_the_nearest_depot() -> None:
    plan = solved(DEPOTS, both_depots(), [visit("a", 2), visit("b", 3)])
    assert (routes(plan), plan.cost) == ({"x": "a", "y": "b"}, 20 + 20)


def test_visits_that_belong_together_share_a_vehicle() -> None:
    visits = [visit("a", 2, together="order"), visit("b", 3, together="order")]
    plan = solved(DEPOTS, both_depots(), visits)
    # Apart they would cost 20 each; one van drives 190 out and back, whichever it is.
    assert (len(plan.routes), plan.cost) == (1, 380)


def test_visits_that_must_be_apart_do_not_share_a_vehicle() -> None:
    apart: dict[str, Any] = {"apart": frozenset({"acid"})}
    visits = [visit("a", 1, **apart), visit("b", 2, **apart), visit("c", 2)]
    plan = solved(line(0, 10, 20), [van("x"), van("y")], visits)
    assert plan.cost == 20 + 40
    assert {"a", "bc", "cb"} >= set(routes(plan).values())


def test_visits_apart_by_different_words_may_share_a_vehicle() -> None:
    words = [frozenset({"acid"}), frozenset({"food"})]
    visits = [visit(name, 1, apart=word) for name, word in zip("ab", words, strict=True)]
    assert len(solved(BOTH_SIDES, [van("x"), van("y")], visits).routes) == 1


ROUND = line(0, 100, -100, 50)
"""The shortest round over a, b and c is 400."""


@pytest.mark.parametrize(
    ("locks", "order", "cost"),
    [
        ({"prefix": ("c", "b")}, "cba", 50 + 150 + 200 + 100),
        ({"suffix": ("b", "c")}, "abc", 100 + 200 + 150 + 50),
        ({"prefix": ("a",), "suffix": ("c",)}, "abc", 100 + 200 + 150 + 50),
        ({"prefix": ("b", "a", "c"), "locked": True}, "bac", 100 + 200 + 50 + 50),
    ],
)
def test_a_route_begins_and_ends_as_it_is_locked(
    locks: dict[str, Any], order: str, cost: int
) -> None:
    visits = [visit(name, k + 1) for k, name in enumerate("abc")]
    plan = solved(ROUND, [van(**locks)], visits)
    assert (routes(plan), plan.cost) == ({"van": order}, cost)


def test_nothing_is_added_to_a_locked_route() -> None:
    visits = [visit("a", 1), visit("b", 2), visit("c", 3)]
    vans = [van("x", prefix=("a",), locked=True), van("y")]
    plan = solved(ROUND, vans, visits)
    # c is on the way to a, but y must drive 100 for it.
    assert routes(plan)["x"] == "a"
    assert plan.cost == 200 + 300


def test_a_locked_vehicle_without_a_prefix_stays_at_home() -> None:
    plan = solved(ROUND, [van(locked=True)], [visit("a", 1)])
    assert [reason.code for reason in plan.unplanned[0].reasons] == ["locked"]


def test_a_vehicle_whose_locks_cannot_be_kept_is_not_used() -> None:
    vans = [van("x", prefix=("a",)), van("y")]
    plan = solved(ROUND, vans, [visit("a", 1, (0, 99)), visit("b", 2)])
    assert (routes(plan), left_out(plan)) == ({"y": "b"}, "a")
    assert "window_unreachable" in {reason.code for reason in plan.unplanned[0].reasons}


def test_what_is_on_board_already_leaves_less_room() -> None:
    visits = [visit(name, 1, delivered=(2,)) for name in "ab"]
    vans = [van("x", capacity=(5,), load=(3,)), van("y", capacity=(2,))]
    plan = solved(BOTH_SIDES, vans, visits, dimensions=("kg",))
    assert plan.cost == 200 + 200
    assert {route.vehicle: route.start_load for route in plan.routes} == {"x": (5,), "y": (2,)}


@pytest.mark.parametrize(("price", "vehicle", "cost"), [(361, "y", 380), (359, "x", 20 + 359)])
def test_a_detour_up_to_the_price_keeps_the_vehicle(price: int, vehicle: str, cost: int) -> None:
    stability = Stability(cost_per_change=price)
    plan = solved(DEPOTS, both_depots(), [visit("a", 2, was="y")], stability=stability)
    assert (routes(plan), plan.cost) == ({vehicle: "a"}, cost)


@pytest.mark.parametrize(("most", "cost"), [(0, 380 + 380), (1, 380), (2, 20 + 20)])
def test_no_more_visits_change_vehicle_than_may(most: int, cost: int) -> None:
    visits = [visit("a", 2, was="y"), visit("b", 3, was="x")]
    stability = Stability(max_changes=most)
    # One van serves both for 380.
    assert solved(DEPOTS, both_depots(), visits, stability=stability).cost == cost


def test_a_vehicle_that_is_gone_costs_a_change() -> None:
    plan = solved(
        DEPOTS, both_depots(), [visit("a", 2, was="z")], stability=Stability(cost_per_change=7)
    )
    assert plan.cost == 20 + 7


@pytest.mark.parametrize(("price", "stops", "cost"), [(20, [4], 520), (110, [2, 2], 1280)])
def test_stops_are_shared_where_that_is_worth_the_way(
    price: int, stops: list[int], cost: int
) -> None:
    visits = [visit(name, 1) for name in "abcd"]
    plan = solved(BOTH_SIDES, [van("x"), van("y")], visits, balance=Balance(cost_per_stop2=price))
    # One van: 200 m and 16 prices. Two: 400 m and 8.
    assert [len(route.steps) for route in plan.routes] == stops
    assert plan.cost == cost


@pytest.mark.parametrize(("price", "num_routes", "cost"), [(40, 1, 368), (400, 2, 1282)])
def test_hours_are_shared_where_that_is_worth_the_way(
    price: int, num_routes: int, cost: int
) -> None:
    visits = [visit(name, 1, service_s=3600) for name in "ab"]
    plan = solved(BOTH_SIDES, [van("x"), van("y")], visits, balance=Balance(cost_per_h2=price))
    # One van: 123 min, 2.05 h, 4.2025 h2. Two: 63 min each, 1.1025 h2 each.
    assert (len(plan.routes), plan.cost) == (num_routes, cost)


@pytest.mark.parametrize(
    ("ends", "cost"),
    [
        ({"start": 0, "end": None}, 100),
        ({"start": None, "end": 0}, 100),
        ({"start": None, "end": None}, 0),
        ({"start": 0, "end": 2}, 300),
    ],
)
def test_a_route_begins_and_ends_where_the_vehicle_does(ends: dict[str, Any], cost: int) -> None:
    assert solved(BOTH_SIDES, [van(**ends)], [visit("a", 1)]).cost == cost


def test_each_load_dimension_has_its_own_limit() -> None:
    visits = [visit(name, 1, delivered=(2, 3)) for name in "ab"]
    vans = [van(name, capacity=(10, 5)) for name in "xy"]
    assert len(solved(BOTH_SIDES, vans, visits, dimensions=("kg", "l")).routes) == 2


def test_returns_fill_the_room_that_deliveries_leave() -> None:
    visits = [visit("a", 1, picked_up=(3,)), visit("b", 2, delivered=(3,))]
    plan = solved(BOTH_SIDES, [van(capacity=(3,))], visits, dimensions=("kg",))
    assert (routes(plan), plan.cost) == ({"van": "ba"}, 400)
    assert [only(plan).start_load, *(step.load for step in only(plan).steps)] == [(3,), (0,), (3,)]


@pytest.mark.parametrize(
    ("limit", "most"), [("max_distance_m", 400), ("max_drive_s", 400), ("max_stops", 2)]
)
def test_a_limit_is_reached_and_not_passed(limit: str, most: int) -> None:
    visits = [visit("a", 1), visit("b", 2)]
    for used, num_routes in ((most, 1), (most - 1, 2)):
        vans = [van(name, cost_fixed=9, **{limit: used}) for name in "xy"]
        assert len(solved(BOTH_SIDES, vans, visits).routes) == num_routes


def test_high_priority_stays_and_a_price_decides_among_the_rest() -> None:
    visits = [visit("a", 1, priority=1), visit("b", 1), visit("c", 1, price_unplanned=9000)]
    plan = solved(BOTH_SIDES, [van(max_stops=1)], visits)
    assert (routes(plan), left_out(plan), plan.price_unplanned) == ({"van": "a"}, "bc", 9000)


@pytest.mark.parametrize(("price", "served"), [(199, {}), (201, {"van": "a"})])
def test_a_visit_is_served_where_that_is_cheaper_than_its_price(
    price: int, served: dict[str, str]
) -> None:
    assert routes(solved(BOTH_SIDES, [van()], [visit("a", 1, price_unplanned=price)])) == served


def test_each_profile_has_its_own_matrix() -> None:
    vans = [van("car"), van("truck", profile="truck")]
    both = {"car": line(0, 100, 500), "truck": line(0, 900, 200)}
    plan = solved(both["car"], vans, [visit("a", 1), visit("b", 2)], matrices=both)
    assert (routes(plan), plan.cost) == ({"car": "a", "truck": "b"}, 200 + 400)


def test_only_a_vehicle_with_all_skills_serves() -> None:
    both = frozenset({"cold", "lift"})
    vans = [van("x", skills=frozenset({"cold"})), van("y", skills=both, cost_per_km=2000)]
    visits = [visit("a", 1, skills=both), visit("b", 2, skills=frozenset({"cold"}))]
    plan = solved(BOTH_SIDES, vans, visits)
    assert (routes(plan), plan.cost) == ({"x": "b", "y": "a"}, 200 + 400)


def test_a_start_that_breaks_rules_of_the_plan_is_mended() -> None:
    apart = [visit("a", 2), visit("b", 3)]
    first = solved(DEPOTS, both_depots(), apart)
    joined = [replace(each, together="order") for each in apart]
    assert solved(DEPOTS, both_depots(), joined, start=first).cost == 380
