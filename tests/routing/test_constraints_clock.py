"""What the clock asks for, on days whose best plan is known by hand; 1 a metre."""

from __future__ import annotations

from typing import Any

import pytest

from routing.problem import Break, Matrix, Rest, Stability, Window
from routing.solution import Pause
from tests.routing.build import line, van, visit
from tests.routing.solved import left_out, only, routes, solved, starts

PER_SECOND = 3600
"""A price per hour that is 1 a second."""

NEAR_FAR = line(0, 100, 200)
BOTH_SIDES = line(0, 100, -100)


def lunch(first: int, last: int, lasts: int) -> dict[str, Any]:
    return {"breaks": (Break("lunch", Window(first, last), lasts),)}


def test_a_break_while_waiting_for_a_window_is_free() -> None:
    visits = [visit("a", 1, (0, 100)), visit("b", 2, (500, 600))]
    plan = solved(NEAR_FAR, [van(cost_per_h=PER_SECOND, **lunch(200, 400, 150))], visits)
    # At b from 200 on, which opens at 500 and is 200 from home: 700 s and 400 m as without it.
    assert plan.cost == 700 + 400
    assert starts(only(plan)) == [100, 500]
    assert [pause.id for pause in only(plan).pauses] == ["lunch"]


def test_a_break_delays_what_comes_after_it() -> None:
    visits = [visit("a", 1, (0, 100)), visit("b", 2, (200, 200)), visit("c", 3)]
    paid = van(cost_per_h=PER_SECOND, **lunch(200, 200, 100))
    plan = solved(line(0, 100, 200, 300), [paid], visits)
    assert only(plan).pauses == (Pause("lunch", 1, True, 200, 100),)
    assert starts(only(plan)) == [100, 200, 400]
    assert plan.cost == 700 + 600


def test_a_break_is_not_needed_by_who_is_back_before_its_window_ends() -> None:
    plan = solved(line(0, 100), [van(**lunch(100, 200, 50))], [visit("a", 1, (0, 100))])
    assert (only(plan).arrival, only(plan).pauses) == (200, ())


def test_a_break_is_needed_by_who_is_back_a_second_after_its_window() -> None:
    plan = solved(line(0, 100), [van(**lunch(100, 199, 50))], [visit("a", 1, (0, 100))])
    assert (only(plan).arrival, len(only(plan).pauses)) == (250, 1)


def test_a_break_is_taken_after_the_last_service_where_that_may_not_wait() -> None:
    plan = solved(line(0, 100), [van(**lunch(90, 150, 30))], [visit("a", 1, (0, 100), service_s=5)])
    assert only(plan).pauses == (Pause("lunch", 0, True, 105, 30),)
    assert only(plan).arrival == 235


def test_who_leaves_after_the_window_of_a_break_does_not_take_it() -> None:
    paid = van(cost_per_h=PER_SECOND, **lunch(0, 50, 500))
    plan = solved(line(0, 100), [paid], [visit("a", 1, (0, 400))])
    assert (only(plan).departure, only(plan).pauses) == (51, ())


def test_a_visit_that_a_break_leaves_no_time_for_is_left_out() -> None:
    visits = [visit("a", 1, (0, 100)), visit("b", 2, (200, 200))]
    plan = solved(NEAR_FAR, [van(**lunch(0, 150, 10))], visits)
    assert len(left_out(plan)) == 1


def test_rest_is_taken_before_too_much_is_driven() -> None:
    paid = van(cost_per_h=PER_SECOND, rest=Rest(250, 60))
    plan = solved(NEAR_FAR, [paid], [visit("a", 1), visit("b", 2)])
    # 200 of 400 s of driving are done at b whatever comes first; at a it would be too early.
    assert plan.cost == 400 + 460
    assert sum(pause.duration_s for pause in only(plan).pauses) == 60
    assert routes(plan)["van"][only(plan).pauses[0].step] == "b"


def test_a_break_that_is_long_enough_is_a_rest() -> None:
    paid = van(cost_per_h=PER_SECOND, rest=Rest(250, 60), **lunch(150, 250, 60))
    plan = solved(NEAR_FAR, [paid], [visit("a", 1, (0, 100)), visit("b", 2)])
    assert [pause.id for pause in only(plan).pauses] == ["lunch"]
    assert plan.cost == 400 + 460


def test_a_leg_longer_than_may_be_driven_without_rest_is_not_driven() -> None:
    plan = solved(line(0, 100, 300), [van(rest=Rest(150, 10))], [visit("a", 1), visit("b", 2)])
    assert (routes(plan), left_out(plan)) == ({"van": "a"}, "b")


@pytest.mark.parametrize(("price", "num_routes", "cost"), [(720, 1, 470), (PER_SECOND, 2, 500)])
def test_overtime_is_driven_where_it_is_cheaper_than_another_van(
    price: int, num_routes: int, cost: int
) -> None:
    vans = [van(name, cost_fixed=50, overtime_from=300, cost_per_overtime_h=price) for name in "xy"]
    plan = solved(BOTH_SIDES, vans, [visit("a", 1), visit("b", 2)])
    # One van: 400 m, 50 fixed, 100 s of overtime. Two: 400 m, 100 fixed.
    assert (len(plan.routes), plan.cost) == (num_routes, cost)


def test_overtime_never_goes_past_the_end_of_the_shift() -> None:
    shift = Window(0, 399)
    vans = [
        van(name, cost_fixed=50, shift=shift, overtime_from=300, cost_per_overtime_h=1)
        for name in "xy"
    ]
    assert len(solved(BOTH_SIDES, vans, [visit("a", 1), visit("b", 2)]).routes) == 2


