"""`milkrun demo`: a whole day on a generated city, without a map or data of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api import interrupt, options, output, plan_commands, progress


def demo(
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Only plan; there is nothing to serve yet.")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the demo day goes.")
    ] = Path("demo-out"),
    budget: options.Budget = 10.0,
    cores: options.Cores = None,
    seed: options.Seed = 0,
) -> None:
    """
    Plan a demo day in a generated city: 120 orders, 6 vans, 2 depots.

    The city is drawn and imported once. DIR gets the plan, and in DIR/day the tables that it was
    made from, as an example for your own.
    """
    from dispatch import demo as demo_day
    from routing.solve import Budget

    output.check_folder(out)
    with progress.fraction("drawing the city") as on_progress:
        demo_day.open_city(on_progress=on_progress)
    with (
        plan_commands.good_folder(out),
        interrupt.gentle() as stop,
        progress.solving(budget, money=options.yuan) as on_best,
    ):
        made = demo_day.run(
            out,
            budget=Budget(seconds=budget),
            seed=seed,
            cores=options.all_cores(cores),
            on_best=on_best,
            stop=stop.is_set,
        )
    typer.echo(plan_commands.summary(made.planned, out))
    typer.echo(f"its tables: {made.day_folder}")
