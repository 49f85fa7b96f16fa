"""When a tag's value holds: "no @ (Mo-Fr 07:00-09:00 AND weight>7.5); yes @ delivery"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from maps.roads import hours, measures
from maps.roads.hours import ALWAYS, Hours
from maps.roads.profiles import Profile

# Splits at the semicolons that stand outside of brackets.
_PART = re.compile(r"(?:[^;(]|\([^)]*\)?)+")
_AND = re.compile(r"\s+and\s+|\s*&&?\s*", re.IGNORECASE)
_LIMIT = re.compile(r"^(weight|weightrating|height|length|width|axleload)\s*(<=|>=|<|>|=)\s*(.+)$")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
# Whoever plans with Milkrun delivers or collects there: these conditions always hold.
_OUR_ERRANDS = frozenset({"destination", "delivery", "customers", "loading", "unloading"})


@dataclass(frozen=True, slots=True)
class Limit:
    """A comparison with the vehicle's own measure, in metres or metric tons."""

    measure: str
    sign: str
    value: float

    def holds(self, profile: Profile) -> bool:
        """Tell whether the vehicle is meant."""
        return _COMPARE[self.sign](profile.measure(self.measure), self.value)


@dataclass(frozen=True, slots=True)
class Condition:
    """
    All of: hours of the week, limits.

    A text that is not understood (dates, seasons, weather) never holds: the unconditional tag
    then counts.
    """

    hours: Hours = ALWAYS
    limits: tuple[Limit, ...] = ()

    def holds(self, profile: Profile, hour: int, *, whole_hour: bool = False) -> bool:
        """Tell whether it holds in any part of the hour, or (``whole_hour``) in all of it."""
        within = self.hours.fills(hour) if whole_hour else self.hours.touches(hour)
        return within and all(limit.holds(profile) for limit in self.limits)

    def ever_holds(self, profile: Profile) -> bool:
        """Tell whether it holds at some hour of the week."""
        return self.hours.touched != 0 and all(limit.holds(profile) for limit in self.limits)


UNCONDITIONAL = Condition()
"""Always, for everyone."""


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[tuple[str, Condition], ...]:
    """
    Read the value of a ``…:conditional`` tag into (value, condition), in the order written.

    Where several hold, the last counts (OSM wiki, Conditional restrictions). A part that is not
    understood is left out.
    """
    clauses: list[tuple[str, str]] = []
    for part in _PART.findall(text):
        value, at, condition = part.partition("@")
        if at:
            clauses.append((value.strip().lower(), condition))
        elif clauses:
            # "no @ 07:00-09:00; 16:00-18:00" without brackets: more hours of the same.
            clauses[-1] = (clauses[-1][0], f"{clauses[-1][1]};{part}")
    read = [(value, parse_condition(condition)) for value, condition in clauses]
    return tuple((value, condition) for value, condition in read if condition is not None)


def parse_condition(text: str) -> Condition | None:
    """Read what stands after the ``@``; None where any part is not understood."""
    text = text.strip().replace("(", "").replace(")", "")
    when = ALWAYS
    limits: list[Limit] = []
    for term in _AND.split(text):
        limit = _limit(term)
        if limit is not None:
            limits.append(limit)
        elif term.strip().lower() not in _OUR_ERRANDS:
            span = hours.parse(term)
            if span is None:
                return None
            when = Hours(when.touched & span.touched, when.filled & span.filled)
    return Condition(when, tuple(limits))


def _limit(term: str) -> Limit | None:
    found = _LIMIT.match(term.strip().lower())
    if found is None:
        return None
    read = (
        measures.tonnes if found[1] in {"weight", "weightrating", "axleload"} else measures.metres
    )
    value = read(found[3])
    return None if value is None else Limit(found[1], found[2], value)
