from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.command import milkrun
from tests.shared_data import SHARED


@pytest.fixture(scope="session")
def maps_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place of their own for the maps of these tests."""
    home = tmp_path_factory.mktemp("milkrun")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MILKRUN_HOME", str(home))
        yield home


@pytest.fixture(scope="session")
def monaco(maps_home: Path) -> str:
    """The name of a real map, imported once."""
    result = milkrun(
        "map", "import", SHARED / "osm" / "monaco-tilemaker.osm.pbf", "--name", "monaco"
    )
    assert result.exit_code == 0, result.output
    return "monaco"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for one test, with the database inside."""
    monkeypatch.setenv("MILKRUN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MILKRUN_DATABASE_URL", raising=False)
    return tmp_path / "home"
