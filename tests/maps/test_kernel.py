"""Compiled loops: kept on disk, and made anew when what they call has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CALLER = """
from maps.kernel import kernel
from loops.called import number

@kernel
def twice():
    return 2 * number()
"""
CALLED = """
from maps.kernel import kernel

@kernel
def number():
    return {number}
"""


def test_kept_code_follows_a_change_in_a_module_that_it_calls(tmp_path: Path) -> None:
    package = tmp_path / "loops"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "caller.py").write_text(CALLER)
    (package / "called.py").write_text(CALLED.format(number=3))
    assert answer(tmp_path) == "6"
    assert list((package / "__pycache__").glob("caller.twice*.nbc"))
    (package / "called.py").write_text(CALLED.format(number=35))
    assert answer(tmp_path) == "70"


def answer(folder: Path) -> str:
    code = "from loops import caller; print(caller.twice())"
    path = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=path
    )
    return done.stdout.strip()
