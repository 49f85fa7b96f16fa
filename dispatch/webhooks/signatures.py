"""
Signatures of webhooks as Standard Webhooks has them, in both directions.

What is signed is ``id.timestamp.body`` by HMAC-SHA256 (standardwebhooks.com, version 1.0.0).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.store import clock
from dispatch.store.errors import Invalid, Unauthenticated

MARK = "whsec_"
VERSION = "v1"
TOLERANCE = timedelta(minutes=5)
"""How far the clocks of sender and receiver may be apart, and so how long a letter is good for."""

OVERLAP = timedelta(hours=24)
"""How long a secret is still good after another one took its place."""

_NEW_BYTES = 32
_LEAST_BYTES, _MOST_BYTES = 24, 64


@dataclass(frozen=True, slots=True)
class Signed:
    """A body as it came over the wire, with what its sender says of it."""

    id: str
    timestamp: str
    signature: str
    body: bytes


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return MARK + base64.b64encode(os.urandom(_NEW_BYTES)).decode()


def check_secret(secret: str) -> str:
    """Return a secret that somebody else made, or refuse (``bad_secret``)."""
    try:
        length = len(_key(secret))
    except ValueError:
        length = 0
    if not _LEAST_BYTES <= length <= _MOST_BYTES:
        raise Invalid(
            "bad_secret",
            cause=f"it is not {MARK} and the base64 of {_LEAST_BYTES} to {_MOST_BYTES} bytes",
            action="leave it out, and one is made",
        )
    return secret


def sign(secret: str, letter_id: str, at: datetime, body: bytes) -> str:
    """Return the signature of one letter at the moment at which it is sent."""
    return f"{VERSION},{_digest(secret, letter_id, str(int(at.timestamp())), body)}"


def verify(letter: Signed, secrets: Collection[str]) -> None:
    """Refuse (``bad_signature``) what none of these secrets signed, or not within five minutes."""
    fresh = letter.timestamp.isascii() and letter.timestamp.isdigit()
    if fresh:
        apart = abs(clock.now().timestamp() - int(letter.timestamp[:12]))
        fresh = apart <= TOLERANCE.total_seconds()
    if not fresh:
        raise _refused(f"webhook-timestamp is {letter.timestamp[:30]!r}, not the time of now")
    given = [each.partition(",")[2] for each in letter.signature.split() if _is_known(each)]
    for secret in secrets:
        wanted = _digest(secret, letter.id, letter.timestamp, letter.body).encode()
        if any(hmac.compare_digest(wanted, each.encode()) for each in given):
            return
    raise _refused("no signature is that of this body with the secret of its source")


def _is_known(signature: str) -> bool:
    return signature.startswith(f"{VERSION},")


def _digest(secret: str, letter_id: str, timestamp: str, body: bytes) -> str:
    content = f"{letter_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(_key(secret), content, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(MARK), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is no base64") from error


def _refused(cause: str) -> Unauthenticated:
    return Unauthenticated(
        "bad_signature",
        cause=cause,
        action="sign `id.timestamp.body` anew for each try, with the bytes of the body as sent",
    )
