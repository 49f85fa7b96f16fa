"""Reasons in kilograms and litres, as the user's tables have them; the solver counts grams."""

from __future__ import annotations

import re
from dataclasses import replace

from routing.solution import Reason, Solution

_UNITS = {"weight": "kg", "volume": "l"}
"""Of `dispatch.problems.DIMENSIONS`, a thousand times what the solver counts in."""

_NEEDED = re.compile(r"\b(weight|volume) (\d+) needed, (\d+) is the capacity")
_OVER = re.compile(r"\b(weight|volume) \+(\d+) over the capacity of (\d+)(?: when leaving .*)?$")


def in_users_units(solution: Solution) -> Solution:
    """Return the solution with the loads of its reasons in the units of the user's tables."""
    unplanned = (
        replace(one, reasons=tuple(replace(why, cause=_cause(why)) for why in one.reasons))
        for one in solution.unplanned
    )
    return replace(solution, unplanned=tuple(unplanned))


def _cause(reason: Reason) -> str:
    needed = _NEEDED.sub(r"\1 <\1 \2> needed, <\1 \3> is the capacity", reason.cause)
    over = _OVER.sub(r"\1 <\1 \2> over the capacity of <\1 \3>", needed)
    return re.sub(r"<(\w+) (\d+)>", _amount, over)


def _amount(match: re.Match[str]) -> str:
    return f"{int(match[2]) / 1000:,.10g} {_UNITS[match[1]]}"
