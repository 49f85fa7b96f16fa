from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dispatch.store import events, keys
from dispatch.store.database import Database, reading, savepoint, transaction

WRITERS = 8
EACH = 40


def test_reader_by_cursor_misses_no_event_of_concurrent_writers(db: Database) -> None:
    """Each dawdles after its events got their ids, so that commits could come out of order."""

    def write(_: int) -> None:
        for n in range(EACH):
            with transaction(db, actor="test") as session:
                events.record(session, "order.placed", keys.new())
                if not db.is_sqlite:
                    events.write(session)
                    session.execute(text("SELECT pg_sleep(:s)"), {"s": 0.001 * (n % 3)})

    seen: list[int] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(write, writer) for writer in range(WRITERS)]
        while len(seen) < WRITERS * EACH:
            done = all(each.done() for each in running)
            with reading(db) as session:
                found = events.after(session, seen[-1] if seen else 0)
                seen += [event.id for event in found]
            if done and not found:
                break
        for each in running:
            each.result()

    assert len(seen) == WRITERS * EACH
    assert seen == sorted(set(seen))


def test_events_of_what_failed_are_not_written(db: Database) -> None:
    def fail() -> None:
        with transaction(db, actor="test") as session:
            events.record(session, "order.placed", keys.new())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with reading(db) as session:
        assert events.after(session, 0) == []


def test_events_of_a_part_that_failed_are_not_written(db: Database) -> None:
    good, bad = keys.new(), keys.new()

    def fail(session: Session) -> None:
        with savepoint(session):
            events.record(session, "order.placed", bad)
            raise ZeroDivisionError

    with transaction(db, actor="test") as session:
        events.record(session, "order.placed", good)
        with pytest.raises(ZeroDivisionError):
            fail(session)

    with reading(db) as session:
        assert [event.subject_id for event in events.after(session, 0)] == [good]


def test_event_knows_when_it_happened_and_when_it_was_learnt(db: Database) -> None:
    happened = datetime.now(UTC) - timedelta(hours=3)
    with transaction(db, actor="driver:7") as session:
        events.record(session, "order.placed", keys.new(), at=happened, data={"photo": "照片"})

    with reading(db) as session:
        (event,) = events.after(session, 0)
    assert event.at == happened
    assert event.recorded_at - happened >= timedelta(hours=3)
    assert (event.actor, event.data) == ("driver:7", {"photo": "照片"})


def test_unknown_kind_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="no kind"), transaction(db, actor="test") as session:
        events.record(session, "order.eaten", keys.new())
