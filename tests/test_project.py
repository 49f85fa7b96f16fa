"""Promises of the project as a whole: what its files may and may not hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements.lock", "requirements-bench.lock", "tests/osrm.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = re.findall(r"^[a-z0-9][\w.-]*==", text, flags=re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9][\w.-]*==)", text, flags=re.MULTILINE)[1:]
    assert packages
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "index-url" not in text


def test_locks_with_addresses_stay_out_of_git() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert "dev.py" in tracked
    assert not {"uv.lock", "pylock.toml", "poetry.lock"} & set(tracked)


def test_continuous_integration_calls_the_command_of_the_readme() -> None:
    assert "python3 dev.py test" in (ROOT / ".ci" / "run").read_text()
    assert "python3 dev.py test" in (ROOT / "README.md").read_text()


def test_every_picture_of_the_readme_is_there_and_small() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = set(re.findall(r"\((docs/images/[^)]+)\)", text))
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
        assert (ROOT / picture).stat().st_size < 400_000


def test_every_module_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    left = re.findall(r"^\| (.*?) \|", text, flags=re.MULTILINE)
    named = {name for cell in left for name in re.findall(r"`([a-z_0-9]+)/?`", cell)}
    packages = [ROOT / package for package in ("compiled", "maps", "routing", "dispatch", "api")]
    files = {path.stem for package in packages for path in package.rglob("*")}
    assert len(named) > 80
    assert named - files == set()
