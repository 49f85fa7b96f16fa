"""City days with breaks, skills, reloads, returns, pins: beside OR-Tools and vrp-cli."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from routing.bench import machine, plot, report, runs
from routing.bench.instances import Instance
from routing.bench.rows import Log
from routing.bench.solvers import SOLVERS
from routing.engine.ready import make_ready
from tests.bench import city_day, kept, rich_days

SIZES = (100, 200)
SIZES_OF_ALL = (100, 200, 400)
"""Of the family that has everything."""

BUDGETS = (5.0,)
TAKING_PART = ("milkrun", "ortools", "vrp-cli")


def main(words: list[str]) -> int:
    options = _options(words)
    options.out.mkdir(parents=True, exist_ok=True)
    instances = _instances(options)
    asked = [solver for solver in SOLVERS if solver.name in options.solvers]
    present = [solver for solver in asked if solver.version is not None]
    missing = [solver.name for solver in asked if solver.version is None]
    plan = runs.Plan(instances, present, options.budgets, options.seeds, options.cores)
    log, here = Log(options.out), machine.here()
    left = runs.outstanding(plan, log, again=options.again)
    if any(run.solver.name == "milkrun" for run in left):
        make_ready()
    whole = _run(left, log, commit=here.commit)
    made = report.gathered(log, here, instances, options.cores, {}, missing=missing)
    _write(made, options.out)
    return 0 if whole else 130


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench rich", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench-out"))
    parser.add_argument("--sizes", nargs="+", type=int, help="of every family")
    parser.add_argument(
        "--families", nargs="+", choices=rich_days.FAMILIES, default=[*rich_days.FAMILIES]
    )
    parser.add_argument("--budgets", nargs="+", type=float, default=BUDGETS, metavar="S")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    names = [solver.name for solver in SOLVERS]
    parser.add_argument("--solvers", nargs="+", choices=names, default=TAKING_PART)
    parser.add_argument("--again", nargs="+", choices=names, default=[], help="run these anew")
    parser.add_argument("--city-km", type=float, default=20.0)
    return parser.parse_args(words)


def _instances(options: argparse.Namespace) -> list[Instance]:
    """Return the days, made anew: from the same options they are the same."""
    wanted = {
        family: options.sizes or (SIZES_OF_ALL if family == "all" else SIZES)
        for family in options.families
    }
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        travel, roads = city_day.city(folder, options.city_km)
        bases = {
            size: city_day.problem(
                folder / f"day{size}",
                roads,
                travel,
                orders=size,
                vehicles=-(-size // rich_days.ORDERS_PER_VAN),
            )
            for size in sorted({size for sizes in wanted.values() for size in sizes})
        }
        for family, sizes in wanted.items():
            for size in sizes:
                problem = rich_days.day(bases[size], family, seed=size)
                path = options.out / "days" / f"{family}-{size}.problem"
                found.append(kept.keep(problem, path))
    return found


def _run(left: Sequence[runs.Run], log: Log, *, commit: str) -> bool:
    """Do the runs, with a line for each; False: Ctrl-C came, and the same command goes on."""
    try:
        for count, row in enumerate(runs.do(left, log, commit=commit), start=1):
            clock = time.strftime("%H:%M:%S")
            sys.stderr.write(f"{clock} {count}/{len(left)} {row.text}\n")
    except KeyboardInterrupt:
        return False
    return True


def _write(made: report.Bench, out: Path) -> None:
    picture = plot.png_of_instances(made.gaps, min(made.gaps.budgets))
    if picture is not None:
        (out / "rich.png").write_bytes(picture)
    text = report.markdown(made, picture="rich.png" if picture else "")
    (out / "rich.md").write_text(text, "utf-8")
    document = json.dumps(report.document(made), ensure_ascii=False, indent=1)
    (out / "rich.json").write_text(document + "\n", "utf-8")
    sys.stdout.write(text)
