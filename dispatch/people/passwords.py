"""
Passwords: Argon2id, with the parameters that pwdlib recommends.

A hash takes a tenth of a second of a core, so it is made and compared outside of transactions.
"""

from __future__ import annotations

from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError

from dispatch.store.errors import Invalid

_SHORTEST = 10
_LONGEST = 200


def hashed(password: str) -> str:
    """Return what is kept of a password, or refuse one that is easily guessed."""
    _check(password)
    return _hasher().hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one that was kept; as slow where none was kept."""
    if len(password) > _LONGEST:
        return False
    try:
        return _hasher().verify(password, kept or _nobodys()) and kept is not None
    except (PwdlibError, ValueError):
        return False


def _check(password: str) -> None:
    action = f"take {_SHORTEST} to {_LONGEST} characters of several kinds; a sentence is good"
    if not _SHORTEST <= len(password) <= _LONGEST:
        cause = f"the password has {len(password)} characters"
        raise Invalid("weak_password", cause=cause, action=action)
    if len(set(password)) < 5:
        cause = "the password repeats few characters"
        raise Invalid("weak_password", cause=cause, action=action)
    if _unwritable(password):
        cause = "the password holds characters that cannot be written"
        raise Invalid("weak_password", cause=cause, action=action)


def _unwritable(password: str) -> bool:
    return any(0xD800 <= ord(each) <= 0xDFFF or ord(each) < 32 for each in password)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    """Compared with when there is no such user, so that the answer takes as long."""
    return _hasher().hash("nobody has this password")
