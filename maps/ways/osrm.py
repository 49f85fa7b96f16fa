"""
`Travel` over an OSRM server of the user's own: the way to country-sized maps.

An OSRM server knows one profile, fixed when its data was extracted, and no hours: the hour is
not sent, and the profile's name goes into the path of the address, where OSRM itself ignores it
but a proxy may choose a server by it. Zones and closures must be in the server's data.

The interface is that of the services table, route and nearest in OSRM's "HTTP API" document, v1.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maps.errors import MapError, NoNetwork
from maps.travel import NO_WAY, IntMatrix, Leg, Matrix, Points
from maps.ways.far_points import refuse_far_points

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_REFUSED = {"NoRoute", "NoTable", "NoSegment"}
"""Codes that are answers, not errors: there is no such way, or no road near a point."""


class OsrmTravel:
    """
    Times, distances and ways from one OSRM server.

    Parameters
    ----------
    url
        Such as ``http://127.0.0.1:5000``.
    table_limit
        What the server was started with as ``--max-table-size`` (100 unless told otherwise);
        larger matrices are asked for in blocks of this size.
    timeout_s
        For one answer.
    requests_at_once
        As many threads of the server as may be kept busy.

    Raises
    ------
    MapError
        ``bad_osrm_url``.
    """

    def __init__(
        self,
        url: str,
        *,
        table_limit: int = 100,
        timeout_s: float = 60.0,
        requests_at_once: int = 2,
    ) -> None:
        self.server = _Server(url, timeout_s)
        self._table_limit = table_limit
        self._requests_at_once = requests_at_once

    @property
    def version(self) -> str:
        """The address: a server does not say when its data changed."""
        return f"osrm {self.server.url}"

    def matrix(self, points: Points, *, profile: str, hour: int) -> Matrix:
        """
        Return durations and distances between all pairs of points; the hour is ignored.

        Raises
        ------
        OffRoad
            Points farther than `MAX_SNAP_M` from the server's roads; names all of them.
        NoNetwork
            The server cannot be reached.
        MapError
            ``osrm_limit``: a block is larger than the server allows; ``osrm_refused``: it says
            something else.
        """
        points = np.asarray(points, np.float64).reshape(-1, 2)
        _refuse_non_numbers(points)
        durations = np.zeros((len(points), len(points)), np.int32)
        distances, snapped_m = durations.copy(), np.zeros(len(points), np.float32)

        def ask(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
            answer = self._table(points, rows, columns, profile=profile)
            block = np.ix_(rows, columns)
            durations[block] = _rounded(answer["durations"])
            distances[block] = _rounded(answer["distances"])
            snapped_m[rows] = [place["distance"] for place in answer["sources"]]

        parts = _parts(len(points), self._table_limit)
        self._each(ask, [(rows, columns) for rows in parts for columns in parts])
        refuse_far_points(snapped_m)
        np.fill_diagonal(durations, 0)
        np.fill_diagonal(distances, 0)
        return Matrix(durations, distances, snapped_m)

    def legs(
        self, origins: Points, destinations: Points, *, profile: str, hour: int
    ) -> Sequence[Leg | None]:
        """
        Return the fastest way for each pair, one request each; None: no way.

        Raises as `matrix` does; an index in `OffRoad` is that of the pair.
        """
        ends = np.stack((origins, destinations), axis=1).astype(np.float64)
        _refuse_non_numbers(ends.reshape(len(ends), 4))
        answers: list[Any] = [{}] * len(ends)
        snapped_m = np.zeros(len(ends), np.float32)

        def ask(pair: int) -> None:
            path = f"route/v1/{_quoted(profile)}/{_joined(ends[pair])}"
            answer = self.server.get(path, overview="full", geometries="geojson")
            if answer["code"] == "NoSegment":
                snapped_m[pair] = self._snap(ends[pair], profile=profile).max()
            for place in answer.get("waypoints", ()):
                snapped_m[pair] = max(snapped_m[pair], place["distance"])
            answers[pair] = answer

        self._each(ask, [(pair,) for pair in range(len(ends))])
        refuse_far_points(snapped_m)
        return [_leg(answer) for answer in answers]

    def _table(
        self, points: Points, rows: NDArray[np.int64], columns: NDArray[np.int64], *, profile: str
    ) -> Any:
        some = np.unique(np.concatenate((rows, columns)))
        answer = self.server.get(
            f"table/v1/{_quoted(profile)}/{_joined(points[some])}",
            annotations="duration,distance",
            sources=";".join(map(str, np.searchsorted(some, rows))),
            destinations=";".join(map(str, np.searchsorted(some, columns))),
        )
        if answer["code"] == "NoSegment":
            refuse_far_points(self._snap(points, profile=profile))
        if "durations" not in answer or "distances" not in answer:
            raise _unfit(answer, "no table of durations and distances in the answer")
        return answer

    def _snap(self, points: Points, *, profile: str) -> NDArray[np.float32]:
        """Return metres to the nearest road, infinite where the server finds none."""
        metres = np.full(len(points), np.inf, np.float32)
        for index in range(len(points)):
            path = f"nearest/v1/{_quoted(profile)}/{_joined(points[index : index + 1])}"
            for place in self.server.get(path).get("waypoints", ()):
                metres[index] = place["distance"]
        return metres

    def _each(self, ask: Callable[..., None], questions: Sequence[tuple[Any, ...]]) -> None:
        with ThreadPoolExecutor(self._requests_at_once) as pool:
            # Consumed, so that an error in a thread is raised here.
            list(pool.map(lambda question: ask(*question), questions))


class _Server:
    """Asks one server, and turns what can go wrong into words."""

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise MapError(
                "bad_osrm_url",
                cause=f"{url!r} is no address of an OSRM server",
                action="write it like http://127.0.0.1:5000",
            )
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        # A proxy could not reach this machine's own loopback address.
        direct = (urllib.request.ProxyHandler({}),) if parts.hostname in _LOOPBACK else ()
        self._opener = urllib.request.build_opener(*direct)

    def get(self, path: str, **options: str) -> Any:
        """Return the answer, decoded; its ``code`` is Ok or one of those that say "none"."""
        url = f"{self.url}/{path}?{urllib.parse.urlencode(options, safe=';,')}".rstrip("?")
        try:
            with self._opener.open(url, timeout=self._timeout_s) as response:
                body = response.read()
        except urllib.error.HTTPError as error:
            body = error.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoNetwork(
                "no_network",
                cause=f"no OSRM server answers at {self.url}: {error}",
                action="start it, or correct MILKRUN_OSRM_URL",
            ) from error
        return self._checked(body)

    def _checked(self, body: bytes) -> Any:
        try:
            answer = json.loads(body)
        except ValueError:
            answer = {"message": body[:100].decode("utf-8", "replace")}
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == "TooBig":
            raise MapError(
                "osrm_limit",
                cause=f"{self.url} allows no table of this size",
                action="start it with a larger --max-table-size, or lower the table limit here",
            )
        if code != "Ok" and code not in _REFUSED:
            raise _unfit(answer, f"{self.url} answered {code}")
        return answer


def _unfit(answer: Any, cause: str) -> MapError:
    said = answer.get("message", "") if isinstance(answer, dict) else answer
    return MapError(
        "osrm_refused",
        cause=f"{cause}: {said}",
        action="check that the address is that of an OSRM server, version 5.18 or later",
    )


def _leg(answer: Any) -> Leg | None:
    if answer["code"] != "Ok":
        return None
    route = answer["routes"][0]
    line = np.array(route["geometry"]["coordinates"], np.float64).reshape(-1, 2)
    return Leg(round(route["duration"]), round(route["distance"]), line)


def _rounded(rows: list[list[float | None]]) -> IntMatrix:
    values = np.array(rows, np.float64)  # None becomes NaN
    return np.where(np.isnan(values), NO_WAY, np.rint(values)).astype(np.int32)


def _refuse_non_numbers(points: Points) -> None:
    refuse_far_points(np.where(np.isfinite(points).all(axis=-1), 0, np.inf))


def _parts(count: int, size: int) -> list[NDArray[np.int64]]:
    return [np.arange(begin, min(begin + size, count)) for begin in range(0, count, size)]


def _joined(points: Points) -> str:
    return ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in points)


def _quoted(profile: str) -> str:
    return urllib.parse.quote(profile, safe="")
