"""
Writes letters from the log and sends them, many at a time, none of which holds up the others.

Nothing of it is remembered here alone: kill it at any moment, and the next one sends what has not
arrived, under the same ids. What arrived, but was not written down any more, arrives twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.people import sight
from dispatch.store import clock, database, rows
from dispatch.store.database import Database
from dispatch.store.errors import Conflict, Refused
from dispatch.store.events import Event
from dispatch.webhooks import calls, endpoints, outbox, signatures
from dispatch.webhooks.calls import Caller, NotReached
from dispatch.webhooks.endpoints import Webhook
from dispatch.webhooks.outbox import Claim, Letter, Result

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

ACTOR = "webhooks"
IDLE_S = 0.3
"""So often it looks whether there is something to do."""

AGAIN_S = 1.0
"""So long after the database was not there it is asked again."""

LEASE_S = 60.0
"""A letter of which nothing was written down for so long is anyone's; a call ends long before."""

AT_ONCE = 32
PER_WEBHOOK = 4
"""So many calls at a time in all, and to one endpoint."""

_SHOWN = 500


@dataclass(frozen=True, slots=True)
class _Post:
    url: str
    headers: dict[str, str]
    body: bytes


class Sender:
    """One sender; several of a database share its letters."""

    def __init__(
        self,
        base: Database,
        *,
        private: bool = False,
        lease_s: float = LEASE_S,
        total_s: float = calls.TOTAL_S,
        on_trouble: Callable[[Refused], None] | None = None,
    ) -> None:
        self._base, self._private = base, private
        self._lease_s, self._total_s = lease_s, total_s
        self._on_trouble = on_trouble
        self._busy: Counter[UUID] = Counter()
        self._chance = Random()

    def work(self, *, until: Callable[[], bool]) -> None:
        """Send until told to end; calls under way are dropped then, and made again by the next."""
        asyncio.run(self._work(until))

    async def _work(self, until: Callable[[], bool]) -> None:
        lookups = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook-lookup")
        caller = Caller(lookups, ssl.create_default_context(), self._private, total_s=self._total_s)
        tasks: set[asyncio.Task[None]] = set()
        try:
            while not until():
                for claim in (claims := await self._taken()):
                    self._busy[claim.webhook_id] += 1
                    task = asyncio.create_task(self._bring(caller, claim))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                if not claims:
                    await asyncio.sleep(IDLE_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            lookups.shutdown(wait=False, cancel_futures=True)

    async def _taken(self) -> list[Claim]:
        """Return what is to be sent now, whatever happens to the database meanwhile."""
        full = [webhook_id for webhook_id, n in self._busy.items() if n >= PER_WEBHOOK]
        room = AT_ONCE - self._busy.total()
        try:
            return await asyncio.to_thread(self._next, room, full)
        except Refused as error:
            self._tell(error)
        except Exception:
            # Nobody foresaw it; it may be one row of many.
            _LOG.exception("webhooks cannot be looked at")
        await asyncio.sleep(AGAIN_S)
        return []

    def _next(self, room: int, full: list[UUID]) -> list[Claim]:
        """Write what is new in the log, and take what is due."""
        # Who only looks hinders nobody.
        with database.reading(self._base) as session:
            behind = outbox.behind(session)
        for webhook_id in behind:
            self._write(webhook_id)
        if room <= 0:
            return []
        with database.reading(self._base) as session:
            if not outbox.waiting(session, full):
                return []
        return self._in_turn(lambda session: self._claim(session, room, full))

    def _write(self, webhook_id: UUID) -> None:
        self._in_turn(lambda session: outbox.write(session, webhook_id))

    def _claim(self, session: Session, room: int, full: list[UUID]) -> list[Claim]:
        return outbox.claim(
            session, lease_s=self._lease_s, limit=room, per_webhook=PER_WEBHOOK, without=full
        )

    async def _bring(self, caller: Caller, claim: Claim) -> None:
        try:
            result = await self._called(caller, claim)
            await asyncio.to_thread(self._finish, claim, result)
        except Refused as error:
            # Its lease runs out, and it is sent again.
            self._tell(error)
        finally:
            self._busy[claim.webhook_id] -= 1
            if not self._busy[claim.webhook_id]:
                del self._busy[claim.webhook_id]

    async def _called(self, caller: Caller, claim: Claim) -> Result:
        at, began = clock.now(), time.monotonic()
        try:
            post = await asyncio.to_thread(self._posted, claim, at)
            answer = await caller.post(post.url, post.headers, post.body)
        except NotReached as error:
            return Result(at, _ms(began), error=str(error))
        except Refused:
            raise
        except Exception as error:
            # Nobody foresaw it: a try as any other, or it would come back with each lease.
            _LOG.exception("letter %s cannot be sent", claim.letter_id)
            return Result(at, _ms(began), error=repr(error))
        return Result(
            at,
            _ms(began),
            answer.status,
            answer=_readable(answer.body),
            retry_after_s=_retry_after(answer.headers.get("retry-after"), at),
        )

    def _posted(self, claim: Claim, at: datetime) -> _Post:
        with database.reading(self._base) as session:
            letter = rows.get(session, Letter, claim.letter_id)
            webhook = rows.get(session, Webhook, claim.webhook_id)
            event = session.get(Event, letter.event_id) if letter.event_id else None
            who = endpoints.owner(session, webhook)
            secrets = endpoints.secrets(webhook)
        if who is None or (event is not None and not sight.of(who).sees(event)):
            raise NotReached("its owner may not see the event any more")
        body = worded(letter, event)
        name = f"msg_{letter.id.hex}"
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Milkrun-Webhooks",
            "webhook-id": name,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures.sign(s, name, at, body) for s in secrets),
        }
        return _Post(webhook.url, headers, body)

    def _finish(self, claim: Claim, result: Result) -> None:
        try:
            self._in_turn(lambda session: outbox.finish(session, claim, result, self._chance))
        except Conflict as error:
            if error.code != "letter_lost":
                raise

    def _in_turn(self, act: Callable[[Session], T]) -> T:
        return database.retried(self._base, act, actor=ACTOR)

    def _tell(self, error: Refused) -> None:
        if self._on_trouble:
            self._on_trouble(error)


def worded(letter: Letter, event: Event | None) -> bytes:
    """Return what an endpoint is told: the same bytes however often it is sent."""
    data: dict[str, Any] = {}
    at = letter.created_at
    if event is not None:
        at = event.at
        data = {
            "id": event.id,
            "recorded_at": event.recorded_at.isoformat(),
            "actor": event.actor,
            "subject_id": str(event.subject_id),
            "subjects": event.subjects,
            "data": event.data,
        }
    document = {"type": letter.kind, "timestamp": at.isoformat(), "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _retry_after(header: str | None, now: datetime) -> int | None:
    """Return the seconds that are asked for, by number or by date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return int(header[:9])
    try:
        then = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0, int((then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()))


def _readable(body: bytes) -> str:
    """Return the beginning of an answer as text that both databases keep."""
    return body[:_SHOWN].decode("utf-8", "replace").replace("\x00", "�")


def _ms(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
