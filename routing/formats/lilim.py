"""Li and Lim's pickup-and-delivery files: known, and refused by name until pairs can be planned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from routing.formats.faults import refuse


def looks_like(lines: Sequence[str]) -> bool:
    """Tell whether these non-empty lines are three numbers, then rows of nine."""
    return len(lines) > 1 and _numbers(lines[0]) == 3 and _numbers(lines[1]) == 9


def read(_: str) -> NoReturn:
    """
    Refuse the file.

    Raises
    ------
    InvalidProblem
        ``not_supported``.
    """
    raise refuse(
        "file",
        "not_supported",
        "not supported yet: pickup-and-delivery pairs (Li and Lim's format)",
        "use a Solomon, VRPLIB or VROOM file without pairs",
    )


def _numbers(line: str) -> int:
    words = line.split()
    return len(words) if all(word.lstrip("-").isdigit() for word in words) else 0
