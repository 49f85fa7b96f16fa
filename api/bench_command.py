"""`milkrun bench`: our search and its peers on a folder of problems, with a table and a plot."""

from __future__ import annotations

import json as json_text
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api import options, output
from api.faults import BadInput
from routing.faults import Fault

if TYPE_CHECKING:
    from routing.bench.instances import Found
    from routing.bench.machine import Machine
    from routing.bench.report import Bench
    from routing.bench.rows import Log
    from routing.bench.runs import Run
    from routing.bench.solvers import Solver
    from routing.formats import FleetSize

OUT = Path("bench-out")


def bench(
    instances: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER_OR_FILE...",
            show_default=False,
            help="Problems of Solomon, Homberger or VRPLIB; a folder with all that is in it.",
        ),
    ],
    budgets: Annotated[
        list[float],
        typer.Option("--budget", metavar="S", min=0.1, help="Seconds of a run; may be repeated."),
    ] = [5.0],  # noqa: B006  # typer copies it
    seeds: Annotated[int, typer.Option("--seeds", metavar="N", min=1, help="Runs of each.")] = 3,
    cores: Annotated[
        int | None,
        typer.Option("--cores", metavar="N", min=1, help="For each run; default: all cores."),
    ] = None,
    solvers: Annotated[
        list[str] | None,
        typer.Option("--solver", metavar="NAME", help="May be repeated; default: all installed."),
    ] = None,
    vehicles: Annotated[
        str | None,
        typer.Option(
            "--vehicles",
            metavar="N|unlimited|file",
            help="Default: the file's number, and for VRPLIB unlimited.",
        ),
    ] = None,
    best_known: Annotated[
        Path | None,
        typer.Option(
            "--best-known",
            metavar="FILE",
            help="Default: best_known.json beside the problems or above.",
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="Gets bench.md, bench.json and bench.png."),
    ] = OUT,
    again: Annotated[
        list[str] | None,
        typer.Option("--again", metavar="NAME", help="Run this solver anew; may be repeated."),
    ] = None,
    json: options.Json = False,
) -> None:
    r"""
    Run our search and every installed peer side by side, and compare their plans.

    Every run has the same cores and seconds, is a process of its own, and its plan is checked.
    What is done is kept at once: after Ctrl-C the same command goes on where it was.

    The peers are an extra: pip install 'milkrun\[bench]', or python3 dev.py setup --bench in a
    checkout. They are pyvrp, commiv, vroom, ortools, nextroute and vrp-cli; one that is not
    installed is left out. The licence of nextroute allows evaluation only.
    """
    from routing.bench import best_known as known_costs
    from routing.bench import instances as problems
    from routing.bench import machine, report
    from routing.bench.rows import Log
    from routing.bench.runs import Plan, all_runs, outstanding

    chosen = _solvers(solvers, option="--solver")
    rerun = {solver.name for solver in _solvers(again, option="--again")} if again else set()
    number: problems.Vehicles = "usual" if vehicles is None else _fleet(vehicles)
    output.check_folder(out)
    found = problems.find(instances, vehicles=number)
    known = known_costs.costs(found.instances, best_known)
    taking_part = [solver for solver in chosen if solver.version is not None]
    missing = [solver for solver in chosen if solver.version is None]
    _tell_left_out(found, missing)
    out.mkdir(parents=True, exist_ok=True)
    log, here = Log(out), machine.here()
    plan = Plan(found.instances, taking_part, budgets, seeds, options.all_cores(cores))
    runs = outstanding(plan, log, again=rerun)
    whole = _run(runs, log, here, num_all=len(all_runs(plan)))
    left_out = [each.name for each in missing]
    made = report.gathered(log, here, found.instances, plan.cores, known, missing=left_out)
    _write(made, out, as_json=json)
    if not whole:
        text = f"stopped; what is done is in {out}, and the same command goes on"
        typer.echo(f"milkrun: {text}", err=True)


def _solvers(names: Sequence[str] | None, *, option: str) -> list[Solver]:
    from routing.bench.solvers import SOLVERS

    known = {solver.name: solver for solver in SOLVERS}
    faults = [
        Fault(option, "unknown_solver", f"there is no solver {name!r}", f"use {', '.join(known)}")
        for name in names or ()
        if name not in known
    ]
    if faults:
        raise BadInput(*faults)
    return [known[name] for name in dict.fromkeys(names)] if names else list(SOLVERS)


def _fleet(text: str) -> FleetSize:
    return None if text == "file" else options.fleet_size(text)


def _tell_left_out(found: Found, missing: Sequence[Solver]) -> None:
    if missing:
        names = ", ".join(solver.name for solver in missing)
        action = "`milkrun bench --help` says how to install them"
        typer.echo(f"milkrun: not installed: {names}; {action}", err=True)
    if found.skipped:
        shown = ", ".join(path.name for path in found.skipped[:5])
        more = " ..." if len(found.skipped) > 5 else ""
        typer.echo(
            f"milkrun: no problems for a bench, skipped: {len(found.skipped)} files: {shown}{more}",
            err=True,
        )


def _run(runs: Sequence[Run], log: Log, here: Machine, *, num_all: int) -> bool:
    """Do the runs, with a line for each on a terminal; False: Ctrl-C came before the last."""
    from routing.bench import runs as doing

    if not runs:
        return True
    seconds = sum(run.key.budget_s for run in runs)
    _say(f"{len(runs)} of {num_all} runs to do, about {_hours(seconds + 3 * len(runs))}")
    if any(run.solver.name == "milkrun" for run in runs):
        from routing.engine.ready import make_ready

        # The first time on a machine this takes longer than a run may.
        make_ready()
    try:
        for count, row in enumerate(doing.do(runs, log, commit=here.commit), start=1):
            _say(f"{count}/{len(runs)} {row.text}")
    except KeyboardInterrupt:
        return False
    return True


def _say(text: str) -> None:
    if sys.stderr.isatty():
        typer.echo(f"milkrun: {text}", err=True)


def _hours(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"


def _write(made: Bench, out: Path, *, as_json: bool) -> None:
    from routing.bench import plot, report

    picture = plot.png(made.gaps)
    path = out / "bench.png"
    if picture is None:
        with suppress(FileNotFoundError):
            path.unlink()
    else:
        with output.new_file(path) as stream:
            stream.write(picture)
    document = json_text.dumps(report.document(made), ensure_ascii=False, indent=1) + "\n"
    markdown = report.markdown(made, picture=path.name if picture else "")
    output.write_text(out / "bench.json", document)
    output.write_text(out / "bench.md", markdown)
    sys.stdout.write(document if as_json else markdown)
