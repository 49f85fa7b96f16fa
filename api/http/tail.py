"""
Events as they happen, for all listeners of this process.

One reader follows the log by cursor; each event is put into words once, and what came together is
put together once for all who see the same. A commit wakes it at once, here or in a process that
shares what is live; others it finds by looking twice a second. The log is the truth: a listener
that falls behind is cut off and resumes by its last id.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.http import logs
from dispatch.live.port import Live
from dispatch.people.sight import Sight
from dispatch.store import database, events
from dispatch.store.database import Database
from dispatch.store.errors import Refused
from dispatch.store.events import Event

_LOOK_S = 0.5
_MOST_WAITING = 2000
"""How many events one who listens may be behind."""

_PAGE = 500
_NEWS = "events"


@dataclass(eq=False, slots=True)
class _Listener:
    sight: Sight
    after: int
    """The last event that it knows."""
    queue: asyncio.Queue[_News | None] = field(default_factory=asyncio.Queue)
    num_waiting: int = 0
    """How many events are in the queue."""


@dataclass(frozen=True, slots=True)
class _News:
    """Some events that one who listens may see, in words: one write to the network for all."""

    last: int
    words: bytes
    number: int


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
        self, after: int | None, sight: Sight
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """
        Yield the words of the events that follow an id, and the id of the last of them.

        The first is (id, b""): what the stream begins after; None: from now on.
        """
        await self._start()
        upto = self._cursor
        last = upto if after is None else after
        listener = _Listener(sight, max(last, upto))
        self._listeners.add(listener)
        try:
            yield last, b""
            while last < upto:
                page = await run_in_threadpool(self._read, last)
                if not page:
                    break
                last = page[-1].id
                if news := _news([event for event in page if sight.sees(event)], {}):
                    yield last, news.words
            if self.closing:
                # It was told to let go before this one had come.
                return
            while (heard := await listener.queue.get()) is not None:
                listener.num_waiting -= heard.number
                yield heard.last, heard.words
        finally:
            self._listeners.discard(listener)

    async def _start(self) -> None:
        if self._task is None or self._task.done():
            self._cursor = await run_in_threadpool(self._newest)
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._follow())

    async def _follow(self) -> None:
        """Hand on what is new; when the log cannot be read, those who listen are let go."""
        try:
            await self._hand_on_news()
        except Refused as error:
            logs.say(logging.WARNING, "events stop", code=error.code, cause=error.cause)
            self._let_go()

    async def _hand_on_news(self) -> None:
        """Hand on what is new, until nobody listens for a while."""
        idle = 0
        while idle < 10 and not self.closing:
            idle = 0 if self._listeners else idle + 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_S)
            self._news.clear()
            while page := await run_in_threadpool(self._read, self._cursor):
                self._hand_on(page)
                self._cursor = page[-1].id
                if len(page) < _PAGE:
                    break

    def _hand_on(self, page: Sequence[Event]) -> None:
        words: dict[int, bytes] = {}
        made: dict[tuple[Sight, int], _News | None] = {}
        for listener in list(self._listeners):
            after = max(listener.after, self._cursor)
            key = listener.sight, after
            if key not in made:
                seen = [each for each in page if each.id > after and listener.sight.sees(each)]
                made[key] = _news(seen, words)
            if news := made[key]:
                self._give(listener, news)

    def _give(self, listener: _Listener, news: _News) -> None:
        """Hand news to a listener, or let it go when it is too slow to take them."""
        if listener.num_waiting + news.number > _MOST_WAITING:
            self._listeners.discard(listener)
            while not listener.queue.empty():
                listener.queue.get_nowait()
            listener.queue.put_nowait(None)
        else:
            listener.num_waiting += news.number
            listener.queue.put_nowait(news)

    def _let_go(self) -> None:
        for listener in list(self._listeners):
            listener.queue.put_nowait(None)
        self._news.set()

    def _newest(self) -> int:
        with database.reading(self._base) as session:
            return events.newest(session)

    def _read(self, cursor: int) -> list[Event]:
        with database.reading(self._base) as session:
            return list(events.after(session, cursor, limit=_PAGE))


def _news(seen: Sequence[Event], words: dict[int, bytes]) -> _News | None:
    """Return events as one; ``words`` keeps those of each for the next who see it."""
    if not seen:
        return None
    for event in seen:
        words[event.id] = words.get(event.id) or worded(event)
    return _News(seen[-1].id, b"".join(words[event.id] for event in seen), len(seen))


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
