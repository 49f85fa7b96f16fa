"""The runs of a bench, one after the other; what is in the log already is not run again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from routing.bench import child
from routing.bench.instances import Instance
from routing.bench.rows import Key, Log, Row
from routing.bench.solvers import Solver
from routing.bench.worker import Job


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be compared: everything with everything."""

    instances: Sequence[Instance]
    solvers: Sequence[Solver]
    budgets: Sequence[float]
    num_seeds: int
    cores: int


@dataclass(frozen=True, slots=True)
class Run:
    """One of them."""

    instance: Instance
    solver: Solver
    key: Key


def all_runs(plan: Plan) -> list[Run]:
    """Return every run; of one instance the solvers follow each other, under like conditions."""
    return [
        Run(instance, solver, _key(plan, instance, budget, seed, solver, setting))
        for budget in sorted(plan.budgets)
        for instance in plan.instances
        for seed in range(plan.num_seeds)
        for solver in plan.solvers
        for setting in solver.settings
        if solver.seeded or seed == 0
    ]


def _key(
    plan: Plan, instance: Instance, budget: float, seed: int, solver: Solver, setting: str
) -> Key:
    vehicles = "file" if instance.vehicles is None else str(instance.vehicles)
    cores = plan.cores
    return Key(instance.name, instance.digest, vehicles, cores, budget, seed, solver.name, setting)


def outstanding(plan: Plan, log: Log, *, again: Collection[str] = ()) -> list[Run]:
    """Return the runs that the log lacks, and those of solvers that are to run again."""
    there = log.latest()
    return [run for run in all_runs(plan) if run.key not in there or run.solver.name in again]


def do(
    runs: Sequence[Run], log: Log, *, commit: str = "", limits: child.Limits | None = None
) -> Iterator[Row]:
    """
    Do runs one by one; each row is in the log when it is yielded.

    Parameters
    ----------
    commit
        Goes with the version of our own search.
    limits
        Of every run; None: by its budget.
    """
    for run in runs:
        key, solver = run.key, run.solver
        job = Job(
            module=solver.module,
            file=str(run.instance.file.resolve()),
            vehicles=run.instance.vehicles,
            seconds=key.budget_s,
            seed=key.seed,
            cores=key.cores,
            setting=key.setting,
            reader=run.instance.reader,
        )
        found = child.run(job, limits or child.Limits.of(key.budget_s))
        version = solver.version or ""
        if solver.name == "milkrun" and commit:
            version = f"{version} ({commit})"
        at = datetime.now(UTC).isoformat(timespec="seconds")
        row = Row(key=key, version=version, at=at, **found)
        log.add(row)
        yield row
