"""
The database behind everything, and the only commit.

SQLite (a file, write-ahead log) and PostgreSQL behave alike here: a transaction that writes sees
what others have committed, changes counters by conditional updates, locks rows in sorted order,
and waits rather than fails. Relations are never loaded by themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from dispatch.store import events
from dispatch.store.errors import Conflict, Unusable
from dispatch.store.flushes import Flushes, WalFile

T = TypeVar("T")

WAIT_S = 30
"""How long a transaction waits for others before it gives up."""

_TRIES = 5
_PAUSE_S = 0.05
_READING = "milkrun_reading"
_ONLY = "milkrun_query_only"
MIGRATING = "milkrun_migrating"

# Serialization failure, deadlock, lock timeout: whole transactions that may be tried again.
_PASSING = {"40001", "40P01", "55P03"}


@dataclass(frozen=True, slots=True, eq=False)
class Database:
    """
    An open database.

    ``turn`` lets the writers of this process queue for SQLite's one pen; ``flushes`` is where they
    wait together for the disk.
    """

    engine: Engine
    flushes: Flushes
    turn: Lock = field(default_factory=Lock)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open a database by its URL; a SQLite file is made where there is none."""
    address = parse(url)
    if address.get_backend_name() == "sqlite":
        wal = WalFile(Path(str(address.database)).absolute())
        return Database(_sqlite(address), Flushes(wal))
    engine = _postgresql(address)
    return Database(engine, Flushes(lambda: _flush(engine)))


def parse(url: str) -> URL:
    """Return the address of a SQLite file or a PostgreSQL server, or refuse (``bad_database``)."""
    action = "write sqlite:///path/to/file.db or postgresql://user:password@host/name"
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except ArgumentError as error:
        raise Unusable("bad_database", cause="the URL cannot be read", action=action) from error
    if backend == "sqlite" and address.database not in {None, "", ":memory:"}:
        return address.set(drivername="sqlite+pysqlite")
    if backend in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    cause = f"{address.render_as_string()} is neither a SQLite file nor a PostgreSQL server"
    raise Unusable("bad_database", cause=cause, action=action)


@contextmanager
def transaction(database: Database, *, actor: str) -> Iterator[Session]:
    """
    Change things: all of it is committed at the end, or nothing.

    ``actor`` is who does it, for the events. What another transaction changed meanwhile is refused
    with `Conflict` (``changed_meanwhile``), and what had to wait too long with ``database_busy``.
    """
    with _turn(database), _session(database) as session:
        session.info[events.ACTOR] = actor
        with _told():
            yield session
            session.flush()
            told = events.write(session)
            session.commit()
    # PostgreSQL has waited for the disk already, but for those that would have held up others.
    if database.is_sqlite or told:
        with _told():
            database.flushes.wait()


def retried(database: Database, work: Callable[[Session], T], *, actor: str) -> T:
    """
    Return what ``work`` returns, in a transaction that is begun anew when others were in its way.

    Tried again, up to five times: deadlocks, failed serializations and locks that took too long,
    which leave nothing behind. Everything else is the caller's to judge: an edited row
    (``changed_meanwhile``) may mean something else now.
    """
    for tried in range(1, _TRIES):
        try:
            with transaction(database, actor=actor) as session:
                return work(session)
        except Conflict as error:
            if error.code != "database_busy":
                raise
            # Let the one that was spared finish; only the refused one pauses.
            sleep(_PAUSE_S * tried)
    with transaction(database, actor=actor) as session:
        return work(session)


@contextmanager
def reading(database: Database) -> Iterator[Session]:
    """Look at things: one unchanging picture that hinders no writer; nothing can be changed."""
    with _session(database) as session:
        options: dict[str, Any] = {_READING: True}
        if not database.is_sqlite:
            options |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        with _told():
            session.connection(execution_options=options)
            yield session


def writes(session: Session) -> bool:
    """Tell whether it is a `transaction`, in which rows may be locked, or only `reading`."""
    return events.ACTOR in session.info


