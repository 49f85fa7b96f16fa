"""
The queue of solver work, as rows: claimed for a while, and written to only by who holds the token.

Who works on a run has a lease and a token, the number of the claim. A worker that dies lets its
lease run out, and the run is claimed again from the best plan so far. One that comes back late
holds an old token, and all that it writes is refused (``run_lost``): a run has one result, whoever
was killed when. Leases are told by this machine's clock; one that jumps makes a claim come early,
which costs work and never a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.plans import plans
from dispatch.plans.plans import Made, Plan, Sequences
from dispatch.store import clock, rows, states
from dispatch.store.base import Key, Money, Table
from dispatch.store.errors import Conflict, NotFound
from dispatch.store.statements import changed

QUEUED, RUNNING, STOPPING, DONE, FAILED = "queued", "running", "stopping", "done", "failed"
OPEN = (QUEUED, RUNNING, STOPPING)

MOST_ATTEMPTS = 5
"""A run that killed so many workers is given up."""


class SolveRun(Table):
    """
    One search for the plan of a plan row.

    ``best`` and ``objective`` are the best routes so far. ``token`` is the number of the last
    claim, ``lease_until`` when it ends.
    """

    __tablename__ = "solve_runs"
    __table_args__ = (Index(None, "state", "lease_until"),)

    id: Mapped[Key]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    seconds: Mapped[float]
    seed: Mapped[int]
    attempt: Mapped[int]
    token: Mapped[int]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(200))
    best: Mapped[dict[str, Any] | None]
    objective: Mapped[int | None] = mapped_column(BigInteger)
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(2000))


class SolvePoint(Table):
    """The cost of the best routes of a run, since a moment."""

    __tablename__ = "solve_points"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("solve_runs.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    objective: Mapped[Money]


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that somebody works on, as it was when it was claimed."""

    run_id: UUID
    plan_id: UUID
    token: int
    seconds: float
    seed: int
    best: Sequences | None


@dataclass(frozen=True, slots=True)
class Best:
    """The best routes so far, and what they cost with what is left out, in minor units."""

    sequences: Sequences
    objective: int


def ask(session: Session, plan: Plan, *, seconds: float, seed: int = 0) -> SolveRun:
    """Have a plan solved, from its current version where it has one."""
    states.step(session, plan, "solve")
    now = plans.version(session, plan)
    run = SolveRun(
        plan_id=plan.id,
        state=QUEUED,
        asked_at=clock.now(),
        seconds=seconds,
        seed=seed,
        attempt=0,
        token=0,
        best=None if now is None else now.sequences,
    )
    session.add(run)
    session.flush()
    return run


def claim(session: Session, worker: str, *, lease_s: float) -> Claim | None:
    """Take the oldest run that nobody works on, or whose worker let its lease run out."""
    now = clock.now()
    free = _free(now)
    in_turn = select(SolveRun).where(free).order_by(SolveRun.asked_at, SolveRun.id)
    for run in session.scalars(in_turn.limit(20).execution_options(populate_existing=True)).all():
        if run.attempt >= MOST_ATTEMPTS:
            _give_up(session, run)
            continue
        taken = (
            update(SolveRun)
            .where(SolveRun.id == run.id, SolveRun.token == run.token, free)
            .values(
                # One that was told to stop still is.
                state=STOPPING if run.state == STOPPING else RUNNING,
                token=run.token + 1,
                attempt=run.attempt + 1,
                worker=worker,
                lease_until=now + timedelta(seconds=lease_s),
            )
        )
        if changed(session, taken) == 1:
            return Claim(run.id, run.plan_id, run.token + 1, run.seconds, run.seed, run.best)
    return None


def waiting(session: Session) -> bool:
    """Return whether there is a run that `claim` would take."""
    query = select(SolveRun.id).where(_free(clock.now())).limit(1)
    return session.scalar(query) is not None


def report(session: Session, claim: Claim, best: Best | None, *, lease_s: float) -> bool:
    """
    Say that a run is still worked on, and the best so far; return whether it is to stop.

    Refused with ``run_lost`` when somebody else has claimed it since.
    """
    values: dict[str, Any] = {"lease_until": clock.now() + timedelta(seconds=lease_s)}
    if best is not None:
        values |= {"best": plans.plain(best.sequences), "objective": best.objective}
    _write(session, claim, values)
    if best is not None:
        session.merge(SolvePoint(run_id=claim.run_id, at=clock.now(), objective=best.objective))
    state = session.scalar(select(SolveRun.state).where(SolveRun.id == claim.run_id))
    return state == STOPPING


