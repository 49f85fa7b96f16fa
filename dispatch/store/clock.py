"""The only source of "now"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_source: Callable[[], datetime] | None = None


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _source() if _source else datetime.now(UTC)


@contextmanager
def replaced(source: Callable[[], datetime]) -> Iterator[None]:
    """
    Take the time from elsewhere for a while: a simulated day, a test.

    It holds for all threads of the process, since a server answers on threads of its own.
    """
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
