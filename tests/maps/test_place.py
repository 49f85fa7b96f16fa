"""A map by place name: from servers on this machine that speak as OpenStreetMap's do."""

from __future__ import annotations

import gc
import json
import socket
import threading
import urllib.parse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any

import osmnx
import pytest

from maps import place
from maps.errors import MapError, NoNetwork
from maps.roads import osmfile
from maps.roads.network import build

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[7.0, 43.0], [7.1, 43.0], [7.1, 43.1], [7.0, 43.1], [7.0, 43.0]]],
}
FOUND = {
    "place_id": 1,
    "osm_type": "relation",
    "osm_id": 1,
    "lat": "43.05",
    "lon": "7.05",
    "importance": 0.7,
    "display_name": "Testville",
    "boundingbox": ["43.0", "43.1", "7.0", "7.1"],
    "geojson": SQUARE,
}


def node(number: int, lon: float, lat: float, **tags: str) -> dict[str, Any]:
    return {"type": "node", "id": number, "lon": lon, "lat": lat, "tags": tags}


def way(number: int, nodes: list[int], **tags: str) -> dict[str, Any]:
    return {"type": "way", "id": number, "nodes": nodes, "tags": tags}


# A one-way street into a crossing, where turning left is banned.
ROADS = [
    node(1, 7.01, 43.01),
    node(2, 7.02, 43.01, highway="traffic_signals"),
    node(3, 7.03, 43.01),
    node(4, 7.02, 43.02),
    way(10, [1, 2], highway="primary", oneway="yes", maxspeed="30", name="滨江路"),
    way(11, [2, 3], highway="primary"),
    way(12, [4, 2], highway="residential"),
    {
        "type": "relation",
        "id": 20,
        "tags": {"type": "restriction", "restriction": "no_left_turn"},
        "members": [
            {"type": "way", "ref": 10, "role": "from"},
            {"type": "node", "ref": 2, "role": "via"},
            {"type": "way", "ref": 12, "role": "to"},
        ],
    },
]


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Fail in the test that leaves a connection open, not in the one that runs when it is found."""
    gc.collect()
    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert [str(warning.message) for warning in left] == []


@dataclass
class Servers:
    """What the two services answer, and what they were asked."""

    found: list[dict[str, Any]] = field(default_factory=lambda: [FOUND])
    overpass: Any = field(default_factory=lambda: {"elements": ROADS})
    status: int = 200
    busy: str = "/api/interpreter"
    breaks_off: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, body: str) -> tuple[int, str]:
        self.asked.append(path + body)
        if self.status in (429, 504) and path.startswith(self.busy):
            return self.status, "<html>come back later</html>"
        if path.startswith("/search"):
            return 200, json.dumps(self.found)
        if path.startswith("/api/status"):
            return (
                200,
                "Connected as: 1\nCurrent time\nAnnounced\nRate limit: 2\n2 slots available now.\n",
            )
        text = self.overpass if isinstance(self.overpass, str) else json.dumps(self.overpass)
        return self.status, text


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    told = Servers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply("")

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            self._reply(urllib.parse.unquote_plus(self.rfile.read(size).decode()))

        def _reply(self, body: str) -> None:
            status, text = told.answer(urllib.parse.unquote_plus(self.path), body)
            data = text.encode()
            self.send_response(status)
            missing = 100 if told.breaks_off and self.path.startswith("/api/interpreter") else 0
            self.send_header("Content-Length", str(len(data) + missing))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(osmnx.settings, "nominatim_url", f"{url}/")
        monkeypatch.setattr(osmnx.settings, "overpass_url", f"{url}/api")
        yield told
        server.shutdown()
        thread.join()


def test_what_was_fetched_is_read_by_the_import(servers: Servers, tmp_path: Path) -> None:
    path = place.fetch("Testville", tmp_path / "testville.osm.gz")

    raw = osmfile.read(path)
    network = build(raw)
    assert path.name == "testville.osm.gz"
    assert raw.way_id.tolist() == [10, 11, 12]
    assert raw.way_tags[0]["oneway"] == "yes"
    assert raw.way_tags[0]["maxspeed"] == "30"
    assert raw.node_tags[2]["highway"] == "traffic_signals"
    assert len(raw.restrictions) == 1
    assert "滨江路" in network.names
    assert network.bans


def test_the_outline_of_the_place_is_what_is_asked_for(servers: Servers, tmp_path: Path) -> None:
    place.fetch("测试镇", tmp_path / "map.osm")

    search, *_, query = servers.asked
    assert "测试镇" in search
    assert "43.000000 7.100000" in query
    assert '["type"~"^restriction"]' in query


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_every_kind_of_file_holds_the_same(servers: Servers, tmp_path: Path, suffix: str) -> None:
    path = place.fetch("Testville", tmp_path / f"map{suffix}")

    raw = osmfile.read(path)
    assert raw.node_lonlat[:, 0].tolist() == [7.01, 7.02, 7.03, 7.02]
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_place_that_nobody_knows_is_named(servers: Servers, tmp_path: Path) -> None:
    servers.found = []

    with pytest.raises(MapError) as refused:
        place.fetch("Nirgendwo", tmp_path / "map.osm")

    assert refused.value.code == "place_not_found"
    assert "Nirgendwo" in refused.value.cause
    assert not (tmp_path / "map.osm").exists()


def test_a_place_without_an_outline_is_refused(servers: Servers, tmp_path: Path) -> None:
    servers.found = [{**FOUND, "geojson": {"type": "Point", "coordinates": [7.0, 43.0]}}]

    with pytest.raises(MapError) as refused:
        place.fetch("A tree", tmp_path / "map.osm")

    assert refused.value.code == "place_not_found"


def test_a_place_without_roads_is_refused(servers: Servers, tmp_path: Path) -> None:
    servers.overpass = {"elements": []}

    with pytest.raises(MapError) as refused:
        place.fetch("The sea", tmp_path / "map.osm")

    assert (refused.value.code, "no road" in refused.value.cause) == ("place_not_found", True)


def test_a_server_that_gives_up_is_quoted(servers: Servers, tmp_path: Path) -> None:
    servers.overpass = {"elements": [], "remark": "runtime error: Query ran out of memory"}

    with pytest.raises(MapError) as refused:
        place.fetch("Europe", tmp_path / "map.osm")

    assert refused.value.code == "place_too_large"
    assert "out of memory" in refused.value.cause


@pytest.mark.parametrize(
    ("status", "busy"), [(429, "/search"), (504, "/api/status"), (429, "/api/interpreter")]
)
def test_a_busy_server_is_refused_at_once(
    servers: Servers, tmp_path: Path, status: int, busy: str
) -> None:
    servers.status, servers.busy = status, busy

    began = monotonic()
    with pytest.raises(NoNetwork) as refused:
        place.fetch("Testville", tmp_path / "map.osm")

    assert "busy" in refused.value.cause
    assert monotonic() - began < 30


def test_an_answer_that_breaks_off_is_refused(servers: Servers, tmp_path: Path) -> None:
    servers.breaks_off = True

    with pytest.raises(NoNetwork) as refused:
        place.fetch("Testville", tmp_path / "map.osm")

    assert refused.value.code == "no_network"
    assert list(tmp_path.iterdir()) == []


def test_a_server_with_an_error_is_refused(servers: Servers, tmp_path: Path) -> None:
    servers.status, servers.overpass = 500, "<html>Internal error</html>"

    with pytest.raises(NoNetwork) as refused:
        place.fetch("Testville", tmp_path / "map.osm")

    assert "500" in refused.value.cause


def test_a_page_that_is_no_answer_is_refused(servers: Servers, tmp_path: Path) -> None:
    servers.overpass = "<html>Please log in to the hotel's network</html>"

    with pytest.raises(NoNetwork):
        place.fetch("Testville", tmp_path / "map.osm")


def test_without_a_server_the_file_is_the_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(osmnx.settings, "nominatim_url", f"http://127.0.0.1:{port}/")

    with pytest.raises(NoNetwork) as refused:
        place.fetch("Testville", tmp_path / "map.osm")

    assert refused.value.code == "no_network"
    assert "milkrun map import FILE" in refused.value.action
    assert f"127.0.0.1:{port}" in refused.value.cause


def test_a_server_away_after_the_search_is_refused_at_once(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(osmnx.settings, "overpass_url", "http://overpass.invalid/api")

    began = monotonic()
    with pytest.raises(NoNetwork) as refused:
        place.fetch("Testville", tmp_path / "map.osm")

    assert "overpass.invalid" in refused.value.cause
    assert monotonic() - began < 50


def test_osmnx_and_the_resolver_are_left_as_they_were(servers: Servers, tmp_path: Path) -> None:
    before = {name: getattr(osmnx.settings, name) for name in ("requests_timeout", "use_cache")}
    resolve = socket.getaddrinfo

    place.fetch("Testville", tmp_path / "map.osm")

    assert {name: getattr(osmnx.settings, name) for name in before} == before
    assert socket.getaddrinfo is resolve
