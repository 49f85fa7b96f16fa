from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from dispatch.catalogue.customers import Customer
from dispatch.store import backup, database, schema
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Unusable

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    found = tmp_path / "milkrun.db"
    shutil.copyfile(sqlite_template, found)
    return found


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def _add(db: Database, number: str) -> None:
    with transaction(db, actor="test") as session:
        session.add(Customer(number=number, name="王记汽修"))


def _count(path: Path) -> int:
    db = database.open_database(_url(path))
    try:
        with reading(db) as session:
            return session.scalar(select(func.count()).select_from(Customer)) or 0
    finally:
        db.close()


def test_backup_brings_back_what_was_there(path: Path, tmp_path: Path) -> None:
    db = database.open_database(_url(path))
    _add(db, "1")
    backup.save(_url(path), tmp_path / "kept.db")
    _add(db, "2")
    db.close()

    backup.restore(_url(path), tmp_path / "kept.db")

    assert _count(path) == 1


def test_backup_while_others_write_is_whole(path: Path, tmp_path: Path) -> None:
    db = database.open_database(_url(path))
    enough = Event()

    def write() -> int:
        written = 0
        while not enough.is_set():
            with transaction(db, actor="test") as session:
                session.add_all(Customer(number=f"{written}-{k}", name="a") for k in range(10))
            written += 1
        return written

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        for n in range(5):
            backup.save(_url(path), tmp_path / f"{n}.db")
        enough.set()
        written = writing.result()
    db.close()

    counts = [_count(tmp_path / f"{n}.db") for n in range(5)]
    assert counts == sorted(counts)
    assert all(count % 10 == 0 for count in counts)
    assert _count(path) == 10 * written


def test_older_backup_of_that_name_is_replaced(path: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.db").write_text("old")

    backup.save(_url(path), tmp_path / "kept.db")

    assert _count(tmp_path / "kept.db") == 0
    assert not list(tmp_path.glob(".milkrun-*"))


def test_database_that_is_open_is_not_restored(path: Path, tmp_path: Path) -> None:
    db = database.open_database(_url(path))
    backup.save(_url(path), tmp_path / "kept.db")
    _add(db, "1")

    with pytest.raises(Unusable, match="database_in_use"):
        backup.restore(_url(path), tmp_path / "kept.db")

    db.close()
    assert _count(path) == 1


def test_backup_of_a_later_program_is_refused(path: Path, tmp_path: Path) -> None:
    backup.save(_url(path), tmp_path / "kept.db")
    with closing(sqlite3.connect(tmp_path / "kept.db")) as kept:
        kept.execute("UPDATE alembic_version SET version_num = '9999'")
        kept.commit()

    with pytest.raises(Unusable, match="schema_too_new"):
        backup.restore(_url(path), tmp_path / "kept.db")


@pytest.mark.parametrize("content", [b"", b"not a database at all, whatever its name says" * 30])
def test_what_is_no_backup_is_refused(path: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kept.db").write_bytes(content)

    with pytest.raises(Unusable, match="not_a_backup"):
        backup.restore(_url(path), tmp_path / "kept.db")


def test_backup_that_is_cut_short_is_refused(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    backup.save(_url(path), kept)
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])

    with pytest.raises(Unusable, match=r"not_a_backup|database_damaged"):
        backup.restore(_url(path), kept)


def test_missing_files_are_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="backup_not_found"):
        backup.restore(_url(path), tmp_path / "none.db")
    with pytest.raises(Unusable, match="database_not_found"):
        backup.save(_url(tmp_path / "none.db"), tmp_path / "kept.db")


def test_backup_onto_the_database_itself_is_refused(path: Path) -> None:
    with pytest.raises(Unusable, match="backup_onto_itself"):
        backup.save(_url(path), path)


def test_folder_that_is_not_there_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="file_not_written"):
        backup.save(_url(path), tmp_path / "none" / "kept.db")


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from dispatch.store import backup
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
backup.save(sys.argv[1], Path(sys.argv[2]))
"""


def test_disk_that_holds_no_more_is_told_and_leaves_the_older_backup(
    path: Path, tmp_path: Path
) -> None:
    """The system refuses to write beyond 40 kB, as a full disk does."""
    kept = tmp_path / "kept.db"
    kept.write_text("old")

    command = [sys.executable, "-c", _LIMITED, _url(path), str(kept)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

    assert "Unusable: file_not_written" in ended.stderr
    assert kept.read_text() == "old"
    assert not list(tmp_path.glob(".milkrun-*"))


def test_server_is_backed_up_by_its_own_programs(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="pg_dump"):
        backup.save("postgresql://host/name", tmp_path / "kept.db")


def test_older_backup_can_be_upgraded(path: Path, tmp_path: Path) -> None:
    backup.save(_url(path), tmp_path / "kept.db")
    backup.restore(_url(tmp_path / "new.db"), tmp_path / "kept.db")

    db = database.open_database(_url(tmp_path / "new.db"))
    schema.upgrade(db)
    schema.check(db)
    db.close()
