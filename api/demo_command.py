"""`milkrun demo`: a made-up firm, planned and served, without a map or data of one's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api import interrupt, opened, options, output, plan_commands, progress
from api.serve_command import PORT

if TYPE_CHECKING:
    from dispatch.demo_firm import Planned
    from dispatch.plans.gathering import Gatherer
    from dispatch.store.database import Database
    from maps.city import CitySummary

_HOST = "127.0.0.1"
"""No wider: everybody knows the password."""


def demo(
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Do all of it but serve, as in a script.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Serve the firm of the last time as it was left.")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where all of the demo goes.")
    ] = Path("demo-out"),
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes any that is free.")
    ] = PORT,
    budget: options.Budget = 10.0,
    cores: options.Cores = None,
    seed: options.Seed = 0,
) -> None:
    """
    Plan a made-up firm's day in a generated city, and serve it: 120 orders, 6 vans, 2 depots.

    The city is drawn and imported once. DIR gets a plan of a day from tables, in DIR/day the
    tables themselves as an example for your own, and a database with the whole firm, whose first
    wave is planned in it. Each time the firm is a new one; your own database is left alone.
    """
    from dispatch import demo as demo_day
    from dispatch import demo_firm

    output.check_folder(out)
    with progress.fraction("drawing the city") as on_progress:
        city, _ = demo_day.open_city(on_progress=on_progress)
    gatherer = opened.planner(demo_day.MAP_NAME, needed=True)
    assert gatherer is not None  # it was needed
    if not (keep and demo_firm.is_there(out)):
        cores = options.all_cores(cores)
        _plan_firm(out, city, gatherer, budget, seed=seed, cores=cores)
        _plan_tables(out, budget, seed=seed, cores=cores)
    for line in _sign_ins():
        typer.echo(line)
    if no_serve:
        typer.echo(f"`milkrun demo --keep --out {out}` serves it")
    else:
        _serve(demo_firm.url(out), gatherer, port)


def _plan_firm(
    out: Path, city: CitySummary, gatherer: Gatherer, budget: float, *, seed: int, cores: int
) -> None:
    """Fill the database, and plan the first wave in it."""
    from dispatch import demo_firm

    with interrupt.gentle() as stop, progress.fraction("planning in the database") as on_progress:
        planned = demo_firm.begin(
            out,
            city,
            gatherer,
            seconds=budget,
            seed=seed,
            cores=cores,
            on_progress=on_progress,
            stop=stop.is_set,
        )
    typer.echo(_told(planned))


def _told(planned: Planned) -> str:
    figures = planned.outline["figures"]
    brought = figures["num_orders"] - figures["num_unplanned"]
    return (
        f"{planned.wave} of {planned.day} in the database: {brought} of {figures['num_orders']} "
        f"orders on {figures['num_routes']} routes, {figures['distance_m'] / 1000:.0f} km, "
        f"{options.yuan(figures['cost'])}"
    )


def _plan_tables(out: Path, budget: float, *, seed: int, cores: int) -> None:
    """Plan the demo day from its tables, and write reports."""
    from dispatch import demo as demo_day
    from routing.solve import Budget

    with (
        plan_commands.good_folder(out),
        interrupt.gentle() as stop,
        progress.solving(budget, money=options.yuan) as on_best,
    ):
        made = demo_day.run(
            out,
            budget=Budget(seconds=budget),
            seed=seed,
            cores=cores,
            on_best=on_best,
            stop=stop.is_set,
        )
    typer.echo(plan_commands.summary(made.planned, out))
    typer.echo(f"its tables: {made.day_folder}")


def _sign_ins() -> Iterator[str]:
    from dispatch import demo_firm
    from dispatch.firm.people import SIGN_INS

    yield f'sign in with the password "{demo_firm.PASSWORD}" as one of each role:'
    yield f"  {', '.join(SIGN_INS.values())}"


def _serve(url: str, gatherer: Gatherer, port: int) -> None:
    from api.http import logs, serving, settings
    from dispatch.store.settings import Settings

    def ready(_: Database, address: str) -> None:
        typer.echo(f"serving at {address}", err=True)

    limits = settings.read(os.environ)
    logs.begin(as_json=not sys.stderr.isatty())
    serving.serve(
        Settings(database_url=url, redis_url=None),
        host=_HOST,
        port=port,
        limits=limits,
        on_ready=ready,
        gatherer=gatherer,
    )
