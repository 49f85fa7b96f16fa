"""A small planned day, made by the real parts on straight roads: what the reports are tested on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from dispatch.planning import ground, problems, routes
from dispatch.planning.day import Day, Depot, Order, VehicleRow
from dispatch.planning.planned import LeftOut, PlannedDay
from dispatch.sheets.faults import RowFault
from maps.store import MapInfo
from maps.ways.great_circle import GreatCircle
from routing.schedule import schedule

AT = date(2026, 3, 2)

MAP_INFO = MapInfo(
    name="sample",
    version="0123456789abcdef",
    source="sample.osm.pbf",
    source_bytes=1,
    bbox=(121.3, 31.1, 121.6, 31.4),
    num_junctions=4,
    num_edges=3,
    num_arcs=6,
    num_turn_states=0,
    imported_at="2026-03-01T00:00:00+00:00",
    oddities={},
)

DEPOT = Depot("W1", 121.40, 31.20, 8 * 3600, 18 * 3600, "Asia/Shanghai", row=2)

VAN = VehicleRow(
    id="沪A·12345",
    depot="W1",
    profile="van",
    shift_start=8 * 3600,
    shift_end=17 * 3600 + 1800,
    capacity_g=400_000,
    capacity_ml=2_000_000,
    cost_fixed=8000,
    cost_per_km=120,
    cost_per_h=4500,
    row=2,
)


def order(number: int, **changes: object) -> Order:
    """Return an order some way north-east of the depot."""
    plain = Order(
        id=f"SO-{number:04d}",
        lon=121.40 + 0.004 * number,
        lat=31.20 + 0.003 * number,
        name=f"张三汽修 {number} Garage",
        address=f"中山北路 {10 * number} 号",
        earliest=9 * 3600,
        latest=12 * 3600,
        service_s=240,
        weight_g=12_500,
        volume_ml=40_000,
        row=number + 1,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def day(*orders: Order, vehicles: Sequence[VehicleRow] = (VAN,), **rest: object) -> Day:
    """Return a day of one depot."""
    return Day((DEPOT,), tuple(vehicles), orders, **rest)  # type: ignore[arg-type]


def planned(asked: Day, sequences: Mapping[str, Sequence[str]], *, at: date = AT) -> PlannedDay:
    """Return a day planned in these sequences, on straight roads."""
    travel = GreatCircle(detour=1.3)
    measured = ground.measure(asked, travel, at)
    problem = problems.build(asked, measured, at)
    solution = schedule(problem, sequences)
    namer = routes.namer(asked, at, measured, travel, problem)
    return PlannedDay(
        day=asked,
        at=at,
        start=problems.start_of(asked, at),
        problem=problem,
        solution=solution,
        routes=tuple(namer.route(route) for route in solution.routes),
        left_out=tuple(
            LeftOut(asked.order_by_id[one.visit], one.reasons) for one in solution.unplanned
        ),
        map_info=MAP_INFO,
        hours=measured.hours,
        elapsed_s=1.5,
        seed=7,
    )


def small() -> PlannedDay:
    """Two vans, a stop with two orders, an order left out, a row left aside."""
    second = replace(VAN, id="van 2", row=3)
    orders = [
        order(1),
        order(2, name='=HYPERLINK("http://x")', address="Łódź 1 <b>&"),
        order(3),
        order(4, lon=121.412, lat=31.209, name="", address="", earliest=None, latest=None),
        order(5, earliest=14 * 3600, latest=None),
        order(6, earliest=8 * 3600 + 1800, latest=8 * 3600 + 1860),
    ]
    fault = RowFault("orders", 9, "weight_kg", "bad_number", "'x' is no number", "write a number")
    asked = day(*orders, vehicles=(VAN, second), faults=(fault,))
    return planned(
        asked, {VAN.id: ["SO-0001", "SO-0003", "SO-0004"], "van 2": ["SO-0002", "SO-0005"]}
    )
