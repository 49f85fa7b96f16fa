"""Signing in and out, and what everyone may do with their own account."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from api.http import callers, server
from api.http.routes import ANYONE, SIGNED_IN, Reader, Routes, Tx, User
from api.http.server import Server
from api.http.shapes import In, Out, Text80, Text120
from dispatch.people import device_links, passwords, sessions, signing_in, users
from dispatch.people.permissions import Who
from dispatch.people.sessions import Kind, UserSession
from dispatch.people.users import User as UserRow
from dispatch.store import database, rows
from dispatch.store.errors import Conflict, Forbidden

routes = Routes("", tag="session")

Password = Annotated[str, Field(min_length=1, max_length=200, examples=["a sentence is good"])]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["492039"])]


class SignInIn(In):
    name: Text80 = Field(examples=["wang"])
    password: Password
    code: Code | None = Field(default=None, description="Of the authenticator app, if set up.")
    cookie: bool = Field(
        default=False,
        description="For browsers: the token comes as a cookie that scripts cannot read.",
    )


class SessionOut(Out):
    token: str | None = Field(
        description="To be sent as `Authorization: Bearer`; null if it came as a cookie."
    )
    expires_at: datetime
    idle_s: int = Field(description="Unused for so long, it ends before.", examples=[7200])


class ClaimIn(In):
    token: Annotated[str, Field(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
    device: Text120 = Field(examples=["Xiaomi 14"])
    cookie: bool = False


class MeOut(Out):
    actor: str = Field(examples=["user:wang"])
    name: str | None
    full_name: str | None
    roles: list[str]
    permissions: list[str]
    depot_ids: list[UUID] | None
    customer_id: UUID | None
    second_factor: bool


class MySessionOut(Out):
    id: UUID
    kind: str
    title: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime


class MySessionsOut(Out):
    rows: list[MySessionOut]


class PasswordIn(In):
    old: Password
    new: Password


class SecondFactorOut(Out):
    secret: str
    address: str = Field(description="To be shown as a QR code.")


class CodeIn(In):
    code: Code


@routes.post("/session", needs=ANYONE, shape=SessionOut, status=201, may=(401,))
def sign_in(request: Request, given: SignInIn) -> Response:
    """Begin a session by name and password, and a code where one is set up."""
    asked = server.of(request)
    title = request.headers.get("user-agent", "unknown")
    with database.transaction(asked.database, actor="anyone") as tx:
        this = signing_in.begin(tx, given.name)
    begun = None
    if passwords.matches(given.password, this.kept):
        with database.transaction(asked.database, actor=f"user:{this.name}") as tx:
            begun = signing_in.finish(tx, this, code=given.code, title=title)
    if begun is None:
        with database.transaction(asked.database, actor="anyone") as tx:
            signing_in.refuse(tx, this)
        raise signing_in.wrong()
    return _begun(asked, *begun, cookie=given.cookie)


@routes.post("/session/claim", needs=ANYONE, shape=SessionOut, status=201, may=(401,))
def claim_device_link(request: Request, given: ClaimIn) -> Response:
    """Begin a session of a driver's phone by a link, which is good for one time."""
    asked = server.of(request)
    with database.transaction(asked.database, actor="anyone") as tx:
        begun = device_links.claim(tx, given.token, title=given.device)
    return _begun(asked, *begun, cookie=given.cookie)


@routes.delete("/session", needs=SIGNED_IN)
def sign_out(tx: Tx, who: User) -> None:
    """End the session that the request came with; a key has none."""
    if who.user_id and who.session_id:
        signing_in.sign_out(tx, who.user_id, who.session_id)


@routes.get("/me", needs=SIGNED_IN, shape=MeOut)
def get_me(reader: Reader, who: User) -> dict[str, Any]:
    """Who one is, and what one may do."""
    user = rows.get(reader, UserRow, who.user_id) if who.user_id else None
    return {
        "actor": who.actor,
        "name": user.name if user else None,
        "full_name": user.full_name if user else None,
        "roles": user.roles if user else [],
        "permissions": sorted(who.permissions),
        "depot_ids": None if who.depot_ids is None else sorted(who.depot_ids),
        "customer_id": who.customer_id,
        "second_factor": bool(user and user.second_confirmed),
    }


@routes.get("/me/sessions", needs=SIGNED_IN, shape=MySessionsOut)
def list_my_sessions(reader: Reader, who: User) -> dict[str, Any]:
    """One's own sessions that are not over."""
    return {"rows": sessions.of_user(reader, who.user_id) if who.user_id else []}


@routes.delete("/me/sessions", needs=SIGNED_IN)
def end_my_sessions(tx: Tx, who: User) -> None:
    """End all sessions of one's own, this one too."""
    if who.user_id:
        sessions.end_all(tx, who.user_id)


@routes.post("/me/password", needs=SIGNED_IN, status=204, may=(404, 409))
def change_my_password(request: Request, who: User, given: PasswordIn) -> None:
    """Take another password; all sessions end."""
    asked, user_id = server.of(request), _person(who)
    with database.transaction(asked.database, actor=who.actor) as tx:
        this = signing_in.begin(tx, rows.get(tx, UserRow, user_id).name)
    if not passwords.matches(given.old, this.kept):
        raise signing_in.wrong()
    kept = passwords.hashed(given.new)
    with database.transaction(asked.database, actor=who.actor) as tx:
        user = rows.locked(tx, UserRow, user_id)
        if user.password_hash != this.kept:
            cause = "somebody changed it just now"
            raise Conflict("changed_meanwhile", cause=cause, action="sign in anew")
        users.set_password(tx, user, kept)


@routes.post("/me/second-factor", needs=SIGNED_IN, shape=SecondFactorOut, may=(404, 409))
def offer_second_factor(tx: Tx, who: User) -> dict[str, str]:
    """Get a secret for an authenticator app; it counts once a code of it is confirmed."""
    secret, address = signing_in.offer_second_factor(tx, _person(who))
    return {"secret": secret, "address": address}


@routes.post("/me/second-factor/confirm", needs=SIGNED_IN, status=204, may=(404, 409))
def confirm_second_factor(tx: Tx, who: User, given: CodeIn) -> None:
    """Ask for a code at every sign-in from now on."""
    signing_in.confirm_second_factor(tx, _person(who), given.code)


@routes.post("/me/second-factor/remove", needs=SIGNED_IN, status=204, may=(404, 409))
def remove_second_factor(tx: Tx, who: User, given: CodeIn) -> None:
    """Sign in by the password alone again; an administrator can do it for who lost the phone."""
    user = rows.locked(tx, UserRow, _person(who))
    signing_in.prove_second_factor(tx, user, given.code)
    signing_in.remove_second_factor(tx, user)


def _person(who: Who) -> UUID:
    if who.user_id is None:
        raise Forbidden(
            "not_allowed",
            cause="a key is no person",
            action="sign in as the user whose account this concerns",
        )
    return who.user_id


def _begun(asked: Server, row: UserSession, token: str, *, cookie: bool) -> Response:
    kind = Kind(row.kind)
    shown = SessionOut(
        token=None if cookie else token,
        expires_at=row.expires_at,
        idle_s=int(sessions.TIMES[kind].idle.total_seconds()),
    )
    answer = JSONResponse(shown.model_dump(mode="json"), 201)
    if cookie:
        answer.set_cookie(
            callers.COOKIE,
            token,
            max_age=int(sessions.TIMES[kind].whole.total_seconds()),
            secure=asked.settings.secure_cookies,
            httponly=True,
            samesite="strict",
        )
    return answer