def finish(session: Session, claim: Claim, made: Made) -> None:
    """Store the result as a new version of the plan; exactly one claim of a run can."""
    values = {
        "state": DONE,
        "lease_until": None,
        "best": plans.plain(made.sequences),
        "objective": made.objective,
        "finished_at": clock.now(),
        "error": None,
    }
    _write(session, claim, values)
    session.merge(SolvePoint(run_id=claim.run_id, at=clock.now(), objective=made.objective))
    plan = plans.get(session, claim.plan_id)
    states.step(session, plan, "ready", data={"run": str(claim.run_id)})
    plans.add(session, plan, made, note="solved")


def fail(session: Session, claim: Claim, error: str) -> None:
    """Give a run up, with the reason for people; the plan is as it was before."""
    values = {
        "state": FAILED,
        "lease_until": None,
        "finished_at": clock.now(),
        "error": error[:2000],
    }
    _write(session, claim, values)
    plan = plans.get(session, claim.plan_id)
    action = "fall_back" if plan.current else "fail"
    states.step(session, plan, action, data={"run": str(claim.run_id), "error": error[:400]})


def put_back(session: Session, claim: Claim) -> None:
    """Give a claim back that nobody worked on: the run is as if it had never been claimed."""
    values = {"lease_until": clock.now(), "attempt": SolveRun.attempt - 1}
    _write(session, claim, values)


def release(session: Session, claim: Claim, why: str) -> None:
    """Leave a run to whoever takes it next, from the best so far."""
    _write(session, claim, {"lease_until": clock.now(), "error": why[:2000]})


def stop(session: Session, run_id: UUID) -> None:
    """Have a run end soon with the best that it has; one that nobody works on yet, at its start."""
    values = {"state": STOPPING, "lease_until": clock.now()}
    queued = update(SolveRun).where(SolveRun.id == run_id, SolveRun.state == QUEUED)
    running = update(SolveRun).where(SolveRun.id == run_id, SolveRun.state == RUNNING)
    if changed(session, queued.values(values)) or changed(session, running.values(state=STOPPING)):
        return
    run = rows.get(session, SolveRun, run_id)
    if run.state != STOPPING:
        cause = f"the run is {run.state} already"
        raise Conflict("run_over", cause=cause, action="look at the plan")


def get(session: Session, plan: Plan, run_id: UUID) -> SolveRun:
    """Return a run of a plan (``not_found``)."""
    run = rows.get(session, SolveRun, run_id)
    if run.plan_id != plan.id:
        cause = f"{plan.title} has no run {run_id}"
        raise NotFound("not_found", cause=cause, action="look at the runs of the plan")
    return run


def of_plan(session: Session, plan_id: UUID) -> Sequence[SolveRun]:
    """Return the runs of a plan, the newest first."""
    query = select(SolveRun).where(SolveRun.plan_id == plan_id)
    return session.scalars(query.order_by(SolveRun.asked_at.desc(), SolveRun.id.desc())).all()


def curve(session: Session, run_id: UUID) -> Sequence[SolvePoint]:
    """Return what the best routes of a run cost, and since when."""
    query = select(SolvePoint).where(SolvePoint.run_id == run_id).order_by(SolvePoint.at)
    return session.scalars(query).all()


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(
        SolveRun.state == QUEUED,
        SolveRun.state.in_((RUNNING, STOPPING)) & (SolveRun.lease_until < now),
    )


def _write(session: Session, claim: Claim, values: Mapping[str, Any]) -> None:
    mine = update(SolveRun).where(
        SolveRun.id == claim.run_id,
        SolveRun.token == claim.token,
        SolveRun.state.in_((RUNNING, STOPPING)),
    )
    if changed(session, mine.values(**values)) != 1:
        raise Conflict(
            "run_lost",
            cause="another worker has taken the run over, or it has ended",
            action="drop what was found; the other one goes on from the best so far",
        )


def _give_up(session: Session, run: SolveRun) -> None:
    mine = Claim(run.id, run.plan_id, run.token, run.seconds, run.seed, None)
    last = f"; the last one: {run.error}" if run.error else ""
    fail(session, mine, f"{run.attempt} workers ended without a result{last}")
