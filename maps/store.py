"""
Imported maps on disk: import, list, open.

A map lives in ``<home>/maps/<version>``, where the version follows from the file's content and
from the form in which Milkrun keeps it; names are small files that hold a version. Everything
appears by one rename, so that what is there is whole, whoever was killed or came second.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from maps.errors import BadMap, MapError, MapNotFound, NotStored
from maps.road_map import ATTRIBUTION, MapInfo, RoadMap
from maps.roads.zones import FREE, Conditions
from maps.travel import Travel

__all__ = ["ATTRIBUTION", "MapInfo", "RoadMap", "home", "import_file", "list_maps", "open_map"]

FORMAT = 1
"""Raised whenever the import of the same file would be kept otherwise."""

_ABANDONED_S = 24 * 3600.0
_MIN_PREFIX = 4
_INFO = "info.json"


def home() -> Path:
    """Return where maps are kept: ``MILKRUN_HOME``, or the user's folder for such data."""
    told = os.environ.get("MILKRUN_HOME")
    return Path(told) if told else platformdirs.user_data_path("milkrun", appauthor=False)


def import_file(
    path: Path | str,
    *,
    name: str | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> MapInfo:
    """
    Import an OpenStreetMap file, unless that was done before; either way it gets the name.

    Parameters
    ----------
    name
        The file's name without suffixes unless given. A name that another map had passes on to
        this one; the other stays, under its version.
    on_progress
        Told the share of the work that is done, 0 … 1.

    Raises
    ------
    MapNotFound
        There is no such file.
    BadMap
        The file cannot be read, or holds no usable road.
    NotStored
        There is no room for maps, or no right to write there.
    """
    path = Path(path)
    if not path.is_file():
        raise MapNotFound(
            "map_not_found",
            cause=f"{path} is a folder" if path.is_dir() else f"there is no file {path}",
            action="check the path; files end in .osm.pbf, .osm, .osm.gz or .osm.bz2",
        )
    version = _version(path)
    name = name or path.name.split(".")[0] or version
    with _stored():
        info = _read_info(version) or _import(path, version, on_progress)
        if _names().get(name) != version:
            _give_name(name, version)
    if on_progress:
        on_progress(1.0)
    return replace(info, name=name)


def list_maps() -> list[MapInfo]:
    """Return the imported maps by name; one with two names twice, one without under its version."""
    version_by_name = _names()
    named = set(version_by_name.values())
    for folder in _maps().glob("*"):
        if folder.name not in named and not folder.name.startswith("."):
            version_by_name[folder.name] = folder.name
    found = [(name, _read_info(version)) for name, version in version_by_name.items()]
    return sorted(
        (replace(info, name=name) for name, info in found if info), key=lambda info: info.name
    )


def open_map(ref: str, *, on_progress: Callable[[float], None] | None = None) -> RoadMap:
    """
    Open a map by name, by the start of its version, or by the path of a file.

    A file that was not imported yet is imported first.

    Raises
    ------
    MapNotFound
        Neither an imported map nor a file; names those that there are.
    BadMap
        A file that cannot be imported.
    """
    maps = list_maps()
    by_name = [info for info in maps if info.name == ref]
    if by_name:
        return _opened(by_name[0])
    if Path(ref).is_file():
        return _opened(import_file(ref, on_progress=on_progress))
    by_version = {
        info.version: info
        for info in maps
        if len(ref) >= _MIN_PREFIX and info.version.startswith(ref)
    }
    if len(by_version) == 1:
        return _opened(next(iter(by_version.values())))
    raise _not_found(ref, [info.name for info in maps])


def travel_from_settings(road_map: RoadMap, conditions: Conditions | None = None) -> Travel:
    """
    Return the `Travel` that the settings ask for: ``MILKRUN_OSRM_URL``, or the map's own.

    Raises
    ------
    MapError
        ``osrm_conditions``: zones, closures or speeds are wanted, which a server cannot take in.
    """
    url = os.environ.get("MILKRUN_OSRM_URL")
    if not url:
        return road_map.travel(conditions)
    if conditions and conditions.digest() not in {FREE.digest(), Conditions().digest()}:
        raise MapError(
            "osrm_conditions",
            cause="an OSRM server knows no zones, closures or speeds of yours",
            action="unset MILKRUN_OSRM_URL, or plan without them",
        )
    from maps.ways.osrm import OsrmTravel

    return OsrmTravel(url)


def _import(path: Path, version: str, on_progress: Callable[[float], None] | None) -> MapInfo:
    from maps import import_parts

    _maps().mkdir(parents=True, exist_ok=True)
    _drop_abandoned()
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=_maps()))
    try:
        roads = import_parts.make(path.resolve(), draft, on_progress=on_progress)
        west, south = roads.junction_lonlat.min(axis=0).tolist()
        east, north = roads.junction_lonlat.max(axis=0).tolist()
        info = MapInfo(
            name=version,
            version=version,
            source=path.name,
            source_bytes=path.stat().st_size,
            bbox=(west, south, east, north),
            num_junctions=len(roads.junction_lonlat),
            num_edges=roads.edge_way.size,
            num_arcs=roads.arc_tail.size,
            num_turn_states=roads.node_junction.size - len(roads.junction_lonlat),
            imported_at=datetime.now(UTC).isoformat(timespec="seconds"),
            oddities=dict(roads.oddities),
        )
        (draft / _INFO).write_text(json.dumps(asdict(info), ensure_ascii=False), "utf-8")
        _settle(draft, _maps() / version)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return info


