"""Users: people who sign in, their roles, and the depots that they work for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.customers import Customer
from dispatch.catalogue.depots import Depot
from dispatch.people import permissions, sessions, tokens
from dispatch.people.permissions import Permission, Role, Who
from dispatch.people.sessions import UserSession
from dispatch.store import clock, edits, events, pages, rows
from dispatch.store.base import Document, DocumentOrNull, Key, Table, Versioned
from dispatch.store.errors import Conflict, Forbidden, Invalid, NotFound
from dispatch.store.pages import Page

_NAME = re.compile(r"[\w.@+-]{2,80}")


class User(Versioned, Table):
    """Somebody who signs in; ``depot_ids`` None means all depots, also those still to come."""

    __tablename__ = "users"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    """What is typed in to sign in; in lower case."""
    full_name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]] = mapped_column(Document)
    depot_ids: Mapped[list[str] | None] = mapped_column(DocumentOrNull)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    """Whose orders a user of the role `customer` sees."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    second_secret: Mapped[str | None] = mapped_column(String(64))
    second_confirmed: Mapped[bool] = mapped_column(default=False)
    second_step: Mapped[int] = mapped_column(default=0)
    """The step whose code was used last: each code is good for one time."""
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user as an administrator describes it."""

    name: str
    full_name: str
    roles: Sequence[str]
    depot_ids: Collection[UUID] | None = None
    customer_id: UUID | None = None


def add(session: Session, new: NewUser, *, password_hash: str | None) -> User:
    """Add a user; one without a password signs in by a link only."""
    name = normal(new.name)
    if not _NAME.fullmatch(name):
        cause = f"{new.name!r} is no name to sign in with"
        action = "use 2 to 80 letters, digits and . @ + - _"
        raise Invalid("bad_user_name", cause=cause, action=action)
    if by_name(session, name):
        cause = f"there is a user {name} already"
        raise Conflict("user_name_taken", cause=cause, action="choose another name")
    user = User(
        name=name,
        full_name=new.full_name,
        roles=_roles(new.roles),
        depot_ids=_depots(session, new.depot_ids),
        customer_id=_customer(session, new.roles, new.customer_id),
        password_hash=password_hash,
        created_at=clock.now(),
    )
    edits.create(session, "user", user, secret=("password_hash", "second_secret", "second_step"))
    return user


def normal(name: str) -> str:
    """Return a name as it is kept: one form of each character, lower case."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def by_name(session: Session, name: str) -> User | None:
    return session.scalar(select(User).where(User.name == normal(name)))


def named(session: Session, name: str) -> User:
    """Return the user of that name, or refuse (``not_found``)."""
    user = by_name(session, name)
    if user is None:
        action = "look at `milkrun user list`"
        raise NotFound("not_found", cause=f"there is no user {name}", action=action)
    return user


def page(session: Session, *, cursor: str | None = None, limit: int = 50) -> Page[User]:
    """Return users, the newest first."""
    return pages.newest(session, select(User), User, cursor=cursor, limit=limit)