@contextmanager
def connected(database: Database, **options: Any) -> Iterator[Connection]:
    """Give the bare connection, for what is below all sessions; begin and commit are the user's."""
    with _told(), database.engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Undo only this part if it fails, with the events that it recorded."""
    noted = events.waiting(session)
    before = len(noted)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del noted[before:]
        raise


@contextmanager
def _session(database: Database) -> Iterator[Session]:
    # What a use case returned is read after the commit: nothing may be loaded again by itself.
    with Session(database.engine, expire_on_commit=False, autoflush=True) as session:
        session.info[events.FLUSHED] = database.flushes.wait
        yield session


@contextmanager
def _turn(database: Database) -> Iterator[None]:
    """
    Wait for this process's turn to write to SQLite.

    SQLite makes writers sleep and look again, in no order: with many of them some sleep very long.
    A lock of this process hands the turn on at once; other processes still wait the other way.
    """
    if not database.is_sqlite:
        yield
        return
    if not database.turn.acquire(timeout=WAIT_S):
        raise _busy()
    try:
        yield
    finally:
        database.turn.release()


@contextmanager
def _told() -> Iterator[None]:
    """Say in our words what the database refused."""
    try:
        yield
    except StaleDataError as error:
        raise Conflict(
            "changed_meanwhile",
            cause="somebody else changed it after it was read",
            action="look at it again, then repeat the change",
        ) from error
    except DBAPIError as error:
        told = _in_words(error)
        if told is None:
            raise
        raise told from error


def _in_words(error: DBAPIError) -> Exception | None:
    text = str(error.orig)
    if getattr(error.orig, "sqlstate", None) in _PASSING or "database is locked" in text:
        return _busy()
    if isinstance(error, IntegrityError) and _is_taken(error, text):
        return Conflict(
            "already_there",
            cause=f"somebody else just made the same: {text.splitlines()[0]}",
            action="use that one, or choose another name or number",
        )
    if "disk is full" in text or getattr(error.orig, "sqlstate", None) == "53100":
        return Unusable(
            "disk_full",
            cause="the disk of the database is full; nothing was changed",
            action="make room there, then try again",
        )
    if "disk I/O error" in text or getattr(error.orig, "sqlstate", None) == "58030":
        return Unusable(
            "disk_failed",
            cause="the disk of the database refused to read or write; nothing was changed",
            action="look at the disk and its limits, then try again or restore a backup",
        )
    lost = error.connection_invalidated or "unable to open database" in text
    if lost or (isinstance(error, OperationalError | InterfaceError) and _unreachable(error)):
        return Unusable(
            "database_unreachable",
            cause=f"the database cannot be reached: {text.splitlines()[0]}",
            action="check MILKRUN_DATABASE_URL, and that its server runs or its folder is there",
        )
    return None


def _is_taken(error: IntegrityError, text: str) -> bool:
    return getattr(error.orig, "sqlstate", None) == "23505" or "UNIQUE constraint" in text


def _unreachable(error: DBAPIError) -> bool:
    # psycopg gives no state where no server answered; 57P01 to 57P03: it is going down or up.
    state = getattr(error.orig, "sqlstate", "")
    return state is None or str(state).startswith(("08", "57P"))


def _busy() -> Conflict:
    return Conflict(
        "database_busy",
        cause="others were changing the same things for too long; nothing was changed",
        action="try again",
    )


def _sqlite(address: URL) -> Engine:
    Path(str(address.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address,
        pool_size=16,
        max_overflow=48,
        pool_timeout=WAIT_S,
        # None: the module begins no transaction by itself; `_begin` does.
        connect_args={"timeout": WAIT_S, "isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    """
    Set what SQLite forgets with each connection.

    ``synchronous=NORMAL``: with a write-ahead log, the last commits may be lost when the power
    fails, and an order that was accepted is a promise; so `transaction` waits for the disk itself.
    """
    with suppress(sqlite3.OperationalError):
        # Locked while another process is just opening it; then that one has set it.
        connection.execute("PRAGMA journal_mode=WAL")
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    connection.execute(f"PRAGMA synchronous={'NORMAL' if mode == 'wal' else 'FULL'}")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    """
    Begin as what it is to be.

    A transaction that reads first and writes later fails at once when another wrote in between,
    whatever the timeout: so writers take the pen at the beginning.
    """
    options = connection.get_execution_options()
    reading_only = options.get(_READING)
    if options.get(MIGRATING):
        # A table that is made anew is dropped, which would take along what refers to it.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    wanted = "ON" if reading_only else "OFF"
    if connection.info.get(_ONLY) != wanted:
        connection.exec_driver_sql(f"PRAGMA query_only={wanted}")
        connection.info[_ONLY] = wanted
    connection.exec_driver_sql("BEGIN" if reading_only else "BEGIN IMMEDIATE")


def _flush(engine: Engine) -> None:
    """Commit a message to nobody, and wait for it: PostgreSQL's log reaches the disk in order."""
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'milkrun', '')")


def _postgresql(address: URL) -> Engine:
    limits = f"-c lock_timeout={WAIT_S}s -c idle_in_transaction_session_timeout=5min"
    return create_engine(
        address,
        pool_size=16,
        max_overflow=48,
        pool_timeout=WAIT_S,
        pool_pre_ping=True,
        connect_args={"options": limits, "application_name": "milkrun", "connect_timeout": 10},
    )
