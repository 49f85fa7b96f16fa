import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from maps import store
from maps.errors import BadMap, MapError, MapNotFound, NotStored
from maps.roads.zones import Closure, Conditions
from maps.ways.osrm import OsrmTravel
from maps.ways.road_travel import RoadTravel
from tests.maps.osm_text import OsmText, at

IMPORT = "import sys; from maps import store; print(store.import_file(sys.argv[1]).version)"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MILKRUN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MILKRUN_OSRM_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return _town(tmp_path / "town.osm", street="Main Street")


def test_imported_map_answers_for_roads_addresses_and_drawing(town: Path) -> None:
    info = store.import_file(town)
    assert (info.name, info.source, info.num_junctions, info.num_edges) == (
        "town",
        "town.osm",
        4,
        4,
    )
    assert info.attribution == "© OpenStreetMap contributors, ODbL"
    road_map = store.open_map("town")
    matrix = road_map.travel().matrix(np.array([at(0, 0), at(300, 0)]), profile="car", hour=0)
    assert matrix.distances.tolist() == [[0, 300], [300, 0]]
    assert [found.label for found in road_map.geocoder.search("Main Street")] == ["Main Street"]
    assert road_map.basemap.bounds[0] == pytest.approx(info.bbox[0], abs=1e-3)
    road_map.geocoder.close()


