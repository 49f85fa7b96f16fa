"""Webhooks: who is told of what happens, what was sent, and sending it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field, model_validator

from api.http import server
from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Cursor, DepotIds, In, Limit, Moment, Out, Text120
from dispatch.people.permissions import Permission, Who
from dispatch.store import edits, rows
from dispatch.store.pages import Page
from dispatch.webhooks import endpoints, outbox
from dispatch.webhooks.endpoints import NewWebhook, Webhook
from dispatch.webhooks.outbox import Letter

routes = Routes("/webhooks", tag="webhooks")

Url = Annotated[
    str,
    Field(
        min_length=10,
        max_length=2000,
        pattern=r"^[!-~]+$",
        examples=["https://erp.example.com/milkrun"],
    ),
]
Secret = Annotated[
    str,
    Field(
        min_length=30,
        max_length=100,
        pattern=r"^[!-~]+$",
        description="whsec_ and the base64 of 24 to 64 bytes; left out, one is made.",
    ),
]
Description = Annotated[str, Field(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
Kinds = Annotated[
    list[Text120] | None,
    Field(max_length=300, description="Null: all kinds, also those still to come."),
]


class WebhookIn(In):
    url: Url
    description: Description = ""
    kinds: Kinds = None
    depot_ids: DepotIds = None
    secret: Secret | None = None


class WebhookChange(In):
    url: Url | None = None
    description: Description | None = None
    kinds: Kinds = None
    depot_ids: DepotIds = None
    active: bool | None = None


class WebhookOut(Out):
    id: UUID
    owner_id: UUID = Field(description="The user whose events it is told of.")
    url: str
    description: str
    kinds: list[str] | None
    depot_ids: list[UUID] | None
    active: bool
    created_at: datetime
    failing_since: datetime | None
    disabled_because: str | None
    version: int


class NewWebhookOut(WebhookOut):
    secret: str | None = Field(description="What its letters are signed with; shown once.")


class SecretOut(Out):
    secret: str | None = Field(description="The new one; shown once. The former one holds a day.")


class WebhooksOut(Out):
    rows: list[WebhookOut]
    next: str | None


class LetterOut(Out):
    id: UUID
    event_id: int | None = Field(description="Null: a ping.")
    kind: str
    state: Literal["waiting", "delivered", "failed"]
    created_at: datetime
    due_at: datetime
    tries: int
    finished_at: datetime | None


class LettersOut(Out):
    rows: list[LetterOut]
    next: str | None


class TryOut(Out):
    at: datetime
    duration_ms: int
    http_status: int | None
    error: str | None
    answer: str = Field(description="How it begins.")


class TriedLetterOut(LetterOut):
    attempts: list[TryOut]


class Since(In):
    """Since an event, or a moment: one of them."""

    after_event: Annotated[int, Field(ge=0, le=2**62)] | None = None
    since: Moment | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Since:
        if (self.after_event is None) == (self.since is None):
            raise ValueError("give after_event or since")
        return self


class ReplayedOut(Out):
    after_event: int
    letters: int = Field(description="So many are sent again; what was never sent follows.")


State = Annotated[Literal["waiting", "delivered", "failed"] | None, Query()]


@routes.get("", needs=Permission.WEBHOOKS_MANAGE, shape=WebhooksOut)
def list_webhooks(
    reader: Reader, who: User, cursor: Cursor = None, limit: Limit = 50
) -> Page[Webhook]:
    """Endpoints, the newest first; without their secrets."""
    who.need_all_depots()
    return endpoints.page(reader, cursor=cursor, limit=limit)


@routes.post(
    "",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=NewWebhookOut,
    creates=True,
    shown_once=("secret",),
    may=(404,),
)
def add_webhook(tx: Tx, who: User, request: Request, new: WebhookIn) -> dict[str, Any]:
    """Have another system told of what happens from now on, as far as you may see it."""
    row = endpoints.add(tx, _owner(who), NewWebhook(**new.model_dump()), private=_private(request))
    return WebhookOut.model_validate(row).model_dump() | {"secret": row.secret}


@routes.get("/{webhook_id}", needs=Permission.WEBHOOKS_MANAGE, shape=WebhookOut, may=(404,))
def get_webhook(reader: Reader, who: User, webhook_id: UUID) -> Webhook:
    """One endpoint."""
    who.need_all_depots()
    return rows.get(reader, Webhook, webhook_id)


@routes.patch(
    "/{webhook_id}",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=WebhookOut,
    may=(404, 409, 412, 428),
)
def change_webhook(
    tx: Tx, who: User, request: Request, webhook_id: UUID, change: WebhookChange, version: Version
) -> Webhook:
    """Change an endpoint; what is left out stays, and null kinds or depots mean all."""
    row = _locked(tx, who, webhook_id)
    wanted = change.model_dump(exclude_unset=True)
    kept = {key: v for key, v in wanted.items() if v is not None or key in {"kinds", "depot_ids"}}
    endpoints.change(tx, row, kept, version=version, private=_private(request))
    return row


@routes.post(
    "/{webhook_id}/secret",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=SecretOut,
    creates=True,
    shown_once=("secret",),
    may=(404,),
)
def rotate_webhook_secret(tx: Tx, who: User, webhook_id: UUID) -> dict[str, str]:
    """Give an endpoint another secret; for a day its letters carry both signatures."""
    return {"secret": endpoints.rotate(tx, _locked(tx, who, webhook_id))}


@routes.post(
    "/{webhook_id}/ping",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=LetterOut,
    creates=True,
    may=(404,),
)
def ping_webhook(tx: Tx, who: User, webhook_id: UUID) -> Letter:
    """Send a letter that says nothing, to see whether it arrives."""
    return outbox.ping(tx, _locked(tx, who, webhook_id))


@routes.post(
    "/{webhook_id}/replay", needs=Permission.WEBHOOKS_MANAGE, shape=ReplayedOut, may=(404,)
)
def replay_webhook(tx: Tx, who: User, webhook_id: UUID, begin: Since) -> dict[str, int]:
    """Send again all that followed an event or a moment, also what was never sent."""
    row = _locked(tx, who, webhook_id)
    after = begin.after_event
    if begin.since is not None:
        after = outbox.last_before(tx, begin.since)
    assert after is not None
    return {"after_event": after, "letters": outbox.replay_since(tx, row, after)}


@routes.get("/{webhook_id}/letters", needs=Permission.WEBHOOKS_MANAGE, shape=LettersOut, may=(404,))
def list_letters(
    reader: Reader,
    who: User,
    webhook_id: UUID,
    state: State = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Letter]:
    """What an endpoint was sent or waits for, the newest first."""
    row = get_webhook(reader, who, webhook_id)
    return outbox.page(reader, row, state=state, cursor=cursor, limit=limit)


@routes.get(
    "/{webhook_id}/letters/{letter_id}",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=TriedLetterOut,
    may=(404,),
)
def get_letter(reader: Reader, who: User, webhook_id: UUID, letter_id: UUID) -> dict[str, Any]:
    """One letter, with every try to bring it."""
    letter = outbox.get(reader, get_webhook(reader, who, webhook_id), letter_id)
    attempts: Sequence[outbox.Try] = outbox.tries(reader, letter)
    return edits.values(letter) | {"attempts": attempts}


@routes.post(
    "/{webhook_id}/letters/{letter_id}/replay",
    needs=Permission.WEBHOOKS_MANAGE,
    shape=LetterOut,
    may=(404,),
)
def replay_letter(tx: Tx, who: User, webhook_id: UUID, letter_id: UUID) -> Letter:
    """Send one letter again, under the same id."""
    letter = outbox.get(tx, _locked(tx, who, webhook_id), letter_id)
    outbox.replay(tx, letter)
    return letter


def _locked(tx: Tx, who: Who, webhook_id: UUID) -> Webhook:
    who.need_all_depots()
    return rows.locked(tx, Webhook, webhook_id)


def _owner(who: Who) -> UUID:
    who.need_all_depots()
    # No key has this permission.
    assert who.user_id is not None
    return who.user_id


def _private(request: Request) -> bool:
    return server.of(request).settings.webhook_private