@contextlib.contextmanager
def _stored() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotStored(home(), error) from error


def _settle(draft: Path, folder: Path) -> None:
    """Put the draft in place, unless another process was faster: what it made is the same."""
    draft.chmod(0o755)
    try:
        draft.rename(folder)
    except OSError:
        if _read_info(folder.name):
            return
        # A folder without its last file: the machine went down while the disk was behind.
        folder.rename(draft.with_name(f"{draft.name}-broken"))
        draft.rename(folder)


def _drop_abandoned() -> None:
    """Delete what imports left that were killed long ago."""
    for draft in _maps().glob(".draft-*"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(draft, ignore_errors=True)


def _version(path: Path) -> str:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadMap(
            "bad_map",
            cause=f"{path} cannot be read: {error.strerror}",
            action="check the rights of the file and its disk, or fetch it again",
        ) from error
    return f"{digest[:16]}-{FORMAT}"


def _read_info(version: str) -> MapInfo | None:
    """Return what is known of a map; None where there is none, or where it is damaged."""
    try:
        held = json.loads((_maps() / version / _INFO).read_text("utf-8"))
        return MapInfo(**{**held, "bbox": tuple(held["bbox"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _opened(info: MapInfo) -> RoadMap:
    return RoadMap(_maps() / info.version, info, cache_dir=home() / "matrices")


def _maps() -> Path:
    return home() / "maps"


def _names() -> dict[str, str]:
    """Return the version behind each name; a damaged name counts as none."""
    version_by_name = {}
    for path in (home() / "names").glob("*.json"):
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            held = json.loads(path.read_text("utf-8"))
            version_by_name[str(held["name"])] = str(held["version"])
    return version_by_name


def _give_name(name: str, version: str) -> None:
    folder = home() / "names"
    folder.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(suffix=".draft", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"name": name, "version": version}, file, ensure_ascii=False)
    # A name may hold any character, and be longer than a file's name.
    os.replace(draft, folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json")


def _not_found(ref: str, names: list[str]) -> MapNotFound:
    known = f"imported maps: {', '.join(names)}" if names else "no map is imported yet"
    return MapNotFound(
        "map_not_found",
        cause=f"{ref!r} is neither an imported map nor a file; {known}",
        action="run `milkrun map import FILE`, or name one of these",
    )
