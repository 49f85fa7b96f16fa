"""Addresses to places and back, from the map's own file: no third party is asked."""

from __future__ import annotations

import math
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from maps.addresses import geocode_reverse, geocode_text
from maps.addresses.geocode_answer import (
    PLACE_ONLY,
    POINT_OF_INTEREST,
    STREET_ONLY,
    Candidate,
    Kind,
    label,
    roughly,
)
from maps.addresses.geocode_match import Match, Query, match
from maps.addresses.geocode_number import KnownHouse, locate
from maps.addresses.geocode_plane import distance_m
from maps.addresses.geocode_schema import PLACE, POI, SCHEMA, STREET, UNREAD
from maps.addresses.geocode_text import HouseNumber
from maps.errors import MapError

__all__ = ["Candidate", "Geocoder", "Kind", "build"]

_KINDS: dict[int, tuple[Kind, float]] = {
    STREET: ("street", STREET_ONLY),
    PLACE: ("place", PLACE_ONLY),
    POI: ("poi", POINT_OF_INTEREST),
}
# A street of the right name whose numbers do not tell where the one asked for lies.
_NUMBER_MISSING = 0.5
# A place or point of that name, though a house number was asked for.
_NUMBER_LOST = 0.8

_MAX_NAMES = 300
_MAX_TRIGRAMS = 64
_MAX_STREETS = 20

# Several answers alike, farther apart than this: which one is meant is a guess.
_APART_M = 300.0
_ALIKE = 0.02
_MAX_RIVALS = 50
_HUMBLE = 0.97
_DOUBT = 0.75
# What a distance of this and more from ``near`` costs in rank, though not in quality.
_NEAR_M = 10_000.0
_NEAR_COST = 0.15


@dataclass(frozen=True, slots=True)
class _Entry:
    id: int
    kind: int
    name: str
    address: str
    area: str
    area_folded: str
    lon: float
    lat: float


def build(
    osm_path: Path, database_path: Path, *, on_progress: Callable[[float], None] | None = None
) -> None:
    """Write the index of a file: see `maps.addresses.geocode_index.build`."""
    # Who only asks need not wait for the libraries that read maps.
    from maps.addresses import geocode_index

    geocode_index.build(osm_path, database_path, on_progress=on_progress)


