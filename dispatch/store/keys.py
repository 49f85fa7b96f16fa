"""Keys of rows: unique without asking anyone, and in order of time, so indexes grow at the end."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import UUID

from dispatch.store import clock

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_EARLIEST = datetime.fromtimestamp(0, UTC)


def new() -> UUID:
    """
    Return a UUID of version 7: milliseconds, 12 bits of their fraction, 62 random bits.

    RFC 9562, section 5.7 with method 3 of section 6.2. Keys of different microseconds are in
    order; those of the same microsecond, or of several machines, are not.
    """
    return _at(clock.now(), int.from_bytes(os.urandom(8), "big") >> 2)


def first(moment: datetime) -> UUID:
    """Return the smallest key of a moment."""
    return _at(max(moment, _EARLIEST), 0)


def _at(moment: datetime, chance: int) -> UUID:
    millis, rest = divmod(int(moment.timestamp() * 1_000_000), 1000)
    fraction = rest * 4096 // 1000
    return UUID(int=millis << 80 | _VERSION_7 | fraction << 64 | _VARIANT | chance)
