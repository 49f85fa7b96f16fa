"""Which `Live` an installation has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dispatch.live.local import LocalLive
from dispatch.live.port import Live
from dispatch.live.shared import Changed, SharedLive


@contextmanager
def opened(url: str | None, *, changed: Changed) -> Iterator[Live]:
    """Open what a URL of Redis names; without one, each process is by itself."""
    live: Live = SharedLive(url, changed=changed) if url else LocalLive()
    try:
        yield live
    finally:
        live.close()
