"""Who asks: the holder of a session, by cookie or bearer token, or of an API key."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from starlette.requests import HTTPConnection

from api.http import server
from api.http.server import Server
from dispatch.people import api_keys, sessions, users
from dispatch.people.permissions import Permission, Who
from dispatch.store import database
from dispatch.store.errors import Forbidden, Unauthenticated

COOKIE = "milkrun_session"
ANYONE = Who(actor="anyone", permissions=frozenset(), depot_ids=frozenset())

_SAFE = {"GET", "HEAD", "OPTIONS"}


class Access:
    """Lets in who has a permission; None: whoever is signed in."""

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Who:
        who = known(request)
        request.scope["milkrun.actor"] = who.actor
        server.of(request).by_caller.take(who.actor)
        if self.permission is not None:
            who.need(self.permission)
        return who


class Open:
    """Lets anyone in, each address so often."""

    def __call__(self, request: Request) -> Who:
        address = request.client.host if request.client else "unknown"
        server.of(request).by_address.take(address)
        return ANYONE


def known(connection: HTTPConnection) -> Who:
    """Return who asks, or refuse (``sign_in_needed``)."""
    asked = server.of(connection)
    token = bearer(connection)
    if token is not None and token.startswith(api_keys.MARK):
        who = _of_key(asked, token)
    elif token is not None:
        who = _of_session(asked, token)
    else:
        token = connection.cookies.get(COOKIE)
        _refuse_foreign_page(connection)
        who = _of_session(asked, token) if token else None
    if who is None:
        raise Unauthenticated(
            "sign_in_needed",
            cause="no session or key was given, or it is over",
            action="sign in at /api/v1/session, or send a key as `Authorization: Bearer`",
        )
    return who


def bearer(connection: HTTPConnection) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _of_key(asked: Server, secret: str) -> Who | None:
    with database.reading(asked.database) as session:
        key = api_keys.of_secret(session, secret)
        return api_keys.who(key) if key else None


def _of_session(asked: Server, token: str) -> Who | None:
    with database.reading(asked.database) as session:
        found = users.of_token(session, token)
    if found is None:
        return None
    user, row = found
    if sessions.is_to_touch(row):
        _touch(asked, user.name, row.id)
    return users.who(user, session_id=row.id)


def _touch(asked: Server, name: str, session_id: UUID) -> None:
    with database.transaction(asked.database, actor=f"user:{name}") as session:
        sessions.touch(session, session_id)


def _refuse_foreign_page(connection: HTTPConnection) -> None:
    """Refuse (``foreign_page``) what another site's page makes a browser send with our cookie."""
    origin = connection.headers.get("origin")
    if origin is None or connection.scope.get("method") in _SAFE:
        return
    if urlsplit(origin).netloc != connection.headers.get("host"):
        raise Forbidden(
            "foreign_page",
            cause="the request comes from a page of another site",
            action="use the pages of this server, or an API key instead of a cookie",
        )
