"""
Letters to endpoints as rows: one for each endpoint and event, and every try to bring it.

They are written from the log of events by cursor, so none is missed and none is there twice. Who
sends them claims them for a while: a sender that was killed leaves them to the next one, and what
one that was taken for dead still writes is refused by the token.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.store import clock, events, keys, pages, rows
from dispatch.store.base import Key, Table
from dispatch.store.errors import Conflict, NotFound
from dispatch.store.events import Event
from dispatch.store.pages import Page
from dispatch.store.statements import changed, insert_unless_there
from dispatch.webhooks import endpoints
from dispatch.webhooks.endpoints import Webhook

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
STATES = (WAITING, DELIVERED, FAILED)

RETRIES_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Pauses between tries, as Standard Webhooks advises: over three days in all."""

JITTER = 0.2
MOST_WAIT_S = 86_400
"""An endpoint that asks for more patience by ``Retry-After`` gets this much."""

FAILING_FOR = timedelta(days=3)
"""An endpoint that took nothing for so long is told nothing more."""

KEPT = timedelta(days=30)
GONE = 410
_PAGE = 500


class Letter(Table):
    """One event for one endpoint; without an event it is a ping."""

    __tablename__ = "webhook_letters"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index(None, "state", "due_at"),
        Index(None, "webhook_id", "id"),
    )

    id: Mapped[Key]
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id"))
    event_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int]
    """Since it was written or replayed: what the pauses go by."""
    token: Mapped[int]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Try(Table):
    """One try to bring a letter; ``http_status`` is None where no answer came."""

    __tablename__ = "webhook_tries"

    letter_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_letters.id"), primary_key=True)
    token: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    duration_ms: Mapped[int]
    http_status: Mapped[int | None] = mapped_column("status")
    error: Mapped[str | None] = mapped_column(String(200))
    answer: Mapped[str] = mapped_column(String(500))


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter that somebody is about to send."""

    letter_id: UUID
    webhook_id: UUID
    token: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a try; ``retry_after_s`` is what the endpoint asked for."""

    at: datetime
    duration_ms: int
    status: int | None = None
    error: str | None = None
    answer: str = ""
    retry_after_s: int | None = None

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def behind(session: Session) -> Sequence[UUID]:
    """Return the endpoints for which there may be letters to write."""
    newest = events.newest(session)
    query = select(Webhook.id).where(Webhook.active, Webhook.cursor < newest)
    return session.scalars(query.order_by(Webhook.id)).all()


def write(session: Session, webhook_id: UUID) -> int:
    """Write the next letters of an endpoint; return how many events were looked at."""
    webhook = rows.locked(session, Webhook, webhook_id)
    if not webhook.active:
        return 0
    who = endpoints.owner(session, webhook)
    if who is None:
        endpoints.disable(session, webhook, "its owner may have no webhooks any more")
        return 0
    news = events.after(session, webhook.cursor, limit=_PAGE)
    now = clock.now()
    letters = [
        _letter(webhook_id, event.kind, now) | {"event_id": event.id}
        for event in news
        if endpoints.wants(webhook, who, event)
    ]
    if letters:
        insert_unless_there(session, Letter, letters)
    if news:
        # Not by the row itself: that would give it another version, and an editor a refusal.
        moved = update(Webhook).where(Webhook.id == webhook_id).values(cursor=news[-1].id)
        changed(session, moved)
    return len(news)


def ping(session: Session, webhook: Webhook) -> Letter:
    """Write a letter that says nothing, to see whether it arrives."""
    letter = Letter(**_letter(webhook.id, "webhook.ping", clock.now()))
    session.add(letter)
    session.flush()
    return letter


def waiting(session: Session, without: Collection[UUID]) -> bool:
    """Tell whether there is a letter that `claim` would take."""
    return session.scalar(_free(without).limit(1)) is not None


def claim(
    session: Session, *, lease_s: float, limit: int, per_webhook: int, without: Collection[UUID]
) -> list[Claim]:
    """Take letters that are due, the oldest first; of each endpoint only so many, or none."""
    taken: list[Claim] = []
    counts: dict[UUID, int] = {}
    for letter in session.scalars(_free(without).limit(4 * limit)).all():
        if len(taken) == limit or counts.get(letter.webhook_id, 0) == per_webhook:
            continue
        counts[letter.webhook_id] = counts.get(letter.webhook_id, 0) + 1
        taken.append(Claim(letter.id, letter.webhook_id, letter.token))
    return [
        Claim(one.letter_id, one.webhook_id, one.token + 1)
        for one in sorted(taken, key=lambda one: one.letter_id)
        if _take(session, one, lease_s)
    ]


def finish(session: Session, claim: Claim, result: Result, chance: Random) -> None:
    """Write down a try and what follows from it; refused (``letter_lost``) if it was taken over."""
    webhook = rows.locked(session, Webhook, claim.webhook_id)
    letter = rows.locked(session, Letter, claim.letter_id)
    if letter.token != claim.token or letter.state != WAITING:
        raise Conflict(
            "letter_lost",
            cause="another sender has taken the letter over",
            action="leave it to that one",
        )
    letter.lease_until = None
    letter.tries += 1
    session.add(
        Try(
            letter_id=letter.id,
            token=claim.token,
            at=result.at,
            duration_ms=result.duration_ms,
            http_status=result.status,
            error=result.error and result.error[:200],
            answer=result.answer[:500],
        )
    )
    if result.arrived:
        letter.state, letter.finished_at = DELIVERED, clock.now()
        _failing(session, webhook.id, None)
        return
    _put_off(letter, result, chance)
    since = webhook.failing_since or result.at
    _failing(session, webhook.id, since)
    if result.status == GONE:
        endpoints.disable(session, webhook, "it answered 410: it is gone")
    elif clock.now() - since >= FAILING_FOR:
        endpoints.disable(session, webhook, f"nothing arrived since {since.isoformat()}")


