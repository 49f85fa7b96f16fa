from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from dispatch.store import database, schema
from dispatch.store.database import transaction
from tests.api.command import faults, milkrun

PASSWORD = "correct horse battery\n"


pytestmark = pytest.mark.usefixtures("home")


def with_password(*words: str, password: str = PASSWORD) -> Result:
    return CliRunner().invoke(app, [*words, "--password-stdin"], input=password)


def test_users_are_added_listed_and_disabled(home: Path) -> None:
    with_password("user", "add", "boss", "--role", "admin")
    added = with_password("user", "add", "Wang", "--role", "dispatcher", "--full-name", "王伟")
    assert (added.exit_code, added.output) == (0, "added wang: dispatcher\n")

    assert milkrun("user", "disable", "wang").exit_code == 0

    boss, wang = milkrun("user", "list").output.splitlines()
    assert boss.split() == ["boss", "boss", "admin", "all", "depots"]
    assert wang.split() == ["wang", "王伟", "dispatcher", "all", "depots", "disabled"]
    assert (home / "milkrun.db").is_file()


def test_what_is_refused_comes_with_code_and_exit_status() -> None:
    with_password("user", "add", "boss", "--role", "admin")

    assert faults(milkrun("user", "disable", "boss")) == [["request", "last_admin"]]
    assert faults(milkrun("user", "disable", "nobody")) == [["request", "not_found"]]
    king = with_password("user", "add", "king", "--role", "king")
    assert faults(king) == [["request", "unknown_role"]]
    weak = with_password("user", "password", "boss", password="short\n")
    assert faults(weak) == [["request", "weak_password"]]
    asked = milkrun("user", "password", "boss")
    assert faults(asked) == [["--password-stdin", "no_terminal"]]


def test_unknown_depot_and_customer_are_named() -> None:
    depot = with_password("user", "add", "wang", "--role", "driver", "--depot", "W9")
    customer = with_password("user", "add", "wang", "--role", "customer", "--customer", "K9")

    assert faults(depot) == [["request", "not_found"]]
    assert faults(customer) == [["request", "not_found"]]


def test_older_embedded_database_is_kept_before_it_is_brought_up_to_date(home: Path) -> None:
    old = database.open_database(f"sqlite:///{home / 'milkrun.db'}")
    schema.upgrade(old, to="0001")
    old.close()

    assert with_password("user", "add", "boss", "--role", "admin").exit_code == 0

    kept = database.open_database(f"sqlite:///{home / 'milkrun.db'}.before-{schema.head()}")
    assert schema.version(kept) == "0001"
    kept.close()


def test_database_of_a_later_program_is_left_alone(home: Path) -> None:
    later = database.open_database(f"sqlite:///{home / 'milkrun.db'}")
    schema.upgrade(later)
    with transaction(later, actor="test") as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    later.close()

    assert faults(milkrun("user", "list")) == [["database", "schema_too_new"]]
