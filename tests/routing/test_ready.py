from __future__ import annotations

import subprocess
import sys
from typing import Any, cast

import numba
import pytest
from numba.core import event

from routing.engine.ready import Herald


def twice(number: float) -> float:
    return 2 * number


def test_compiling_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    compiled = numba.njit(cast(Any, twice))
    with event.install_listener("numba:compile", Herald()):
        for number in (1, 2.0):
            compiled(number)
    assert capsys.readouterr().out == "milkrun: compiling the search ...\n"


def test_nothing_is_said_of_code_that_is_there() -> None:
    command = [sys.executable, "-m", "routing.engine.ready"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert subprocess.run(command, check=True, capture_output=True).stdout == b""
