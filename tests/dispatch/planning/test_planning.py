from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from dispatch.planning import dayfiles, planning
from dispatch.planning.day import Day, Depot, Order, VehicleRow
from dispatch.planning.planned import PlannedDay
from dispatch.reports import geojson
from dispatch.sheets.faults import BadDay
from maps.roads.hours import Hours, parse
from maps.roads.zones import Closure, Zone
from maps.store import RoadMap
from routing.check import check
from routing.solve import Budget, Progress
from tests.dispatch import files
from tests.dispatch.town import SIZE, point

# One worker imports the town for all of these.
pytestmark = pytest.mark.xdist_group("town")

AT = date(2026, 3, 2)
QUICK = Budget(iterations=50)

DEPOT = Depot("W1", *point(0, 3), 0, 24 * 3600, "Europe/Monaco", row=2)
VAN = VehicleRow("van 1", "W1", "van", 8 * 3600, 17 * 3600, capacity_g=100_000, row=2)


def order(name: str, east: float, north: float, **changes: object) -> Order:
    plain = Order(name, *point(east, north), service_s=300, weight_g=10_000, row=9)
    return replace(plain, **changes)  # type: ignore[arg-type]


def day(*orders: Order, vehicles: Sequence[VehicleRow] = (VAN,), **rest: object) -> Day:
    return Day((DEPOT,), tuple(vehicles), orders, **rest)  # type: ignore[arg-type]


def plan(asked: Day, town: RoadMap, *, skip_bad: bool = False) -> PlannedDay:
    return planning.plan(asked, town, at=AT, budget=QUICK, seed=1, skip_bad=skip_bad)


