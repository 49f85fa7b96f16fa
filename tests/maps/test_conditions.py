"""Conditional tags."""

from __future__ import annotations

from maps.roads import conditions
from maps.roads.profiles import PROFILES

CAR, TRUCK = PROFILES["car"], PROFILES["truck"]


def test_value_and_hours() -> None:
    ((value, condition),) = conditions.parse("no @ (Mo-Fr 07:00-09:00)")
    assert value == "no"
    assert condition.holds(CAR, 8)
    assert not condition.holds(CAR, 9)
    assert not condition.holds(CAR, 5 * 24 + 8)


def test_several_clauses_keep_their_order() -> None:
    clauses = conditions.parse("no @ (07:00-19:00); destination @ (12:00-14:00; 16:00-17:00)")
    assert [value for value, _ in clauses] == ["no", "destination"]
    assert [clauses[1][1].holds(CAR, hour) for hour in (12, 15, 16)] == [True, False, True]


def test_hours_without_brackets_may_have_several_parts() -> None:
    ((_, condition),) = conditions.parse("no @ 07:00-09:00; 16:00-18:00")
    assert [hour for hour in range(24) if condition.holds(CAR, hour)] == [7, 8, 16, 17]


def test_limits_compare_with_the_vehicle() -> None:
    ((_, condition),) = conditions.parse("no @ (weight>7.5 AND 07:00-19:00)")
    assert condition.holds(TRUCK, 8)
    assert not condition.holds(TRUCK, 20)
    assert not condition.holds(CAR, 8)


def test_an_hour_half_within_counts_for_a_ban_but_not_for_a_permission() -> None:
    ((_, condition),) = conditions.parse("yes @ (06:00-10:30)")
    assert condition.holds(CAR, 10)
    assert not condition.holds(CAR, 10, whole_hour=True)


def test_deliveries_are_our_errand() -> None:
    ((value, condition),) = conditions.parse("yes @ (delivery AND 06:00-10:00)")
    assert value == "yes"
    assert condition.holds(TRUCK, 7)


def test_what_is_not_understood_is_left_out() -> None:
    assert conditions.parse("no @ (winter)") == ()
    assert conditions.parse("no @ (Mo-Fr 07:00-09:00 AND wet)") == ()
    assert len(conditions.parse("no @ snow; no @ (07:00-09:00)")) == 1
    assert conditions.parse("rubbish") == ()
