"""Matrices kept on disk: one file each, whole or not there, the longest unused dropped first."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from maps.travel import Matrix

DEFAULT_BYTES = 2**30


class MatrixCache:
    """
    A folder of matrices by key.

    Several processes may use the folder at once. A file that cannot be read counts as absent.

    Parameters
    ----------
    folder
        Made when it is first written to.
    max_bytes
        The folder is kept below this size, except for the file written last.
    """

    def __init__(self, folder: Path, *, max_bytes: int = DEFAULT_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def read(self, key: str) -> Matrix | None:
        """Return what was kept under the key, or None."""
        path = self._path(key)
        try:
            # Opened here: np.load leaves a damaged file open.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
                matrix = Matrix(held["durations"], held["distances"], held["snapped_m"])
            os.utime(path)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return matrix if _is_whole(matrix) else None

    def write(self, key: str, matrix: Matrix) -> None:
        """Keep a matrix; a disk that is full or read-only is no reason to fail."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._replace(self._path(key), matrix)
            self._prune(keep=self._path(key))

    def _replace(self, path: Path, matrix: Matrix) -> None:
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    allow_pickle=False,
                    durations=matrix.durations,
                    distances=matrix.distances,
                    snapped_m=matrix.snapped_m,
                )
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _prune(self, *, keep: Path) -> None:
        held = []
        for path in [*self._folder.glob("*.npz"), *self._folder.glob("*.part")]:
            with contextlib.suppress(OSError):  # another process dropped it
                status = path.stat()
                held.append((status.st_mtime, status.st_size, path))
        too_much = sum(size for _, size, _ in held) - self._max_bytes
        for _, size, path in sorted(held):
            if too_much <= 0:
                return
            if path != keep:
                path.unlink(missing_ok=True)
                too_much -= size

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.npz"


def _is_whole(matrix: Matrix) -> bool:
    count = matrix.snapped_m.size
    square = matrix.durations.shape == matrix.distances.shape == (count, count)
    return square and matrix.durations.dtype == matrix.distances.dtype == np.int32
