"""
Events as they happen, for all listeners of this process.

One reader follows the log by cursor; each event is put into words once, then handed to everyone who
may see it. A commit wakes it at once, here or in a process that shares what is live; others it
finds by looking twice a second. The log is the truth: a listener that falls behind is cut off and
resumes by its last id.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from dispatch.live.port import Live
from dispatch.store import database, events
from dispatch.store.database import Database
from dispatch.store.events import Event

_LOOK_S = 0.5
_MOST_WAITING = 2000
_PAGE = 500
_NEWS = "events"

Sees = Callable[[Event], bool]


@dataclass(eq=False, slots=True)
class _Listener:
    sees: Sees
    queue: asyncio.Queue[tuple[int, bytes] | None] = field(
        default_factory=lambda: asyncio.Queue(_MOST_WAITING)
    )


class Tail:
    """Follows the log while somebody listens."""

    def __init__(self, base: Database, live: Live) -> None:
        self._base = base
        self._live = live
        self._listeners: set[_Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._cursor = 0
        self.closing = False

    @property
    def num_listeners(self) -> int:
        return len(self._listeners)

    def open(self) -> None:
        """Begin to work in the loop that runs."""
        self._loop = asyncio.get_running_loop()
        self._live.subscribe(_NEWS, self._wake)

    def announce(self) -> None:
        """Say, from any thread, that something was committed."""
        self._live.publish(_NEWS)

    def _wake(self, _: bytes) -> None:
        if self._loop is not None and self._listeners:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._news.set)

    def close(self) -> None:
        """Let all listeners go, from any thread; they come back to whoever serves then."""
        self.closing = True
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._let_go)

    async def listen(
        self, after: int | None, sees: Sees
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """
        Yield the id and the words of each event that follows an id; None: from now on.

        The first is (id, b""): what the stream begins after.
        """
        listener = _Listener(sees)
        await self._start()
        self._listeners.add(listener)
        try:
            upto = self._cursor
            last = upto if after is None else after
            yield last, b""
            while last < upto:
                page = await run_in_threadpool(self._read, last)
                for event in page:
                    last = event.id
                    if sees(event):
                        yield event.id, worded(event)
                if not page:
                    break
            if self.closing:
                # It was told to let go before this one had come.
                return
            while (news := await listener.queue.get()) is not None:
                if news[0] > last:
                    yield news
        finally:
            self._listeners.discard(listener)

    async def _start(self) -> None:
        if self._task is None or self._task.done():
            self._cursor = await run_in_threadpool(self._newest)
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._follow())

    async def _follow(self) -> None:
        """Hand on what is new, until nobody listens for a while."""
        idle = 0
        while idle < 10 and not self.closing:
            idle = 0 if self._listeners else idle + 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_S)
            self._news.clear()
            while page := await run_in_threadpool(self._read, self._cursor):
                for event in page:
                    self._hand_on(event)
                    self._cursor = event.id
                if len(page) < _PAGE:
                    break

    def _hand_on(self, event: Event) -> None:
        words: bytes | None = None
        for listener in list(self._listeners):
            if not listener.sees(event):
                continue
            words = words or worded(event)
            if listener.queue.full():
                self._listeners.discard(listener)
                while not listener.queue.empty():
                    listener.queue.get_nowait()
                listener.queue.put_nowait(None)
            else:
                listener.queue.put_nowait((event.id, words))

    def _let_go(self) -> None:
        for listener in list(self._listeners):
            with suppress(asyncio.QueueFull):
                listener.queue.put_nowait(None)
        self._news.set()

    def _newest(self) -> int:
        with database.reading(self._base) as session:
            return events.newest(session)

    def _read(self, cursor: int) -> list[Event]:
        with database.reading(self._base) as session:
            return list(events.after(session, cursor, limit=_PAGE))


def worded(event: Event) -> bytes:
    """Return an event as a server-sent event."""
    text = json.dumps(shown(event), ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.id}\nevent: {event.kind}\ndata: {text}\n\n".encode()


def shown(event: Event) -> dict[str, Any]:
    """Return an event as JSON."""
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "kind": event.kind,
        "actor": event.actor,
        "subject_id": str(event.subject_id),
        "subjects": event.subjects,
        "data": event.data,
    }
