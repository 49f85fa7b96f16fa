"""Loading again and shipments, on days whose best plan is known by hand; 1 a metre."""

from __future__ import annotations

from typing import Any

from routing.problem import Reload, Shipment, Window
from tests.routing.build import line, van, visit
from tests.routing.solved import left_out, only, routes, solved, starts

BOTH_SIDES = line(0, 100, -100)
KG: dict[str, Any] = {"dimensions": ("kg",)}


def loading(**changes: Any) -> Any:
    usual: dict[str, Any] = {"capacity": (3,), "reloads": (Reload("r", 0),)}
    return van(**{**usual, **changes})


FULL = [visit("a", 1, delivered=(3,)), visit("b", 2, delivered=(3,))]


def test_a_van_loads_again_where_that_is_cheaper_than_another_van() -> None:
    vans = [loading(cost_fixed=50), van("spare", capacity=(3,), cost_fixed=50)]
    plan = solved(BOTH_SIDES, vans, FULL, **KG)
    assert plan.cost == 400 + 50
    assert routes(plan)["van"] in {"arb", "bra"}
    assert only(plan).start_load == (3,)


def test_no_van_loads_more_often_than_it_may() -> None:
    assert len(left_out(solved(BOTH_SIDES, [loading(max_trips=1)], FULL, **KG))) == 1


def test_a_van_that_may_load_without_end_loads_as_often_as_is_of_use() -> None:
    plan = solved(BOTH_SIDES, [loading(max_trips=2**31 - 1)], FULL, **KG)
    assert plan.cost == 400


def test_loading_takes_its_time_within_its_window() -> None:
    stop = Reload("r", 0, 30, Window(500, 600))
    plan = solved(BOTH_SIDES, [loading(reloads=(stop,), cost_per_h=3600)], FULL, **KG)
    # There at 500 sharp, having left at 300; 30 s to load; back at 730.
    assert (only(plan).departure, only(plan).arrival) == (300, 730)
    assert plan.cost == 400 + 430


def test_a_second_wave_leaves_when_its_goods_are_ready() -> None:
    visits = [visit("a", 1, (0, 100), delivered=(1,)), visit("b", 2, ready=500, delivered=(1,))]
    plan = solved(BOTH_SIDES, [loading()], visits, **KG)
    # The van has room for both, but must be at a before b is ready.
    assert (routes(plan), starts(only(plan))) == ({"van": "arb"}, [100, 200, 600])


def test_goods_of_another_depot_are_loaded_on_the_way() -> None:
    stop = Reload("r", 1, 0)
    visits = [visit("b", 2, sources=frozenset({1}))]
    plan = solved(BOTH_SIDES, [van(reloads=(stop,))], visits)
    assert (routes(plan), plan.cost) == ({"van": "rb"}, 100 + 200 + 100)


def test_a_shipment_is_picked_up_before_it_is_delivered() -> None:
    visits = [visit("a", 1), visit("b", 2)]
    for pickup, delivery in ("ab", "ba"):
        pair = Shipment(pickup, delivery, (2,))
        plan = solved(BOTH_SIDES, [van(capacity=(2,))], visits, shipments=(pair,), **KG)
        assert (routes(plan), plan.cost) == ({"van": pickup + delivery}, 400)
        assert [step.load for step in only(plan).steps] == [(2,), (0,)]


def test_half_a_shipment_is_never_planned() -> None:
    visits = [visit("a", 1), visit("b", 2, (0, 50))]
    plan = solved(BOTH_SIDES, [van()], visits, shipments=(Shipment("a", "b"),))
    assert (plan.routes, left_out(plan)) == ((), "ab")


def test_two_shipments_that_do_not_fit_at_once_follow_each_other() -> None:
    places = line(0, 10, 20, 30, 40)
    visits = [visit(name, k + 1) for k, name in enumerate("abcd")]
    both = (Shipment("a", "c", (2,)), Shipment("b", "d", (2,)))
    wide = solved(places, [van(capacity=(4,))], visits, shipments=both, **KG)
    narrow = solved(places, [van(capacity=(3,))], visits, shipments=both, **KG)
    # At once: out and back. One after the other, it goes back from c to b: 10 more each way.
    assert (wide.cost, narrow.cost) == (80, 80 + 20)
    assert routes(narrow) == {"van": "acbd"}
