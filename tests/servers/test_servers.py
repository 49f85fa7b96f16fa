from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import valkey

from tests.servers.postgres import Postgres

ROOT = Path(__file__).parents[2]

_DYING = """
import os, signal
from tests.servers import postgres
with postgres.started() as server:
    print(server.where, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_postgresql_answers(postgres_server: Postgres) -> None:
    with psycopg.connect(postgres_server.url("postgres")) as connection:
        (version,) = connection.execute("SHOW server_version_num").fetchone() or ("0",)
    assert int(version) >= 160000


def test_valkey_answers(valkey_url: str) -> None:
    with valkey.Valkey.from_url(valkey_url) as client:
        client.set("van", "3")
        assert client.get("van") == b"3"


def test_server_ends_with_tests_that_were_killed() -> None:
    command = [sys.executable, "-c", _DYING]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    where = Path(ended.stdout.strip())

    assert ended.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while where.exists():
        assert time.monotonic() < deadline, os.listdir(where)
        time.sleep(0.05)
