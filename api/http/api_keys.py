"""API keys, for who manages them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import Cursor, DepotIds, In, Limit, Moment, Out, Text120
from dispatch.people import api_keys
from dispatch.people.api_keys import ApiKey, NewKey
from dispatch.people.permissions import Permission
from dispatch.store import rows
from dispatch.store.pages import Page

routes = Routes("/keys", tag="keys")


class KeyIn(In):
    name: Text120 = Field(examples=["ERP"])
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=50)]
    depot_ids: DepotIds = None
    expires_at: Moment | None = None


class KeyOut(Out):
    id: UUID
    name: str
    prefix: str = Field(examples=["mk_4f1c9a02be"])
    scopes: list[str]
    depot_ids: list[UUID] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKeyOut(KeyOut):
    secret: str | None = Field(description="The whole key; shown once, kept nowhere.")


class KeysOut(Out):
    rows: list[KeyOut]
    next: str | None


@routes.get("", needs=Permission.KEYS_MANAGE, shape=KeysOut)
def list_keys(reader: Reader, who: User, cursor: Cursor = None, limit: Limit = 50) -> Page[ApiKey]:
    """Keys, the newest first; without their secrets."""
    who.need_all_depots()
    return api_keys.page(reader, cursor=cursor, limit=limit)


@routes.post(
    "",
    needs=Permission.KEYS_MANAGE,
    shape=NewKeyOut,
    creates=True,
    shown_once=("secret",),
    may=(404,),
)
def add_key(tx: Tx, who: User, new: KeyIn) -> dict[str, Any]:
    """Make a key for another system, with what it may do and at which depots."""
    who.need_all_depots()
    row, secret = api_keys.add(tx, NewKey(**new.model_dump()))
    return KeyOut.model_validate(row).model_dump() | {"secret": secret}


@routes.delete("/{key_id}", needs=Permission.KEYS_MANAGE, may=(404,))
def revoke_key(tx: Tx, who: User, key_id: UUID) -> None:
    """Make a key useless, at once."""
    who.need_all_depots()
    api_keys.revoke(tx, rows.locked(tx, ApiKey, key_id))
