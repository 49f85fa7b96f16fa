"""The demo's database: the made-up firm in the generated city, with its first wave planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.catalogue import moments
from dispatch.firm import fill, ground
from dispatch.firm.fill import Firm
from dispatch.firm.premises import FIRST_WAVE
from dispatch.people import passwords
from dispatch.plans import plans, runs, worker
from dispatch.plans.gathering import Gatherer
from dispatch.plans.plans import Plan
from dispatch.plans.runs import SolveRun
from dispatch.store import alone, clock, database, rows, schema
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Unusable
from maps.city import CitySummary

PASSWORD = "milkrun demo"
"""Everybody's in the demo, which listens on this machine alone."""

_SEED = 7
_ACTOR = "user:dispatcher"
_FROM_EVENING = timedelta(hours=6)
"""From 18:00 on, when all vans are back, it is tomorrow that is planned."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A wave that was planned; ``outline`` as `dispatch.plans.outline` has it."""

    day: date
    wave: str
    outline: Mapping[str, Any]


def url(folder: Path) -> str:
    """Return the address of the demo's database, which is a file of its own."""
    return f"sqlite:///{_file(folder)}"


def is_there(folder: Path) -> bool:
    """Tell whether there is a database of an earlier demo."""
    return _file(folder).exists()


def begin(
    folder: Path,
    city: CitySummary,
    gatherer: Gatherer,
    *,
    seconds: float,
    seed: int = 0,
    cores: int = 1,
    on_progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Planned:
    """
    Fill a new database in a folder, plan the first wave, and put it in the place of an older one.

    Refused (``already_served``) while a server has the older one. ``on_progress`` is told how much
    of the search is done, 0 … 1. Once ``stop`` says yes, the best plan so far is kept, as soon as
    there is one.
    """
    with alone.held(database.open_database(url(folder))):
        draft = _file(folder).with_stem("demo-new")
        _remove(draft)
        base = database.open_database(f"sqlite:///{draft}")
        try:
            schema.upgrade(base)
            firm = _filled(base, city, gatherer)
            planned = plan_first_wave(
                base,
                firm,
                gatherer,
                seconds=seconds,
                seed=seed,
                cores=cores,
                on_progress=on_progress,
                stop=stop,
            )
        finally:
            base.close()
        _remove(_file(folder))
        draft.replace(_file(folder))
    return planned


def plan_first_wave(
    base: Database,
    firm: Firm,
    gatherer: Gatherer,
    *,
    seconds: float,
    seed: int = 0,
    cores: int = 1,
    on_progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Planned:
    """Plan the first wave of both depots together, by a worker in this process."""
    first, *others = firm.premises.depots
    with transaction(base, actor=_ACTOR) as session:
        plan = plans.draft(session, first, firm.day, FIRST_WAVE, shared_with=others)
        run = runs.ask(session, plan, seconds=seconds, seed=seed)
    began = clock.now()

    def over() -> bool:
        if on_progress:
            on_progress(min(1.0, (clock.now() - began) / timedelta(seconds=seconds)))
        with reading(base) as session:
            now = rows.get(session, SolveRun, run.id)
        if stop and stop() and now.state == runs.RUNNING and now.objective is not None:
            with transaction(base, actor=_ACTOR) as session:
                runs.stop(session, run.id)
        return now.state not in runs.OPEN

    worker.made(base, gatherer, cores=cores).work(until=over)
    return _found(base, plan.id, run.id)


def day_of(now: datetime, zone: ZoneInfo) -> date:
    """Return the day that is planned: today, or tomorrow once nobody drives any more."""
    return moments.day(now + _FROM_EVENING, zone)


def _file(folder: Path) -> Path:
    return folder / "demo.db"


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _filled(base: Database, city: CitySummary, gatherer: Gatherer) -> Firm:
    rng = np.random.default_rng(_SEED)
    chosen = ground.of_city(city, rng, index=gatherer.road_map.geocoder)
    now = clock.now()
    return fill.fill(
        base,
        chosen,
        password_hash=passwords.hashed(PASSWORD),
        day=day_of(now, ZoneInfo(city.timezone)),
        seed=_SEED,
        until=now,
    )


def _found(base: Database, plan_id: UUID, run_id: UUID) -> Planned:
    with reading(base) as session:
        plan = rows.get(session, Plan, plan_id)
        made = plans.version(session, plan)
        if made is None:
            why = rows.get(session, SolveRun, run_id).error
            cause = f"no plan was found for {plan.title}: {why}"
            raise Unusable("no_plan", cause=cause, action="run it again")
        return Planned(plan.day, plan.wave, made.outline)
