"""Compiled loops: made anew when what they call has changed."""

from __future__ import annotations

from pathlib import Path

from tests import compiled


def test_kept_code_follows_a_change_in_a_module_that_it_calls(tmp_path: Path) -> None:
    compiled.write(tmp_path, kernel="maps.kernel", number=3)
    compiled.answer(tmp_path)
    compiled.write(tmp_path, kernel="maps.kernel", number=35)
    assert compiled.answer(tmp_path) == (70, False)
