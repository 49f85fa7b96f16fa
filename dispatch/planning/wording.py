"""Reasons in kilograms, litres and yuan, as the user's tables have them; the solver counts less."""

from __future__ import annotations

import re
from dataclasses import replace

from routing.solution import Solution

_UNITS = {"weight": "kg", "volume": "l"}
"""Of `dispatch.planning.problems.DIMENSIONS`, a thousand times what the solver counts in."""

_NEEDED = re.compile(r"\b(weight|volume) (\d+) needed, (\d+) is the capacity")
_OVER = re.compile(r"\b(weight|volume) \+(\d+) over the capacity of (\d+)")
_WHERE = re.compile(r"(over the capacity of [\d,.]+ \w+) when leaving .*$")
"""At which stops: of use where the route is seen, as with a violation."""

_PRICES = re.compile(r"^the cheapest way costs (\d+) more, leaving it out (\d+)$")


def in_users_units(solution: Solution) -> Solution:
    """Return the solution with loads and money of its reasons in the units of the user's tables."""
    unplanned = (
        replace(one, reasons=tuple(replace(why, cause=_reason(why.cause)) for why in one.reasons))
        for one in solution.unplanned
    )
    return replace(solution, unplanned=tuple(unplanned))


def _reason(text: str) -> str:
    return _WHERE.sub(r"\1", cause(text))


def cause(text: str) -> str:
    """Return the cause of a reason or a violation in the units of the user's tables."""
    needed = _NEEDED.sub(r"\1 <\1 \2> needed, <\1 \3> is the capacity", text)
    over = _OVER.sub(r"\1 <\1 \2> over the capacity of <\1 \3>", needed)
    over = _PRICES.sub(_yuan, over)
    return re.sub(r"<(\w+) (\d+)>", _amount, over)


def _amount(match: re.Match[str]) -> str:
    return f"{int(match[2]) / 1000:,.10g} {_UNITS[match[1]]}"


def _yuan(match: re.Match[str]) -> str:
    cost, price = (f"¥{int(fen) / 100:,.2f}" for fen in match.groups())
    return f"the cheapest way costs {cost} more, leaving it out {price}"
