"""Days of 100 to 10,000 orders in the generated city: first plan, cost by budget, memory."""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from routing.problem import Problem
from tests.bench import city_day
from tests.bench.memory import Peak

SIZES = (100, 300, 1000, 3000, 10_000)
BUDGETS = (5.0, 30.0, 60.0)
ORDERS_PER_VAN = 30

Row = dict[str, float]


def main(words: list[str]) -> int:
    options = _options(words)
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        travel, roads = city_day.city(Path(folder), options.city_km)
        for size in options.sizes:
            vans = -(-size // ORDERS_PER_VAN)
            where = Path(folder, f"day{size}")
            problem = city_day.problem(where, roads, travel, orders=size, vehicles=vans)
            rows.append(_row(problem, Path(folder), options))
    text = "\n".join(_table(rows, options)) + "\n"
    (options.out / "scale.md").write_text(text, "utf-8")
    _plot(rows, options.budgets, options.out / "scale.png")
    sys.stdout.write(text)
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench scale", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench-out"))
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--budgets", nargs="+", type=float, default=BUDGETS, metavar="S")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--city-km", type=float, default=20.0)
    return parser.parse_args(words)


def _row(problem: Problem, folder: Path, options: argparse.Namespace) -> Row:
    """Return what came of each budget, each in a process of its own."""
    path = folder / "problem.pickle"
    path.write_bytes(pickle.dumps(problem, protocol=5))
    row: Row = {"orders": len(problem.visits), "vans": len(problem.vehicles), "first_s": 0.0}
    row["peak_mb"] = 0.0
    for budget in options.budgets:
        found, peak = _search(path, budget, options.cores)
        _say(len(problem.visits), budget, found, peak)
        row["first_s"] = max(row["first_s"], found["first_s"])
        row["peak_mb"] = max(row["peak_mb"], peak)
        for name in ("cost", "left_out", "wall_s"):
            row[f"{name} {budget:g}"] = found[name]
    return row


def _search(path: Path, budget: float, cores: int) -> tuple[Row, float]:
    """Return what `scale_run` says, and the most memory of it and its children in MB."""
    command = [sys.executable, "-m", "tests.bench.scale_run", str(path), str(budget), str(cores)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        Peak(process.pid) as peak,
    ):
        said, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    found: Row = json.loads(said)
    return found, peak.mb


def _say(orders: int, budget: float, found: Row, peak: float) -> None:
    words = ", ".join(f"{name} {number:,.1f}" for name, number in found.items())
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {orders} orders, {budget:g} s: {words}, ")
    sys.stderr.write(f"peak_mb {peak:,.0f}\n")


def _table(rows: list[Row], options: argparse.Namespace) -> list[str]:
    head = "| orders | vans | first plan, s "
    head += "".join(f"| cost, {budget:g} s | gap, % " for budget in options.budgets)
    head += "| left out | longest beyond the budget, s | peak MB |"
    lines = ["## Growing days", "", head, "|---:" * (6 + 2 * len(options.budgets)) + "|"]
    for row in rows:
        cells = [f"{row['orders']:,.0f}", f"{row['vans']:.0f}", f"{row['first_s']:.2f}"]
        for budget in options.budgets:
            cells += [f"{row[f'cost {budget:g}'] / 100:,.2f}", f"{_gap(row, budget, options):.2f}"]
        beyond = max(row[f"wall_s {budget:g}"] - budget for budget in options.budgets)
        left_out = row[f"left_out {max(options.budgets):g}"]
        cells += [f"{left_out:.0f}", f"{beyond:.1f}", f"{row['peak_mb']:,.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return [
        *lines,
        "",
        f"Generated city of {options.city_km:g} km, road times, {options.cores} cores, one seed,"
        " each budget a run of its own.",
        "*First plan*: the slowest of these runs. *Gap*: to the cheapest plan of the row. *Peak*:"
        " all processes together, pages that several share counted once.",
    ]


def _gap(row: Row, budget: float, options: argparse.Namespace) -> float:
    best = min(row[f"cost {other:g}"] for other in options.budgets)
    return 100 * (row[f"cost {budget:g}"] / best - 1)


def _plot(rows: list[Row], budgets: list[float], path: Path) -> None:
    """Draw the first plan's seconds, what longer budgets save, and memory, by orders."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    orders = [row["orders"] for row in rows]
    panels[0].plot(orders, [row["first_s"] for row in rows], "o-")
    panels[0].set(yscale="log", ylabel="first plan, seconds")
    for budget in budgets:
        last = f"cost {max(budgets):g}"
        gaps = [100 * (row[f"cost {budget:g}"] / row[last] - 1) for row in rows]
        panels[1].plot(orders, gaps, "o-", label=f"{budget:g} s")
    panels[1].set(ylabel=f"cost beyond that of {max(budgets):g} s, %")
    panels[1].legend(title="budget")
    panels[2].plot(orders, [row["peak_mb"] for row in rows], "o-")
    panels[2].set(yscale="log", ylabel="peak MB, all processes")
    for axes in panels:
        axes.set(xscale="log", xlabel="orders")
        axes.set_xticks(orders, labels=[f"{number:,.0f}" for number in orders])
        axes.minorticks_off()
        axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, dpi=120)