def replay(session: Session, letter: Letter) -> None:
    """Send a letter again, under the same id, as if it had never been tried."""
    mine = update(Letter).where(Letter.id == letter.id)
    changed(session, mine.values(**_anew()))
    events.record(session, "webhook.replayed", letter.webhook_id, data={"letter": str(letter.id)})
    session.refresh(letter)


def replay_since(session: Session, webhook: Webhook, event_id: int) -> int:
    """
    Send again all that follows an event, and what was never sent of it; return how many wait.

    What the endpoint was not told of, since it was not active or wanted other kinds, is written
    by its cursor, which goes back.
    """
    later = (Letter.webhook_id == webhook.id) & (Letter.event_id > event_id)
    many = changed(session, update(Letter).where(later).values(**_anew()))
    back = update(Webhook).where(Webhook.id == webhook.id, Webhook.cursor > event_id)
    changed(session, back.values(cursor=event_id))
    events.record(session, "webhook.replayed", webhook.id, data={"after": event_id})
    return many


def last_before(session: Session, moment: datetime) -> int:
    """Return the event after which all was learnt at a moment or later."""
    first = session.scalar(select(func.min(Event.id)).where(Event.recorded_at >= moment))
    return events.newest(session) if first is None else first - 1


def get(session: Session, webhook: Webhook, letter_id: UUID) -> Letter:
    """Return a letter of an endpoint (``not_found``)."""
    letter = rows.get(session, Letter, letter_id)
    if letter.webhook_id != webhook.id:
        cause = f"the endpoint has no letter {letter_id}"
        raise NotFound("not_found", cause=cause, action="look at the letters of the endpoint")
    return letter


def page(
    session: Session,
    webhook: Webhook,
    *,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Letter]:
    """Return the letters of an endpoint, the newest first."""
    query = select(Letter).where(Letter.webhook_id == webhook.id)
    if state is not None:
        query = query.where(Letter.state == state)
    return pages.newest(session, query, Letter, cursor=cursor, limit=limit)


def tries(session: Session, letter: Letter) -> Sequence[Try]:
    """Return every try to bring a letter, in their order."""
    query = select(Try).where(Try.letter_id == letter.id)
    return session.scalars(query.order_by(Try.token)).all()


def forget_old(session: Session) -> None:
    """Delete letters that came to an end a month ago."""
    old = select(Letter.id).where(Letter.finished_at < clock.now() - KEPT)
    session.execute(delete(Try).where(Try.letter_id.in_(old)))
    session.execute(delete(Letter).where(Letter.finished_at < clock.now() - KEPT))


def _letter(webhook_id: UUID, kind: str, now: datetime) -> dict[str, object]:
    return {
        "id": keys.new(),
        "webhook_id": webhook_id,
        "kind": kind,
        "state": WAITING,
        "created_at": now,
        "due_at": now,
        "tries": 0,
        "token": 0,
    }


def _anew() -> dict[str, object]:
    """Whoever is just sending it has lost it: its token is another one."""
    return {
        "state": WAITING,
        "due_at": clock.now(),
        "tries": 0,
        "token": Letter.token + 1,
        "lease_until": None,
        "finished_at": None,
    }


def _free(without: Collection[UUID]) -> Select[Letter]:
    now = clock.now()
    query = (
        select(Letter)
        .join(Webhook, Webhook.id == Letter.webhook_id)
        .where(Letter.state == WAITING, Letter.due_at <= now, Webhook.active, _unheld(now))
    )
    if without:
        query = query.where(Letter.webhook_id.not_in(sorted(without)))
    fresh = query.execution_options(populate_existing=True)
    return fresh.order_by(Letter.due_at, Letter.id)


def _unheld(now: datetime) -> ColumnElement[bool]:
    return or_(Letter.lease_until.is_(None), Letter.lease_until < now)


def _take(session: Session, one: Claim, lease_s: float) -> bool:
    now = clock.now()
    free = (Letter.id == one.letter_id) & (Letter.token == one.token) & (Letter.state == WAITING)
    values = {"token": one.token + 1, "lease_until": now + timedelta(seconds=lease_s)}
    return changed(session, update(Letter).where(free, _unheld(now)).values(**values)) == 1


def _put_off(letter: Letter, result: Result, chance: Random) -> None:
    if letter.tries > len(RETRIES_S):
        letter.state, letter.finished_at = FAILED, clock.now()
        return
    pause = RETRIES_S[letter.tries - 1] * chance.uniform(1, 1 + JITTER)
    asked = min(result.retry_after_s or 0, MOST_WAIT_S)
    letter.due_at = clock.now() + timedelta(seconds=max(pause, asked))


def _failing(session: Session, webhook_id: UUID, since: datetime | None) -> None:
    mine = update(Webhook).where(Webhook.id == webhook_id)
    changed(session, mine.values(failing_since=since))
