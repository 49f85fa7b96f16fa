"""
Codes of six digits that an authenticator app shows, as a second proof beside the password.

RFC 6238 with what all apps know: SHA-1, 30 seconds, six digits.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

_STEP_S = 30
_DIGITS = 6
_BYTES = 20


def new_secret() -> str:
    """Return a secret in base 32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(_BYTES)).decode()


def address(secret: str, name: str) -> str:
    """Return the address that a QR code brings into an app."""
    return f"otpauth://totp/Milkrun:{quote(name)}?secret={secret}&issuer=Milkrun"


def code(secret: str, step: int) -> str:
    """Return the code of a step of 30 seconds since 1970 (RFC 4226, section 5.3)."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def step_of(secret: str, given: str, at: datetime) -> int | None:
    """Return the step whose code was given: the present one or a neighbour; None if wrong."""
    now = int(at.timestamp()) // _STEP_S
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            return step
    return None
