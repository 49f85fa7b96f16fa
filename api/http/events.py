"""What happened: a page of the log, or the log as it grows."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.http import callers, server
from api.http.callers import Access
from api.http.routes import Reader, Routes, User
from api.http.server import Server
from api.http.shapes import Limit, Out
from dispatch.intake import orders
from dispatch.people import sight
from dispatch.people.permissions import Permission, Who
from dispatch.store import clock, database, events
from dispatch.store.errors import Refused

routes = Routes("/events", tag="events")

_BEAT_S = 15.0
_LONGEST_S = 3600.0
_MOST = 2**62

After = Annotated[int | None, Query(ge=0, le=_MOST, description="The last id that is known.")]


class EventOut(Out):
    id: int
    at: datetime
    recorded_at: datetime
    kind: str
    actor: str
    subject_id: UUID
    subjects: dict[str, Any]
    data: dict[str, Any]


class EventsOut(Out):
    rows: list[EventOut]
    last_id: int


@routes.get("", needs=Permission.EVENTS_READ, shape=EventsOut)
def list_events(reader: Reader, who: User, after: After = 0, limit: Limit = 50) -> dict[str, Any]:
    """Events that follow an id, the oldest first; ask again after `last_id`."""
    found = events.after(
        reader,
        after or 0,
        limit=limit,
        depot_ids=who.depot_ids,
        without=sight.hidden(who),
    )
    return {"rows": found, "last_id": found[-1].id if found else after or 0}


@routes.stream("/stream", needs=Permission.EVENTS_READ)
async def stream_events(
    request: Request,
    who: Annotated[Who, Depends(Access(Permission.EVENTS_READ))],
    after: After = None,
    last_event_id: Annotated[
        str | None,
        Header(alias="Last-Event-ID", pattern=r"^[0-9]{1,18}$", description="Sent by browsers."),
    ] = None,
) -> StreamingResponse:
    """
    The log as it grows, as server-sent events.

    First `snapshot`: the id that the stream follows, and how many orders are in which state. Then
    each event by its kind, with its id; who is cut off resumes with Last-Event-ID, or `after`.
    """
    begin = int(last_event_id) if last_event_id else after
    words = _words(request, server.of(request), who, begin)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(words, media_type="text/event-stream", headers=headers)


async def _words(
    request: Request, asked: Server, who: Who, after: int | None
) -> AsyncIterator[bytes]:
    ends = time.monotonic() + _LONGEST_S
    yield b"retry: 1000\n\n"
    news = asked.tail.listen(after, sight.of(who))
    step: asyncio.Task[tuple[int, bytes]] | None = None
    try:
        while time.monotonic() < ends:
            step = step or asyncio.ensure_future(anext(news))
            done, _ = await asyncio.wait({step}, timeout=_BEAT_S)
            if not done:
                if not await run_in_threadpool(_still_in, request):
                    return
                yield b": still here\n\n"
                continue
            last, words = step.result()
            step = None
            yield words or await run_in_threadpool(_snapshot, asked, who, last)
    except StopAsyncIteration:
        return
    finally:
        if step is not None:
            step.cancel()
            await asyncio.gather(step, return_exceptions=True)
        await news.aclose()


def _snapshot(asked: Server, who: Who, last: int) -> bytes:
    with database.reading(asked.database) as session:
        counts = orders.counted(session, depot_ids=who.depot_ids)
    text = json.dumps({"last_id": last, "at": clock.now().isoformat(), "orders": counts})
    return f"id: {last}\nevent: snapshot\ndata: {text}\n\n".encode()


def _still_in(request: Request) -> bool:
    """Tell whether who listens may still do so: signed out, the stream ends as well."""
    try:
        callers.known(request).need(Permission.EVENTS_READ)
    except Refused:
        return False
    return True