def change(
    session: Session, user: User, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change name, roles or depots; what a session may do follows at once."""
    edits.expect(user, version, edits.differences(user, wanted))
    values = dict(wanted)
    roles = values.get("roles", user.roles)
    if "roles" in values:
        values["roles"] = _roles(roles)
        _keep_an_admin(session, user, values["roles"])
    if "depot_ids" in values:
        values["depot_ids"] = _depots(session, values["depot_ids"])
    values["customer_id"] = _customer(session, roles, values.get("customer_id", user.customer_id))
    edits.change(session, "user", user, values)


def set_password(session: Session, user: User, password_hash: str) -> None:
    """Give a user another password, and end all sessions that stand on the old one."""
    user.password_hash = password_hash
    sessions.end_all(session, user.id)
    events.record(session, "user.password_changed", user.id)


def disable(session: Session, user: User) -> None:
    """Let a user in no more, and end its sessions; what it did stays told."""
    if user.disabled_at:
        return
    _keep_an_admin(session, user, [])
    user.disabled_at = clock.now()
    sessions.end_all(session, user.id)
    events.record(session, "user.disabled", user.id)


def enable(session: Session, user: User) -> None:
    """Let a user in again."""
    if user.disabled_at:
        user.disabled_at = None
        events.record(session, "user.enabled", user.id)


def sign_out_everywhere(session: Session, user: User) -> None:
    """End all sessions of a user, such as that of a phone that was lost."""
    if sessions.end_all(session, user.id):
        events.record(session, "user.signed_out", user.id)


def need_reach(who: Who, user: User) -> None:
    """
    Refuse (``not_allowed``, ``wrong_depot``) users that somebody is not responsible for.

    Who manages users is responsible for all, others for drivers of their own depots.
    """
    if Permission.USERS_MANAGE in who.permissions and who.depot_ids is None:
        return
    if set(user.roles) != {Role.DRIVER}:
        cause = f"{user.name} is not a driver alone"
        raise Forbidden("not_allowed", cause=cause, action="ask an administrator")
    if user.depot_ids is None:
        who.need_all_depots()
    for depot_id in scope(user.depot_ids) or ():
        who.need_depot(depot_id)


def of_token(session: Session, token: str) -> tuple[User, UserSession] | None:
    """Return the user of a session's token, unless the session is over or the user disabled."""
    query = select(User, UserSession).join(UserSession, UserSession.user_id == User.id)
    found = session.execute(query.where(UserSession.token_hash == tokens.hashed(token))).first()
    if found is None or found.User.disabled_at or sessions.is_over(found.UserSession):
        return None
    return found.User, found.UserSession


def who(user: User, *, session_id: UUID | None = None) -> Who:
    """Return what a user may do now."""
    return Who(
        actor=f"user:{user.name}",
        permissions=permissions.of_roles(user.roles),
        depot_ids=scope(user.depot_ids),
        customer_id=user.customer_id,
        user_id=user.id,
        session_id=session_id,
    )


def scope(depot_ids: Collection[str] | None) -> frozenset[UUID] | None:
    """Return depots as they are kept in a row as keys; None is all of them."""
    return None if depot_ids is None else frozenset(map(UUID, depot_ids))


def kept_scope(session: Session, depot_ids: Collection[UUID] | None) -> list[str] | None:
    """Return depots, each of which is there, as they are kept in a row."""
    return _depots(session, depot_ids)


def _roles(roles: Collection[str]) -> list[str]:
    known = {role.value for role in Role}
    unknown = sorted(set(roles) - known)
    if unknown or not roles:
        cause = f"there is no role {', '.join(unknown)}" if unknown else "no role is given"
        action = f"choose of {', '.join(Role)}"
        raise Invalid("unknown_role", cause=cause, action=action)
    if Role.CUSTOMER in roles and len(set(roles)) > 1:
        cause = "a customer is no member of the firm"
        raise Invalid("unknown_role", cause=cause, action="give the role customer alone")
    return sorted(set(roles))


def _depots(session: Session, depot_ids: Collection[UUID] | None) -> list[str] | None:
    if depot_ids is None:
        return None
    for depot_id in depot_ids:
        rows.get(session, Depot, depot_id)
    return sorted({str(depot_id) for depot_id in depot_ids})


def _customer(session: Session, roles: Collection[str], customer_id: UUID | None) -> UUID | None:
    if (Role.CUSTOMER in roles) != (customer_id is not None):
        cause = "a user of the role customer, and no other, belongs to a customer"
        action = "give both the role customer and customer_id, or neither"
        raise Invalid("customer_needed", cause=cause, action=action)
    if customer_id is not None:
        rows.get(session, Customer, customer_id)
    return customer_id


def _keep_an_admin(session: Session, user: User, roles: Collection[str]) -> None:
    """Refuse (``last_admin``) to leave the installation without anybody who may manage it."""
    if Role.ADMIN in roles or Role.ADMIN not in user.roles:
        return
    query = select(User).where(User.disabled_at.is_(None)).order_by(User.id)
    others = session.scalars(query.with_for_update(key_share=True)).all()
    if not any(Role.ADMIN in other.roles for other in others if other.id != user.id):
        cause = f"{user.name} is the only administrator"
        raise Conflict("last_admin", cause=cause, action="make somebody else administrator first")
