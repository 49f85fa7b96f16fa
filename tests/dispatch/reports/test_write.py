from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.planning.planned import PlannedDay, PlannedRoute
from dispatch.reports import manifest, write
from maps.drawing import basemap
from maps.drawing.basemap import Basemap
from tests.dispatch import sample
from tests.dispatch.sample import VAN

OSM = """<osm version="0.6">
<node id="1" lon="121.39" lat="31.19"/><node id="2" lon="121.45" lat="31.25"/>
<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="name" v="中山路"/></way>
</osm>
"""

NAMES = [
    "manifest-van_2.pdf",
    "manifest-沪A_12345.pdf",
    "plan.html",
    "plan.json",
    "plan.xlsx",
    "routes.geojson",
]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Basemap:
    folder = tmp_path_factory.mktemp("basemap")
    (folder / "map.osm").write_text(OSM, encoding="utf-8")
    basemap.build(folder / "map.osm", folder / "basemap.npz")
    return Basemap.load(folder / "basemap.npz")


@pytest.fixture(scope="module")
def planned() -> PlannedDay:
    return sample.small()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_reports_are_written(tmp_path: Path, planned: PlannedDay, drawn: Basemap) -> None:
    paths = write.write(planned, tmp_path / "new" / "out", basemap=drawn)
    assert names(tmp_path / "new" / "out") == NAMES == sorted(path.name for path in paths)
    assert names(tmp_path / "new") == ["out"]


def test_a_report_that_fails_leaves_the_folder_as_it_was(
    tmp_path: Path, planned: PlannedDay, drawn: Basemap, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plan.json").write_text("earlier")

    def disk_full(planned: PlannedDay, route: PlannedRoute) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(manifest, "manifest", disk_full)
    with pytest.raises(OSError, match="No space"):
        write.write(planned, tmp_path, basemap=drawn)
    assert names(tmp_path) == ["plan.json"]
    assert (tmp_path / "plan.json").read_text() == "earlier"


def test_a_second_plan_replaces_the_first_and_only_that(
    tmp_path: Path, planned: PlannedDay, drawn: Basemap
) -> None:
    (tmp_path / "manifest-mine.pdf").write_text("the user's own")
    write.write(planned, tmp_path, basemap=drawn)
    day = sample.day(sample.order(1))
    write.write(sample.planned(day, {VAN.id: ["SO-0001"]}), tmp_path, basemap=drawn)
    left = [name for name in NAMES if name != "manifest-van_2.pdf"]
    assert names(tmp_path) == sorted([*left, "manifest-mine.pdf"])
    assert len(json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["routes"]) == 1


def test_a_folder_that_is_a_file_is_refused(
    tmp_path: Path, planned: PlannedDay, drawn: Basemap
) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(write.BadFolder):
        write.write(planned, tmp_path / "out", basemap=drawn)
    assert names(tmp_path) == ["out"]


@given(st.lists(st.text(max_size=80), max_size=6))
def test_names_of_files_are_plain_and_no_two_the_same(asked: list[str]) -> None:
    made = write.file_names(asked)
    assert len({name.casefold() for name in made}) == len(asked)
    assert not any(set(name) & set('/\\:*?"<>|\0\n') or name.startswith(".") for name in made)


def test_a_folder_in_the_place_of_a_report_leaves_the_older_plan_whole(
    tmp_path: Path, planned: PlannedDay, drawn: Basemap
) -> None:
    write.write(planned, tmp_path, basemap=drawn)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix != ".xlsx"}
    (tmp_path / "plan.xlsx").unlink()
    (tmp_path / "plan.xlsx").mkdir()
    with pytest.raises(write.BadFolder, match=r"plan\.xlsx is a folder"):
        write.write(planned, tmp_path, basemap=drawn)
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert after == before
