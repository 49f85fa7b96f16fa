"""What was wrong with the input, shown to a person or written for a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TextIO

import typer
from typer.core import TyperGroup

from dispatch.sheets.faults import BadDay
from dispatch.store.errors import Refused, Unusable
from maps.errors import MapError
from maps.faults import BadConditions
from routing.faults import Fault, InvalidProblem

OK = 0
FAILED = 1
BAD_INPUT = 2

_COLUMNS = ("where", "code", "cause", "action")
_JSON = "milkrun.json"
_MOST_ON_SCREEN = 100


class BadInput(Exception):
    """The command line itself asks for something that cannot be; ``faults`` has all of it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.where}: {fault.code}" for fault in faults))
        self.faults = faults


class Group(TyperGroup):
    """The commands, with one place where refused input becomes words and exit status 2."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except (BadInput, InvalidProblem, BadDay, MapError, Refused) as error:
            report(faults_of(error), as_json=wants_json(ctx))
            raise typer.Exit(BAD_INPUT) from error


def remember_json(ctx: typer.Context, value: bool) -> bool:
    """Keep what ``--json`` says where every level of the command line finds it."""
    if value:
        ctx.meta[_JSON] = True
    return value


def wants_json(ctx: typer.Context) -> bool:
    """Tell whether ``--json`` was given to any command."""
    return bool(ctx.meta.get(_JSON))


def faults_of(error: BadInput | InvalidProblem | BadDay | MapError | Refused) -> list[Fault]:
    """Return an error's faults in one shape."""
    if isinstance(error, Refused):
        where = "database" if isinstance(error, Unusable) else "request"
        return [Fault(where, error.code, error.cause, error.action)]
    if isinstance(error, MapError) and not isinstance(error, BadConditions):
        return [Fault("map", error.code, error.cause, error.action)]
    return [
        Fault(fault.where or "day", fault.code, fault.cause, fault.action) for fault in error.faults
    ]


def report(faults: Sequence[Fault], *, as_json: bool = False) -> None:
    """Show faults: JSON on standard output, else a table or plain lines on standard error."""
    if as_json:
        document = {"faults": [asdict(fault) for fault in faults]}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    show_faults(faults)
    typer.echo(f"milkrun: {number_of(faults)}; nothing was written", err=True)


def number_of(faults: Sequence[object]) -> str:
    """Return how many faults there are, in words."""
    return "1 fault" if len(faults) == 1 else f"{len(faults)} faults"


def show_faults(faults: Sequence[Fault]) -> None:
    """Show faults on standard error; a screen gets the first of very many."""
    rows = [(fault.where, fault.code, fault.cause, fault.action) for fault in faults]
    most = _MOST_ON_SCREEN if sys.stderr.isatty() else len(rows)
    show(_COLUMNS, rows[:most], stream=sys.stderr)
    if len(rows) > most:
        rest = f"and {len(rows) - most:,} more"
        typer.echo(f"milkrun: {rest}; --json or `2> faults.txt` has them all", err=True)


def show(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, stream: TextIO | None = None
) -> None:
    """Show a table: drawn on a terminal, plain aligned lines in a pipe."""
    stream = stream or sys.stdout
    if stream.isatty():
        _draw(headers, rows, stream)
        return
    from rich.cells import cell_len

    widths = [max((cell_len(row[k]) for row in rows), default=0) for k in range(len(headers))]
    for row in rows:
        # Chinese characters are two columns wide, so str.ljust would not align.
        cells = (
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        )
        stream.write("  ".join(cells).rstrip() + "\n")


def _draw(headers: Sequence[str], rows: Sequence[Sequence[str]], stream: TextIO) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=stream).print(table)
