"""From a position to the house numbers, streets and places nearest to it."""

from __future__ import annotations

import heapq
import sqlite3

import numpy as np

from maps.addresses.geocode_answer import EXACT, PLACE_ONLY, STREET_ONLY, Candidate, label
from maps.addresses.geocode_plane import METRES_PER_DEGREE, distance_m, metric
from maps.addresses.geocode_schema import DEGREE, PLACE

MAX_REVERSE_M = 20_000.0
"""Nothing farther than this from a position is its address."""

_FIRST_RADIUS_M = 200.0
# A house this much farther away than the nearest street is still the better address.
_HOUSE_BONUS_M = 40.0
_HALVED_AT_M = 100.0
# The boxes are kept in single precision, rounded outwards by up to some 2 m.
_BOX = "west <= ? and east >= ? and south <= ? and north >= ?"


def nearest(
    connection: sqlite3.Connection, lon: float, lat: float, *, limit: int
) -> list[Candidate]:
    """Return house numbers and streets by distance; where there are none, places."""
    radius_m = _FIRST_RADIUS_M
    while True:
        found = [
            *_houses(connection, lon, lat, radius_m),
            *_streets(connection, lon, lat, radius_m),
        ]
        if len(found) >= limit or radius_m >= MAX_REVERSE_M:
            break
        radius_m = min(MAX_REVERSE_M, radius_m * 4)
    return heapq.nsmallest(limit, found or _places(connection, lon, lat), key=_felt_distance)


def _houses(
    connection: sqlite3.Connection, lon: float, lat: float, radius_m: float
) -> list[Candidate]:
    rows = connection.execute(
        "select house.lon, house.lat, house.number, entry.name, area.shown"
        " from house_box join house on house.id = house_box.id"
        " join entry on entry.id = house.street join area on area.id = entry.area"
        f" where {_BOX}",
        _box(lon, lat, radius_m),
    )
    found = []
    for at_lon, at_lat, number, street, area in rows:
        distance = distance_m(lon, lat, at_lon, at_lat)
        if distance <= radius_m:
            text = label(street, area, number=number)
            quality = EXACT * _nearness(distance)
            found.append(Candidate(at_lon, at_lat, text, "house", quality, distance))
    return found


def _streets(
    connection: sqlite3.Connection, lon: float, lat: float, radius_m: float
) -> list[Candidate]:
    rows = connection.execute(
        "select piece.street, piece.line, entry.name, area.shown"
        " from piece_box join piece on piece.id = piece_box.id"
        " join entry on entry.id = piece.street join area on area.id = entry.area"
        f" where {_BOX}",
        _box(lon, lat, radius_m),
    )
    best: dict[int, tuple[float, Candidate]] = {}
    for street, line, name, area in rows:
        distance, at_lon, at_lat = _nearest_on(line, lon, lat)
        if distance > radius_m or (street in best and distance >= best[street][0]):
            continue
        quality = STREET_ONLY * _nearness(distance)
        answer = Candidate(at_lon, at_lat, label(name, area), "street", quality, distance)
        best[street] = distance, answer
    return [answer for _, answer in best.values()]


def _places(connection: sqlite3.Connection, lon: float, lat: float) -> list[Candidate]:
    rows = connection.execute(
        "select entry.lon, entry.lat, entry.name, area.shown from entry"
        " join area on area.id = entry.area where kind = ?",
        (PLACE,),
    )
    found = []
    for at_lon, at_lat, name, area in rows:
        distance = distance_m(lon, lat, at_lon, at_lat)
        if distance <= MAX_REVERSE_M:
            quality = PLACE_ONLY * _nearness(distance)
            found.append(Candidate(at_lon, at_lat, label(name, area), "place", quality, distance))
    return found


def _nearest_on(line: bytes, lon: float, lat: float) -> tuple[float, float, float]:
    """Return the distance to a line in metres, and the point on it that is nearest."""
    points = np.frombuffer(line, dtype="<i4").reshape(-1, 2) * DEGREE
    plane = metric(points - [lon, lat], lat)
    start, step = plane[:-1], np.diff(plane, axis=0)
    if len(step) == 0:
        start, step = plane, np.zeros_like(plane)
    length = np.maximum((step**2).sum(axis=1), 1e-12)
    share = np.clip(-(start * step).sum(axis=1) / length, 0.0, 1.0)
    foot = start + share[:, None] * step
    distance = np.hypot(foot[:, 0], foot[:, 1])
    best = int(distance.argmin())
    east, north = foot[best].tolist()
    at_lon = lon + east / (METRES_PER_DEGREE * np.cos(np.radians(lat)))
    return float(distance[best]), float(at_lon), lat + north / METRES_PER_DEGREE


def _box(lon: float, lat: float, radius_m: float) -> tuple[float, float, float, float]:
    high = radius_m / METRES_PER_DEGREE
    wide = high / max(0.01, float(np.cos(np.radians(lat))))
    return lon + wide, lon - wide, lat + high, lat - high


def _nearness(distance: float) -> float:
    return 1.0 / (1.0 + distance / _HALVED_AT_M)


def _felt_distance(answer: Candidate) -> float:
    distance = answer.distance_m or 0.0
    return distance - (_HOUSE_BONUS_M if answer.kind == "house" else 0.0)
