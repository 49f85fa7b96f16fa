"""`milkrun worker`: searches for plans that a server was asked for."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated

import typer

from api import db_commands, opened


def worker(
    map_name: Annotated[
        str | None, typer.Option("--map", help="The map of the plans; else MILKRUN_MAP.")
    ] = None,
    places: Annotated[
        int, typer.Option("--places", min=1, max=64, help="How many plans at a time.")
    ] = 1,
) -> None:
    """Search for plans of the database; MILKRUN_DASK names a cluster's scheduler to do it on."""
    from api.http import logs
    from dispatch.plans import worker as work
    from dispatch.store import database, schema
    from dispatch.store.errors import Refused

    gatherer = opened.planner(map_name, needed=True)
    assert gatherer is not None  # it was needed
    logs.begin(as_json=not sys.stderr.isatty())
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    chosen = db_commands.chosen()
    base = database.open_database(chosen.database_url)
    try:
        schema.check(base)
        foreman = work.made(
            base, gatherer, places=places, cores=work.cores_for(places), cluster=chosen.cluster
        )

        def trouble(error: Refused) -> None:
            typer.echo(f"waiting: {error}", err=True)

        typer.echo(f"working on plans, on the map {gatherer.road_map.info.name}", err=True)
        work.work(foreman, until=over.is_set, on_trouble=trouble)
    finally:
        base.close()
