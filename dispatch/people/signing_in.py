"""
Signing in, in three parts: count the try, compare the password, open a session.

The comparison is slow and stands between two transactions: ``begin``, `passwords.matches`,
``finish``. Every refusal reads alike, whether the name, the password or the code was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatch.people import attempts, second_factor, sessions, users
from dispatch.people.sessions import UserSession
from dispatch.people.users import User
from dispatch.store import clock, events, rows
from dispatch.store.errors import Conflict, Invalid, Unauthenticated
from dispatch.store.statements import changed


@dataclass(frozen=True, slots=True)
class Try:
    """One try to sign in; ``kept`` is what the password is compared with."""

    name: str
    user_id: UUID | None
    kept: str | None
    number: int


def begin(session: Session, name: str) -> Try:
    """Count the try, or refuse it (``locked_out``)."""
    normal = users.normal(name)
    number = attempts.take(session, normal)
    user = users.by_name(session, normal)
    if user is None or user.disabled_at:
        return Try(normal, None, None, number)
    return Try(normal, user.id, user.password_hash, number)


def finish(
    session: Session, this: Try, *, code: str | None, title: str
) -> tuple[UserSession, str] | None:
    """Open a session for who gave the right password; None where that is not enough."""
    user = session.get(User, this.user_id) if this.user_id else None
    if user is None or user.disabled_at or user.password_hash != this.kept:
        return None
    if user.second_confirmed and not _code_is_right(session, user, code):
        return None
    attempts.forgive(session, this.name)
    events.record(session, "user.signed_in", user.id, data={"with": title[:200]})
    return sessions.begin(session, user.id, sessions.Kind.PERSON, title=title)


def refuse(session: Session, this: Try) -> None:
    """Note a wrong try; `wrong` is then what to raise, after the commit."""
    if this.user_id is None:
        return
    kind = "user.locked_out" if this.number >= attempts.MOST else "user.refused"
    events.record(session, kind, this.user_id, data={"tries": this.number})


def wrong() -> Unauthenticated:
    return Unauthenticated(
        "wrong_sign_in",
        cause="name, password or code are not right, or the user may not sign in",
        action="check them, and the code of your authenticator app if you have set one up",
    )


def sign_out(session: Session, user_id: UUID, session_id: UUID) -> None:
    """End a session of one's own."""
    if sessions.end(session, session_id):
        events.record(session, "user.signed_out", user_id)


def offer_second_factor(session: Session, user_id: UUID) -> tuple[str, str]:
    """Make a secret for an authenticator app; it counts once a code of it was given."""
    user = rows.get(session, User, user_id)
    if user.second_confirmed:
        cause = "a second factor is set up already"
        raise Conflict("second_factor_there", cause=cause, action="remove that one first")
    user.second_secret = second_factor.new_secret()
    return user.second_secret, second_factor.address(user.second_secret, user.name)


def confirm_second_factor(session: Session, user_id: UUID, code: str) -> None:
    """Ask for a code at every sign-in from now on, if this one is right."""
    user = rows.get(session, User, user_id)
    if user.second_secret is None or user.second_confirmed:
        cause = "no second factor waits to be confirmed"
        raise Conflict("no_second_factor", cause=cause, action="ask for a new secret first")
    if not _code_is_right(session, user, code):
        raise _wrong_code()
    user.second_confirmed = True
    events.record(session, "user.second_factor_added", user.id)


def remove_second_factor(session: Session, user: User) -> None:
    """Ask for the password alone again."""
    if user.second_confirmed:
        events.record(session, "user.second_factor_removed", user.id)
    user.second_secret = None
    user.second_confirmed = False


def prove_second_factor(session: Session, user: User, code: str) -> None:
    """Refuse (``wrong_code``) a code that is not the present one."""
    if user.second_confirmed and not _code_is_right(session, user, code):
        raise _wrong_code()


def _wrong_code() -> Invalid:
    return Invalid(
        "wrong_code",
        cause="the code is not the one that the app shows now, or it was used already",
        action="wait for the next code; check the clock of the phone",
    )


def _code_is_right(session: Session, user: User, code: str | None) -> bool:
    """Tell whether a code is right, and use it up: a second one who read it comes too late."""
    if not code or not user.second_secret:
        return False
    step = second_factor.step_of(user.second_secret, code, clock.now())
    if step is None:
        return False
    session.flush()
    unused = update(User).where(User.id == user.id, User.second_step < step)
    return changed(session, unused.values(second_step=step)) == 1
