"""
An order that another system sends, signed: taken in once, and never over a newer one.

A letter that came before gets the first answer (`dispatch.people.replays`). Of two versions of an
order the one with the lower ``version``, or else the earlier ``updated_at``, changes nothing,
whichever arrives first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.depots import Depot
from dispatch.intake import received
from dispatch.intake.upserts import Mode
from dispatch.people import replays
from dispatch.people.replays import Answer
from dispatch.store import rows
from dispatch.store.errors import Invalid
from dispatch.store.statements import insert_unless_there
from dispatch.webhooks import signatures, sources
from dispatch.webhooks.signatures import Signed
from dispatch.webhooks.sources import OrderSource, SentOrder

OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Sent:
    """An order as its sender describes it, and how new it says that is."""

    order: Mapping[str, Any]
    version: int | None = None
    updated_at: datetime | None = None


def take_in(session: Session, source: OrderSource, letter: Signed, sent: Sent) -> dict[str, Any]:
    """
    Return what became of an order: its number, id and fate; sent again, the same once more.

    Refused with ``bad_signature``, as `received.upsert` refuses, and with
    ``idempotency_key_reused`` for another letter under the same id. What is refused is not kept:
    the letter may come again.
    """
    signatures.verify(letter, sources.secrets(source))
    actor, digest = f"order_source:{source.id}", hashlib.sha256(letter.body).hexdigest()
    before = replays.take(session, actor, letter.id, digest)
    if before is not None:
        return before.body
    answer = _taken_in(session, source, sent)
    replays.keep(session, actor, letter.id, Answer(200, answer))
    return answer


def _taken_in(session: Session, source: OrderSource, sent: Sent) -> dict[str, Any]:
    number = str(sent.order.get("order", ""))
    last = _last(session, source, number)
    if _is_older(sent, last):
        return {"order": number, "order_id": None, "fate": OUTDATED}
    last.sent_version = last.sent_version if sent.version is None else sent.version
    last.updated_at = sent.updated_at or last.updated_at
    outcome = received.upsert(session, _in_our_words(session, source, sent), mode=Mode(source.mode))
    order_id = str(outcome.order.id) if outcome.order else None
    return {"order": number, "order_id": order_id, "fate": outcome.fate.value}


def _last(session: Session, source: OrderSource, number: str) -> SentOrder:
    """Return what came last of an order, locked: of two letters at once one waits."""
    insert_unless_there(session, SentOrder, {"source_id": source.id, "number": number})
    mine = (SentOrder.source_id == source.id) & (SentOrder.number == number)
    query = select(SentOrder).where(mine).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _is_older(sent: Sent, last: SentOrder) -> bool:
    if sent.version is not None and last.sent_version is not None:
        return sent.version < last.sent_version
    if sent.updated_at is not None and last.updated_at is not None:
        return sent.updated_at < last.updated_at
    return False


def _in_our_words(session: Session, source: OrderSource, sent: Sent) -> dict[str, Any]:
    depot = rows.get(session, Depot, source.depot_id).name
    if sent.order.get("depot", depot) != depot:
        cause = f"depot: the orders of {source.name} are for {depot}"
        raise Invalid("bad_order", cause=cause, action="leave the depot out")
    customer = sent.order.get("customer")
    return {
        **sent.order,
        "depot": depot,
        "customer": source.customers.get(str(customer), customer),
        "lines": [_line(source, line) for line in sent.order["lines"]],
    }


def _line(source: OrderSource, line: Mapping[str, Any]) -> dict[str, Any]:
    ours = source.parts.get(str(line.get("part")))
    if ours is None:
        return dict(line)
    return {**line, **(ours if isinstance(ours, dict) else {"part": ours})}
