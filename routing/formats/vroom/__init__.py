"""
VROOM's JSON: a problem in and out, a plan out, and a plan back in to be judged.

Source: VROOM's API description, docs/API.md of VROOM-Project/vroom, version 1.15. The dialect is
strict: unknown keys, deprecated keys and what cannot be planned yet are refused by name, and so is
what a problem asks that VROOM has no word for. docs/vroom.md has every key.
"""

from routing.formats.measure import Measure
from routing.formats.vroom.claimed import read_solution
from routing.formats.vroom.documents import parse
from routing.formats.vroom.export import write_problem
from routing.formats.vroom.output import write
from routing.formats.vroom.reader import read, read_with_start

__all__ = [
    "Measure",
    "parse",
    "read",
    "read_solution",
    "read_with_start",
    "write",
    "write_problem",
]
