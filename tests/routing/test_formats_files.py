from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from routing import formats
from routing.faults import InvalidProblem
from tests.shared_data import SHARED, needs_shared

TINY_SOLOMON = """tiny

VEHICLE
NUMBER     CAPACITY
  3         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      40         50          0          0       1236          0
    1      43         54         10        912        967         90
    2      45         70         30        825        870         90
"""


def codes(error: pytest.ExceptionInfo[InvalidProblem]) -> list[str]:
    return [fault.code for fault in error.value.faults]


def write(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return path


def test_gzip_is_told_by_content_and_not_by_name(tmp_path: Path) -> None:
    plain = formats.read(write(tmp_path / "a.txt", TINY_SOLOMON))
    packed = formats.read(write(tmp_path / "b.txt", gzip.compress(TINY_SOLOMON.encode())))
    assert packed.visits == plain.visits


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (TINY_SOLOMON, "solomon"),
        ("\n{}", "vroom"),
        ("NAME : X\nTYPE : CVRP\n", "vrplib"),
        ("COMMENT: a note\nDIMENSION: 5\n", "vrplib"),
        ("25 200 1\n0 40 50 0 0 1236 0 0 0\n", "lilim"),
        ("order,lon,lat\n1,2,3\n", None),
    ],
)
def test_the_format_is_told_by_the_content(text: str, kind: str | None) -> None:
    from routing.formats.files import detect

    assert detect(text) == kind


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b" \n\n", "file_empty"),
        (gzip.compress(TINY_SOLOMON.encode())[:-20], "file_damaged"),
        (b"\x1f\x8bnonsense", "file_damaged"),
        (b"\xff\xfe\x00caf\xe9", "file_damaged"),
        (b"hello\nworld\n", "file_unknown_format"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(InvalidProblem) as error:
        formats.read(write(tmp_path / "x", content))
    assert codes(error) == [code]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidProblem) as missing:
        formats.read(tmp_path / "none.txt")
    with pytest.raises(InvalidProblem) as folder:
        formats.read(tmp_path)
    assert codes(missing) + codes(folder) == ["file_not_found", "file_unreadable"]


def test_vehicles_of_vroom_files_cannot_be_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "v.json", '{"jobs": [], "vehicles": []}')
    with pytest.raises(InvalidProblem) as error:
        formats.read(path, vehicles="unlimited")
    assert codes(error) == ["not_supported"]


@needs_shared
def test_every_shared_instance_is_read_or_refused_by_name() -> None:
    for path in sorted((SHARED / "vrp").glob("*/*")):
        if path.name == "LICENSE":
            continue
        problem = formats.read(path)
        assert len(problem.visits) >= 100, path.name
        assert bool(problem.shipments) == (path.parent.name == "lilim")