class Geocoder:
    """
    Answers from an index that `build` wrote; read-only; several threads may use it at once.

    Parameters
    ----------
    database_path
        The index.

    Raises
    ------
    MapError
        ``no_address_index``: the file is not there, no index, or of another version.
    """

    def __init__(self, database_path: Path) -> None:
        self._path = database_path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        # Whoever forgets to close leaves it to the garbage collector.
        self._closer = weakref.finalize(self, _close, self._connections)
        try:
            (version,) = self._rows("pragma user_version")[0]
        except sqlite3.Error as error:
            self.close()
            raise _no_index(database_path, str(error)) from error
        if version != SCHEMA:
            self.close()
            raise _no_index(database_path, f"version {version}, where {SCHEMA} is read")

    def __enter__(self) -> Geocoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads; call it when none searches any more."""
        self._closer()

    def search(
        self, text: str, *, near: tuple[float, float] | None = None, limit: int = 5
    ) -> list[Candidate]:
        """
        Return places that an address or a name may mean, best first.

        Parameters
        ----------
        text
            An address or name as people write it, Chinese or Latin: ``上海市黄浦区南京东路123号``,
            ``12 Rue Grimaldi``, ``Rua do Almada 30, Porto``, ``Zhongshan North Rd 12``. Any
            characters are allowed; of long texts the first 200 count. Empty: no candidate.
        near
            Lon, lat; of several places alike the nearer comes first.
        limit
            At most so many.

        Notes
        -----
        Names that share three letters in a row with the query are ranked by BM25 (SQLite FTS5);
        the first 300 are then compared word by word, and house numbers looked up or estimated
        between their neighbours on the same street.
        """
        query = Query.of(text)
        if not query.words or limit < 1:
            return []
        ranked = []
        for likeness, candidate in _humbled(list(self._candidates(self._matches(query)))):
            distance = None if near is None else distance_m(*near, candidate.lon, candidate.lat)
            placed = replace(candidate, distance_m=distance)
            ranked.append((_rank(likeness, placed), likeness, placed))
        ranked.sort(key=lambda item: -item[0])
        kept = _distinct((likeness, candidate) for _, likeness, candidate in ranked)
        answers = kept[:limit]
        return [
            candidate if near else _doubted(candidate, likeness, kept[:_MAX_RIVALS])
            for likeness, candidate in answers
        ]

    def reverse(self, lon: float, lat: float, *, limit: int = 1) -> list[Candidate]:
        """
        Return the nearest house numbers and streets, best first, with their distance.

        A house counts as 40 m nearer than it is, since an address with a number says more than a
        street. Far from both, the nearest place; beyond 20 km nothing. ``quality`` falls with
        the distance: 1 at a house, 0.6 on a street, half of that 100 m away.
        """
        if not (math.isfinite(lon) and math.isfinite(lat)) or limit < 1:
            return []
        return geocode_reverse.nearest(self._connection(), lon, lat, limit=limit)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            address = f"{self._path.resolve().as_uri()}?mode=ro"
            # Used by this thread alone, but closed by whichever calls `close`.
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        return self._connection().execute(sql, values).fetchall()

    def _names(self, query: Query) -> Iterable[tuple[int, str]]:
        """Return folded names, with their entries, that may answer the query."""
        text = query.text
        wanted = list(dict.fromkeys(geocode_text.trigrams(text)))[:_MAX_TRIGRAMS]
        found = self._rows(
            "select name.entry, name.folded from name_text join name on name.id = name_text.rowid"
            " where name_text match ? order by rank limit ?",
            # Folded text holds letters, digits and strokes alone: nothing to escape.
            (" OR ".join(f'"{part}"' for part in wanted) or '""', _MAX_NAMES),
        )
        # Names of one or two characters (外滩, A 1) have no three letters in a row.
        short = list({text, *(text[i : i + size] for i in range(len(text)) for size in (1, 2))})
        found += self._rows(
            f"select entry, folded from name where folded in ({_marks(short)}) limit {_MAX_NAMES}",
            short,
        )
        if len(text) < 3 or (not found and geocode_text.has_cjk(text)):
            found += self._rows(
                f"select entry, folded from name where folded like ? limit {_MAX_NAMES}",
                (f"%{text[:2]}%",),
            )
        return found

    def _matches(self, query: Query) -> list[tuple[Match, _Entry]]:
        """Return the entries whose name is like the query, each with its best name."""
        names: dict[int, set[str]] = {}
        for entry_id, folded in self._names(query):
            names.setdefault(entry_id, set()).add(folded)
        rows = self._rows(
            "select entry.id, kind, name, address, shown, folded, lon, lat"
            " from entry join area on area.id = entry.area"
            f" where entry.id in ({_marks(list(names))})",
            list(names),
        )
        found = []
        for entry in (_Entry(*row) for row in rows):
            tried = [match(name, query, area=entry.area_folded) for name in names[entry.id]]
            best = max(filter(None, tried), key=lambda item: item.likeness, default=None)
            if best is not None:
                found.append((best, entry))
        return found

    def _candidates(
        self, matches: Iterable[tuple[Match, _Entry]]
    ) -> Iterable[tuple[float, Candidate]]:
        """Yield each match's likeness and candidate; house numbers for the best streets."""
        num_streets = 0
        for found, entry in sorted(matches, key=lambda item: -item[0].likeness):
            likeness = found.likeness
            if entry.kind == STREET and found.number is not None and num_streets < _MAX_STREETS:
                num_streets += 1
                yield likeness, self._at_number(entry, found.number, likeness)
                continue
            kind, precision = _KINDS[entry.kind]
            likeness *= 1.0 if found.number is None else _NUMBER_LOST
            text = label(entry.name, entry.area, address=entry.address)
            yield likeness, Candidate(entry.lon, entry.lat, text, kind, likeness * precision)

    def _at_number(self, street: _Entry, wanted: HouseNumber, likeness: float) -> Candidate:
        rows = self._rows(
            "select number, lane, base, high, suffix, lon, lat from house"
            " where street = ? and base <> ?",
            (street.id, UNREAD),
        )
        houses = [KnownHouse(row[0], HouseNumber(*row[1:5]), *row[5:]) for row in rows]
        at = locate(wanted, houses)
        if at is None:
            text = label(street.name, street.area)
            quality = likeness * _NUMBER_MISSING
            return Candidate(street.lon, street.lat, text, "street", quality)
        text = label(street.name, street.area, number=at.number or _written(wanted))
        shown = text if at.number else roughly(text)
        return Candidate(at.lon, at.lat, shown, "house", likeness * at.precision)


