"""A day and a map in, a planned day out (see `dispatch.planning.planned` for its shape)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from dispatch.planning import dayfiles, ground, problems, routes, wording
from dispatch.planning.day import Day
from dispatch.planning.ground import Ground
from dispatch.planning.planned import LeftOut, PlannedDay, PlannedRoute, Stop
from dispatch.sheets.faults import BadDay, RowFault, in_order
from maps import store
from maps.travel import Travel
from routing import crew
from routing.solve import Budget, Progress, solve

if TYPE_CHECKING:
    from maps.store import RoadMap

__all__ = ["LeftOut", "PlannedDay", "PlannedRoute", "Stop", "plan", "survey", "today"]


def plan(
    day: Day,
    road_map: RoadMap,
    *,
    at: date,
    budget: Budget,
    seed: int = 0,
    cores: int = 1,
    on_best: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    skip_bad: bool = False,
) -> PlannedDay:
    """
    Plan a day.

    Places off the map's roads are refused together, as `BadDay`; with ``skip_bad`` the others are
    planned. ``stop`` is asked often; once it says yes, the best plan so far is what is returned.
    """
    began = perf_counter()
    crew.prepare(cores)
    travel = _travel(day, road_map, at)
    day, measured = _on_the_map(day, road_map, travel, at, skip_bad=skip_bad)
    problem = problems.build(day, measured, at)
    found = solve(problem, budget, seed=seed, cores=cores, on_best=on_best, stop=stop)
    solution = wording.in_users_units(found)
    namer = routes.namer(day, at, measured, travel, problem, road_map.geocoder)
    return PlannedDay(
        day=day,
        at=at,
        start=problems.start_of(day, at),
        problem=problem,
        solution=solution,
        routes=tuple(namer.route(route) for route in solution.routes),
        left_out=tuple(
            LeftOut(day.order_by_id[one.visit], one.reasons) for one in solution.unplanned
        ),
        map_info=road_map.info,
        hours=measured.hours,
        elapsed_s=perf_counter() - began,
        seed=seed,
    )


def today(day: Day) -> date:
    """Return the date that it is at the day's first depot."""
    return datetime.now(day.depots[0].zone).date()


def survey(road_map: RoadMap, at: date | None = None) -> Callable[[Day], Sequence[RowFault]]:
    """
    Return what tells `dayfiles.read` which rows lie off the map, beside their other faults.

    The matrices that it needs are the plan's own; the map keeps them, so nothing is done twice.
    """

    def faults(day: Day) -> Sequence[RowFault]:
        when = at or today(day)
        measured = ground.measure(day, _travel(day, road_map, when), when)
        return tuple(ground.off_road_faults(day, measured, road_map.info.bbox))

    return faults


def _travel(day: Day, road_map: RoadMap, at: date) -> Travel:
    return store.travel_from_settings(road_map, ground.conditions(day, at))


def _on_the_map(
    day: Day, road_map: RoadMap, travel: Travel, at: date, *, skip_bad: bool
) -> tuple[Day, Ground]:
    """Return the day less what lies off the roads, and its ground; or refuse."""
    measured = ground.measure(day, travel, at)
    faults = in_order(ground.off_road_faults(day, measured, road_map.info.bbox))
    if not faults:
        return day, measured
    if not skip_bad:
        raise BadDay(faults)
    rest = dayfiles.good_rows(day, faults)
    return rest, ground.measure(rest, travel, at)
