"""`milkrun serve`: orders, stock and events over HTTP."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from api import db_commands, opened

PORT = 8350


def serve(
    host: Annotated[str, typer.Option("--host", help="Where to listen; 0.0.0.0 is everywhere.")] = (
        "127.0.0.1"
    ),
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes any that is free.")
    ] = PORT,
    map_name: Annotated[
        str | None, typer.Option("--map", help="The map of the plans; else MILKRUN_MAP.")
    ] = None,
    plans: Annotated[
        int,
        typer.Option(
            "--plans", min=0, max=64, help="How many plans at a time; 0: `milkrun worker` does it."
        ),
    ] = 1,
) -> None:
    """
    Serve the API; the database is a file unless MILKRUN_DATABASE_URL names another.

    Several may serve one PostgreSQL when MILKRUN_REDIS_URL joins them.
    """
    from api.http import logs, serving, settings
    from dispatch.people import users
    from dispatch.store import database
    from dispatch.store.database import Database

    def ready(base: Database, address: str) -> None:
        with database.reading(base) as session:
            nobody = not users.page(session, limit=1).rows
        typer.echo(f"serving at {address}", err=True)
        if gatherer is None:
            typer.echo("no map: nothing can be planned until MILKRUN_MAP names one", err=True)
        if nobody:
            typer.echo("no users yet: `milkrun user add NAME --role admin` makes one", err=True)

    limits = settings.read(os.environ)
    gatherer = opened.planner(map_name, needed=False)
    logs.begin(as_json=not sys.stderr.isatty())
    serving.serve(
        db_commands.chosen(),
        host=host,
        port=port,
        limits=limits,
        on_ready=ready,
        gatherer=gatherer,
        places=plans,
    )
