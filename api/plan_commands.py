"""`milkrun plan`: a folder of orders, vehicles and depots in, routes that can be driven out."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from api import faults, interrupt, opened, options, output, progress
from api.faults import BadInput
from routing.faults import Fault

if TYPE_CHECKING:
    from dispatch.planning.day import Day
    from dispatch.planning.planned import PlannedDay
    from maps.store import RoadMap


def plan(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            show_default=False,
            help="With orders.csv, vehicles.csv, depots.csv; or one workbook with such sheets.",
        ),
    ],
    map_ref: options.MapOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the plan goes.")],
    budget: options.Budget = options.BUDGET_S,
    cores: options.Cores = None,
    seed: options.Seed = 0,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="DATE", help="Such as 2026-03-02; default: today."),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Plan the good rows, and list the others.")
    ] = False,
    json: options.Json = False,
) -> None:
    """
    Plan a day on real roads.

    DIR gets plan.html to look at, plan.json, routes.geojson, plan.xlsx, and a manifest for each
    route. Ctrl-C stops the search and writes the best plan found so far.
    """
    from dispatch.reports import write as reports

    day_at = None if at is None else options.day_of(at)
    output.check_folder(out)
    road_map, day = _read(folder, map_ref, day_at, skip_bad=skip_bad)
    with interrupt.gentle() as stop:
        planned = _search(
            *(day, road_map, day_at, stop),
            budget=budget,
            cores=cores,
            seed=seed,
            skip_bad=skip_bad,
        )
        interrupt.end_without_plan(stop, num_routes=len(planned.routes))
        with good_folder(out):
            reports.write(planned, out, basemap=road_map.basemap)
    _tell_skipped(planned)
    if json:
        typer.echo(json_text.dumps(facts(planned, out), ensure_ascii=False, indent=1))
    else:
        typer.echo(summary(planned, out))


@contextmanager
def good_folder(out: Path) -> Iterator[None]:
    """Turn a folder that reports cannot be written to into a fault."""
    from dispatch.reports.write import BadFolder

    try:
        yield
    except BadFolder as error:
        raise BadInput(Fault(str(out), error.code, error.cause, error.action)) from error


def facts(planned: PlannedDay, out: Path) -> dict[str, object]:
    """Return the figures of a plan in a few numbers."""
    routes = [route.route for route in planned.routes]
    return {
        "orders": len(planned.day.orders),
        "left_out": len(planned.left_out),
        "routes": len(routes),
        "distance_m": sum(route.distance_m for route in routes),
        "duration_s": sum(route.duration_s for route in routes),
        "cost": planned.cost,
        "skipped_rows": len(planned.day.faults),
        "out": str(out),
    }


def summary(planned: PlannedDay, out: Path) -> str:
    """Return the figures of a plan in words."""
    found = facts(planned, out)
    orders, left = len(planned.day.orders), len(planned.left_out)
    kilometres = sum(route.route.distance_m for route in planned.routes) / 1000
    rest = f", {left} left out" if left else ""
    return (
        f"{planned.at}: {orders - left} of {orders} orders on {found['routes']} routes{rest}, "
        f"{kilometres:,.0f} km, {options.yuan(planned.cost)}\n{out / 'plan.html'}"
    )


def _read(folder: Path, map_ref: str, at: date | None, *, skip_bad: bool) -> tuple[RoadMap, Day]:
    """Open the map and read the day; a bad map does not hide what is wrong with the day."""
    from dispatch.planning import dayfiles, planning
    from dispatch.sheets.faults import BadDay
    from maps.errors import MapError

    try:
        road_map = opened.road_map(map_ref)
        # What is damaged is told before the search, not when its plan is to be drawn.
        geocoder, _ = road_map.geocoder, road_map.basemap
    except MapError as error:
        wrong = faults.faults_of(error)
        try:
            dayfiles.read(folder, skip_bad=False)
        except BadDay as bad:
            # Without a map no address can be found: that is no fault of the row.
            wrong += [f for f in faults.faults_of(bad) if f.code != "no_address_index"]
        raise BadInput(*wrong) from error
    survey = planning.survey(road_map, at)
    return road_map, dayfiles.read(folder, geocoder=geocoder, survey=survey, skip_bad=skip_bad)


def _search(
    day: Day,
    road_map: RoadMap,
    at: date | None,
    stop: Event,
    *,
    budget: float,
    cores: int | None,
    seed: int,
    skip_bad: bool,
) -> PlannedDay:
    from dispatch.planning import planning
    from routing.solve import Budget

    with progress.solving(budget, money=options.yuan) as on_best:
        return planning.plan(
            day,
            road_map,
            at=at or planning.today(day),
            budget=Budget(seconds=budget),
            seed=seed,
            cores=options.all_cores(cores),
            on_best=on_best,
            stop=stop.is_set,
            skip_bad=skip_bad,
        )


def _tell_skipped(planned: PlannedDay) -> None:
    skipped = planned.day.faults
    if skipped:
        faults.show_faults([Fault(f.where, f.code, f.cause, f.action) for f in skipped])
        number = faults.number_of(skipped)
        typer.echo(f"milkrun: {number}; what they name was left aside", err=True)
