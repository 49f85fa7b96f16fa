"""Users, for who manages them; the links that sign drivers' phones in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from pydantic import Field

from api.http import server
from api.http.etags import Version
from api.http.routes import Reader, Routes, Tx, User
from api.http.session import Password
from api.http.shapes import Cursor, DepotIds, In, Limit, Out, Text120
from dispatch.people import device_links, passwords, signing_in, users
from dispatch.people.permissions import Permission, Role
from dispatch.people.users import NewUser
from dispatch.people.users import User as UserRow
from dispatch.store import database, rows
from dispatch.store.pages import Page

routes = Routes("/users", tag="users")

Roles = Annotated[list[Role], Field(min_length=1, max_length=6)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@+-]{2,80}$", examples=["wang"])]


class UserIn(In):
    name: Name
    full_name: Text120 = Field(examples=["王伟"])
    roles: Roles
    depot_ids: DepotIds = None
    customer_id: UUID | None = None


class UserChange(In):
    full_name: Text120 | None = None
    roles: Roles | None = None
    depot_ids: DepotIds = None
    customer_id: UUID | None = None


class UserOut(Out):
    id: UUID
    name: str
    full_name: str
    roles: list[str]
    depot_ids: list[UUID] | None
    customer_id: UUID | None
    second_confirmed: bool
    disabled_at: datetime | None
    created_at: datetime
    version: int


class UsersOut(Out):
    rows: list[UserOut]
    next: str | None


class NewPassword(In):
    password: Password


class LinkOut(Out):
    id: UUID
    token: str | None = Field(description="Shown once; for the QR code that the phone scans.")
    expires_at: datetime


@routes.get("", needs=Permission.USERS_MANAGE, shape=UsersOut)
def list_users(
    reader: Reader, who: User, cursor: Cursor = None, limit: Limit = 50
) -> Page[UserRow]:
    """Users, the newest first."""
    who.need_all_depots()
    return users.page(reader, cursor=cursor, limit=limit)


@routes.post("", needs=Permission.USERS_MANAGE, shape=UserOut, creates=True, may=(404, 409))
def add_user(tx: Tx, who: User, new: UserIn) -> UserRow:
    """Add a user; it signs in once it has a password, or, as a driver, a device link."""
    who.need_all_depots()
    wanted = NewUser(**new.model_dump())
    return users.add(tx, wanted, password_hash=None)


@routes.get("/{user_id}", needs=Permission.USERS_MANAGE, shape=UserOut, may=(404,))
def get_user(reader: Reader, who: User, user_id: UUID) -> UserRow:
    """One user."""
    who.need_all_depots()
    return rows.get(reader, UserRow, user_id)


@routes.patch("/{user_id}", needs=Permission.USERS_MANAGE, shape=UserOut, may=(404, 409, 412, 428))
def change_user(tx: Tx, who: User, user_id: UUID, change: UserChange, version: Version) -> UserRow:
    """Change roles, depots or the full name; a depot_ids of null means all depots."""
    who.need_all_depots()
    user = rows.locked(tx, UserRow, user_id)
    users.change(tx, user, change.model_dump(exclude_unset=True), version=version)
    return user


@routes.post("/{user_id}/password", needs=Permission.USERS_MANAGE, status=204, may=(404,))
def set_password(request: Request, who: User, user_id: UUID, given: NewPassword) -> None:
    """Give a user another password; all its sessions end."""
    who.need_all_depots()
    kept = passwords.hashed(given.password)
    with database.transaction(server.of(request).database, actor=who.actor) as tx:
        users.set_password(tx, rows.locked(tx, UserRow, user_id), kept)


@routes.post("/{user_id}/disable", needs=Permission.USERS_MANAGE, shape=UserOut, may=(404, 409))
def disable_user(tx: Tx, who: User, user_id: UUID) -> UserRow:
    """Let a user in no more; all its sessions end at once."""
    who.need_all_depots()
    user = rows.locked(tx, UserRow, user_id)
    users.disable(tx, user)
    return user


@routes.post("/{user_id}/enable", needs=Permission.USERS_MANAGE, shape=UserOut, may=(404,))
def enable_user(tx: Tx, who: User, user_id: UUID) -> UserRow:
    """Let a user in again."""
    who.need_all_depots()
    user = rows.locked(tx, UserRow, user_id)
    users.enable(tx, user)
    return user


@routes.post(
    "/{user_id}/second-factor/remove", needs=Permission.USERS_MANAGE, shape=UserOut, may=(404,)
)
def remove_users_second_factor(tx: Tx, who: User, user_id: UUID) -> UserRow:
    """Let a user who lost the phone sign in by the password alone."""
    who.need_all_depots()
    user = rows.locked(tx, UserRow, user_id)
    signing_in.remove_second_factor(tx, user)
    return user


@routes.post(
    "/{user_id}/device-links",
    needs=Permission.DEVICES_LINK,
    shape=LinkOut,
    creates=True,
    shown_once=("token",),
    may=(404,),
)
def add_device_link(tx: Tx, who: User, user_id: UUID) -> dict[str, Any]:
    """Make a link that signs a driver's phone in: one time, within a quarter of an hour."""
    user = rows.get(tx, UserRow, user_id)
    users.need_reach(who, user)
    link, token = device_links.add(tx, user)
    return {"id": link.id, "token": token, "expires_at": link.expires_at}


@routes.delete("/{user_id}/device-links/{link_id}", needs=Permission.DEVICES_LINK, may=(404,))
def revoke_device_link(tx: Tx, who: User, user_id: UUID, link_id: UUID) -> None:
    """Make a link useless, whether it was used or not; end the phone's sessions beside."""
    users.need_reach(who, rows.get(tx, UserRow, user_id))
    device_links.revoke(tx, device_links.of_user(tx, link_id, user_id))


@routes.delete("/{user_id}/sessions", needs=Permission.DEVICES_LINK, may=(404,))
def end_sessions(tx: Tx, who: User, user_id: UUID) -> None:
    """Sign a user out everywhere, such as from a phone that was lost."""
    user = rows.get(tx, UserRow, user_id)
    users.need_reach(who, user)
    users.sign_out_everywhere(tx, user)
