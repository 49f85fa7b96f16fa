"""Secrets that nobody can guess, kept as hashes: who reads the database cannot use them."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(_BYTES)


def hashed(token: str) -> str:
    """
    Return what is kept of a token.

    A plain hash is enough for 256 random bits; passwords need `dispatch.people.passwords`.
    """
    return hashlib.sha256(token.encode()).hexdigest()
