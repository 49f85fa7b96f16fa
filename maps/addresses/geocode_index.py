"""The address index: one SQLite file made from an OpenStreetMap file; `geocode` asks it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from maps.addresses import geocode_streets, geocode_text
from maps.addresses.geocode_around import around
from maps.addresses.geocode_read import Found, House, Name, Poi, Position, read
from maps.addresses.geocode_schema import DEGREE, FINISH, PLACE, POI, SCHEMA, STREET, TABLES, UNREAD
from maps.addresses.geocode_streets import Street
from maps.travel import Points

# Points of one name within a cell of some 200 m are one: a shop as node and as building, a bus
# stop on either side of the street.
_SAME_POI_DEG = 0.002


def build(
    osm_path: Path, database_path: Path, *, on_progress: Callable[[float], None] | None = None
) -> None:
    """
    Write the address index of an OpenStreetMap file.

    Parameters
    ----------
    osm_path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    database_path
        Written under another name first, then put in place: never half an index.
    on_progress
        Called with the share that is done, 0 … 1, rising.

    Raises
    ------
    BadMap
        The file cannot be read as OpenStreetMap data.
    """
    report = on_progress or _silent
    report(0.0)
    found = read(osm_path, on_stage=lambda stage: report({"w": 0.15, "r": 0.5}[stage]))
    report(0.55)
    streets = geocode_streets.group(found)
    report(0.7)
    database_path.parent.mkdir(parents=True, exist_ok=True)
    draft = database_path.with_name(f"{database_path.name}.{os.getpid()}.part")
    draft.unlink(missing_ok=True)
    try:
        _write(draft, found, streets)
        report(0.95)
        draft.replace(database_path)
    finally:
        draft.unlink(missing_ok=True)
    report(1.0)


def _silent(_: float) -> None:
    return


def _write(path: Path, found: Found, streets: Sequence[Street]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # A crash leaves a draft that nobody opens; so nothing needs to reach the disk in between.
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.executescript(TABLES)
        connection.execute("begin")
        _Writer(connection, found).write(streets)
        connection.execute("commit")
        connection.executescript(FINISH)
        connection.execute(f"pragma user_version = {SCHEMA}")
    finally:
        connection.close()


class _Writer:
    """Puts rows into the tables; counts their ids itself, so that all go in by executemany."""

    def __init__(self, connection: sqlite3.Connection, found: Found) -> None:
        self._connection = connection
        self._found = found
        self._area_ids: dict[tuple[str, str], int] = {}
        self._entries: list[tuple[int, int, str, str, int, float, float]] = []
        self._names: list[tuple[int, str]] = []

    def write(self, streets: Sequence[Street]) -> None:
        """Write every table."""
        places = self._places()
        pois = self._pois()
        positions = [street.position for street in streets]
        points = [*positions, *(at for _, at in places), *(poi.position for poi in pois)]
        areas = iter(
            around(
                np.array(points, dtype=np.float64).reshape(-1, 2),
                self._found.places,
                self._found.districts,
            )
        )
        for street, at in zip(streets, positions, strict=True):
            self._entry(STREET, street.name, at, _with_towns(next(areas), street.towns))
        for name, at in places:
            self._entry(PLACE, name, at, next(areas))
        for poi in pois:
            address = _address(poi.street, poi.number)
            self._entry(POI, poi.name, poi.position, next(areas), address=address)
        self._flush()
        self._write_houses(streets)
        self._write_pieces(streets)

    def _places(self) -> list[tuple[Name, Position]]:
        """Return the places, and those districts that no place stands for."""
        places = [(place.name, place.position) for place in self._found.places]
        known = {geocode_text.fold(name.shown) for name, _ in places}
        return places + [
            (district.name, district.position)
            for district in self._found.districts
            if geocode_text.fold(district.name.shown) not in known
        ]

    def _pois(self) -> list[Poi]:
        kept: dict[tuple[str, int, int], Poi] = {}
        for poi in self._found.pois:
            lon, lat = poi.position
            cell = round(lon / _SAME_POI_DEG), round(lat / _SAME_POI_DEG)
            key = (geocode_text.fold(poi.name.shown), *cell)
            if key not in kept or (poi.street and not kept[key].street):
                kept[key] = poi
        return list(kept.values())

    def _entry(
        self, kind: int, name: Name, at: Position, areas: Sequence[Name], *, address: str = ""
    ) -> None:
        entry = len(self._entries)
        self._entries.append((entry, kind, name.shown, address, self._area(areas), *at))
        folded = dict.fromkeys(map(geocode_text.fold, (name.shown, *name.others)))
        self._names.extend((entry, text) for text in folded if text)

    def _area(self, areas: Sequence[Name]) -> int:
        shown = "\n".join(area.shown for area in areas)
        every = (geocode_text.fold(text) for area in areas for text in (area.shown, *area.others))
        folded = "\n".join(dict.fromkeys(every))
        return self._area_ids.setdefault((shown, folded), len(self._area_ids))

    def _flush(self) -> None:
        insert = self._connection.executemany
        insert(
            "insert into area values (?, ?, ?)", ((i, *key) for key, i in self._area_ids.items())
        )
        insert("insert into entry values (?, ?, ?, ?, ?, ?, ?)", self._entries)
        insert("insert into name(entry, folded) values (?, ?)", self._names)

    def _write_houses(self, streets: Sequence[Street]) -> None:
        rows = [
            (street_id, *row)
            for street_id, street in enumerate(streets)
            for row in _house_rows(street.houses)
        ]
        boxes = ((i, lon, lon, lat, lat) for i, (*_, lon, lat) in enumerate(rows))
        self._connection.executemany(
            "insert into house values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((i, *row) for i, row in enumerate(rows)),
        )
        self._connection.executemany("insert into house_box values (?, ?, ?, ?, ?)", boxes)

    def _write_pieces(self, streets: Sequence[Street]) -> None:
        pieces = [(i, line) for i, street in enumerate(streets) for line in street.pieces]
        self._connection.executemany(
            "insert into piece values (?, ?, ?)",
            ((row, street, _packed(line)) for row, (street, line) in enumerate(pieces)),
        )
        self._connection.executemany(
            "insert into piece_box values (?, ?, ?, ?, ?)",
            ((row, *_box(line)) for row, (_, line) in enumerate(pieces)),
        )


def _house_rows(
    houses: Iterable[House],
) -> Iterable[tuple[str, str, int, int, str, float, float]]:
    """Return one row for each number of a street: the plainest of all that bear it."""
    rows: dict[tuple[str, int, int, str], tuple[str, str, int, int, str, float, float]] = {}
    for house in sorted(houses, key=lambda house: house.rank):
        for number in house.numbers:
            folded = geocode_text.fold(number)
            parts = geocode_text.house_number(folded)
            key = (
                (parts.lane, parts.base, parts.high, parts.suffix)
                if parts
                else ("", UNREAD, UNREAD, folded)
            )
            rows.setdefault(key, (number, *key, *house.position))
    return rows.values()


def _address(street: str, number: str) -> str:
    if not street:
        return ""
    return f"{street}{number}" if geocode_text.has_cjk(street) else f"{street} {number}"


def _with_towns(areas: Sequence[Name], towns: Sequence[str]) -> list[Name]:
    """Add what the houses say: shown where little else is known, and always understood."""
    known = {geocode_text.fold(text) for area in areas for text in (area.shown, *area.others)}
    fresh = [town for town in towns if geocode_text.fold(town) not in known]
    if fresh and len(areas) < 2:
        return [*areas, Name(fresh[0], tuple(fresh[1:]))]
    if not fresh:
        return list(areas)
    return [*areas[:-1], Name(areas[-1].shown, (*areas[-1].others, *fresh))]


def _packed(line: Points) -> bytes:
    return np.rint(line / DEGREE).astype("<i4").tobytes()


def _box(line: Points) -> tuple[float, float, float, float]:
    west, south = line.min(axis=0).tolist()
    east, north = line.max(axis=0).tolist()
    return west, east, south, north
