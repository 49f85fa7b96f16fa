from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.command import faults, milkrun

pytestmark = pytest.mark.usefixtures("home")


def test_upgrade_backup_and_restore_of_the_embedded_database(home: Path, tmp_path: Path) -> None:
    assert "version 0" in milkrun("db", "upgrade").output
    assert (home / "milkrun.db").is_file()

    assert milkrun("db", "backup", tmp_path / "kept.db").exit_code == 0
    assert milkrun("db", "restore", tmp_path / "kept.db").exit_code == 0


def test_what_is_refused_comes_with_code_and_exit_status(tmp_path: Path) -> None:
    assert faults(milkrun("db", "backup", tmp_path / "kept.db")) == [
        ["database", "database_not_found"]
    ]


def test_database_of_the_environment_is_used(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILKRUN_DATABASE_URL", empty_url)

    assert milkrun("db", "upgrade").exit_code == 0

    if empty_url.startswith("postgresql"):
        refused = milkrun("db", "backup", tmp_path / "kept.db")
        assert faults(refused) == [["database", "not_embedded"]]
        assert "pg_dump" in refused.stderr


def test_a_server_that_does_not_answer_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILKRUN_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")

    for words in (["db", "upgrade"], ["serve", "--port", "0"]):
        assert faults(milkrun(*words)) == [["database", "database_unreachable"]]


def test_a_disk_that_refuses_is_told_in_words_and_leaves_no_tables(home: Path) -> None:
    home.mkdir()
    # The file may not grow over 64 kB.
    words = [sys.executable, "-c", "from api.cli import main; main()", "db", "upgrade"]
    limit = (64_000, resource.RLIM_INFINITY)

    found = subprocess.run(
        words,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )

    assert (found.returncode, "Traceback" in found.stderr) == (2, False)
    assert "disk_failed" in found.stderr
    assert milkrun("db", "upgrade").exit_code == 0
