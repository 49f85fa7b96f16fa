from __future__ import annotations

import signal
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from dispatch.store import alone, database, schema
from dispatch.store.errors import Unusable
from tests.api import served
from tests.api.command import faults, milkrun, started

PASSWORD = "correct horse battery"


pytestmark = pytest.mark.usefixtures("home")


def test_fresh_server_makes_its_database_and_lets_its_first_user_in() -> None:
    with started("serve", "--port", 0) as process:
        url = served.address(process)
        words = ["user", "add", "wang", "--role", "admin", "--password-stdin"]
        CliRunner().invoke(app, words, input=f"{PASSWORD}\n")

        begun = httpx.post(f"{url}/api/v1/session", json={"name": "wang", "password": PASSWORD})

        assert begun.status_code == 201
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_port_that_is_taken_is_told(home: Path) -> None:
    with started("serve", "--port", 0) as process:
        port = served.address(process).rpartition(":")[2]
        other = f"sqlite:///{home / 'other.db'}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MILKRUN_DATABASE_URL", other)
            assert faults(milkrun("serve", "--port", port)) == [["database", "port_taken"]]


def test_second_server_of_a_database_is_refused(database_url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILKRUN_DATABASE_URL", database_url)
        with started("serve", "--port", 0) as process:
            served.address(process)

            assert faults(milkrun("serve", "--port", 0)) == [["database", "already_served"]]

            process.send_signal(signal.SIGKILL)
            process.wait(timeout=20)
        with started("serve", "--port", 0) as again:
            assert served.address(again)


def test_lock_is_free_again_after_the_block(database_url: str) -> None:
    first = database.open_database(database_url)
    second = database.open_database(database_url)
    with alone.held(first), pytest.raises(Unusable, match="already_served"), alone.held(second):
        raise AssertionError
    with alone.held(second):
        pass
    first.close()
    second.close()


def test_joined_servers_share_a_postgresql_and_no_file(database_url: str) -> None:
    first, second = database.open_database(database_url), database.open_database(database_url)
    refused = pytest.raises(Unusable, match="already_served")
    with alone.held(first, joined=True):
        with refused if first.is_sqlite else nullcontext(), alone.held(second, joined=True):
            pass
        with refused, alone.held(second):
            raise AssertionError
    with alone.held(first), refused, alone.held(second, joined=True):
        raise AssertionError
    first.close()
    second.close()


def test_server_of_an_older_postgresql_asks_for_the_upgrade(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        pytest.skip("an embedded one upgrades itself")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILKRUN_DATABASE_URL", empty_url)
        assert faults(milkrun("serve", "--port", 0)) == [["database", "schema_outdated"]]


def test_database_of_a_later_program_is_refused(home: Path) -> None:
    later = database.open_database(f"sqlite:///{home / 'milkrun.db'}")
    schema.upgrade(later)
    with later.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    later.close()

    assert faults(milkrun("serve", "--port", 0)) == [["database", "schema_too_new"]]


def test_stop_waits_for_no_listener() -> None:
    with started("serve", "--port", 0) as process:
        url = served.address(process)
        words = ["user", "add", "wang", "--role", "admin", "--password-stdin"]
        CliRunner().invoke(app, words, input=f"{PASSWORD}\n")
        begun = httpx.post(f"{url}/api/v1/session", json={"name": "wang", "password": PASSWORD})
        headers = {"Authorization": f"Bearer {begun.json()['token']}"}

        with httpx.stream("GET", f"{url}/api/v1/events/stream", headers=headers, timeout=20) as got:
            lines = got.iter_lines()
            next(lines)
            process.send_signal(signal.SIGINT)
            for _ in lines:
                pass

        assert process.wait(timeout=8) == 0
