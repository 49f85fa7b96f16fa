"""A map by place name, from OpenStreetMap's own servers through OSMnx, where there is a network."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from maps.errors import MapError, NoNetwork

CONNECT_S = 5.0
"""How long a server may take to answer the call at all."""

READ_S = 180.0
"""How long a server may be silent while it works."""

_FROM_FILE = "download an extract of the region and use it: milkrun map import FILE"
_BUSY = (429, 504)

# Everything that the import reads: roads with their restrictions, what is drawn below a plan,
# addresses and names. Members of relations and nodes of ways come along by the last line, so that
# one-way streets, limits, barriers and banned turns are all there, which no OSMnx graph has.
_QUERY = """[out:json][timeout:{timeout}];
way["highway"](poly:"{area}")->.roads;
rel(bw.roads)["type"~"^restriction"]->.bans;
(
  way["route"="ferry"](poly:"{area}");
  way[~"^(building|landuse|natural|leisure|waterway|railway|addr:housenumber)$"~"."](poly:"{area}");
  rel["type"="multipolygon"][~"^(landuse|natural|leisure|waterway)$"~"."](poly:"{area}");
  node[~"^(addr:housenumber|place|amenity|shop|office|railway|tourism)$"~"."](poly:"{area}");
)->.rest;
(.roads; .bans; .rest;);
(._; >;);
out body;"""


def fetch(place: str, path: Path) -> Path:
    """
    Fetch the map of a place.

    Parameters
    ----------
    place
        As OpenStreetMap's search understands it: "Andorra la Vella", "黄浦区, 上海". It must have
        an outline there, not just a point.
    path
        Where the map goes: ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.osm.pbf``; replaced in one
        step when everything is there. Every import reads it.

    Returns
    -------
    path
        The same.

    Raises
    ------
    NoNetwork
        No server answers within `CONNECT_S`, or what answers is busy or no such server.
    MapError
        ``place_not_found``; ``place_too_large`` when the server gives up on its size.

    Notes
    -----
    The servers are those of `osmnx.settings`: ``nominatim_url`` and ``overpass_url``. Not safe
    in several threads at once, since OSMnx keeps its settings in a module.
    """
    with _osmnx_settings():
        area = _outline(place)
        elements = _elements(place, area)
    _write(elements, path)
    return path


def _outline(place: str) -> Any:
    """Return the outline of a place as a Shapely geometry."""
    import osmnx

    with _in_words(osmnx.settings.nominatim_url):
        try:
            found = osmnx.geocode_to_gdf(place)
        except (osmnx._errors.InsufficientResponseError, TypeError) as error:
            # OSMnx says "nothing" by the first, "only a point" by the second; but by the first
            # also "no JSON", which is what a hotel's log-in page sends.
            if isinstance(error.__cause__, ValueError):
                raise
            raise _not_found(place, "no place with an outline has that name") from error
        return found.geometry.iloc[0]


def _elements(place: str, area: Any) -> list[dict[str, Any]]:
    """Return nodes, ways and relations of an area, each once, as Overpass gives them."""
    import osmnx
    from osmnx import _overpass

    found: dict[tuple[str, int], dict[str, Any]] = {}
    with _in_words(osmnx.settings.overpass_url):
        _must_answer(osmnx.settings.overpass_url)
        # OSMnx has no public call for raw answers with relations; these two are what its own
        # graph_from_place uses, and a large area is asked for in parts.
        for outline in _overpass._make_overpass_polygon_coord_strs(area):
            query = _QUERY.format(timeout=int(READ_S), area=outline)
            answer = _overpass._overpass_request(_ordered(data=query))
            if "remark" in answer:
                raise MapError(
                    "place_too_large",
                    cause=f"{place}: the server gave up: {str(answer['remark'])[:200]}",
                    action=f"name a smaller place, or {_FROM_FILE}",
                )
            for element in answer.get("elements", ()):
                found[element["type"], element["id"]] = element
    if not any(kind == "way" for kind, _ in found):
        raise _not_found(place, "no road lies in it")
    return [found[key] for key in sorted(found)]


def _not_found(place: str, cause: str) -> MapError:
    return MapError(
        "place_not_found",
        cause=f"{place!r}: {cause}",
        action=f"write it as on openstreetmap.org, with its country, or {_FROM_FILE}",
    )


def _must_answer(url: str) -> None:
    """Raise at once when the server is away: OSMnx would first wait for a minute."""
    import requests
    from osmnx import settings

    requests.get(
        f"{url.rstrip('/')}/status", timeout=(CONNECT_S, READ_S), **settings.requests_kwargs
    )


@contextmanager
def _in_words(url: str) -> Iterator[None]:
    """Turn what a network can do into words."""
    import osmnx
    import requests

    try:
        yield
    except NoNetwork:
        raise
    except (requests.exceptions.RequestException, OSError) as error:
        raise _no_network(url, f"no server answers: {_reason(error)}") from error
    except (
        osmnx._errors.ResponseStatusCodeError,
        osmnx._errors.InsufficientResponseError,
        KeyError,
    ) as error:
        raise _no_network(url, f"the answer is none of such a server: {error}") from error


def _reason(error: Exception) -> str:
    """Return the innermost cause, which says more than the layers around it."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    return str(inner)


