from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dispatch.store import database, events, keys
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Unusable
from dispatch.store.events import Event
from dispatch.store.flushes import Flushes, WalFile
from tests.api.command import wait_until


def record(db: Database) -> None:
    """Commit one event."""
    with transaction(db, actor="test") as session:
        events.record(session, "order.placed", keys.new())


def count(db: Database) -> int:
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def test_transaction_returns_after_a_flush_that_saw_its_commit(db: Database) -> None:
    seen: list[int] = []
    watched = replace(db, flushes=Flushes(lambda: seen.append(count(db))))

    for _ in range(3):
        record(watched)

    assert seen == [1, 2, 3]


def test_writers_go_on_while_others_wait_for_the_disk(db: Database) -> None:
    """A flush that does not end keeps nobody from committing; the next one is for all of them."""
    begun = threading.Semaphore(0)
    let = threading.Semaphore(0)

    def slow() -> None:
        begun.release()
        assert let.acquire(timeout=30)

    watched = replace(db, flushes=Flushes(slow))
    threads = [threading.Thread(target=record, args=(watched,)) for _ in range(6)]
    threads[0].start()
    assert begun.acquire(timeout=30)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: count(db) == 6)
    assert all(thread.is_alive() for thread in threads)

    let.release()
    assert begun.acquire(timeout=30)
    let.release(len(threads))
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_what_is_told_of_the_log_was_flushed_before(db: Database) -> None:
    record(db)
    flushed: list[bool] = []
    watched = replace(db, flushes=Flushes(lambda: flushed.append(True)))

    with reading(watched) as session:
        assert events.after(session, 1) == []
        assert flushed == []
        assert len(events.after(session, 0)) == 1
    assert flushed == [True]


def test_all_hear_of_a_flush_that_failed() -> None:
    def fail() -> None:
        raise OSError("no disk")

    flushes = Flushes(fail)
    for _ in range(2):
        with pytest.raises(OSError, match="no disk"):
            flushes.wait()


def test_disk_that_refused_once_is_not_believed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "milkrun.db"
    wal = WalFile(path)
    wal()
    (tmp_path / "milkrun.db-wal").touch()
    wal()
    with monkeypatch.context() as patch:

        def refuse(_: int) -> None:
            raise OSError("Input/output error")

        patch.setattr("os.fsync", refuse)
        with pytest.raises(Unusable, match="disk_failed"):
            wal()
    with pytest.raises(Unusable, match="disk_failed"):
        wal()


def test_log_of_the_database_is_on_the_disk_after_the_wait(db: Database) -> None:
    """On PostgreSQL, what was committed without waiting; on SQLite, its log is what is flushed."""
    if db.is_sqlite:
        record(db)
        assert Path(f"{db.engine.url.database}-wal").stat().st_size > 0
        return
    for _ in range(5):
        with database.connected(db) as connection:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'test', '')")
            connection.commit()
            written = connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn()").scalar()
            connection.rollback()
        db.flushes.wait()
        with database.connected(db) as connection:
            query = "SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn"
            assert connection.exec_driver_sql(query, (written,)).scalar()
