"""Endpoints: where other systems want to be told of what happens, and of which of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.people import sight, users
from dispatch.people.permissions import Permission, Who
from dispatch.people.users import User
from dispatch.store import clock, edits, events, pages
from dispatch.store.base import DocumentOrNull, Key, Table, Versioned
from dispatch.store.errors import Invalid
from dispatch.store.events import Event
from dispatch.store.pages import Page
from dispatch.webhooks import addresses, signatures

_SECRETS = ("secret", "former_secret", "former_until", "cursor", "failing_since")


class Webhook(Versioned, Table):
    """
    An endpoint of another system.

    ``kinds`` None means all, ``depot_ids`` None all that its owner may see. ``cursor`` is the event
    up to which its letters have been written.
    """

    __tablename__ = "webhooks"

    id: Mapped[Key]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(400))
    kinds: Mapped[list[str] | None] = mapped_column(DocumentOrNull)
    depot_ids: Mapped[list[str] | None] = mapped_column(DocumentOrNull)
    active: Mapped[bool]
    secret: Mapped[str] = mapped_column(String(200))
    former_secret: Mapped[str | None] = mapped_column(String(200))
    former_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    cursor: Mapped[int] = mapped_column(BigInteger)
    failing_since: Mapped[datetime | None]
    disabled_because: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """An endpoint as an administrator describes it; ``secret`` None: one is made."""

    url: str
    description: str = ""
    kinds: Collection[str] | None = None
    depot_ids: Collection[UUID] | None = None
    secret: str | None = None


def add(session: Session, owner_id: UUID, new: NewWebhook, *, private: bool) -> Webhook:
    """Add an endpoint; it is told of what happens from now on."""
    row = Webhook(
        owner_id=owner_id,
        url=_url(new.url, private=private),
        description=new.description,
        kinds=_kinds(new.kinds),
        depot_ids=users.kept_scope(session, new.depot_ids),
        active=True,
        secret=signatures.check_secret(new.secret or signatures.new_secret()),
        created_at=clock.now(),
        cursor=events.newest(session),
    )
    edits.create(session, "webhook", row, secret=_SECRETS)
    return row


def change(
    session: Session,
    row: Webhook,
    wanted: Mapping[str, Any],
    *,
    version: int | None,
    private: bool,
) -> None:
    """
    Change fields of an endpoint.

    One that is made active again is told of what happens from then on, and of what still waited;
    for the time between there is `outbox.replay_since`.
    """
    values = dict(wanted)
    if "url" in values:
        values["url"] = _url(values["url"], private=private)
    if "kinds" in values:
        values["kinds"] = _kinds(values["kinds"])
    if "depot_ids" in values:
        values["depot_ids"] = users.kept_scope(session, values["depot_ids"])
    edits.expect(row, version, edits.differences(row, values))
    if values.get("active") and not row.active:
        row.cursor = events.newest(session)
        row.failing_since = row.disabled_because = None
    edits.change(session, "webhook", row, values)


def rotate(session: Session, row: Webhook) -> str:
    """Give an endpoint another secret; the former one signs beside it for a day."""
    row.former_secret, row.former_until = row.secret, clock.now() + signatures.OVERLAP
    row.secret = signatures.new_secret()
    events.record(session, "webhook.secret_rotated", row.id)
    return row.secret


def disable(session: Session, row: Webhook, why: str) -> None:
    """Tell an endpoint nothing more, and say why in the log and on the row."""
    if row.active:
        row.active = False
        row.disabled_because = why[:200]
        events.record(session, "webhook.disabled", row.id, data={"reason": why[:200]})


def secrets(row: Webhook) -> list[str]:
    """Return the secrets that sign now, the newest first."""
    still = row.former_until is not None and row.former_until > clock.now()
    return [row.secret, row.former_secret] if still and row.former_secret else [row.secret]


def owner(session: Session, row: Webhook) -> Who | None:
    """Return who an endpoint belongs to, as long as it may have one."""
    user = session.get(User, row.owner_id)
    if user is None or user.disabled_at:
        return None
    who = users.who(user)
    return who if Permission.WEBHOOKS_MANAGE in who.permissions else None


def wants(row: Webhook, who: Who, event: Event) -> bool:
    """Tell whether an endpoint is to be told of an event that its owner may see."""
    if row.kinds is not None and event.kind not in row.kinds:
        return False
    if row.depot_ids is not None and event.subjects.get("depot") not in row.depot_ids:
        return False
    return sight.of(who).sees(event)


def page(session: Session, *, cursor: str | None = None, limit: int = 50) -> Page[Webhook]:
    """Return endpoints, the newest first."""
    return pages.newest(session, select(Webhook), Webhook, cursor=cursor, limit=limit)


def _kinds(kinds: Collection[str] | None) -> list[str] | None:
    if kinds is None:
        return None
    unknown = sorted(set(kinds) - events.KINDS)
    if unknown or not kinds:
        cause = f"there is no kind {', '.join(unknown)}" if unknown else "no kind is given"
        action = "choose of those of docs/webhooks.md, or leave them out for all"
        raise Invalid("unknown_kind", cause=cause, action=action)
    return sorted(set(kinds))


def _url(url: str, *, private: bool) -> str:
    """Return a URL that may be called; the addresses of a name are looked at with each call."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _bad_url("it cannot be read") from None
    if parts.scheme not in {"https", "http"} or not host or port == 0:
        raise _bad_url("it is no https://host/path")
    odd = not url.isascii() or not url.isprintable() or " " in url
    if parts.username or parts.password or parts.fragment or odd:
        raise _bad_url("it has a user, a password, a fragment, or letters to be written with %")
    if parts.scheme == "http" and not private:
        raise _bad_url("http is only for addresses of one's own network, which are not allowed")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return url
    if refusal := addresses.refusal(str(address), secure=parts.scheme == "https", private=private):
        raise _bad_url(refusal)
    return url


def _bad_url(cause: str) -> Invalid:
    action = "give an https address that can be reached from the internet"
    return Invalid("bad_webhook_url", cause=cause, action=action)
