"""The parts of a VRPLIB file: lines ``KEY : VALUE``, and sections of rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routing.formats.faults import Faults

_KEYS = frozenset(
    {
        "NAME",
        "COMMENT",
        "TYPE",
        "DIMENSION",
        "CAPACITY",
        "VEHICLES",
        "DISTANCE",
        "SERVICE_TIME",
        "EDGE_WEIGHT_TYPE",
        "EDGE_WEIGHT_FORMAT",
        "NODE_COORD_TYPE",
        "DISPLAY_DATA_TYPE",
    }
)
_SECTIONS = frozenset(
    {
        "EDGE_WEIGHT_SECTION",
        "NODE_COORD_SECTION",
        "DEMAND_SECTION",
        "DEPOT_SECTION",
        "SERVICE_TIME_SECTION",
        "TIME_WINDOW_SECTION",
    }
)
_MAX = 2**31 - 2
"""2**31 - 1 marks a pair without a way."""

Rows = list[tuple[int, list[str]]]
"""Line numbers with the words of the line."""


def looks_like_header(line: str) -> bool:
    """Tell whether a line is one of the keys or sections that VRPLIB knows."""
    word = line.partition(":")[0].strip().upper()
    return (":" in line and word in _KEYS) or word in _SECTIONS


@dataclass(frozen=True, slots=True)
class Sections:
    """A file's header, with the line of each key, and the rows of each section."""

    header: dict[str, tuple[int, str]] = field(default_factory=dict)
    body: dict[str, Rows] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """Return the value of a key in capitals; empty where the file has none."""
        return self.header.get(key, (0, ""))[1].upper()

    def whole(
        self, key: str, faults: Faults, *, low: int = 0, default: int | None = None
    ) -> int | None:
        """Return the value of a key as a whole number, or None with a fault noted."""
        if key not in self.header:
            if default is None:
                faults.add("header", "missing_key", f"no {key}", f"add a line: {key} : NUMBER")
            return default
        line, value = self.header[key]
        if value.isdecimal() and low <= int(value) <= _MAX:
            return int(value)
        cause = f"{key} is {value!r}"
        action = f"write a whole number from {low} to {_MAX:,}"
        faults.add(f"line {line}", "not_a_number", cause, action)
        return None

    def table(
        self,
        name: str,
        size: int,
        columns: int,
        faults: Faults,
        *,
        decimals: bool = False,
        required: bool = False,
    ) -> NDArray[np.float64] | None:
        """
        Return a section of rows ``node value ...`` as numbers, or None.

        Parameters
        ----------
        size
            Nodes are numbered from 1 to this; each has one row.
        columns
            Values after the node's number.
        decimals
            Whether any number will do, or only whole ones from 0 on.

        Returns
        -------
        values
            ``(size, columns)`` float64, by node; None if the section is absent or has faults.
        """
        if name not in self.body:
            if required:
                faults.add("file", "missing_section", f"no {name}", "add the section")
            return None
        reader = _Table(name, size, columns, faults, decimals=decimals)
        return reader.read(self.body[name])


def split(text: str, faults: Faults) -> Sections:
    """Return the parts of a file; unknown keys and sections are faults, each with its line."""
    sections = Sections()
    rows: Rows | None = None
    for line, raw in enumerate(text.splitlines(), start=1):
        words = raw.split()
        if not words:
            continue
        if not words[0][0].isalpha():
            if rows is None:
                cause = f"{words[0]!r} belongs to no section"
                faults.add(f"line {line}", "unknown_key", cause, "put it below a section's name")
                rows = []
            rows.append((line, words))
            continue
        if words[0].upper() == "EOF":
            break
        rows = _open(sections, line, raw, faults)
    return sections


def _open(sections: Sections, line: int, raw: str, faults: Faults) -> Rows | None:
    """Take a line that starts with a letter: a key, or the name of a section."""
    name, colon, value = (part.strip() for part in raw.partition(":"))
    key = name.upper()
    if key in sections.header or key in sections.body:
        faults.add(f"line {line}", "duplicate_key", f"{key} comes twice", "leave one of them")
        return []
    if key in _SECTIONS:
        return sections.body.setdefault(key, [])
    if key in _KEYS and colon:
        sections.header[key] = (line, value)
        return None
    if key.endswith("_SECTION"):
        cause = f"not supported yet: {key}"
        faults.add(f"line {line}", "not_supported", cause, "solve a file without that section")
        return []
    cause = f"{name!r} is no key of VRPLIB that is known here"
    faults.add(f"line {line}", "unknown_key", cause, "take the line out, or correct its name")
    return []


class _Table:
    """Reads the rows of one section, noting every fault."""

    def __init__(
        self, name: str, size: int, columns: int, faults: Faults, *, decimals: bool
    ) -> None:
        self._name = name
        self._size = size
        self._columns = columns
        self._faults = faults
        self._decimals = decimals
        self._good = True

    def read(self, rows: Rows) -> NDArray[np.float64] | None:
        values = np.zeros((self._size, self._columns))
        seen: set[int] = set()
        for line, words in rows:
            node = self._node(line, words, seen)
            if node is not None:
                values[node - 1] = [self._value(line, word) for word in words[1:]]
        missing = [str(node) for node in range(1, self._size + 1) if node not in seen]
        if missing and self._good:
            shown = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
            cause = f"{len(missing)} nodes without a row: {shown}"
            self._fault(self._name, "wrong_count", cause, f"write {self._size} rows (DIMENSION)")
        return values if self._good else None

    def _node(self, line: int, words: list[str], seen: set[int]) -> int | None:
        where = f"line {line}"
        if len(words) != self._columns + 1:
            cause = f"{len(words)} values instead of {self._columns + 1} in {self._name}"
            self._fault(where, "wrong_count", cause, "write the node's number, then its values")
            return None
        if not words[0].isdecimal() or not 1 <= int(words[0]) <= self._size:
            cause = f"{words[0]!r} is no number of a node"
            self._fault(where, "out_of_range", cause, f"write a number from 1 to {self._size}")
            return None
        node = int(words[0])
        if node in seen:
            cause = f"node {node} has two rows in {self._name}"
            self._fault(where, "duplicate_id", cause, "leave one of them")
        seen.add(node)
        return node

    def _value(self, line: int, word: str) -> float:
        try:
            value = float(word)
        except ValueError:
            value = float("nan")
        whole = value.is_integer() and value >= 0
        if not abs(value) <= _MAX or not (whole or self._decimals):
            kind = "number" if self._decimals else "whole number from 0"
            cause = f"{word!r} is no {kind} (in {self._name})"
            self._fault(f"line {line}", "not_a_number", cause, f"write a {kind}")
            return 0.0
        return value

    def _fault(self, where: str, code: str, cause: str, action: str) -> None:
        self._good = False
        self._faults.add(where, code, cause, action)
