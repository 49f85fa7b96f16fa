"""A problem from a file of any known format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from routing.formats import lilim, solomon, vrplib
from routing.formats.faults import refuse
from routing.formats.fleet import FleetSize
from routing.formats.measure import Measure
from routing.formats.source import read_text
from routing.problem import Problem

if TYPE_CHECKING:
    from routing.formats.vroom.steps import Sequences

Format = Literal["auto", "vroom", "solomon", "vrplib", "lilim"]
FORMATS: tuple[str, ...] = get_args(Format)


def read(
    path: str | Path,
    *,
    format: Format = "auto",
    vehicles: FleetSize = None,
    measure: Measure | None = None,
) -> Problem:
    """
    Return the problem that a file describes.

    Parameters
    ----------
    path
        Plain text or gzip, UTF-8.
    format
        ``auto`` tells the format by the content, never by the name.
    vehicles
        Replaces the file's number of vehicles; ``unlimited``: one for each visit. Not for
        VROOM's JSON, where each vehicle has a name.
    measure
        Answers for VROOM's JSON that has locations and no matrices.

    Raises
    ------
    InvalidProblem
        With every fault of the file.
    """
    return read_with_start(path, format=format, vehicles=vehicles, measure=measure)[0]


def read_with_start(
    path: str | Path,
    *,
    format: Format = "auto",
    vehicles: FleetSize = None,
    measure: Measure | None = None,
) -> tuple[Problem, Sequences | None]:
    """Return what `read` does, and the plan that the file gives to begin with, or None."""
    text = read_text(Path(path))
    kind = detect(text) if format == "auto" else format
    if kind == "solomon":
        return solomon.read(text, vehicles=vehicles), None
    if kind == "vrplib":
        return vrplib.read(text, vehicles=vehicles), None
    if kind == "lilim":
        return lilim.read(text, vehicles=vehicles), None
    if kind == "vroom":
        return _read_vroom(text, vehicles=vehicles, measure=measure)
    raise refuse(
        str(path),
        "file_unknown_format",
        "this looks like none of the known formats",
        f"name it with --format: {', '.join(FORMATS[1:])}",
    )


def detect(text: str) -> str | None:
    """Return the name of the format that a text is written in, or None."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines[0].startswith(("{", "[")):
        return "vroom"
    if any(line.upper() == "VEHICLE" for line in lines[:5]):
        return "solomon"
    if any(vrplib.looks_like_header(line) for line in lines[:20]):
        return "vrplib"
    if lilim.looks_like(lines):
        return "lilim"
    return None


def _read_vroom(
    text: str, *, vehicles: FleetSize, measure: Measure | None
) -> tuple[Problem, Sequences | None]:
    # Not at the top: pydantic takes 0.15 s to import.
    from routing.formats import vroom

    if vehicles is not None:
        raise refuse(
            "--vehicles",
            "not_supported",
            "the vehicles of VROOM's JSON have names of their own",
            "add or take away vehicles in the file",
        )
    return vroom.read_with_start(text, measure=measure)
