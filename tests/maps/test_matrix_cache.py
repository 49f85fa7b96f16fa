import os
from pathlib import Path

import numpy as np

from maps.travel import Matrix
from maps.ways.matrix_cache import MatrixCache


def test_what_was_written_is_read(tmp_path: Path) -> None:
    cache = MatrixCache(tmp_path / "new")
    cache.write("key", _matrix(3))
    held = cache.read("key")
    assert held is not None
    assert held.durations.tolist() == [[3, 3, 3]] * 3
    assert held.durations.dtype == np.int32
    assert held.snapped_m.dtype == np.float32
    assert cache.read("other") is None


def test_longest_unused_goes_first_when_the_folder_is_full(tmp_path: Path) -> None:
    size = _size_of_one(tmp_path / "one")
    cache = MatrixCache(tmp_path / "cache", max_bytes=3 * size)
    for age, key in enumerate("abc"):
        cache.write(key, _matrix(50))
        _make_older(tmp_path / "cache" / f"{key}.npz", seconds=100 - age)
    cache.read("a")
    cache.write("d", _matrix(50))
    assert {path.stem for path in (tmp_path / "cache").iterdir()} == {"a", "c", "d"}


def test_matrix_larger_than_the_limit_is_kept_alone(tmp_path: Path) -> None:
    cache = MatrixCache(tmp_path, max_bytes=10)
    cache.write("a", _matrix(5))
    cache.write("b", _matrix(5))
    assert [path.stem for path in tmp_path.iterdir()] == ["b"]


def test_file_with_other_arrays_counts_as_absent(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", durations=np.zeros(3))
    np.savez(
        tmp_path / "b.npz",
        durations=np.zeros((2, 3), np.int32),
        distances=np.zeros((2, 3), np.int32),
        snapped_m=np.zeros(2),
    )
    cache = MatrixCache(tmp_path)
    assert cache.read("a") is None
    assert cache.read("b") is None


def test_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = MatrixCache(tmp_path / "file" / "folder")
    cache.write("a", _matrix(2))
    assert cache.read("a") is None


def _matrix(size: int) -> Matrix:
    values = np.full((size, size), size, np.int32)
    return Matrix(values, values, np.zeros(size, np.float32))


def _size_of_one(folder: Path) -> int:
    MatrixCache(folder).write("x", _matrix(50))
    return (folder / "x.npz").stat().st_size


def _make_older(path: Path, *, seconds: float) -> None:
    at = path.stat().st_mtime - seconds
    os.utime(path, (at, at))
