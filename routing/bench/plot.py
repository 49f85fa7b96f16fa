"""The mean gap of each solver as a picture: by budget, or by instance."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from io import BytesIO

from routing.bench.gaps import Cell, Gaps

_WIDTH = 0.8
"""Of the bars of one group, in the distance between groups."""

_LEVEL = 6
"""So many labels fit side by side."""


def png(gaps: Gaps) -> bytes | None:
    """Return a PNG of bars by budget, or None where there is nothing to compare."""
    means = {
        solver: [gaps.line(budget, solver).common for budget in gaps.budgets]
        for solver in gaps.solvers
    }
    commons = [len(gaps.common(budget)) for budget in gaps.budgets]
    labels = [f"{b:g} s ({n} instances)" for b, n in zip(gaps.budgets, commons, strict=True)]
    return _bars(means, labels)


def png_of_instances(gaps: Gaps, budget_s: float) -> bytes | None:
    """Return a PNG of bars by instance at a budget; no bar where a seed has no plan."""
    means = {
        solver: [_mean(gaps.cells.get((budget_s, solver, name))) for name in gaps.instances]
        for solver in gaps.solvers
    }
    return _bars(means, gaps.instances)


def _mean(cell: Cell | None) -> float | None:
    return statistics.mean(cell.gaps) if cell is not None and cell.counts else None


def _bars(means: Mapping[str, Sequence[float | None]], labels: Sequence[str]) -> bytes | None:
    """Return bars of each solver side by side, one group for each label."""
    shown = {solver: found for solver, found in means.items() if any(m is not None for m in found)}
    if not shown:
        return None
    # Not at the top: it takes half a second.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(9.0, 0.9 * len(labels)), 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    width = _WIDTH / len(shown)
    for k, (solver, found) in enumerate(shown.items()):
        bars = [
            (number - _WIDTH / 2 + (k + 0.5) * width, mean)
            for number, mean in enumerate(found)
            if mean is not None
        ]
        drawn = axes.bar([x for x, _ in bars], [mean for _, mean in bars], width, label=solver)
        axes.bar_label(drawn, fmt="%.1f", fontsize=8, padding=2)
    slant = 0 if len(labels) <= _LEVEL else 30
    axes.set_xticks(range(len(labels)), labels=labels, rotation=slant)
    axes.set_ylabel("mean gap, %")
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend()
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=120)
    return stream.getvalue()
