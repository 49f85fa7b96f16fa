"""Whoever is killed while a plan is searched for: it is taken up again, and has one result."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from dispatch.store import database
from tests.api import served
from tests.api.command import started, wait_until
from tests.api.http import serving
from tests.dispatch import town
from tests.dispatch.people import team
from tests.dispatch.plans import round as rounds
from tests.dispatch.plans.round import DAY, Round

SECONDS = 4


class Site:
    """A firm on the town's roads, the process that serves it, and one that plans."""

    def __init__(self, stack: ExitStack, firm: Round, token: str) -> None:
        self._stack, self.firm, self._token = stack, firm, token
        self.server: subprocess.Popen[str] | None = None
        self.url = ""

    def serve(self, *more: object) -> None:
        self.server = self._stack.enter_context(started("serve", "--port", 0, *more))
        self.url = served.address(self.server)

    def worker(self) -> subprocess.Popen[str]:
        process = self._stack.enter_context(started("worker"))
        assert process.stderr is not None
        assert "working on plans" in process.stderr.readline()
        return process

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self._token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)

    def ask(self) -> str:
        """Have a new plan searched for; return the path of the run."""
        with self.client() as client:
            day = {"depot_id": str(self.firm.depot), "day": DAY.isoformat()}
            plan = client.post("/plans", json=day).json()["id"]
            run = client.post(f"/plans/{plan}/solve", json={"seconds": SECONDS}).json()
            return f"/plans/{plan}/runs/{run['id']}"

    def look(self, run: str) -> dict[str, Any]:
        with self.client() as client:
            found: dict[str, Any] = client.get(run).json()
            return found

    def has_found(self, run: str) -> None:
        wait_until(lambda: self.look(run)["objective"] is not None, seconds=120)

    def ends(self, run: str) -> dict[str, Any]:
        wait_until(lambda: self.look(run)["state"] in {"done", "failed"}, seconds=120)
        return self.look(run)

    def assert_one_result(self, run: str) -> None:
        seen = self.ends(run)
        assert (seen["state"], seen["attempt"]) == ("done", 2), seen
        with self.client() as client:
            plan = run.partition("/runs")[0]
            versions = client.get(f"{plan}/versions").json()["rows"]
        assert [(one["number"], one["num_unplanned"]) for one in versions] == [(1, 0)]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    base = database.open_database(database_url)
    firm = rounds.opened(base)
    for _ in range(2):
        firm.van()
    for n in range(10):
        firm.order(1 + n % 5, 1 + n // 5)
    token = serving.signed_in(base, team.add(base, "boss", "admin"))
    base.close()
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILKRUN_DATABASE_URL", database_url)
        patch.setenv("MILKRUN_HOME", str(tmp_path / "home"))
        patch.setenv("MILKRUN_MAP", str(town.write(tmp_path / "town.osm")))
        yield Site(stack, firm, token)


def test_a_worker_is_killed(site: Site) -> None:
    site.serve("--plans", 0)
    first = site.worker()
    run = site.ask()
    site.has_found(run)
    first.send_signal(signal.SIGKILL)
    first.wait(timeout=20)
    site.worker()
    site.assert_one_result(run)


def test_the_server_is_killed_while_it_plans(site: Site) -> None:
    site.serve()
    run = site.ask()
    site.has_found(run)
    assert site.server is not None
    site.server.send_signal(signal.SIGKILL)
    site.server.wait(timeout=20)
    site.serve()
    site.assert_one_result(run)


def test_a_worker_that_is_told_to_end_leaves_its_search_to_others(site: Site) -> None:
    site.serve("--plans", 0)
    first = site.worker()
    run = site.ask()
    site.has_found(run)
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=30) == 0
    site.worker()
    site.assert_one_result(run)
