from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.error_codes import codes

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r"\| `(?P<code>[a-z0-9_]+)` \| (?P<rest>.+) \|")


@pytest.fixture(scope="module")
def given() -> dict[str, str]:
    return codes(ROOT)


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str, list[str]]]:
    """Return family, code and the other cells of each row of docs/errors.md."""
    found, family = [], ""
    for line in (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            family = line.removeprefix("## ")
        elif row := ROW.fullmatch(line):
            cells = [cell.strip() for cell in row["rest"].split(" | ")]
            found.append((family, row["code"], cells))
    return found


def test_every_code_of_the_source_is_explained(
    given: dict[str, str], rows: list[tuple[str, str, list[str]]]
) -> None:
    explained = {code for _, code, _ in rows}

    missing = {
        code: where
        for code, where in given.items()
        if not any(fnmatchcase(each, code) for each in explained)
    }

    assert missing == {}, "add these to docs/errors.md"


def test_every_code_that_is_explained_is_in_the_source(
    given: dict[str, str], rows: list[tuple[str, str, list[str]]]
) -> None:
    stale = [
        code for _, code, _ in rows if not any(fnmatchcase(code, pattern) for pattern in given)
    ]

    assert stale == [], "delete these from docs/errors.md"


def test_every_code_has_a_family_a_cause_an_action_and_an_example(
    rows: list[tuple[str, str, list[str]]],
) -> None:
    poor = [
        code for family, code, cells in rows if not family or len(list(filter(None, cells))) != 3
    ]

    assert len(rows) > 100
    assert poor == []


def test_codes_stand_once_and_in_order_of_the_alphabet(
    rows: list[tuple[str, str, list[str]]],
) -> None:
    by_family: dict[str, list[str]] = {}
    for family, code, _ in rows:
        by_family.setdefault(family, []).append(code)

    assert all(found == sorted(found) for found in by_family.values())
    assert len({code for _, code, _ in rows}) == len(rows)


def test_codes_are_found_however_they_are_handed_over(tmp_path: Path) -> None:
    for package in ("maps", "routing", "dispatch", "api"):
        (tmp_path / package).mkdir()
    (tmp_path / "maps" / "errors.py").write_text(
        "class MapError(Exception):\n"
        "    def __init__(self, code, *, cause): ...\n"
        "class BadMap(MapError): ...\n"
        "class OffRoad(MapError):\n"
        "    def __init__(self): super().__init__('from_super', cause='')\n"
        "class Fault:\n"
        "    where: str\n"
        "    code: str\n"
    )
    (tmp_path / "maps" / "a.py").write_text(
        "from maps.errors import *\n"
        "_TABLE = {'x': ('from_table', 1)}\n"
        "def f(key, late):\n"
        "    raise BadMap('from_class', cause='')\n"
        "    yield Fault('not_a_code', 'from_field')\n"
        "    yield Fault('here', code='from_keyword')\n"
        "    code = 'from_branch' if late else 'from_other_branch'\n"
        "    yield Fault('here', code)\n"
        "    yield Fault('here', f'any_{key}')\n"
        "    for each, _ in (('from_loop', 1),):\n"
        "        yield Fault('here', each)\n"
        "    found, _ = _TABLE.get(key, ('from_default', 2))\n"
        "    yield Fault('here', found)\n"
        "    yield g('from_helper')\n"
        "def g(code):\n"
        "    return Fault('here', code)\n"
    )

    assert set(codes(tmp_path)) == {
        "any_*",
        "from_branch",
        "from_class",
        "from_default",
        "from_field",
        "from_helper",
        "from_keyword",
        "from_loop",
        "from_other_branch",
        "from_super",
        "from_table",
    }
