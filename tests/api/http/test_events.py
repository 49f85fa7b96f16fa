from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx

from dispatch.store.database import Database
from dispatch.store.errors import Unusable
from dispatch.store.flushes import Flushes
from tests.api.command import wait_until
from tests.api.http import serving
from tests.api.http.serving import World

Heard = list[tuple[str, dict[str, Any]]]


@contextmanager
def listening(
    client: httpx.Client, params: dict[str, Any] | None = None, last: int | None = None
) -> Iterator[Heard]:
    """Listen on a thread; what was heard grows meanwhile."""
    heard: Heard = []
    over = threading.Event()
    headers = {} if last is None else {"Last-Event-ID": str(last)}

    def listen() -> None:
        try:
            _hear(client, params, headers, heard)
        except httpx.TransportError:
            # Who stops listening closes the connection under it.
            if not over.is_set():
                raise
        heard.append(("closed", {}))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    wait_until(lambda: bool(heard))
    try:
        yield heard
    finally:
        over.set()


def _hear(
    client: httpx.Client, params: dict[str, Any] | None, headers: dict[str, str], heard: Heard
) -> None:
    kind = ""
    with client.stream("GET", "/api/v1/events/stream", params=params, headers=headers) as got:
        for line in got.iter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            if line.startswith("data: "):
                heard.append((kind, json.loads(line.removeprefix("data: "))))


def kinds(heard: Heard) -> list[str]:
    return [kind for kind, _ in heard]


def test_events_are_paged_by_their_ids(world: World) -> None:
    for _ in range(3):
        world.here.place(1)

    first = world.admin.get("/api/v1/events", params={"limit": 2}).json()
    rest = world.admin.get("/api/v1/events", params={"after": first["last_id"]}).json()
    none = world.admin.get("/api/v1/events", params={"after": rest["last_id"]}).json()

    assert [event["id"] for event in first["rows"] + rest["rows"]] == list(
        range(1, rest["last_id"] + 1)
    )
    assert none == {"rows": [], "last_id": rest["last_id"]}


def test_listener_gets_a_snapshot_then_what_happens(world: World) -> None:
    world.here.order(1)
    client = world.as_role("dispatcher")

    with listening(client) as heard:
        client.post("/api/v1/orders", json=world.order())
        wait_until(lambda: len(heard) == 2)

    assert kinds(heard) == ["snapshot", "order.placed"]
    assert heard[0][1]["orders"] == {"accepted": 1}
    assert heard[1][1]["id"] > heard[0][1]["last_id"]


def test_commits_of_other_processes_are_heard_too(world: World) -> None:
    """The shop writes beside the server, which is told of nothing."""
    with listening(world.as_role("dispatcher")) as heard:
        world.here.place(1)
        wait_until(lambda: len(heard) == 2)

    assert kinds(heard) == ["snapshot", "order.placed"]


def test_who_was_cut_off_resumes_and_misses_nothing(world: World) -> None:
    client = world.as_role("dispatcher")
    first = world.here.place(1)
    last = client.get("/api/v1/events?limit=200").json()["last_id"]
    missed = [world.here.place(1) for _ in range(3)]

    with listening(client, last=last) as heard:
        wait_until(lambda: len(heard) == 4)
        late = world.here.place(1)
        wait_until(lambda: len(heard) == 5)

    seen = [data["subject_id"] for kind, data in heard if kind == "order.placed"]
    assert seen == [str(order) for order in (*missed, late)]
    assert str(first) not in seen


def test_listener_hears_of_its_own_depots_alone(world: World) -> None:
    client = world.as_role("dispatcher", bound=True)

    with listening(client) as heard:
        world.there.place(1)
        mine = world.here.place(1)
        wait_until(lambda: len(heard) == 2)

    assert heard[1][1]["subject_id"] == str(mine)


def test_many_listeners_hear_many_events_in_order(world: World) -> None:
    client = world.as_role("dispatcher")
    with listening(client) as one, listening(client) as two:
        for _ in range(50):
            world.here.place(1)
        wait_until(lambda: len(one) == len(two) == 51)

    for heard in (one, two):
        ids = [data["id"] for kind, data in heard if kind == "order.placed"]
        assert ids == sorted(set(ids))
        assert len(ids) == 50


def test_streams_end_when_the_log_cannot_be_read(db: Database) -> None:
    """Who listens comes back then, and is told what is wrong, instead of hearing nothing more."""
    broken = threading.Event()

    def flush() -> None:
        if broken.is_set():
            raise Unusable("disk_failed", cause="the disk refused", action="look at it")

    with serving.served(replace(db, flushes=Flushes(flush))) as world:
        with listening(world.as_role("dispatcher")) as heard:
            broken.set()
            replace(world.here, db=db).place(1)
            wait_until(lambda: "closed" in kinds(heard))
        broken.clear()

    assert kinds(heard) == ["snapshot", "closed"]


def test_streams_end_when_the_server_does(world: World) -> None:
    with listening(world.as_role("dispatcher")) as heard:
        begun = time.monotonic()
        world.running.tail.close()
        wait_until(lambda: "closed" in kinds(heard))

    assert time.monotonic() - begun < 5
