"""`milkrun db upgrade`, `backup` and `restore`: the database of this installation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dispatch.store.settings import Settings

app = typer.Typer(help="Upgrade, back up and restore the database.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Make the tables, or bring those of an earlier version up to date."""
    from dispatch.store import database, schema

    opened = database.open_database(url())
    try:
        typer.echo(f"the database has version {schema.upgrade(opened)}")
    finally:
        opened.close()


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
) -> None:
    """Copy the embedded database into a file; others may go on working with it."""
    from dispatch.store import backup as backups

    backups.save(url(), file)
    typer.echo(f"{file}: {file.stat().st_size:,} bytes")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.")],
) -> None:
    """Put a backup in the place of the embedded database, which nobody else may have open."""
    from dispatch.store import backup as backups

    backups.restore(url(), file)
    typer.echo("restored; `milkrun db upgrade` brings an older one up to date")


def url() -> str:
    """Return the address of the database of this installation."""
    return chosen().database_url


def chosen() -> Settings:
    """Return what the environment decides."""
    from dispatch.store import settings
    from maps import store

    return settings.read(os.environ, home=store.home())
