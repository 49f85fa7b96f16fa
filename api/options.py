"""Options that several commands share, spelled and explained once."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api import faults
from api.faults import BadInput
from routing.faults import Fault

if TYPE_CHECKING:
    from routing.formats import FleetSize

TYPICAL_HOUR = "2026-03-03T10:00"
"""A Tuesday morning after the rush: asked for when nothing else is said."""

BUDGET_S = 20.0

_YEARS = range(1970, 2200)
"""Time zones have no rules for others, and a day near year 1 has no day before it."""

Datum = Literal["wgs84", "gcj02", "bd09"]

MapOption = Annotated[
    str,
    typer.Option("--map", metavar="FILE_OR_NAME", help="An OpenStreetMap file or imported name."),
]
Budget = Annotated[
    float, typer.Option("--budget", metavar="S", min=0, help="Seconds to search for a better plan.")
]
Cores = Annotated[
    int | None,
    typer.Option("--cores", metavar="N", min=1, help="Searches side by side; default: all cores."),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Start of the random numbers.")]
Profile = Annotated[
    Literal["car", "van", "truck", "scooter"], typer.Option("--profile", help="What drives.")
]
DatumOption = Annotated[
    Datum, typer.Option("--datum", help="What coordinates are given and shown in.")
]
Json = Annotated[
    bool,
    typer.Option(
        "--json",
        is_eager=True,
        callback=faults.remember_json,
        help="Write faults and answers as JSON on standard output.",
    ),
]
AtHour = Annotated[
    str,
    typer.Option("--at", metavar="DATE_TIME", help="Local time, such as 2026-03-02T08:30."),
]
Zones = Annotated[
    Path | None,
    typer.Option("--zones", metavar="GEOJSON", help="Areas and roads that are closed or slow."),
]
CongestionFile = Annotated[
    Path | None,
    typer.Option("--congestion", metavar="CSV", help="Speed by road class and hour of the week."),
]


def all_cores(cores: int | None) -> int:
    """Return the number of cores asked for, or all that this process may use."""
    if cores is not None:
        return cores
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def fleet_size(text: str | None) -> FleetSize:
    """Return the number of vehicles that a text names; None: the file's own."""
    if text is None or text == "unlimited":
        return text  # type: ignore[return-value]  # narrowed to the literal just now
    if text.isdecimal() and 0 < int(text) <= 100_000:
        return int(text)
    cause = f"{text!r} is no number of vehicles"
    raise BadInput(Fault("--vehicles", "bad_number", cause, "write a whole number, or unlimited"))


def hour_of_week(text: str) -> int:
    """Return the hour since Monday 00:00 of a local date and time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        cause = f"{text!r} is no date and time"
        fault = Fault("--at", "bad_time", cause, "write it like 2026-03-02T08:30")
        raise BadInput(fault) from None
    return at.weekday() * 24 + at.hour


def day_of(text: str) -> date:
    """Return the date that a text names."""
    try:
        at = date.fromisoformat(text)
    except ValueError:
        cause = f"{text!r} is no date"
        raise BadInput(Fault("--at", "bad_date", cause, "write it like 2026-03-02")) from None
    if at.year not in _YEARS:
        cause = f"{text} is not between {_YEARS[0]} and {_YEARS[-1]}"
        raise BadInput(Fault("--at", "bad_date", cause, "check the year"))
    return at


def yuan(fen: int) -> str:
    """Return an amount of money as people write it."""
    return f"¥{fen / 100:,.2f}"
