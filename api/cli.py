"""The command `milkrun`: reads arguments, calls one use case, shows what it returns."""

from __future__ import annotations

from typing import Annotated

import typer

from api import (
    bench_command,
    db_commands,
    demo_command,
    map_commands,
    plan_commands,
    serve_command,
    solve_commands,
    user_commands,
    worker_command,
)
from api.faults import Group

app = typer.Typer(
    name="milkrun",
    cls=Group,
    help="Plan delivery routes on real roads.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback is for those who mend the product; Rich's hides what they need.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("plan")(plan_commands.plan)
app.command("solve")(solve_commands.solve)
app.command("check")(solve_commands.check)
app.command("convert")(solve_commands.convert)
app.command("bench")(bench_command.bench)
app.command("demo")(demo_command.demo)
app.command("serve")(serve_command.serve)
app.command("worker")(worker_command.worker)
app.add_typer(map_commands.app, name="map")
app.add_typer(db_commands.app, name="db")
app.add_typer(user_commands.app, name="user")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"milkrun {version('milkrun')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Show the version."),
    ] = False,
) -> None:
    """Plan delivery routes on real roads."""


def main() -> None:
    """Run the command that the arguments name."""
    app()
