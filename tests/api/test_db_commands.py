from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.command import faults, milkrun


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MILKRUN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MILKRUN_DATABASE_URL", raising=False)
    return tmp_path / "home"


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
