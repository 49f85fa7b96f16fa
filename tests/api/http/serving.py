"""A real server for tests, on a thread of its own, and callers of every kind."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import uvicorn

from api.http import app, server
from api.http.server import Server
from api.http.settings import HttpSettings
from dispatch.people import sessions
from dispatch.people.sessions import Kind
from dispatch.plans.gathering import Gatherer
from dispatch.store.database import Database, transaction
from tests.dispatch import shop as shops
from tests.dispatch.people import team
from tests.dispatch.shop import Shop

FREE = HttpSettings(rate_per_caller=100_000.0, sign_ins_per_minute=100_000.0)
"""For tests that are about something else than how often one may ask."""


@dataclass(frozen=True)
class World:
    """A served firm; ``here`` is the depot of those who are bound to one."""

    db: Database
    url: str
    running: Server
    here: Shop
    there: Shop
    stack: ExitStack
    made: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, token: str | None = None, **more: Any) -> httpx.Client:
        """Return a client that sends a token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made = httpx.Client(base_url=self.url, headers=headers, timeout=60, **more)
        return self.stack.enter_context(made)

    def as_role(self, role: str, *, bound: bool = False) -> httpx.Client:
        """Return the client of a user with a role, at all depots or bound to ``here``."""
        name = f"{role}.here" if bound else role
        if name not in self.made:
            customer = self.here.customer if role == "customer" else None
            depots = [self.here.depot] if bound else None
            user_id = team.add(self.db, name, role, depot_ids=depots, customer_id=customer)
            self.made[name] = self.client(signed_in(self.db, user_id))
        return self.made[name]

    @property
    def admin(self) -> httpx.Client:
        return self.as_role("admin")

    def order(self, shop: Shop | None = None, **changes: Any) -> dict[str, Any]:
        """Return an order as a caller would send it."""
        shop = shop or self.here
        return {
            "number": f"H-{next(shop.numbers)}{shop.suffix}",
            "customer_id": str(shop.customer),
            "depot_id": str(shop.depot),
            "repair_point_id": str(shop.repair_point),
            "lines": [{"part_id": str(shop.part), "quantity": 1}],
            **changes,
        }


def signed_in(db: Database, user_id: UUID) -> str:
    """Return the token of a new session, without the dear comparison of a password."""
    with transaction(db, actor="test") as session:
        return sessions.begin(session, user_id, Kind.PERSON, title="test")[1]


@contextmanager
def served(
    db: Database, settings: HttpSettings = FREE, gatherer: Gatherer | None = None
) -> Iterator[World]:
    """Serve a database with two depots of two firms in it."""
    here, there = shops.opened(db), shops.opened(db, suffix="-there")
    running = server.made(db, settings, gatherer=gatherer)
    with ExitStack() as stack:
        url = stack.enter_context(_on_a_thread(running))
        yield World(db, url, running, here, there, stack)


@contextmanager
def _on_a_thread(running: Server) -> Iterator[str]:
    config = uvicorn.Config(app.made(running), log_config=None, access_log=False)
    web = uvicorn.Server(config)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(1024)
        thread = threading.Thread(target=web.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not web.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            running.tail.close()
            web.should_exit = True
            thread.join(timeout=20)
            assert not thread.is_alive()