def _no_network(url: str, cause: str) -> NoNetwork:
    return NoNetwork("no_network", cause=f"{url}: {cause}"[:300], action=_FROM_FILE)


@contextmanager
def _osmnx_settings() -> Iterator[None]:
    """Let OSMnx wait for a bounded time and leave no trace, and give its settings back after."""
    from osmnx import settings

    ours: dict[str, Any] = {
        # Requests takes a pair as well: to connect, to read.
        "requests_timeout": (CONNECT_S, READ_S),
        "requests_kwargs": {**settings.requests_kwargs, "hooks": {"response": _refuse_busy}},
        "use_cache": False,
        "doh_url_template": None,
        "http_user_agent": "milkrun (OSMnx)",
    }
    before = {name: getattr(settings, name) for name in ours}
    # OSMnx replaces this one while it talks to Overpass, and never puts it back.
    resolve = socket.getaddrinfo
    try:
        for name, value in ours.items():
            setattr(settings, name, value)
        yield
    finally:
        socket.getaddrinfo = resolve
        for name, value in before.items():
            setattr(settings, name, value)


def _refuse_busy(response: Any, *_: object, **__: object) -> None:
    """Refuse at once what OSMnx would try again every minute, for ever."""
    if response.status_code in _BUSY:
        # Not read to its end, so nobody else gives the connection back.
        response.close()
        raise _no_network(
            response.url.partition("?")[0], f"the server is busy (status {response.status_code})"
        )


def _ordered(**data: str) -> Any:
    from collections import OrderedDict

    return OrderedDict(data)


def _write(elements: list[dict[str, Any]], path: Path) -> None:
    import osmium

    # The suffix tells osmium what to write, so it stays at the end.
    draft = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        with osmium.SimpleWriter(str(draft), overwrite=True) as writer:
            for kind in ("node", "way", "relation"):
                for element in elements:
                    if element["type"] == kind:
                        _add(writer, element)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _add(writer: Any, element: Mapping[str, Any]) -> None:
    from osmium.osm.mutable import Node, Relation, Way

    tags = {str(key): str(value) for key, value in element.get("tags", {}).items()}
    if element["type"] == "node":
        location = (float(element["lon"]), float(element["lat"]))
        writer.add_node(Node(id=element["id"], location=location, tags=tags))
    elif element["type"] == "way":
        writer.add_way(Way(id=element["id"], nodes=element.get("nodes", []), tags=tags))
    else:
        members = [
            (member["type"][0], member["ref"], member.get("role", ""))
            for member in element.get("members", ())
        ]
        writer.add_relation(Relation(id=element["id"], members=members, tags=tags))