@pytest.fixture(scope="module")
def planned(town: RoadMap) -> PlannedDay:
    """Return eight orders on two vans, of which two are at one place."""
    orders = [order(f"S{n}", 1 + 2 * (n % 3), 1 + 2 * (n // 3)) for n in range(7)]
    twin = order("twin", 1, 1)
    light = replace(VAN, capacity_g=50_000)
    return plan(day(*orders, twin, vehicles=(light, replace(light, id="van 2", row=3))), town)


def test_every_order_is_on_one_route_and_the_plan_is_sound(planned: PlannedDay) -> None:
    on_routes = [order.id for route in planned.routes for order in route.orders]
    assert sorted(on_routes) == sorted(planned.day.order_by_id)
    assert check(planned.problem, planned.solution) == []


def test_legs_are_as_long_as_the_plan_says_and_join_up(planned: PlannedDay) -> None:
    for route in planned.routes:
        assert sum(leg.duration_s for leg in route.legs) == route.route.drive_s
        assert sum(leg.distance_m for leg in route.legs) == route.route.distance_m
        for here, there in zip(route.legs, route.legs[1:], strict=False):
            np.testing.assert_allclose(here.line[-1], there.line[0], atol=1e-6)


def test_the_same_seed_gives_the_same_plan(planned: PlannedDay, town: RoadMap) -> None:
    again = plan(planned.day, town)
    assert again.solution == planned.solution


def test_a_plan_asked_to_stop_is_still_a_plan(town: RoadMap) -> None:
    asked = day(order("a", 1, 1), order("b", 5, 5))
    found: list[Progress] = []
    stopped = planning.plan(
        asked,
        town,
        at=AT,
        budget=Budget(seconds=60),
        on_best=found.append,
        stop=lambda: bool(found),
    )
    assert stopped.left_out == ()
    assert stopped.elapsed_s < 30


def test_an_order_off_the_map_is_refused_with_its_row(town: RoadMap) -> None:
    with pytest.raises(BadDay) as refused:
        plan(day(order("a", 1, 1), order("far", 50, 50, row=7)), town)
    (fault,) = refused.value.faults
    assert (fault.row, fault.code) == (7, "off_map")


def test_the_others_are_planned_when_bad_rows_may_be_skipped(town: RoadMap) -> None:
    planned = plan(day(order("a", 1, 1), order("far", 50, 50, row=7)), town, skip_bad=True)
    assert [order.id for order in planned.day.orders] == ["a"]
    assert [fault.row for fault in planned.day.faults] == [7]


def test_an_order_that_nobody_can_serve_says_why(town: RoadMap) -> None:
    heavy = order("heavy", 2, 2, weight_g=480_000)
    skilled = order("skilled", 2, 2, skills=frozenset({"dg"}))
    soon = order("soon", 6, 6, earliest=7 * 3600, latest=8 * 3600 + 10)
    planned = plan(day(order("fine", 1, 1), heavy, skilled, soon), town)
    reasons = {out.order.id: [reason.code for reason in out.reasons] for out in planned.left_out}
    assert reasons == {
        "heavy": ["over_capacity"],
        "skilled": ["no_vehicle_skill"],
        "soon": ["window_unreachable"],
    }


def test_the_dearest_last_order_is_planned_rather_than_left_out(town: RoadMap) -> None:
    dear = replace(VAN, id="dear", cost_fixed=1_000_000, cost_per_km=100_000)
    light = replace(VAN, capacity_g=10_000)
    planned = plan(day(order("a", 1, 1), order("b", 2, 2), vehicles=(light, dear)), town)
    assert planned.left_out == ()
    assert {route.vehicle.id for route in planned.routes} == {"van 1", "dear"}


def test_the_order_of_higher_priority_is_kept_when_one_must_go(town: RoadMap) -> None:
    full = replace(VAN, capacity_g=10_000)
    low, high = order("low", 1, 3), order("high", 6, 6, priority=5)
    planned = plan(day(low, high, vehicles=(full,)), town)
    assert [out.order.id for out in planned.left_out] == ["low"]


def hours_of(text: str) -> Hours:
    hours = parse(text)
    assert hours is not None
    return hours


BLOCK = shapely.box(*point(1.5, -1), *point(2.5, 4.5))


@pytest.mark.parametrize("hours", ["Mo-Fr 07:00-09:00", "Mo 16:30-20:00", "24/7"])
def test_no_route_drives_against_a_ban_that_holds_at_any_time_of_the_shift(
    town: RoadMap, hours: str
) -> None:
    ban = Zone(BLOCK, "centre", hours=hours_of(hours))
    planned = plan(day(order("east", 4, 1), zones=(ban,)), town)
    (route,) = planned.routes
    assert not shapely.LineString(geojson.route_line(route)).crosses(BLOCK)
    free = plan(day(order("east", 4, 1)), town)
    assert shapely.LineString(geojson.route_line(free.routes[0])).crosses(BLOCK)


@pytest.mark.parametrize("hours", ["Tu 07:00-20:00", "Mo 00:00-08:00", "Mo 17:00-24:00"])
def test_a_ban_outside_the_shift_changes_nothing(town: RoadMap, hours: str) -> None:
    asked = day(order("east", 4, 1))
    ban = Zone(BLOCK, "centre", hours=hours_of(hours))
    assert plan(replace(asked, zones=(ban,)), town).solution == plan(asked, town).solution


def test_a_ban_for_trucks_leaves_vans_alone(town: RoadMap) -> None:
    ban = Zone(BLOCK, "centre", profiles=frozenset({"truck"}))
    asked = day(order("east", 4, 1))
    assert plan(replace(asked, zones=(ban,)), town).solution == plan(asked, town).solution


def test_what_trucks_may_not_enter_is_served_by_a_van(town: RoadMap) -> None:
    ban = Zone(BLOCK, "centre", profiles=frozenset({"truck"}))
    truck = replace(VAN, id="truck", profile="truck", capacity_g=None)
    inside = order("inside", 2, 1.5)
    large = order("large", 6, 6, weight_g=5_000_000)
    planned = plan(day(inside, large, vehicles=(VAN, truck), zones=(ban,)), town)
    served = {order.id: route.vehicle.id for route in planned.routes for order in route.orders}
    assert served == {"inside": "van 1", "large": "truck"}


def test_on_the_day_the_clocks_change_windows_are_kept_on_the_wall(town: RoadMap) -> None:
    at = date(2026, 3, 29)
    early = order("early", 4, 4, earliest=8 * 3600 + 1800, latest=9 * 3600)
    planned = planning.plan(day(early), town, at=at, budget=QUICK)
    (route,) = planned.routes
    arrival = planned.clock(route.stops[0].steps[0].service_start, route.depot)
    assert arrival.isoformat().startswith("2026-03-29T08:")
    assert arrival.isoformat().endswith("+02:00")


def test_closed_roads_are_driven_around(town: RoadMap) -> None:
    streets = frozenset(range(1, 1 + SIZE)) - {SIZE}
    asked = day(order("east", 4, 1.5), closures=(Closure(ways=streets),))
    on_an_avenue = replace(DEPOT, lat=point(0, 3.5)[1])
    planned = plan(replace(asked, depots=(on_an_avenue,)), town)
    northernmost = max(geojson.route_line(planned.routes[0])[:, 1])
    assert northernmost == pytest.approx(point(0, SIZE - 1)[1], abs=1e-6)


TOWN_DEPOT = "depot,lon,lat,timezone\nW1,7.40,43.709,Europe/Monaco\n"


def test_addresses_are_found_in_the_maps_own_file(tmp_path: Path, town: RoadMap) -> None:
    table = "order,address\na,Street 2 4\nb,Street 5 6\n"
    folder = files.write(tmp_path, orders=table, depots=TOWN_DEPOT)
    asked = dayfiles.read(folder, geocoder=town.geocoder)
    assert [(o.lon, o.lat) for o in asked.orders] == [
        pytest.approx(point(3, 2), abs=2e-4),
        pytest.approx(point(5, 5), abs=2e-4),
    ]
    planned = plan(asked, town)
    assert len(planned.routes) == 1
    assert planned.routes[0].stops[0].address == planned.routes[0].orders[0].address


def test_a_stop_without_address_is_given_the_one_at_the_door(town: RoadMap) -> None:
    (route,) = plan(day(order("a", 2, 4)), town).routes
    assert route.stops[0].address.startswith("≈ Street 4")


def test_what_lies_off_the_map_is_told_with_the_other_faults(tmp_path: Path, town: RoadMap) -> None:
    table = "order,lon,lat,weight_kg\na,7.405,43.705,x\nb,9,43.705,1\nc,43.705,7.405,1\n"
    folder = files.write(tmp_path, orders=table, depots=TOWN_DEPOT)
    with pytest.raises(BadDay) as refused:
        dayfiles.read(folder, geocoder=town.geocoder, survey=planning.survey(town, AT))
    assert [(fault.row, fault.code) for fault in refused.value.faults] == [
        (2, "bad_number"),
        (3, "off_map"),
        (4, "swapped_coordinates"),
    ]


def test_zones_are_read_beside_the_tables(tmp_path: Path, town: RoadMap) -> None:
    folder = files.write(tmp_path, orders="order,lon,lat\na,7.412,43.703\n", depots=TOWN_DEPOT)
    feature = {
        "type": "Feature",
        "properties": {"name": "centre", "profiles": "van", "hours": "Mo-Fr 07:00-20:00"},
        "geometry": shapely.geometry.mapping(BLOCK),
    }
    zones = folder / "zones.geojson"
    zones.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    asked = dayfiles.read(folder, geocoder=town.geocoder)
    assert [zone.name for zone in asked.zones] == ["centre"]


def test_a_zone_that_is_not_understood_is_never_skipped(tmp_path: Path) -> None:
    folder = files.write(tmp_path)
    feature = {"type": "Feature", "properties": {"hours": "noonish"}, "geometry": None}
    zones = folder / "zones.geojson"
    zones.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(BadDay) as refused:
        dayfiles.read(folder, skip_bad=True)
    assert all("zones.geojson" in fault.table for fault in refused.value.faults)


def test_speeds_of_the_users_own_week_change_the_plan(tmp_path: Path, town: RoadMap) -> None:
    folder = files.write(tmp_path, orders="order,lon,lat\na,7.412,43.703\n", depots=TOWN_DEPOT)
    usual = planning.plan(dayfiles.read(folder), town, at=AT, budget=Budget(iterations=1))
    (folder / "congestion.csv").write_text("class,hours,factor\n*,Mo-Su 00:00-24:00,0.1\n")
    slow = planning.plan(dayfiles.read(folder), town, at=AT, budget=Budget(iterations=1))
    assert slow.solution.routes[0].drive_s > 5 * usual.solution.routes[0].drive_s


def test_faults_of_zones_and_speeds_come_together(tmp_path: Path) -> None:
    folder = files.write(tmp_path)
    (folder / "zones.geojson").write_text("{}")
    (folder / "congestion.csv").write_text("class,hours,factor\nnowhere,noonish,fast\n")
    with pytest.raises(BadDay) as refused:
        dayfiles.read(folder)
    codes = {fault.code for fault in refused.value.faults}
    assert {"unknown_class", "bad_hours", "bad_factor"} < codes
    places = {fault.code: (fault.table, fault.row, fault.column) for fault in refused.value.faults}
    assert places["unknown_class"] == ("congestion.csv", 2, "class")
    assert places["bad_hours"] == ("congestion.csv", 2, "hours")
    assert places["bad_factor"] == ("congestion.csv", 2, "factor")
    assert places["not_geojson"] == ("zones.geojson", 0, "")
