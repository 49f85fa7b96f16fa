"""Speed factors by road class and hour of the week: what a rush hour does to a free road."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maps.faults import BadConditions, Fault
from maps.roads import hours
from maps.roads.classes import ROAD_CLASSES
from maps.roads.hours import HOURS_OF_WEEK

COLUMNS = ("class", "hours", "factor")

_MIN_FACTOR, _MAX_FACTOR = 0.05, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Congestion:
    """
    Factors on free-flow speed.

    Attributes
    ----------
    factors
        ``(classes, 168)`` float64, by `ROAD_CLASSES` and hour of the week; 1 is free flow, 0.5
        takes twice as long.
    """

    factors: NDArray[np.float64]

    def digest(self) -> str:
        """Return a text that changes with any factor."""
        return hashlib.sha256(np.ascontiguousarray(self.factors).tobytes()).hexdigest()[:16]


def free_flow() -> Congestion:
    """Return factors of 1."""
    return Congestion(np.ones((len(ROAD_CLASSES), HOURS_OF_WEEK)))


# The shape is that of weekly congestion profiles published for large cities (TomTom Traffic
# Index, hourly congestion levels: morning peak about 8-9, a longer evening peak about 17-19,
# evening above morning, weekends flat with a mild afternoon hump), the depth a moderate one: 50 %
# more time at the worst hour on main roads. It is an assumption for towns without data of their
# own; give your own CSV where you have measured.
_MAIN = ("motorway", "trunk", "primary", "secondary")
_SIDE = ("tertiary", "unclassified", "residential", "living_street", "road", "service")
_DEFAULT = (
    ("Mo-Fr 06:00-07:00", 0.90, 0.95),
    ("Mo-Fr 07:00-08:00", 0.75, 0.85),
    ("Mo-Fr 08:00-09:00", 0.68, 0.80),
    ("Mo-Fr 09:00-10:00", 0.78, 0.88),
    ("Mo-Fr 10:00-16:00", 0.85, 0.92),
    ("Mo-Fr 16:00-17:00", 0.76, 0.87),
    ("Mo-Fr 17:00-19:00", 0.66, 0.80),
    ("Mo-Fr 19:00-20:00", 0.80, 0.90),
    ("Mo-Fr 20:00-22:00", 0.93, 0.97),
    ("Sa,Su 09:00-11:00", 0.93, 0.96),
    ("Sa,Su 11:00-19:00", 0.86, 0.93),
    ("Sa,Su 19:00-21:00", 0.93, 0.97),
)


def _default() -> Congestion:
    factors = np.ones((len(ROAD_CLASSES), HOURS_OF_WEEK))
    for text, main, side in _DEFAULT:
        span = hours.parse(text)
        assert span is not None
        columns = [hour for hour in range(HOURS_OF_WEEK) if span.touches(hour)]
        for row, name in enumerate(ROAD_CLASSES):
            base = name.removesuffix("_link")
            if base in _MAIN:
                factors[row, columns] = main
            elif base in _SIDE:
                factors[row, columns] = side
    return Congestion(factors)


DEFAULT = _default()
"""A moderate city's week."""


def read_csv(path: Path) -> Congestion:
    """
    Read a congestion profile.

    Columns ``class,hours,factor``: a road class (``*``: all; ``primary`` does not include
    ``primary_link``), hours such as ``Mo-Fr 07:00-09:00``, and a factor on free-flow speed,
    0.05 … 2. A later row overrides an earlier one; what no row names is free flow. An hour that
    is only partly named counts as named.

    Raises
    ------
    BadConditions
        With every fault of the file.
    """
    faults: list[Fault] = []
    factors = np.ones((len(ROAD_CLASSES), HOURS_OF_WEEK))
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            header = tuple(name.strip() for name in reader.fieldnames or ())
            rows = list(reader) if header == COLUMNS else []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        fault = Fault(str(path), "unreadable", str(error), "save it as CSV in UTF-8")
        raise BadConditions([fault]) from error
    if header != COLUMNS:
        cause = f"columns are {', '.join(header) or 'none'}"
        faults.append(Fault(f"{path}:1", "bad_columns", cause, f"name them {','.join(COLUMNS)}"))
    for number, row in enumerate(rows, start=2):
        faults += _apply(row, factors, where=f"{path}:{number}")
    if faults:
        raise BadConditions(faults)
    return Congestion(factors)


def _apply(row: dict[str, str | None], factors: NDArray[np.float64], *, where: str) -> list[Fault]:
    """Write a row into the table, or say what is wrong with it."""
    faults = []
    name = (row["class"] or "").strip()
    if name != "*" and name not in ROAD_CLASSES:
        action = f"use * or one of {', '.join(ROAD_CLASSES)}"
        faults.append(Fault(where, "unknown_class", f"class is {name!r}", action))
    text = (row["hours"] or "").strip()
    span = hours.parse(text)
    if span is None:
        action = 'write it like "Mo-Fr 07:00-09:00"'
        faults.append(Fault(where, "bad_hours", f"hours is {text!r}", action))
    factor = _factor(row["factor"] or "")
    if factor is None:
        action = f"give a number from {_MIN_FACTOR} to {_MAX_FACTOR}"
        faults.append(Fault(where, "bad_factor", f"factor is {row['factor']!r}", action))
    if faults or span is None or factor is None:
        return faults
    index = slice(None) if name == "*" else ROAD_CLASSES.index(name)
    factors[index, [hour for hour in range(HOURS_OF_WEEK) if span.touches(hour)]] = factor
    return []


def _factor(text: str) -> float | None:
    try:
        factor = float(text)
    except ValueError:
        return None
    return factor if _MIN_FACTOR <= factor <= _MAX_FACTOR else None