def _humbled(found: Sequence[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """
    Cap points that bear the name of a street or district.

    Who writes 江苏路 or Monte-Carlo may mean the metro station, but hardly the bus stop.
    """
    plain = [(likeness, other.quality) for likeness, other in found if other.kind != "poi"]
    humbled = []
    for likeness, candidate in found:
        rivals = [quality for rival, quality in plain if rival > likeness - _ALIKE]
        if candidate.kind == "poi" and rivals:
            humble = min(candidate.quality, _HUMBLE * max(rivals))
            humbled.append((likeness, replace(candidate, quality=humble)))
        else:
            humbled.append((likeness, candidate))
    return humbled


def _close(connections: list[sqlite3.Connection]) -> None:
    for connection in connections:
        connection.close()


def _rank(likeness: float, candidate: Candidate) -> float:
    """Return what decides the order: above all the name, then how exact, then how near."""
    precision = candidate.quality / likeness if likeness else 0.0
    far = 0.0 if candidate.distance_m is None else min(1.0, candidate.distance_m / _NEAR_M)
    return likeness * (0.8 + 0.2 * precision) - _NEAR_COST * far


def _distinct(ranked: Iterable[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """Drop what says the same as a better candidate close by."""
    kept: list[tuple[float, Candidate]] = []
    by_label: dict[str, list[Candidate]] = {}
    for likeness, candidate in ranked:
        twins = by_label.setdefault(candidate.label, [])
        if all(_apart(candidate, twin) > _APART_M for twin in twins):
            twins.append(candidate)
            kept.append((likeness, candidate))
    return kept


def _doubted(
    candidate: Candidate, likeness: float, ranked: Iterable[tuple[float, Candidate]]
) -> Candidate:
    """Lower the quality of an answer when others, elsewhere, match as well."""
    in_doubt = any(
        other.kind == candidate.kind
        and other_likeness > likeness - _ALIKE
        and other.quality > candidate.quality - _ALIKE
        and _apart(candidate, other) > _APART_M
        for other_likeness, other in ranked
    )
    return replace(candidate, quality=candidate.quality * _DOUBT) if in_doubt else candidate


def _apart(one: Candidate, other: Candidate) -> float:
    return distance_m(one.lon, one.lat, other.lon, other.lat)


def _written(number: HouseNumber) -> str:
    lane = f"{number.lane}弄" if number.lane else ""
    high = f"-{number.high}" if number.high > number.base else ""
    base = str(number.base) if number.base else ""
    return f"{lane}{base}{high}{number.suffix}"


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _no_index(path: Path, cause: str) -> MapError:
    return MapError(
        "no_address_index",
        cause=f"{path} is no address index that can be read: {cause}",
        action=f"delete {path.parent} and import the map again",
    )