def test_lateness_is_paid_up_to_the_end_of_the_window() -> None:
    soft: dict[str, Any] = {"due": 50, "cost_per_late_h": PER_SECOND}
    assert solved(line(0, 100), [van()], [visit("a", 1, (0, 100), **soft)]).cost == 200 + 50
    assert left_out(solved(line(0, 100), [van()], [visit("a", 1, (0, 99), **soft)])) == "a"


def test_what_is_due_is_served_first() -> None:
    visits = [visit("a", 1), visit("b", 2, due=100, cost_per_late_h=PER_SECOND)]
    plan = solved(BOTH_SIDES, [van()], visits)
    assert (routes(plan), plan.cost) == ({"van": "ba"}, 400)


def rush(until: int) -> Matrix:
    """Three times as slow until a second."""
    slow, fast = line(0, 300), line(0, 100)
    return Matrix(slow.durations, fast.distances, hours=((until, fast.durations),))


def test_a_vehicle_leaves_after_the_rush() -> None:
    plan = solved(rush(1000), [van(cost_per_h=PER_SECOND)], [visit("a", 1)])
    assert (only(plan).departure, only(plan).arrival, plan.cost) == (1000, 1200, 200 + 200)


def test_a_leg_takes_what_the_second_of_leaving_says_all_the_way() -> None:
    plan = solved(rush(1000), [van(cost_per_h=PER_SECOND)], [visit("a", 1, (0, 1000))])
    # Out by 999, slowly; back from 1000 on, fast.
    assert (only(plan).departure, only(plan).arrival, plan.cost) == (700, 1100, 200 + 400)


def test_driving_alone_is_paid_by_the_hour_of_leaving_too() -> None:
    plan = solved(rush(1000), [van(cost_per_drive_h=PER_SECOND)], [visit("a", 1)])
    assert (only(plan).departure, only(plan).drive_s, plan.cost) == (1000, 200, 200 + 200)


def test_a_vehicle_waits_for_goods_that_are_not_ready() -> None:
    plan = solved(line(0, 100), [van()], [visit("a", 1, (0, 600), ready=500)])
    assert (only(plan).departure, starts(only(plan))) == (500, [600])
    assert left_out(solved(line(0, 100), [van()], [visit("a", 1, (0, 599), ready=500)])) == "a"


def test_who_must_be_early_does_not_go_with_what_is_ready_late() -> None:
    visits = [visit("a", 1, (0, 300)), visit("b", 2, ready=500)]
    plan = solved(NEAR_FAR, [van("x"), van("y")], visits)
    assert (sorted(routes(plan).values()), plan.cost) == (["a", "b"], 200 + 400)


def test_service_lasts_what_the_type_of_vehicle_says() -> None:
    bike = van("bike", cost_per_h=PER_SECOND, type="bike", cost_fixed=50)
    vans = [van(cost_per_h=PER_SECOND), bike]
    plan = solved(
        line(0, 100), vans, [visit("a", 1, service_s=100, service_s_by_type={"bike": 20})]
    )
    # The van: 200 m and 300 s. The bike: 200 m, 220 s and 50.
    assert (routes(plan), plan.cost) == ({"bike": "a"}, 470)


MOVED: dict[str, Any] = {"stability": Stability(cost_per_moved_h=PER_SECOND)}


def test_a_promised_time_is_kept_where_that_costs_nothing() -> None:
    plan = solved(line(0, 100), [van()], [visit("a", 1, promised=500)], **MOVED)
    assert (starts(only(plan)), plan.cost) == ([500], 200)


@pytest.mark.parametrize(("first", "second", "order"), [(100, 300, "ab"), (300, 100, "ba")])
def test_promised_times_decide_the_order(first: int, second: int, order: str) -> None:
    visits = [visit("a", 1, promised=first), visit("b", 2, promised=second)]
    plan = solved(BOTH_SIDES, [van()], visits, **MOVED)
    assert (routes(plan), plan.cost) == ({"van": order}, 400)


def test_a_promise_that_cannot_be_kept_costs_each_second() -> None:
    assert solved(line(0, 100), [van()], [visit("a", 1, promised=60)], **MOVED).cost == 200 + 40


def test_nobody_waits_on_the_way_for_a_promised_time() -> None:
    visits = [visit("a", 1, promised=100), visit("b", 2, promised=400)]
    plan = solved(BOTH_SIDES, [van()], visits, **MOVED)
    # b comes 200 s after a and was promised 300 s after: 100 s are moved, however it leaves.
    assert plan.cost == 400 + 100
    assert starts(only(plan))[1] - starts(only(plan))[0] == 200


def test_the_window_that_costs_least_is_chosen() -> None:
    paid = van(cost_per_h=PER_SECOND)
    plan = solved(line(0, 100), [paid], [visit("a", 1, (0, 50), (400, 450))])
    assert (starts(only(plan)), plan.cost) == ([400], 400)


@pytest.mark.parametrize(("most", "num_routes"), [(700, 1), (699, 2)])
def test_waiting_counts_in_the_duration_of_a_route(most: int, num_routes: int) -> None:
    visits = [visit("a", 1, (0, 100)), visit("b", 2, (500, 600))]
    vans = [van(name, max_duration_s=most) for name in "xy"]
    assert len(solved(NEAR_FAR, vans, visits).routes) == num_routes
