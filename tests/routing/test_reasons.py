from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from routing.problem import NO_WAY, Matrix, Problem, Vehicle, Visit, Window
from routing.reasons import reasons
from routing.schedule import schedule
from routing.solution import Reason
from tests.routing.build import line, problem, table, van, visit


def why(
    matrix: Matrix, vehicle: Vehicle, *visits: Visit, planned: tuple[str, ...] = ()
) -> dict[str, Reason]:
    """The reasons of the first visit, by code, when the vehicle serves some others."""
    names = ("kg",) if vehicle.capacity else ()
    asked = problem(matrix, [vehicle], visits, *names)
    asked = replace(asked, start=datetime(2026, 3, 2, 8, tzinfo=UTC))
    found = reasons(asked, schedule(asked, {vehicle.id: planned}))[visits[0].id]
    return {reason.code: reason for reason in found}


@pytest.mark.parametrize(
    ("vehicle", "asked", "code", "number"),
    [
        (van(), visit("a", 1, skills=frozenset({"dg"})), "no_vehicle_skill", "dg"),
        (van(capacity=(5,)), visit("a", 1, delivered=(8,)), "over_capacity", "8 needed, 5"),
        (van(), visit("a", 1, (0, 300)), "window_unreachable", "08:10 at the earliest"),
        (van(shift=Window(0, 900)), visit("a", 1), "shift_too_short", "08:20 at the earliest"),
        (van(max_distance_m=1000), visit("a", 1), "max_distance", "200 over"),
        (van(max_drive_s=1000), visit("a", 1), "max_drive", "200 over"),
        (van(max_duration_s=1000), visit("a", 1), "max_duration", "200 over"),
        (van(max_stops=0), visit("a", 1), "max_stops", "1 over"),
    ],
)
def test_what_no_vehicle_can_do_is_told_with_numbers(
    vehicle: Vehicle, asked: Visit, code: str, number: str
) -> None:
    found = why(line(0, 600), vehicle, asked)
    assert list(found) == [code]
    assert number in found[code].cause


def test_a_place_without_a_way_is_told() -> None:
    assert list(why(table([[0, NO_WAY], [5, 0]]), van(), visit("a", 1))) == ["no_way"]


def test_no_vehicle_at_all_is_told() -> None:
    asked = problem(line(0, 10), [], [visit("a", 1)])
    assert [r.code for r in reasons(asked, schedule(asked, {}))["a"]] == ["no_vehicle"]


def test_a_full_vehicle_is_told_with_what_is_too_much() -> None:
    a, b = visit("a", 1, delivered=(3,)), visit("b", 1, delivered=(4,))
    found = why(line(0, 10), van(capacity=(5,)), a, b, planned=("b",))
    assert "kg +2" in found["vehicles_full"].cause


def test_a_conflict_names_the_visit_that_would_be_late() -> None:
    a, b = visit("a", 1, (0, 60), service_s=250), visit("b", 2, (0, 300))
    found = why(line(0, 60, 120), van(), a, b, planned=("b",))
    assert "visit b would be 2 min late" in found["window_conflict"].cause


def test_what_is_not_worth_it_is_told_with_both_prices() -> None:
    found = why(line(0, 10), van(), visit("a", 1, price_unplanned=7))
    assert "20" in found["not_worth_it"].cause
    assert "7" in found["not_worth_it"].cause


def test_what_would_fit_was_not_tried() -> None:
    assert list(why(line(0, 10), van(), visit("a", 1))) == ["not_tried"]


def test_each_kind_of_vehicle_has_its_reason() -> None:
    vans = [van(max_stops=0), van("big", skills=frozenset({"dg"}), max_distance_m=3)]
    asked = problem(line(0, 10), vans, [visit("a", 1, skills=frozenset({"dg"}))])
    found = reasons(asked, schedule(asked, {}))["a"]
    assert {reason.code for reason in found} == {"no_vehicle_skill", "max_distance"}
    assert all("1 of 2 vehicles" in reason.cause for reason in found)


def test_reasons_are_told_for_every_visit_that_is_left_out() -> None:
    asked: Problem = problem(line(0, 10), [van()], [visit(str(k), 1) for k in range(4)])
    assert set(reasons(asked, schedule(asked, {"van": ["2"]}))) == {"0", "1", "3"}
