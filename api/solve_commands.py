"""`milkrun solve` and `milkrun check`: problems and plans in the field's own file formats."""

from __future__ import annotations

import json as json_text
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api import faults, interrupt, opened, options, output, progress
from api.faults import BadInput
from routing.faults import Fault, InvalidProblem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from maps.errors import MapError
    from routing.formats import Measure
    from routing.formats.vroom.steps import Sequences
    from routing.problem import Problem
    from routing.solution import Solution, Violation

ProblemFile = Annotated[
    Path, typer.Argument(metavar="FILE", show_default=False, help="The problem; may be gzipped.")
]
Format = Literal["auto", "vroom", "solomon", "vrplib", "lilim"]
FormatOption = Annotated[
    Format,
    typer.Option("--format", help="Default: told by the content."),
]
VehiclesOption = Annotated[
    str | None,
    typer.Option(
        "--vehicles", metavar="N|unlimited", help="Replaces the file's number of vehicles."
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Where to write; default: standard output."),
]
StartOption = Annotated[
    Path | None,
    typer.Option(
        "--start", metavar="PLAN", help="A plan as VROOM's JSON for the search to begin with."
    ),
]
MapForLocations = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="FILE_OR_NAME",
        help="Travel times for VROOM's JSON without matrices.",
    ),
]


def solve(
    file: ProblemFile,
    format: FormatOption = "auto",
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget",
            metavar="S",
            min=0,
            help=f"Seconds to search for a better plan; default: {options.BUDGET_S:.0f}.",
        ),
    ] = None,
    iterations: Annotated[
        int | None,
        typer.Option(
            "--iterations", min=0, help="Instead of a time: with one core, the same plan each time."
        ),
    ] = None,
    cores: options.Cores = None,
    seed: options.Seed = 0,
    vehicles: VehiclesOption = None,
    out: OutOption = None,
    map_ref: MapForLocations = None,
    at: options.AtHour = options.TYPICAL_HOUR,
    start: StartOption = None,
    json: options.Json = False,
) -> None:
    """
    Solve a problem of a file and write the plan as VROOM's JSON.

    The search begins with the plan that --start names, or with the steps of VROOM's vehicles.
    Ctrl-C stops the search and writes the best plan found so far; the exit status is then 0.
    It is 1 when visits that must be planned do not fit.
    """
    from routing import crew
    from routing.formats import vroom
    from routing.solve import Budget
    from routing.solve import solve as search

    if out is not None:
        output.check_writable(out)
    began = perf_counter()
    crew.prepare(options.all_cores(cores))
    problem, steps = _problem(file, format, vehicles=vehicles, map_ref=map_ref, at=at)
    begin = _start(problem, steps, start)
    loaded = perf_counter()
    seconds = options.BUDGET_S if budget is None and iterations is None else budget
    with interrupt.gentle() as stop:
        with progress.solving(seconds) as on_best:
            solution = search(
                problem,
                Budget(seconds=seconds, iterations=iterations),
                seed=seed,
                start=begin,
                cores=options.all_cores(cores),
                on_best=on_best,
                stop=stop.is_set,
            )
        times = {
            "loading": round((loaded - began) * 1000),
            "solving": round((perf_counter() - loaded) * 1000),
        }
        interrupt.end_without_plan(stop, num_routes=len(solution.routes))
        _write(vroom.write(problem, solution, computing_times=times), out)
    _tell(problem, solution, out)


def check(
    file: ProblemFile,
    solution: Annotated[
        Path,
        typer.Argument(metavar="SOLUTION", show_default=False, help="A plan as VROOM's JSON."),
    ],
    format: FormatOption = "auto",
    vehicles: VehiclesOption = None,
    map_ref: MapForLocations = None,
    at: options.AtHour = options.TYPICAL_HOUR,
    json: options.Json = False,
) -> None:
    """
    Judge a plan: every rule and every number, from the problem alone.

    Lists the violations; the exit status is 1 if there are any.
    """
    from routing import check as judge

    try:
        problem, _ = _problem(file, format, vehicles=vehicles, map_ref=map_ref, at=at)
    except InvalidProblem as error:
        # A bad problem does not hide a bad plan.
        raise BadInput(*error.faults, *_plan_faults(solution)) from error
    claimed = _plan(problem, solution)
    violations = judge.check(problem, claimed)
    if json:
        _print_json({"violations": [asdict(violation) for violation in violations]})
    else:
        _show_verdict(claimed, violations)
    if violations:
        raise typer.Exit(faults.FAILED)


