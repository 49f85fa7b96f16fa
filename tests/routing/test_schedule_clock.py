"""The best times for an order with breaks, rests and hours, and what it cannot keep to."""

from __future__ import annotations

from collections.abc import Sequence

from routing.check import check
from routing.problem import Break, Matrix, Rest, Vehicle, Visit, Window
from routing.schedule import schedule
from routing.solution import Pause, Route
from tests.routing.build import line, problem, van, visit

PLACES = line(0, 100, 200)
EARLY = visit("a", 1, (0, 100))


def pause(first: int, last: int, lasts: int, name: str = "lunch") -> Break:
    return Break(name, Window(first, last), lasts)


def timed(vehicle: Vehicle, *visits: Visit) -> Route:
    return schedule(problem(PLACES, [vehicle], visits), {"van": [v.id for v in visits]}).routes[0]


def broken(vehicle: Vehicle, *visits: Visit) -> dict[str, int]:
    """What breaks when the van serves visits in order; the judge must name the same rules."""
    asked = problem(PLACES, [vehicle], visits)
    plan = schedule(asked, {"van": [v.id for v in visits]})
    found = {violation.code: violation.amount for violation in plan.violations}
    assert set(found) == {violation.code for violation in check(asked, plan)}
    return found


def test_a_break_comes_between_arriving_and_waiting() -> None:
    route = timed(van(breaks=(pause(250, 400, 150),)), EARLY, visit("b", 2, (500, 600)))
    at_b = route.steps[1]
    # There at 200, breaks from 250 to 400, waits until 500.
    assert route.pauses == (Pause("lunch", 1, False, 250, 150),)
    assert (at_b.arrival, at_b.pause_before_s, at_b.wait_s, at_b.service_start) == (
        200,
        200,
        100,
        500,
    )


def test_a_break_after_service_delays_leaving() -> None:
    late = visit("b", 2, (200, 200), service_s=20)
    at_b = timed(van(breaks=(pause(210, 300, 30),)), EARLY, late).steps[1]
    assert (at_b.service_end, at_b.pause_after_s, at_b.departure) == (220, 30, 250)


def test_two_breaks_follow_each_other_at_one_stop() -> None:
    both = (pause(100, 100, 30, "tea"), pause(100, 140, 50))
    route = timed(van(breaks=both), EARLY)
    assert route.pauses == (Pause("tea", 0, True, 100, 30), Pause("lunch", 0, True, 130, 50))
    assert (route.steps[0].pause_after_s, route.arrival) == (80, 280)


def rests(route: Route) -> Sequence[tuple[str, int]]:
    return [(taken.id, taken.step) for taken in route.pauses]


def test_a_rest_is_taken_as_seldom_as_can_be() -> None:
    visits = [visit("a", 1), visit("b", 2), visit("c", 1), visit("d", 2)]
    # Legs of 100, 100, 100, 100 and 200: rests at b and d, or at a, c and d.
    assert rests(timed(van(cost_per_h=3600, rest=Rest(200, 10)), *visits)) == [("", 1), ("", 3)]


def test_waiting_is_no_rest() -> None:
    route = timed(van(rest=Rest(250, 60)), EARLY, visit("b", 2, (500, 500)))
    assert rests(route) == [("", 1)]


def test_an_order_without_time_for_a_break_is_late_as_little_as_can_be() -> None:
    # The break ends at 110 at the earliest, b is 100 away.
    assert broken(van(breaks=(pause(0, 150, 10),)), EARLY, visit("b", 2, (200, 200))) == {
        "late": 10
    }


def test_a_break_that_begins_too_late_is_reported_with_its_seconds() -> None:
    assert broken(van(breaks=(pause(0, 50, 10),)), EARLY) == {"break": 50}


def test_a_break_that_is_missed_is_reported() -> None:
    # Taken, it would end the route 100 s after the shift; without it, 50 s of work follow it.
    hard = van(shift=Window(0, 200), breaks=(pause(0, 150, 100),))
    assert broken(hard, EARLY) == {"break": 50}


def test_driving_too_long_without_a_rest_is_reported() -> None:
    assert broken(van(rest=Rest(150, 10)), visit("b", 2)) == {"rest": 50}


def test_goods_that_are_ready_too_late_make_a_visit_late() -> None:
    assert broken(van(), visit("a", 1, (0, 150), ready=90)) == {"late": 40}


def test_goods_that_are_ready_after_the_shift_end_it_late() -> None:
    assert broken(van(shift=Window(0, 300)), visit("a", 1, ready=350)) == {"shift": 250}


def test_overtime_is_no_violation_and_the_end_of_the_shift_is_one() -> None:
    paid = van(shift=Window(0, 150), overtime_from=100, cost_per_overtime_h=3600)
    plan = schedule(problem(PLACES, [paid], [EARLY]), {"van": ["a"]})
    assert plan.cost == 200 + 100
    assert [(v.code, v.amount) for v in plan.violations] == [("shift", 50)]


def test_the_hour_of_leaving_decides_how_long_a_leg_takes() -> None:
    slow = line(0, 300)
    hourly = Matrix(slow.durations, line(0, 100).distances, hours=((400, line(0, 100).durations),))
    asked = problem(hourly, [van()], [visit("a", 1, (300, 350), service_s=150)])
    route = schedule(asked, {"van": ["a"]}).routes[0]
    # It leaves by 50, at the slow hour, and comes back at the fast one.
    assert (route.steps[0].drive_s, route.end_drive_s) == (300, 100)
