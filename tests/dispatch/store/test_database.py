from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError, StatementError
from sqlalchemy.orm import Session

from dispatch.catalogue.customers import Customer
from dispatch.intake.orders import Order
from dispatch.store import clock, database, keys
from dispatch.store.database import Database, reading, retried, transaction
from dispatch.store.errors import Conflict, Unusable
from tests.dispatch import shop as shops
from tests.servers.postgres import Postgres

ROOT = Path(__file__).parents[3]


def _customer(number: str) -> Customer:
    return Customer(number=number, name="王记汽修")


def test_what_fails_leaves_nothing_behind(db: Database) -> None:
    def fail() -> None:
        with transaction(db, actor="test") as session:
            session.add(_customer("1"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with reading(db) as session:
        assert session.scalars(select(Customer)).all() == []


def test_nothing_can_be_changed_while_reading(db: Database) -> None:
    with reading(db) as session:
        session.add(_customer("1"))
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.flush()

    with transaction(db, actor="test") as session:
        session.add(_customer("1"))


def test_same_name_made_twice_is_a_conflict(db: Database) -> None:
    with transaction(db, actor="test") as session:
        session.add(_customer("1"))

    with pytest.raises(Conflict, match="already_there"):  # noqa: SIM117
        with transaction(db, actor="test") as session:
            session.add(_customer("1"))


def test_relations_are_not_loaded_by_themselves(db: Database) -> None:
    order_id = shops.opened(db).place(1)

    with reading(db) as session:
        order = session.get(Order, order_id)
        assert order is not None
        with pytest.raises(InvalidRequestError, match="lazy='raise'"):
            _ = order.lines


def test_deadlock_is_tried_again(db: Database) -> None:
    if db.is_sqlite:
        pytest.skip("one writer at a time")
    with transaction(db, actor="test") as session:
        session.add_all([_customer("1"), _customer("2")])
    turns = []

    def rename(first: str, second: str) -> None:
        def work(session: Session) -> None:
            turns.append(first)
            for number in (first, second):
                change = text("UPDATE customers SET name = name || :n WHERE number = :m")
                session.execute(change, {"n": first, "m": number})
                if len(turns) <= 2:
                    time.sleep(0.3)

        retried(db, work, actor="test")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(rename, "12", "21"))

    assert len(turns) >= 3
    with reading(db) as session:
        names = list(session.scalars(select(Customer.name).order_by(Customer.number)))
    assert all("1" in name and "2" in name for name in names)


def test_many_writers_queue(db: Database) -> None:
    def write(n: int) -> None:
        with transaction(db, actor="test") as session:
            session.scalars(select(Customer)).all()
            session.add(_customer(str(n)))

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(write, range(120)))

    with reading(db) as session:
        assert len(session.scalars(select(Customer)).all()) == 120


_ACCEPTING = """
import sys
from dispatch.catalogue.customers import Customer
from dispatch.store import database
db = database.open_database(sys.argv[1])
n = 0
while True:
    n += 1
    with database.transaction(db, actor="child") as session:
        session.add(Customer(number=f"{n}-a", name="a"))
        session.flush()
        session.add(Customer(number=f"{n}-b", name="b"))
    print(n, flush=True)
"""


def test_process_killed_at_any_moment_loses_nothing_that_it_told(
    db: Database, database_url: str
) -> None:
    command = [sys.executable, "-c", _ACCEPTING, database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        for _ in range(20):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        told = 20 + len(child.stdout.read().split())

    with reading(db) as session:
        numbers = set(session.scalars(select(Customer.number)))
    assert {f"{n}-{half}" for n in range(1, told + 1) for half in "ab"} <= numbers
    # At most the one that was committed and not told any more; never half of one.
    assert len(numbers) in {2 * told, 2 * told + 2}


def test_moments_are_utc_whatever_zone_they_were_given_in(db: Database) -> None:
    at = datetime.fromisoformat("2026-03-02T08:30:00.123456+08:00")
    order_id = shops.opened(db).place(1)
    with transaction(db, actor="test") as session:
        order = session.get(Order, order_id)
        assert order is not None
        order.latest_at = at

    with reading(db) as session:
        found = session.get(Order, order_id)
    assert found is not None
    assert found.latest_at == at
    assert found.latest_at.tzinfo is UTC


def test_naive_moment_is_refused(db: Database) -> None:
    order_id = shops.opened(db).place(1)
    with transaction(db, actor="test") as session:
        order = session.get(Order, order_id)
        assert order is not None
        order.latest_at = datetime(2026, 3, 2)  # noqa: DTZ001

        with pytest.raises(StatementError, match="no time zone"):
            session.flush()
        session.rollback()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/x", "sqlite://", "sqlite:///:memory:"]
)
def test_url_of_no_database_we_know_is_refused(url: str) -> None:
    with pytest.raises(Unusable, match="bad_database"):
        database.open_database(url)


def test_password_of_a_refused_url_is_not_told() -> None:
    with pytest.raises(Unusable) as refused:
        database.open_database("mysql://user:secret@host/x")

    assert "secret" not in str(refused.value)


def test_server_that_does_not_answer_is_told(postgres_server: Postgres) -> None:
    opened = database.open_database(postgres_server.url(f"no_{uuid4().hex}"))

    with pytest.raises(Unusable, match="database_unreachable"), reading(opened):
        pass


def test_keys_are_in_order_of_time() -> None:
    made = []
    for second in range(50):
        at = datetime(2026, 3, 2, 8, 30, second, tzinfo=UTC)
        with clock.replaced(lambda at=at: at):  # type: ignore[misc]
            made.append(keys.new())

    assert made == sorted(made)
    assert {key.version for key in made} == {7}
    assert len({keys.new() for _ in range(10_000)}) == 10_000
