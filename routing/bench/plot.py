"""The mean gap of each solver by budget, as a picture."""

from __future__ import annotations

from io import BytesIO

from routing.bench.gaps import Gaps

_WIDTH = 0.8
"""Of the bars of one budget, in the distance between budgets."""


def png(gaps: Gaps) -> bytes | None:
    """Return a PNG of bars, or None where there is nothing to compare."""
    lines = {
        solver: [gaps.line(budget, solver).common for budget in gaps.budgets]
        for solver in gaps.solvers
    }
    shown = {solver: means for solver, means in lines.items() if any(m is not None for m in means)}
    if not shown:
        return None
    # Not at the top: it takes half a second.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    width = _WIDTH / len(shown)
    for k, (solver, means) in enumerate(shown.items()):
        bars = [
            (number - _WIDTH / 2 + (k + 0.5) * width, mean)
            for number, mean in enumerate(means)
            if mean is not None
        ]
        drawn = axes.bar([x for x, _ in bars], [mean for _, mean in bars], width, label=solver)
        axes.bar_label(drawn, fmt="%.1f", fontsize=8, padding=2)
    commons = [len(gaps.common(budget)) for budget in gaps.budgets]
    labels = [f"{b:g} s ({n} instances)" for b, n in zip(gaps.budgets, commons, strict=True)]
    axes.set_xticks(range(len(labels)), labels=labels)
    axes.set_ylabel("mean gap, %")
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend()
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=120)
    return stream.getvalue()
