"""Compiled loops of both packages: kept on disk if they can be, made anew if they must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import compiled

KERNELS = ("maps.kernel", "routing.engine.kernel")

pytestmark = pytest.mark.parametrize("kernel", KERNELS)


def test_code_is_kept(tmp_path: Path, kernel: str) -> None:
    compiled.write(tmp_path, kernel=kernel, number=3)
    assert compiled.answer(tmp_path) == (6, False)
    assert compiled.answer(tmp_path) == (6, True)


@pytest.mark.parametrize("largest_file", [500, 4000])
def test_a_full_disk_keeps_nothing(tmp_path: Path, kernel: str, largest_file: int) -> None:
    package = compiled.write(tmp_path, kernel=kernel, number=3)
    assert compiled.answer(tmp_path, largest_file=largest_file) == (6, False)
    assert not kept(package)
    assert compiled.answer(tmp_path) == (6, False)
    assert compiled.answer(tmp_path) == (6, True)


def test_a_full_disk_does_not_bring_back_older_code(tmp_path: Path, kernel: str) -> None:
    package = compiled.write(tmp_path, kernel=kernel, number=3)
    compiled.answer(tmp_path)
    (package / "caller.py").write_text((package / "caller.py").read_text().replace("2", "20"))
    assert compiled.answer(tmp_path, largest_file=4000) == (60, False)
    assert compiled.answer(tmp_path) == (60, False)


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("share", [0.0, 0.6])
def test_a_damaged_file_is_made_anew(
    tmp_path: Path, kernel: str, suffix: str, share: float
) -> None:
    package = compiled.write(tmp_path, kernel=kernel, number=3)
    compiled.answer(tmp_path)
    for path in kept(package):
        if path.suffix == suffix:
            whole = path.read_bytes()
            path.write_bytes(whole[: int(share * len(whole))])
    assert compiled.answer(tmp_path) == (6, False)
    assert compiled.answer(tmp_path) == (6, True)


def test_code_is_kept_nowhere_if_no_folder_can_be_written(tmp_path: Path, kernel: str) -> None:
    package = compiled.write(tmp_path, kernel=kernel, number=3)
    (package / "__pycache__").touch()
    home = tmp_path / "home"
    home.touch()
    settings = {"NUMBA_CACHE_DIR": "", "HOME": str(home), "XDG_CACHE_HOME": str(home)}
    for _ in range(2):
        assert compiled.answer(tmp_path, settings) == (6, False)


def test_a_folder_that_goes_away_keeps_nothing(tmp_path: Path, kernel: str) -> None:
    package = compiled.write(tmp_path, kernel=kernel, number=3)
    elsewhere = tmp_path / "elsewhere"
    caller = package / "caller.py"
    # After the function was made, before it is called the first time.
    spoil = f"import pathlib, shutil; shutil.rmtree({str(elsewhere)!r})"
    caller.write_text(f"{caller.read_text()}\n{spoil}; pathlib.Path({str(elsewhere)!r}).touch()\n")
    assert compiled.answer(tmp_path, {"NUMBA_CACHE_DIR": str(elsewhere)}) == (6, False)


def kept(package: Path) -> list[Path]:
    return [path for path in (package / "__pycache__").iterdir() if path.suffix in {".nbi", ".nbc"}]
