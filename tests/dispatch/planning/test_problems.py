from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dispatch.planning import ground, problems
from dispatch.planning.day import Day
from maps.ways.great_circle import GreatCircle
from routing.problem import Problem
from tests.dispatch import sample
from tests.dispatch.sample import AT, DEPOT, VAN


def built(day: Day, at: date = AT) -> Problem:
    return problems.build(day, ground.measure(day, GreatCircle(), at), at)


def test_windows_count_from_midnight_and_an_open_end_is_the_end_of_all_shifts() -> None:
    day = sample.day(
        sample.order(1),
        sample.order(2, earliest=None),
        sample.order(3, latest=None),
        sample.order(4, earliest=None, latest=None),
    )
    windows = [visit.windows for visit in built(day).visits]
    assert windows == [((32400, 43200),), ((0, 43200),), ((32400, 63000),), ()]


def test_a_shift_is_cut_to_the_opening_hours_of_its_depot() -> None:
    early = replace(VAN, shift_start=5 * 3600, shift_end=20 * 3600)
    (vehicle,) = built(sample.day(sample.order(1), vehicles=(early,))).vehicles
    assert vehicle.shift == (8 * 3600, 18 * 3600)


def test_no_capacity_is_room_for_the_whole_day() -> None:
    free = replace(VAN, capacity_g=None, capacity_ml=None)
    (vehicle,) = built(sample.day(sample.order(1), sample.order(2), vehicles=(free,))).vehicles
    assert vehicle.capacity == (25_000, 80_000)


def test_an_order_that_names_a_depot_is_kept_to_its_vehicles() -> None:
    other = replace(DEPOT, id="W2", lon=121.5)
    far = replace(VAN, id="far", depot="W2")
    day = replace(
        sample.day(sample.order(1, depot="W2"), sample.order(2), vehicles=(VAN, far)),
        depots=(DEPOT, other),
    )
    problem = built(day)
    bound, free = problem.visits
    able = [vehicle.id for vehicle in problem.vehicles if bound.skills <= vehicle.skills]
    assert able == ["far"]
    assert free.skills == frozenset()


@pytest.mark.parametrize("priority", [0, 1, 100])
def test_leaving_an_order_out_costs_more_than_a_van_for_it_alone(priority: int) -> None:
    day = sample.day(sample.order(1, priority=priority), sample.order(60))
    first, _ = built(day).visits
    assert first.price_unplanned is not None
    whole_day = VAN.cost_fixed + VAN.cost_per_h * 10 + 2 * 40 * VAN.cost_per_km
    assert first.price_unplanned > whole_day * (1 + priority)


def test_a_window_in_another_time_zone_is_read_on_its_depots_clock() -> None:
    london = replace(DEPOT, id="L", timezone="Europe/London")
    far = replace(VAN, id="far", depot="L")
    day = replace(
        sample.day(sample.order(1, depot="L"), vehicles=(VAN, far)), depots=(DEPOT, london)
    )
    assert built(day).visits[0].windows == ((17 * 3600, 20 * 3600),)


def test_the_day_begins_where_it_begins_first() -> None:
    monaco = replace(DEPOT, timezone="Europe/Monaco")
    east = replace(DEPOT, id="E", timezone="Asia/Shanghai", opens=0)
    early = replace(VAN, id="early", depot="E", shift_start=1800)
    day = replace(
        sample.day(sample.order(1, depot="E", earliest=3600), vehicles=(VAN, early)),
        depots=(monaco, east),
    )
    problem = built(day)
    assert problem.start is not None
    assert problem.start.isoformat() == "2026-03-01T17:00:00+01:00"
    assert problem.vehicles[1].shift.earliest == 1800
    assert problem.visits[0].windows[0].earliest == 3600
    assert problem.vehicles[0].shift.earliest == 7 * 3600 + VAN.shift_start
