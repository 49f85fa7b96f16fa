"""What one run gave, and the file that keeps it as soon as it is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

Status = Literal["feasible", "infeasible", "no plan", "refused", "crashed", "late", "too large"]
"""
``refused``: the problem has parts that the engine, or its adapter, has no words for. ``late``:
ended by us long after its time. ``too large``: ended by us for its memory.
"""

FILE = "runs.jsonl"


class Key(NamedTuple):
    """What makes a run the same as another."""

    instance: str
    digest: str
    vehicles: str
    cores: int
    budget_s: float
    seed: int
    solver: str
    setting: str


@dataclass(frozen=True, slots=True)
class Row:
    """
    One run.

    ``wall_s`` is of the engine's call, without loading the problem and the package; ``peak_mb``
    of all its processes together, pages that they share counted in each. ``cost`` includes the
    price of what is left out. ``violations`` counts by code.
    """

    key: Key
    status: Status
    version: str
    at: str
    wall_s: float | None = None
    peak_mb: float | None = None
    cost: int | None = None
    num_vehicles: int | None = None
    violations: Mapping[str, int] = field(default_factory=dict)
    cause: str = ""

    @property
    def text(self) -> str:
        """The row in one line, for people who wait."""
        key = self.key
        name = f"{key.solver} {key.setting}".strip()
        what = f"{key.instance}, {name}, {key.budget_s:g} s, seed {key.seed}"
        if self.status == "feasible":
            return f"{what}: cost {self.cost:,}, {self.num_vehicles} vehicles, {self.wall_s:.1f} s"
        why = self.cause or ", ".join(f"{n} {code}" for code, n in self.violations.items())
        return f"{what}: {self.status}: {why}"

    def document(self) -> dict[str, Any]:
        """Return the row as a flat JSON object."""
        rest = asdict(self)
        del rest["key"]
        return {**self.key._asdict(), **rest}


def from_document(document: Mapping[str, Any]) -> Row:
    """Return a row that `Row.document` wrote; KeyError or TypeError if it is none."""
    key = Key(**{name: document[name] for name in Key._fields})
    rest = {name: value for name, value in document.items() if name not in Key._fields}
    return Row(key=key, **rest)


class Log:
    """
    The rows in a folder, those of earlier benches included; a later row of a key replaces one.

    Rows are written line by line. What was cut off while it was being written is dropped.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.rows: list[Row] = []
        text = self._path.read_text("utf-8") if self._path.exists() else ""
        good = [line for line in text.splitlines() if self._take(line)]
        whole = "".join(f"{line}\n" for line in good)
        if whole != text:
            self._path.write_text(whole, "utf-8")

    def add(self, row: Row) -> None:
        """Keep a row."""
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row.document(), ensure_ascii=False) + "\n")
        self.rows.append(row)

    def latest(self) -> dict[Key, Row]:
        """Return the last row of each key."""
        return {row.key: row for row in self.rows}

    def _take(self, line: str) -> bool:
        try:
            self.rows.append(from_document(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            return False
        return True
