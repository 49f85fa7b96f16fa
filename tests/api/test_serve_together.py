"""Several servers of one PostgreSQL, joined by a real Valkey, as processes of their own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from dispatch.people.permissions import Role
from dispatch.store.database import Database
from tests.api import served
from tests.api.command import faults, milkrun, started, wait_until
from tests.api.http import serving
from tests.api.http.test_events import Heard, kinds, listening
from tests.dispatch import shop as shops
from tests.dispatch.people import team
from tests.dispatch.shop import Shop
from tests.servers import valkey

# An embedded database has one server.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def _served(home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not home.exists()
    monkeypatch.setenv("MILKRUN_DATABASE_URL", database_url)


@dataclass(frozen=True)
class Together:
    """Two servers, and a dispatcher who asks both."""

    shop: Shop
    first_process: subprocess.Popen[str]
    one: httpx.Client
    two: httpx.Client

    def order(self) -> dict[str, Any]:
        return {
            "number": f"T-{next(self.shop.numbers)}",
            "customer_id": str(self.shop.customer),
            "depot_id": str(self.shop.depot),
            "lines": [{"part_id": str(self.shop.part), "quantity": 1}],
        }

    def place(self, client: httpx.Client) -> str:
        """Place an order at one of them; return its key."""
        answer = client.post("/api/v1/orders", json=self.order())
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@contextmanager
def together(db: Database) -> Iterator[Together]:
    """Serve a database by two processes."""
    shop = shops.opened(db)
    token = serving.signed_in(db, team.add(db, "wang", Role.DISPATCHER))
    headers = {"Authorization": f"Bearer {token}"}
    with ExitStack() as stack:
        processes = [stack.enter_context(started("serve", "--port", 0)) for _ in range(2)]
        one, two = (
            stack.enter_context(
                httpx.Client(base_url=served.address(process), headers=headers, timeout=30)
            )
            for process in processes
        )
        yield Together(shop, processes[0], one, two)


@pytest.fixture
def valkey_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "valkey"
    monkeypatch.setenv("MILKRUN_REDIS_URL", f"unix://{path}")
    return path


def placed(heard: Heard) -> list[str]:
    """Return the orders that a listener heard of."""
    return [data["subject_id"] for kind, data in heard if kind == "order.placed"]


def wait_for_orders(heard: Heard, number: int) -> None:
    wait_until(lambda: len(placed(heard)) >= number)


def wait_for_readiness(both: Together, status: str) -> None:
    """Wait until both servers say so of themselves."""

    def all_say() -> bool:
        found = [client.get("/readyz").json() for client in (both.one, both.two)]
        return found == [{"status": status}] * 2

    wait_until(all_say)


def test_listener_at_one_hears_at_once_what_the_other_does(db: Database, valkey_path: Path) -> None:
    orders, waits = [], []
    with valkey.started(valkey_path), together(db) as both:
        wait_for_readiness(both, "ok")
        with listening(both.two) as heard:
            for number in range(1, 21):
                orders.append(both.place(both.one))
                begun = time.monotonic()
                wait_for_orders(heard, number)
                waits.append(time.monotonic() - begun)

    assert kinds(heard)[0] == "snapshot"
    assert placed(heard) == orders
    # Who looks twice a second finds one after a quarter of a second on average.
    assert sum(waits) < 20 * 0.15, waits


def test_nothing_is_missed_while_valkey_is_killed_and_comes_back(
    db: Database, valkey_path: Path
) -> None:
    orders: list[str] = []
    with together(db) as both, listening(both.two) as heard:

        def order_at_both(status: str) -> None:
            wait_for_readiness(both, status)
            orders.extend(both.place(client) for client in (both.one, both.two) * 3)
            wait_for_orders(heard, len(orders))

        order_at_both("degraded")
        with valkey.started(valkey_path):
            order_at_both("ok")
        order_at_both("degraded")
        with valkey.started(valkey_path):
            order_at_both("ok")

    assert placed(heard) == orders


def test_who_listened_at_a_server_that_stops_resumes_at_the_other(
    db: Database, valkey_path: Path
) -> None:
    with valkey.started(valkey_path), together(db) as both:
        with listening(both.one) as heard:
            first = both.place(both.two)
            wait_for_orders(heard, 1)
            both.first_process.terminate()
            wait_until(lambda: kinds(heard)[-1] == "closed")
        missed = [both.place(both.two) for _ in range(3)]
        with listening(both.two, last=heard[-2][1]["id"]) as again:
            late = both.place(both.two)
            wait_for_orders(again, 4)

    assert placed(heard) == [first]
    assert placed(again) == [*missed, late]


def test_limit_counts_at_both(
    db: Database, valkey_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILKRUN_RATE_PER_CALLER", "0.5")
    with valkey.started(valkey_path), together(db) as both:
        statuses = [client.get("/api/v1/me").status_code for client in (both.one, both.two) * 4]

    assert statuses == [200] * 5 + [429] * 3


def test_several_are_refused_unless_all_are_joined(
    db: Database, valkey_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with together(db):
        monkeypatch.delenv("MILKRUN_REDIS_URL")
        assert faults(milkrun("serve", "--port", 0)) == [["database", "already_served"]]


def test_stop_is_clean_while_valkey_is_away(db: Database, valkey_path: Path) -> None:
    with started("serve", "--port", 0) as process:
        url = served.address(process)
        assert httpx.get(f"{url}/readyz", timeout=30).json() == {"status": "degraded"}
        process.terminate()
        assert process.wait(timeout=20) == 0
