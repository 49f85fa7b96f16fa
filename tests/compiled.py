"""A compiled function in a process of its own, where its code may not find room on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

CALLER = """
from {kernel} import kernel
from loops.called import number

@kernel
def twice():
    return 2 * number()
"""
CALLED = """
from {kernel} import kernel

@kernel
def number():
    return {number}
"""
ASK = """
import resource
limit = {largest_file}
if limit is not None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from loops import caller
print(caller.twice(), sum(caller.twice.stats.cache_hits.values()))
"""


def write(folder: Path, *, kernel: str, number: int) -> Path:
    """Write a package of two modules, the function of one calling that of the other."""
    package = folder / "loops"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    (package / "caller.py").write_text(CALLER.format(kernel=kernel))
    (package / "called.py").write_text(CALLED.format(kernel=kernel, number=number))
    return package


def answer(
    folder: Path, settings: Mapping[str, str] | None = None, *, largest_file: int | None = None
) -> tuple[int, bool]:
    """Return what the function says, and whether its code came from disk."""
    path = {**os.environ, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "error", **(settings or {})}
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(largest_file=largest_file)],
        check=True,
        capture_output=True,
        text=True,
        env=path,
    )
    assert done.stderr == ""
    number, loaded = done.stdout.split()
    return int(number), loaded == "1"
