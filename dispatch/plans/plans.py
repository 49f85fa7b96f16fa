"""
Plans: the routes of one depot, day and wave, as versions that can be gone back to.

A version is never changed; solving or editing adds one, undo and redo choose among them. What a
plan was made from is kept as digests by input, so that publishing refuses one that is stale.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.store import clock, database, events, pages, rows, states
from dispatch.store.base import Document, Key, Money, Table, Versioned
from dispatch.store.errors import Conflict, Difference, NotFound, Outdated
from dispatch.store.pages import Page
from dispatch.store.states import Machine

Sequences = Mapping[str, Sequence[str]]
"""The ids of stops in order, by vehicle: what `routing.schedule` takes."""


class Plan(Versioned, Table):
    """
    The plan of a depot, day and wave; ``current`` is the number of its version, 0: none yet.

    ``shared_with`` are depots whose orders and vehicles are planned with its own. A what-if is a
    plan beside the one that it is ``shadow_of``, under other ``assumptions``; it is never driven.
    """

    __tablename__ = "plans"
    __table_args__ = (Index(None, "depot_id", "day", "status"),)
    machine: ClassVar[Machine] = states.PLAN

    id: Mapped[Key]
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    day: Mapped[date]
    wave: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(20))
    current: Mapped[int] = mapped_column(default=0)
    shared_with: Mapped[list[str]] = mapped_column(Document, default=list, server_default="[]")
    shadow_of: Mapped[UUID | None] = mapped_column(ForeignKey("plans.id"))
    assumptions: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    @property
    def depot_ids(self) -> tuple[UUID, ...]:
        """Its own depot, then those that share vehicles with it."""
        return (self.depot_id, *map(UUID, self.shared_with))

    @property
    def title(self) -> str:
        return f"the plan of {self.day} {self.wave}".rstrip()

    def concerns(self) -> Mapping[str, UUID]:
        return {"depot": self.depot_id}


class PlanVersion(Table):
    """
    One state of a plan.

    ``parent`` is the version that it was made from. ``inputs`` are digests of what it was made
    from, ``decisions`` what a person laid down for it; ``outline`` is its routes with their times,
    for people to look at. ``made_at`` and ``actor`` say when and by whom, ``note`` why.
    """

    __tablename__ = "plan_versions"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    parent: Mapped[int]
    sequences: Mapped[dict[str, Any]]
    inputs: Mapped[dict[str, Any]]
    decisions: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    outline: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    objective: Mapped[Money]
    num_unplanned: Mapped[int]
    made_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(400))


@dataclass(frozen=True, slots=True)
class Made:
    """What a new version holds: routes, what they were made from, and what they come to."""

    sequences: Sequences
    inputs: Mapping[str, str]
    objective: int
    num_unplanned: int
    decisions: Mapping[str, Any] = field(default_factory=dict)
    outline: Mapping[str, Any] = field(default_factory=dict)


def draft(
    session: Session,
    depot_id: UUID,
    day: date,
    wave: str = "",
    *,
    shared_with: Sequence[UUID] = (),
    shadow_of: UUID | None = None,
    assumptions: Mapping[str, Any] | None = None,
) -> Plan:
    """Begin a plan; several drafts of one wave may stand side by side."""
    plan = Plan(
        depot_id=depot_id,
        day=day,
        wave=wave,
        current=0,
        shared_with=[str(other) for other in dict.fromkeys(shared_with) if other != depot_id],
        shadow_of=shadow_of,
        assumptions=dict(assumptions or {}),
    )
    states.step(session, plan, "draft")
    session.flush()
    return plan


def get(session: Session, plan_id: UUID) -> Plan:
    """Return a plan; in a transaction that writes, nobody else changes it then."""
    get_row = rows.locked if database.writes(session) else rows.get
    return get_row(session, Plan, plan_id)


def version(session: Session, plan: Plan) -> PlanVersion | None:
    """Return the current version of a plan; None before the first."""
    return session.get(PlanVersion, (plan.id, plan.current))


def edit(session: Session, plan: Plan, made: Made, *, base: int, note: str = "") -> PlanVersion:
    """
    Add a version that a person made, or refuse it.

    Parameters
    ----------
    base
        The version that was looked at. Somebody else's that came since refuses the edit with
        ``plan_changed``; nothing is overwritten.
    """
    if base != plan.current:
        raise changed_since(plan, base, ())
    states.step(session, plan, "edit", data={"number": _next(session, plan), "note": note})
    return add(session, plan, made, note=note)


def changed_since(plan: Plan, base: int, differences: Sequence[Difference]) -> Outdated:
    """Return the refusal of an edit that was made on another version than the current one."""
    return Outdated(
        "plan_changed",
        cause=f"{plan.title} has version {plan.current} now, the edit was made on {base}",
        action="look at what changed, then make the edit again on the new version",
        differences=differences,
    )


def copy(
    session: Session, plan: Plan, *, shadow: bool, assumptions: Mapping[str, Any] | None = None
) -> Plan:
    """
    Return a new plan that begins with the routes of another one.

    Parameters
    ----------
    shadow
        It is a what-if, under other ``assumptions``; otherwise it may follow the other one.
    """
    made = draft(
        session,
        plan.depot_id,
        plan.day,
        plan.wave,
        shared_with=[UUID(other) for other in plan.shared_with],
        shadow_of=plan.id if shadow else None,
        assumptions={**plan.assumptions, **(assumptions or {})},
    )
    now = version(session, plan)
    if now is not None:
        same = Made(
            now.sequences,
            now.inputs,
            now.objective,
            now.num_unplanned,
            now.decisions,
            now.outline,
        )
        edit(session, made, same, base=0, note=f"as version {now.number} of {plan.id}")
    return made


def find(
    session: Session,
    *,
    depot_ids: Collection[UUID] | None = None,
    day: date | None = None,
    wave: str | None = None,
    status: str | None = None,
    shadows: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Plan]:
    """Return plans, the newest first; what-ifs only when asked for."""
    query = select(Plan)
    if depot_ids is not None:
        query = query.where(Plan.depot_id.in_(depot_ids))
    if not shadows:
        query = query.where(Plan.shadow_of.is_(None))
    for column, value in ((Plan.day, day), (Plan.wave, wave), (Plan.status, status)):
        if value is not None:
            query = query.where(column == value)
    return pages.newest(session, query, Plan, cursor=cursor, limit=limit)


def versions(session: Session, plan: Plan) -> Sequence[PlanVersion]:
    """Return all versions of a plan, the newest first."""
    query = select(PlanVersion).where(PlanVersion.plan_id == plan.id)
    return session.scalars(query.order_by(PlanVersion.number.desc())).all()


def numbered(session: Session, plan: Plan, number: int) -> PlanVersion:
    """Return one version of a plan (``not_found``)."""
    found = session.get(PlanVersion, (plan.id, number))
    if found is None:
        cause = f"{plan.title} has no version {number}"
        raise NotFound("not_found", cause=cause, action=f"the current one is {plan.current}")
    return found


def add(session: Session, plan: Plan, made: Made, *, note: str) -> PlanVersion:
    """Add a version and make it the current one."""
    found = PlanVersion(
        plan_id=plan.id,
        number=_next(session, plan),
        parent=plan.current,
        sequences=plain(made.sequences),
        inputs=dict(made.inputs),
        decisions=dict(made.decisions),
        outline=dict(made.outline),
        objective=made.objective,
        num_unplanned=made.num_unplanned,
        made_at=clock.now(),
        actor=session.info[events.ACTOR],
        note=note,
    )
    session.add(found)
    plan.current = found.number
    session.flush()
    return found


def undo(session: Session, plan: Plan) -> PlanVersion:
    """Go back to the version that the current one was made from."""
    now = version(session, plan)
    before = None if now is None else session.get(PlanVersion, (plan.id, now.parent))
    if before is None:
        cause = f"{plan.title} has no version before this one"
        raise Conflict("nothing_to_undo", cause=cause, action="leave it as it is")
    return _turned(session, plan, before)


def redo(session: Session, plan: Plan) -> PlanVersion:
    """Go on to the newest version that was made from the current one."""
    query = select(PlanVersion).where(
        PlanVersion.plan_id == plan.id, PlanVersion.parent == plan.current
    )
    after = session.scalars(query.order_by(PlanVersion.number.desc()).limit(1)).first()
    if after is None or plan.current == 0:
        cause = f"{plan.title} has no version after this one"
        raise Conflict("nothing_to_redo", cause=cause, action="leave it as it is")
    return _turned(session, plan, after)


def publish(session: Session, plan: Plan, inputs: Mapping[str, str]) -> list[Plan]:
    """
    Make a plan the one that is driven; return those of the same wave that it supersedes.

    Parameters
    ----------
    inputs
        Digests of what there is now. Where they differ from those that the version was made from,
        the plan is refused with ``plan_stale`` and what changed.
    """
    if plan.shadow_of is not None:
        cause = f"{plan.title} is a what-if"
        action = "make the plan itself as it is here, then publish that"
        raise Conflict("plan_is_what_if", cause=cause, action=action)
    now = version(session, plan)
    if now is None:
        cause = f"{plan.title} has no routes yet"
        raise Conflict("plan_empty", cause=cause, action="solve it, or put orders on routes")
    changed = changes(now.inputs, inputs)
    if changed:
        told = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if changed[5:] else "")
        raise Conflict(
            "plan_stale",
            cause=f"{told} changed since {plan.title} was made",
            action="solve it again, or look at it and save it as it is",
        )
    states.step(session, plan, "publish", data={"number": plan.current})
    session.flush()
    older = select(Plan).where(
        Plan.depot_id == plan.depot_id,
        Plan.day == plan.day,
        Plan.wave == plan.wave,
        Plan.id != plan.id,
        Plan.status == states.PLAN.steps["publish"].after,
    )
    superseded = list(session.scalars(older.order_by(Plan.id).with_for_update(key_share=True)))
    for one in superseded:
        states.step(session, one, "supersede", data={"by": str(plan.id)})
    return superseded


def discard(session: Session, plan: Plan) -> None:
    """Put away a plan that is not wanted; its versions stay."""
    states.step(session, plan, "discard")


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the inputs that are new, gone or different, in order of their names."""
    return sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )


def plain(sequences: Sequences) -> dict[str, list[str]]:
    """Return sequences as JSON can hold them."""
    return {vehicle: list(stops) for vehicle, stops in sequences.items()}


def _next(session: Session, plan: Plan) -> int:
    query = select(func.max(PlanVersion.number)).where(PlanVersion.plan_id == plan.id)
    return (session.scalar(query) or 0) + 1


def _turned(session: Session, plan: Plan, to: PlanVersion) -> PlanVersion:
    states.step(session, plan, "turn", data={"from": plan.current, "to": to.number})
    plan.current = to.number
    session.flush()
    return to
