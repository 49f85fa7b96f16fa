"""`plan.json`: VROOM's output dialect, with wall-clock times and the user's own names beside it."""

from __future__ import annotations

from typing import Any

from dispatch.planning.day import CURRENCY, Depot, Order
from dispatch.planning.planned import LeftOut, PlannedDay, PlannedRoute, Stop
from routing.formats import vroom

Json = dict[str, Any]


def document(planned: PlannedDay) -> Json:
    """
    Return the plan, ready for `json.dumps`.

    Seconds count from ``plan.start``; money is in hundredths of ``plan.currency``, loads are in
    grams and millilitres. ``plan`` and the keys that end in ``_at`` are beyond VROOM's dialect.
    """
    written = vroom.write(
        planned.problem,
        planned.solution,
        computing_times={"solving": round(planned.elapsed_s * 1000)},
    )
    for route, ours in zip(written["routes"], planned.routes, strict=True):
        _enrich_route(route, ours, planned)
    for unassigned, left_out in zip(written["unassigned"], planned.left_out, strict=True):
        _enrich_unassigned(unassigned, left_out, planned)
    return {**written, "plan": _about(planned)}


def _about(planned: PlannedDay) -> Json:
    return {
        "date": planned.at.isoformat(),
        "start": planned.start.isoformat(),
        "timezone": planned.day.depots[0].timezone,
        "currency": CURRENCY,
        "dimensions": list(planned.problem.dimensions),
        "orders": len(planned.day.orders),
        "orders_planned": len(planned.day.orders) - len(planned.left_out),
        "vehicles": len(planned.day.vehicles),
        "seed": planned.seed,
        "map": {
            "name": planned.map_info.name,
            "version": planned.map_info.version,
            "attribution": planned.map_info.attribution,
        },
        "travel_hours": dict(planned.hours),
        "rows_left_aside": [
            {
                "table": fault.table,
                "row": fault.row,
                "column": fault.column,
                "code": fault.code,
                "cause": fault.cause,
                "action": fault.action,
            }
            for fault in planned.day.faults
        ],
    }


def _enrich_route(route: Json, ours: PlannedRoute, planned: PlannedDay) -> None:
    depot = ours.depot
    route.update(
        route=ours.id,
        depot=depot.id,
        profile=ours.vehicle.profile,
        timezone=depot.timezone,
        departure_at=_iso(planned, ours.route.departure, depot),
        arrival_at=_iso(planned, ours.route.arrival, depot),
    )
    start, *between, end = route["steps"]
    jobs = [step for step in between if step["type"] == "job"]
    start.update(id=depot.id, arrival_at=_iso(planned, ours.route.departure, depot))
    end.update(id=depot.id, arrival_at=_iso(planned, ours.route.arrival, depot))
    served = (
        (stop, step, order)
        for stop in ours.stops
        for step, order in zip(stop.steps, stop.orders, strict=True)
        if not step.is_reload
    )
    for job, (stop, step, order) in zip(jobs, served, strict=True):
        job.update(
            stop=stop.number,
            arrival_at=_iso(planned, step.arrival, depot),
            service_at=_iso(planned, step.service_start, depot),
            departure_at=_iso(planned, step.departure, depot),
            **_about_order(order, stop),
            **_window(planned, order),
        )


def _about_order(order: Order, stop: Stop | None = None) -> Json:
    address = order.address or (stop.address if stop else "")
    texts = {"name": order.name, "address": address, "address_found": order.found}
    return {key: text for key, text in texts.items() if text}


def _enrich_unassigned(unassigned: Json, left_out: LeftOut, planned: PlannedDay) -> None:
    unassigned.update(**_about_order(left_out.order), **_window(planned, left_out.order))


def _window(planned: PlannedDay, order: Order) -> Json:
    ends = planned.window_of(order)
    if ends == (None, None):
        return {}
    depot = planned.day.depot_of(order)
    return {"window_at": [None if end is None else _iso(planned, end, depot) for end in ends]}


def _iso(planned: PlannedDay, second: int, depot: Depot) -> str:
    return planned.clock(second, depot).isoformat()