def test_progress_rises_to_one(town: Path) -> None:
    shares: list[float] = []
    store.import_file(town, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_second_import_of_the_same_content_only_adds_a_name(town: Path, home: Path) -> None:
    first = store.import_file(town)
    before = _content(home / "maps")
    copy = town.with_name("copy.osm")
    copy.write_bytes(town.read_bytes())
    again = store.import_file(copy, name="上海 / 浦东")
    assert again.version == first.version
    assert _content(home / "maps") == before
    assert [info.name for info in store.list_maps()] == ["town", "上海 / 浦东"]
    assert store.open_map("上海 / 浦东").info.version == first.version


def test_name_passes_on_to_the_map_that_was_imported_last(town: Path, tmp_path: Path) -> None:
    old = store.import_file(town)
    new = store.import_file(_town(tmp_path / "other.osm", street="Side Street"), name="town")
    assert old.version != new.version
    assert store.open_map("town").info.version == new.version
    assert {info.name for info in store.list_maps()} == {"town", old.version}
    assert store.open_map(old.version).info.version == old.version


def test_map_is_opened_by_the_start_of_its_version_or_by_its_file(town: Path) -> None:
    opened = store.open_map(str(town))
    assert opened.info.name == "town"
    assert store.open_map(opened.info.version[:6]).info.version == opened.info.version
    with pytest.raises(MapNotFound):
        store.open_map(opened.info.version[:2])


def test_unknown_map_is_refused_with_those_that_there_are(town: Path, tmp_path: Path) -> None:
    with pytest.raises(MapNotFound, match=r"map_not_found.*no map is imported yet"):
        store.open_map("porto")
    store.import_file(town)
    with pytest.raises(MapNotFound, match=r"'porto' is neither.*imported maps: town"):
        store.open_map("porto")
    with pytest.raises(MapNotFound, match=r"there is no file .*nothing\.osm\.pbf"):
        store.import_file(tmp_path / "nothing.osm.pbf")


@pytest.mark.parametrize("content", [b"", b"no map at all", b'<osm version="0.6"></osm>'])
def test_damaged_file_leaves_nothing(content: bytes, tmp_path: Path, home: Path) -> None:
    path = tmp_path / "bad.osm"
    path.write_bytes(content)
    with pytest.raises(BadMap, match="bad_map"):
        store.import_file(path)
    assert _content(home) == {}
    assert store.list_maps() == []


def test_killed_import_leaves_nothing_that_is_used_later(town: Path, home: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", IMPORT, str(town)])
    _until(lambda: any((home / "maps").glob(".draft-*/*.npz")))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert store.list_maps() == []
    assert store.import_file(town).name == "town"
    (draft,) = (home / "maps").glob(".draft-*")
    long_ago = time.time() - 3 * 24 * 3600
    os.utime(draft, (long_ago, long_ago))
    store.import_file(_town(town.with_name("next.osm"), street="Next"))
    assert list((home / "maps").glob(".draft-*")) == []


def test_two_imports_at_once_make_one_map(town: Path, home: Path) -> None:
    command = [sys.executable, "-c", IMPORT, str(town)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    versions = {process.communicate()[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0]
    assert versions == {info.version for info in store.list_maps()}
    assert [path.name for path in (home / "maps").iterdir()] == list(versions)


def test_crashed_machine_leaves_maps_that_are_imported_again(town: Path, home: Path) -> None:
    info = store.import_file(town)
    folder = home / "maps" / info.version
    for damage in (b"", b"{}", b'{"name"', None):
        if damage is None:
            (folder / "info.json").unlink()
        else:
            (folder / "info.json").write_bytes(damage)
        (home / "names" / "empty.json").write_bytes(b"")
        assert store.list_maps() == []
        with pytest.raises(MapNotFound):
            store.open_map("town")
        assert store.import_file(town).version == info.version
        assert [found.name for found in store.list_maps()] == ["town"]


@pytest.mark.parametrize("room", [9_000, 60_000])
def test_full_disk_is_told_and_leaves_nothing(town: Path, home: Path, room: int) -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); "
    done = subprocess.run(
        [sys.executable, "-B", "-c", limited + IMPORT, str(town)], capture_output=True, text=True
    )
    assert "home_not_writable: cannot write to" in done.stderr.splitlines()[-1]
    assert _content(home) == {}
    assert store.import_file(town).name == "town"


def test_home_that_cannot_be_made_is_told(town: Path, home: Path) -> None:
    home.write_text("a file, not a folder")
    assert store.list_maps() == []
    with pytest.raises(NotStored, match=r"home_not_writable.*Not a directory.*MILKRUN_HOME"):
        store.import_file(town)


def test_a_map_with_its_name_is_opened_where_nothing_may_be_written(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = store.import_file(town)
    monkeypatch.setattr(tempfile, "mkstemp", _refuse)
    monkeypatch.setattr(tempfile, "mkdtemp", _refuse)
    assert store.import_file(town) == info
    assert store.open_map(str(town)).info == info
    with pytest.raises(NotStored, match="Read-only file system"):
        store.import_file(town, name="another name")


def test_a_folder_and_a_file_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(MapNotFound, match="is a folder"):
        store.import_file(tmp_path)
    with pytest.raises(BadMap, match=r"/proc/self/mem cannot be read: Input/output error"):
        store.import_file("/proc/self/mem")


def test_one_byte_more_is_another_version(town: Path) -> None:
    first = store.import_file(town)
    town.write_bytes(town.read_bytes() + b"\n")
    second = store.import_file(town)
    assert second.version != first.version
    assert store.open_map("town").info.version == second.version


def test_damaged_part_says_what_to_do(town: Path, home: Path) -> None:
    info = store.import_file(town)
    (home / "maps" / info.version / "hierarchy.npz").write_bytes(b"")
    with pytest.raises(BadMap, match=r"hierarchy\.npz cannot be read.*import town\.osm again"):
        store.open_map("town").travel()


def test_matrices_are_kept_under_home(town: Path, home: Path) -> None:
    store.import_file(town)
    points = np.array([at(0, 0), at(300, 0)])
    store.open_map("town").travel().matrix(points, profile="car", hour=0)
    assert len(list((home / "matrices").glob("*.npz"))) == 1


def test_settings_choose_what_answers(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    road_map = store.open_map(str(town))
    closed = Conditions(closures=(Closure(ways=frozenset({1})),))
    assert isinstance(store.travel_from_settings(road_map, closed), RoadTravel)
    monkeypatch.setenv("MILKRUN_OSRM_URL", "http://127.0.0.1:5000")
    assert isinstance(store.travel_from_settings(road_map), OsrmTravel)
    assert isinstance(store.travel_from_settings(road_map, Conditions()), OsrmTravel)
    with pytest.raises(MapError, match="osrm_conditions"):
        store.travel_from_settings(road_map, closed)


def test_home_is_where_the_setting_says_or_among_the_users_data(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.home() == home
    monkeypatch.delenv("MILKRUN_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert store.home() == Path("/data/milkrun")


def _town(path: Path, *, street: str) -> Path:
    text = OsmText()
    corners = [text.node(*spot) for spot in ((0, 0), (300, 0), (300, 200), (0, 200))]
    for index in range(4):
        ends = (corners[index], corners[(index + 1) % 4])
        name = street if index == 0 else f"Street {index}"
        text.way_of(ends, {"highway": "residential", "name": name})
    return text.write(path)


def _content(folder: Path) -> dict[str, tuple[int, float]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime)
        for path in folder.rglob("*")
        if path.is_file()
    }


def _refuse(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def _until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
