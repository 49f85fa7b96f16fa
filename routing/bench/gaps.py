"""From rows to gaps: to what, of which runs, and means that compare like with like."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from routing.bench.rows import Row

Source = Literal["best known", "best seen"]


@dataclass(frozen=True, slots=True)
class Reference:
    """What gaps of an instance are measured to, in the unit of our plans."""

    cost: int
    source: Source


@dataclass(frozen=True, slots=True)
class Cell:
    """
    What one solver made of one instance at one budget.

    ``gaps`` in % has one for each seed with a plan; ``failed`` counts the other seeds by status.
    ``walls``, ``vehicles`` go with the gaps, ``peaks`` in MB with all runs.
    """

    gaps: tuple[float, ...]
    failed: Mapping[str, int]
    walls: tuple[float, ...]
    vehicles: tuple[int, ...]
    peaks: tuple[float, ...]

    @property
    def counts(self) -> bool:
        """Whether every seed has a plan."""
        return bool(self.gaps) and not self.failed


@dataclass(frozen=True, slots=True)
class Line:
    """
    One solver at one budget.

    ``common`` is the mean gap, each instance counting once, over the ``num_common`` instances
    where every solver that has any plan at this budget has one for every seed; ``own`` over the
    ``num_own`` where this one has. ``failed`` counts the seeds without a plan by status.
    """

    budget_s: float
    solver: str
    common: float | None
    num_common: int
    own: float | None
    num_own: int
    num_runs: int
    failed: Mapping[str, int]
    wall_s: float | None
    most_wall_s: float | None
    peak_mb: float | None
    vehicles: float | None


class Gaps:
    """
    All gaps of a bench.

    Parameters
    ----------
    rows
        The last row of each run.
    seen
        Costs of feasible plans by instance, whoever found them and when.
    known
        Best known costs, where there are any; the others are measured to the best seen.
    """

    def __init__(
        self, rows: Sequence[Row], seen: Mapping[str, int], known: Mapping[str, int]
    ) -> None:
        self.references = _references(rows, seen, known)
        self.budgets = sorted({row.key.budget_s for row in rows})
        self.solvers = list(dict.fromkeys(row.key.solver for row in rows))
        self.instances = list(dict.fromkeys(row.key.instance for row in rows))
        self.cells = _cells(rows, self.references)

    def line(self, budget_s: float, solver: str) -> Line:
        """Return a solver's means at a budget."""
        cells = {
            name: self.cells[budget_s, solver, name]
            for name in self.instances
            if (budget_s, solver, name) in self.cells
        }
        own = [name for name, cell in cells.items() if cell.counts]
        common = [name for name in self.common(budget_s) if name in own]
        failed = sum((Counter(cell.failed) for cell in cells.values()), Counter[str]())
        walls = [wall for cell in cells.values() for wall in cell.walls]
        return Line(
            budget_s=budget_s,
            solver=solver,
            common=_mean(statistics.mean(cells[name].gaps) for name in common),
            num_common=len(common),
            own=_mean(statistics.mean(cells[name].gaps) for name in own),
            num_own=len(own),
            num_runs=sum(len(cell.gaps) for cell in cells.values()) + failed.total(),
            failed=dict(failed),
            wall_s=_mean(walls),
            most_wall_s=max(walls, default=None),
            peak_mb=max((peak for cell in cells.values() for peak in cell.peaks), default=None),
            vehicles=_mean(statistics.mean(cells[name].vehicles) for name in common),
        )

    def common(self, budget_s: float) -> list[str]:
        """Return the instances where every solver that has any plan has one for every seed."""
        able = [
            solver
            for solver in self.solvers
            if any(
                cell.gaps for (b, s, _), cell in self.cells.items() if (b, s) == (budget_s, solver)
            )
        ]
        return [
            name
            for name in self.instances
            if able and all(self._counts(budget_s, solver, name) for solver in able)
        ]

    def _counts(self, budget_s: float, solver: str, name: str) -> bool:
        cell = self.cells.get((budget_s, solver, name))
        return cell is not None and cell.counts


def gap(cost: int, reference: int) -> float:
    """Return by how many % a cost is above a reference."""
    return 100.0 * (cost / reference - 1.0) if reference else 0.0


def seen(rows: Iterable[Row]) -> dict[str, int]:
    """Return the least cost of a feasible plan, by instance."""
    best: dict[str, int] = {}
    for row in rows:
        if row.status == "feasible" and row.cost is not None:
            best[row.key.instance] = min(row.cost, best.get(row.key.instance, row.cost))
    return best


def _references(
    rows: Sequence[Row], seen: Mapping[str, int], known: Mapping[str, int]
) -> dict[str, Reference]:
    names = {row.key.instance for row in rows}
    found = {name: Reference(seen[name], "best seen") for name in names if name in seen}
    return found | {name: Reference(known[name], "best known") for name in names if name in known}


def _cells(
    rows: Sequence[Row], references: Mapping[str, Reference]
) -> dict[tuple[float, str, str], Cell]:
    groups: dict[tuple[float, str, str], dict[int, list[Row]]] = {}
    for row in rows:
        key = row.key
        seeds = groups.setdefault((key.budget_s, key.solver, key.instance), {})
        seeds.setdefault(key.seed, []).append(row)
    return {where: _cell(seeds, references.get(where[2])) for where, seeds in groups.items()}


def _cell(seeds: Mapping[int, Sequence[Row]], reference: Reference | None) -> Cell:
    best = [_best(settings) for settings in seeds.values()]
    plans = [row for row in best if row.status == "feasible"]
    return Cell(
        gaps=tuple(gap(row.cost or 0, reference.cost) for row in plans if reference),
        failed=dict(Counter(row.status for row in best if row.status != "feasible")),
        walls=tuple(row.wall_s or 0.0 for row in plans),
        vehicles=tuple(row.num_vehicles or 0 for row in plans),
        peaks=tuple(row.peak_mb for rows in seeds.values() for row in rows if row.peak_mb),
    )


def _best(settings: Sequence[Row]) -> Row:
    """Return the row of the best setting; of those without a plan, the last."""
    plans = [row for row in settings if row.status == "feasible" and row.cost is not None]
    return min(plans, key=lambda row: row.cost or 0) if plans else settings[-1]


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return statistics.mean(found) if found else None
