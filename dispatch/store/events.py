"""
What happened, in one append-only table: the truth for timelines, figures, webhooks and audit.

Events wait in the session and are written just before the commit. On PostgreSQL one lock comes
before them: without it, of two transactions the one with the higher ids may commit first, and who
reads by ``id > cursor`` never sees the other's (140 of 960 rows were missed). Taken earlier, the
lock would make everything wait, and could close a circle with locks of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.store import clock
from dispatch.store.base import Serial, Table

KINDS = frozenset(
    {
        "absence.changed",
        "absence.removed",
        "api_key.created",
        "api_key.revoked",
        "contact.created",
        "customer.changed",
        "customer.created",
        "delivery.cancelled",
        "delivery.changed",
        "delivery.created",
        "delivery.loaded",
        "delivery.lowered",
        "delivery.planned",
        "delivery.unplanned",
        "depot.calendar_changed",
        "depot.changed",
        "depot.created",
        "depot.lane_changed",
        "depot.terms_changed",
        "device_link.claimed",
        "device_link.created",
        "device_link.revoked",
        "driver.absent",
        "driver.changed",
        "driver.created",
        "import.begun",
        "import.finished",
        "import.repaired",
        "import.undone",
        "milk_run.begun",
        "milk_run.changed",
        "milk_run.ended",
        "milk_run.paused",
        "milk_run.resumed",
        "order.accepted",
        "order.cancelled",
        "order.changed",
        "order.lines_changed",
        "order.placed",
        "order.rejected",
        "order_source.changed",
        "order_source.created",
        "order_source.secret_rotated",
        "paper.changed",
        "paper.created",
        "paper.expired",
        "paper.expiring",
        "paper.removed",
        "parcel.left_behind",
        "parcel.packed",
        "part.changed",
        "part.created",
        "part.declared_dangerous",
        "part.numbered",
        "part.priced",
        "part.reinstated",
        "part.superseded",
        "pick_list.made",
        "pick_task.short",
        "plan.discarded",
        "plan.drafted",
        "plan.edited",
        "plan.failed",
        "plan.published",
        "plan.sent_to_solver",
        "plan.solved",
        "plan.superseded",
        "plan.turned",
        "purchase.expected",
        "quarantine.held",
        "quarantine.released",
        "quarantine.scrapped",
        "repair_point.changed",
        "repair_point.created",
        "reservation.arrived",
        "reservation.filled",
        "reservation.lost",
        "reservation.missed",
        "reservation.parted",
        "reservation.picked",
        "reservation.placed",
        "reservation.queued",
        "reservation.reduced",
        "reservation.released",
        "reservation.returned",
        "reservation.sent",
        "reservation.shipped",
        "round.cancelled",
        "round.finished",
        "round.planned",
        "round.received",
        "round.stop_restored",
        "round.stop_skipped",
        "route.published",
        "route.withdrawn",
        "shift.changed",
        "shift.changed_for_day",
        "shift.created",
        "shift.restored_for_day",
        "standing_order.begun",
        "standing_order.changed",
        "standing_order.ended",
        "standing_order.paused",
        "standing_order.placed",
        "standing_order.restored",
        "standing_order.resumed",
        "standing_order.skipped",
        "stock.adjusted",
        "stock.counted",
        "stock.received",
        "stock.scrapped",
        "supplier.changed",
        "supplier.created",
        "transfer.cancelled",
        "transfer.planned",
        "transfer.received",
        "transfer.sent",
        "user.changed",
        "user.created",
        "user.disabled",
        "user.enabled",
        "user.locked_out",
        "user.password_changed",
        "user.refused",
        "user.second_factor_added",
        "user.second_factor_removed",
        "user.signed_in",
        "user.signed_out",
        "vehicle.changed",
        "vehicle.created",
        "wave.changed",
        "wave.created",
        "wave.removed",
        "webhook.changed",
        "webhook.created",
        "webhook.disabled",
        "webhook.replayed",
        "webhook.secret_rotated",
        "zone.changed",
        "zone.created",
        "zone.removed",
    }
)
"""Every kind there is: ``noun.verb`` in the past tense."""

_LOCK = 0x6D696C6B72756E  # "milkrun"
_WAITING = "milkrun.events"
_LOCKED = text("SELECT pg_advisory_xact_lock(:key), set_config('synchronous_commit', 'off', true)")
ACTOR = "milkrun.actor"
FLUSHED = "milkrun.flushed"
"""What waits until all that is committed is on the disk."""


class Event(Table):
    """
    One thing that happened.

    ``at`` is when it happened, ``recorded_at`` when it was learnt: a phone may have been offline.
    ``subject_id`` is the row that the kind's noun names; ``subjects`` has it and the others
    concerned, by noun.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "subject_id", "id"),
        Index(None, "kind", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(200))
    subject_id: Mapped[UUID]
    subjects: Mapped[dict[str, Any]]
    data: Mapped[dict[str, Any]]


def record(
    session: Session,
    kind: str,
    subject_id: UUID,
    *,
    subjects: Mapping[str, UUID] | None = None,
    at: datetime | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Note what happened; it is written when the transaction is committed, or not at all."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of event")
    recorded_at = clock.now()
    noun = kind.partition(".")[0]
    everyone = {noun: subject_id, **(subjects or {})}
    waiting(session).append(
        {
            "at": at or recorded_at,
            "recorded_at": recorded_at,
            "kind": kind,
            "actor": session.info[ACTOR],
            "subject_id": subject_id,
            "subjects": {key: str(value) for key, value in everyone.items()},
            "data": dict(data or {}),
        }
    )


def waiting(session: Session) -> list[dict[str, Any]]:
    """Return the events of this transaction that are not written yet, for who takes some back."""
    found: list[dict[str, Any]] = session.info.setdefault(_WAITING, [])
    return found


def write(session: Session) -> bool:
    """
    Write what waits, the very last thing before a commit; tell whether anything did.

    On PostgreSQL the commit then does not wait for the disk, so that the lock is held shortly; the
    caller waits afterwards, without it.
    """
    rows = waiting(session)
    if not rows:
        return False
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCKED, {"key": _LOCK})
    session.execute(insert(Event), rows)
    rows.clear()
    return True


def after(
    session: Session,
    cursor: int,
    *,
    limit: int = 1000,
    depot_ids: Collection[UUID] | None = None,
    without: Collection[str] = (),
) -> Sequence[Event]:
    """
    Return the events that follow an id, oldest first; none is ever missed.

    Only those that concern one of some depots, and none whose noun is in ``without``.
    """
    query = select(Event).where(Event.id > cursor)
    for noun in sorted(without):
        query = query.where(Event.kind.not_like(f"{noun}.%"))
    if depot_ids is not None:
        depot = Event.subjects["depot"].as_string()
        query = query.where(depot.in_([str(depot_id) for depot_id in sorted(depot_ids)]))
    found = session.scalars(query.order_by(Event.id).limit(limit)).all()
    if found:
        # What is told may not be lost again: its id would then be another event's.
        session.info[FLUSHED]()
    return found


def newest(session: Session) -> int:
    """Return the id of the newest event, 0 before the first."""
    return session.scalar(select(Event.id).order_by(Event.id.desc()).limit(1)) or 0


def of(session: Session, *subject_ids: UUID) -> Sequence[Event]:
    """Return what happened to these rows, in the order in which it was learnt."""
    query = select(Event).where(Event.subject_id.in_(subject_ids)).order_by(Event.id)
    return session.scalars(query).all()