def convert(
    file: ProblemFile,
    format: FormatOption = "auto",
    vehicles: VehiclesOption = None,
    out: OutOption = None,
    map_ref: MapForLocations = None,
    at: options.AtHour = options.TYPICAL_HOUR,
    numbers: Annotated[
        bool,
        typer.Option(
            "--numbers", help="Number what has a name: VROOM itself takes no texts as ids."
        ),
    ] = False,
    start: StartOption = None,
    json: options.Json = False,
) -> None:
    """
    Write a problem of any format as VROOM's JSON.

    What VROOM has no word for is refused, each by name.
    """
    from routing.formats import vroom

    if out is not None:
        output.check_writable(out)
    problem, steps = _problem(file, format, vehicles=vehicles, map_ref=map_ref, at=at)
    begin = _start(problem, steps, start)
    with _named(file):
        document = vroom.write_problem(problem, start=begin, numbers=numbers)
    _write(document, out)


def _problem(
    file: Path, format: Format, *, vehicles: str | None, map_ref: str | None, at: str
) -> tuple[Problem, Sequences | None]:
    """Return the problem of a file, and the sequences of visits that it gives to begin with."""
    from routing import formats

    number = options.fleet_size(vehicles)
    measure = _measure(map_ref, at) if map_ref else None
    with _named(file):
        return formats.read_with_start(file, format=format, vehicles=number, measure=measure)


def _start(problem: Problem, steps: Sequences | None, plan: Path | None) -> Solution | None:
    """Return the plan to begin with: the one that is named, or else the file's own steps."""
    from routing.schedule import schedule

    if plan is not None:
        steps = _plan(problem, plan).sequences
        with _named(plan):
            return schedule(problem, steps)
    return schedule(problem, steps) if steps else None


def _plan(problem: Problem, file: Path) -> Solution:
    from routing.formats import vroom

    document = _document(file)
    with _named(file):
        return vroom.read_solution(problem, document)


def _document(file: Path) -> object:
    from routing.formats import source, vroom

    with _named(file):
        return vroom.parse(source.read_text(file))


def _plan_faults(file: Path) -> Sequence[Fault]:
    try:
        _document(file)
    except InvalidProblem as error:
        return error.faults
    return ()


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Say in each fault which file it is in."""
    try:
        yield
    except InvalidProblem as error:
        raise InvalidProblem([_in_file(fault, file) for fault in error.faults]) from error


def _in_file(fault: Fault, file: Path) -> Fault:
    if fault.where == str(file) or fault.where.startswith("--"):
        return fault
    where = str(file) if fault.where == "file" else f"{file.name}, {fault.where}"
    return replace(fault, where=where)


def _measure(map_ref: str, at: str) -> Measure:
    """Return what asks a map for the times and distances between points."""
    from maps.errors import OffRoad
    from routing.problem import Matrix

    travel = opened.travel(opened.road_map(map_ref))
    hour = options.hour_of_week(at)

    def measure(points: NDArray[np.float64], profile: str) -> Matrix:
        try:
            found = travel.matrix(points, profile=profile, hour=hour)
        except OffRoad as error:
            raise BadInput(*(_off_road(points, index, error) for index in error.indices)) from error
        return Matrix(found.durations, found.distances)

    return measure


def _off_road(points: NDArray[np.float64], index: int, error: MapError) -> Fault:
    lon, lat = points[index].tolist()
    cause = f"no usable road near [{lon}, {lat}]"
    return Fault(f"location [{lon}, {lat}]", error.code, cause, error.action)


def _write(document: dict[str, object], out: Path | None) -> None:
    text = json_text.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        output.write_text(out, text)


def _tell(problem: Problem, solution: Solution, out: Path | None) -> None:
    """Say on a terminal what was found; and always what must be planned and is not."""
    if sys.stderr.isatty():
        text = f"{len(solution.routes)} routes, {len(solution.unplanned)} left out"
        where = f" -> {out}" if out else ""
        typer.echo(f"milkrun: {text}, cost {solution.cost:,}{where}", err=True)
    required = {visit.id for visit in problem.visits if visit.price_unplanned is None}
    missing = [unplanned.visit for unplanned in solution.unplanned if unplanned.visit in required]
    if missing:
        shown = ", ".join(missing[:10]) + (" ..." if len(missing) > 10 else "")
        typer.echo(f"milkrun: {len(missing)} visits must be planned and are not: {shown}", err=True)
        raise typer.Exit(faults.FAILED)


def _show_verdict(solution: Solution, violations: Sequence[Violation]) -> None:
    rows = [(v.code, v.vehicle or "", v.visit or "", v.cause) for v in violations]
    if rows:
        faults.show(("violation", "vehicle", "visit", "cause"), rows)
    routes, left_out = len(solution.routes), len(solution.unplanned)
    verdict = "1 violation" if len(rows) == 1 else f"{len(rows)} violations"
    typer.echo(f"{verdict}: {routes} routes, {left_out} left out, cost {solution.cost:,}")


def _print_json(document: object) -> None:
    typer.echo(json_text.dumps(document, ensure_ascii=False, indent=1))
