"""A bench as Markdown and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from routing.bench import gaps as gaps_
from routing.bench.gaps import Cell, Gaps, Line, Reference
from routing.bench.instances import Instance
from routing.bench.machine import Machine
from routing.bench.rows import Log, Row
from routing.bench.solvers import SOLVERS

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Bench:
    """All that a report tells; ``missing`` are the names of solvers that are not installed."""

    gaps: Gaps
    rows: Sequence[Row]
    machine: Machine
    cores: int
    num_seeds: int
    date: str
    missing: Sequence[str]


def gathered(
    log: Log,
    here: Machine,
    instances: Sequence[Instance],
    cores: int,
    known: Mapping[str, int],
    *,
    missing: Sequence[str],
) -> Bench:
    """Return what a log holds of these instances, from this and from earlier benches."""
    fleets = {(each.name, each.digest): str(each.vehicles or "file") for each in instances}
    mine = [row for row in log.rows if (row.key.instance, row.key.digest) in fleets]
    same = [row for row in mine if fleets[row.key.instance, row.key.digest] == row.key.vehicles]
    rows = list({row.key: row for row in same if row.key.cores == cores}.values())
    order = {each.name: k for k, each in enumerate(instances)}
    rows.sort(key=lambda row: (row.key.budget_s, order[row.key.instance]))
    return Bench(
        gaps=Gaps(rows, gaps_.seen(same), known),
        rows=rows,
        machine=here,
        cores=cores,
        num_seeds=len({row.key.seed for row in rows}),
        date=datetime.now(UTC).date().isoformat(),
        missing=missing,
    )


def document(bench: Bench) -> dict[str, Any]:
    """Return the bench as a JSON object, rows included."""
    gaps = bench.gaps
    return {
        "date": bench.date,
        "machine": asdict(bench.machine),
        "cores": bench.cores,
        "seeds": bench.num_seeds,
        "versions": _versions(bench.rows),
        "not_installed": list(bench.missing),
        "references": {name: asdict(found) for name, found in sorted(gaps.references.items())},
        "summary": [asdict(line) for line in _lines(gaps)],
        "rows": [row.document() for row in bench.rows],
    }


def markdown(bench: Bench, *, picture: str = "") -> str:
    """Return the bench as Markdown; ``picture`` is the name of the plot, where there is one."""
    gaps = bench.gaps
    commit = f", commit {bench.machine.commit}" if bench.machine.commit else ""
    seeds = "1 seed" if bench.num_seeds == 1 else f"{bench.num_seeds} seeds"
    parts = [
        "# Bench",
        f"{bench.machine.text()}{commit}, {bench.date}. {bench.cores} cores for each run, {seeds}.",
        _sources(gaps.references),
        *_missing(bench.missing),
        *_refused(bench.rows),
    ]
    for budget in gaps.budgets:
        parts += [f"## {budget:g} s", _means(bench, budget), _each(gaps, budget)]
    if picture:
        parts.append(f"![Mean gap by budget and solver]({picture})")
    parts.append(_legend(bench))
    return "\n\n".join(parts) + "\n"


def _missing(names: Sequence[str]) -> list[str]:
    return [f"Not installed: {', '.join(names)}."] if names else []


def _refused(rows: Iterable[Row]) -> list[str]:
    """Tell what solvers have no words for, and in which instances."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        if row.status == "refused":
            found.setdefault((row.key.solver, row.cause), {})[row.key.instance] = None
    return [
        f"{solver} cannot say: {cause} ({', '.join(names)})."
        for (solver, cause), names in found.items()
    ]


def _sources(references: Mapping[str, Reference]) -> str:
    known = sum(each.source == "best known" for each in references.values())
    if references and not known:
        return f"Gaps in % to the best plan seen here, marked * ({len(references)} instances)."
    text = f"Gaps in % to the best known total distance ({known} instances)"
    if known < len(references):
        text += f", else to the best plan seen here, marked * ({len(references) - known})"
    return f"{text}."


def _lines(gaps: Gaps) -> list[Line]:
    return [gaps.line(budget, solver) for budget in gaps.budgets for solver in gaps.solvers]


def _means(bench: Bench, budget: float) -> str:
    gaps = bench.gaps
    versions = _versions(bench.rows)
    num_common = len(gaps.common(budget))
    head = (
        "solver",
        "version",
        f"mean gap, {num_common} common instances",
        "mean gap, its own",
        "without a plan",
        "vehicles",
        "wall s: mean / most",
        "peak MB",
    )
    lines = sorted(
        (gaps.line(budget, solver) for solver in gaps.solvers),
        key=lambda line: (line.common is None, line.common or 0.0),
    )
    rows = [_mean_row(line, ", ".join(versions[line.solver])) for line in lines if line.num_runs]
    return _table(head, "llrrlrrr", rows)


def _mean_row(line: Line, version: str) -> Sequence[str]:
    failed = ", ".join(f"{count} {status}" for status, count in sorted(line.failed.items()))
    without = f"{sum(line.failed.values())} of {line.num_runs}: {failed}" if failed else "0"
    wall = NOTHING if line.wall_s is None else f"{line.wall_s:.1f} / {line.most_wall_s:.1f}"
    return (
        line.solver,
        version,
        NOTHING if line.common is None else f"**{line.common:.2f}**",
        NOTHING if line.own is None else f"{line.own:.2f} ({line.num_own})",
        without,
        NOTHING if line.vehicles is None else f"{line.vehicles:.1f}",
        wall,
        NOTHING if line.peak_mb is None else f"{line.peak_mb:,.0f}",
    )


def _each(gaps: Gaps, budget: float) -> str:
    solvers = [s for s in gaps.solvers if any(key[:2] == (budget, s) for key in gaps.cells)]
    rows = []
    for name in gaps.instances:
        cells = [gaps.cells.get((budget, solver, name)) for solver in solvers]
        if any(cells):
            rows.append((name, _reference(gaps.references.get(name)), *map(_cell, cells)))
    return _table(("instance", "best", *solvers), "l" + "r" * (1 + len(solvers)), rows)


def _reference(reference: Reference | None) -> str:
    if reference is None:
        return NOTHING
    return f"{reference.cost:,}{'*' if reference.source == 'best seen' else ''}"


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return NOTHING
    failed = ", ".join(f"{count} {status}" for status, count in sorted(cell.failed.items()))
    if not cell.gaps:
        return failed or NOTHING
    mean = f"{statistics.mean(cell.gaps):.2f}"
    return f"{mean}; {failed}" if failed else mean


def _legend(bench: Bench) -> str:
    notes = {solver.name: solver.note for solver in SOLVERS}
    asked = [f"- {name}: {notes[name]}" for name in bench.gaps.solvers if name in notes]
    text = (
        "Each instance counts once, with the mean of its seeds. Common instances: where every "
        "solver that has any plan at this budget has one for every seed. A plan counts if an "
        "independent check finds nothing wrong with it. Wall is the call of the engine alone; "
        "peak is of all its processes, shared pages counted in each."
    )
    return "\n".join([text, "", *asked]) if asked else text


def _versions(rows: Iterable[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        versions = found.setdefault(row.key.solver, [])
        if row.version not in versions:
            versions.append(row.version)
    return found


def _table(head: Sequence[str], align: str, rows: Iterable[Sequence[str]]) -> str:
    rule = "|".join("---:" if side == "r" else "---" for side in align)
    lines = (" | ".join(row) for row in rows)
    return "\n".join([f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {line} |" for line in lines)])
