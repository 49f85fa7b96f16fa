import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from maps.errors import MapError, NoNetwork, OffRoad
from maps.travel import NO_WAY
from maps.ways.osrm import OsrmTravel
from tests.maps import osrm_server
from tests.shared_data import SHARED, needs_shared

MONACO = SHARED / "osm" / "monaco-tilemaker.osm.pbf"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    base = osrm_server.prepare(MONACO, tmp_path_factory.mktemp("osrm"))
    with osrm_server.serve(base) as url:
        yield url


@needs_shared
def test_blocks_give_the_same_matrix_as_one_request(server: str) -> None:
    points = _points(30)
    whole = OsrmTravel(server).matrix(points, profile="car", hour=0)
    blocks = OsrmTravel(server, table_limit=7).matrix(points, profile="car", hour=0)
    assert (whole.durations == blocks.durations).all()
    assert (whole.distances == blocks.distances).all()
    assert (whole.snapped_m == blocks.snapped_m).all()
    assert np.diag(whole.durations).tolist() == [0] * 30
    assert whole.durations[~np.eye(30, dtype=bool)].min() > 0


@needs_shared
def test_legs_agree_with_the_matrix_and_follow_roads(server: str) -> None:
    points = _points(12)
    travel = OsrmTravel(server)
    matrix = travel.matrix(points, profile="car", hour=0)
    legs = travel.legs(points[:-1], points[1:], profile="car", hour=0)
    for k, leg in enumerate(legs):
        assert leg is not None
        assert abs(leg.duration_s - matrix.durations[k, k + 1]) <= 1
        assert abs(leg.distance_m - matrix.distances[k, k + 1]) <= 1
        assert len(leg.line) > 2


@needs_shared
def test_far_points_and_points_that_are_none_are_all_named(server: str) -> None:
    points = np.array([[7.42, 43.735], [7.6, 43.9], [7.43, 43.74], [8.0, 44.0]])
    with pytest.raises(OffRoad) as caught:
        OsrmTravel(server).matrix(points, profile="car", hour=0)
    assert caught.value.indices == (1, 3)
    points[2] = np.nan
    with pytest.raises(OffRoad) as caught:
        OsrmTravel(server).matrix(points, profile="car", hour=0)
    assert caught.value.indices == (2,)
    with pytest.raises(OffRoad) as caught:
        OsrmTravel(server).legs(points[[0, 0]], points[[0, 1]], profile="car", hour=0)
    assert caught.value.indices == (1,)


@needs_shared
def test_a_table_above_the_limit_of_the_server_says_what_to_do(server: str) -> None:
    with pytest.raises(MapError, match=r"osrm_limit.*--max-table-size"):
        OsrmTravel(server, table_limit=200).matrix(_points(101), profile="car", hour=0)


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(NoNetwork, match=r"no_network.*127\.0\.0\.1:1.*MILKRUN_OSRM_URL"):
        OsrmTravel("http://127.0.0.1:1").matrix(_points(2), profile="car", hour=0)


@pytest.mark.parametrize("url", ["localhost:5000", "ftp://a", "", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(MapError, match="bad_osrm_url"):
        OsrmTravel(url)


def test_pairs_without_a_way_are_marked() -> None:
    places = [{"distance": 3.0}, {"distance": 4.0}]
    table = {
        "code": "Ok",
        "durations": [[0, None], [7.4, 0]],
        "distances": [[0, None], [70.6, 0]],
        "sources": places,
    }
    with _answering({"/table": table, "/route": {"code": "NoRoute"}}) as url:
        matrix = OsrmTravel(url).matrix(_points(2), profile="car", hour=0)
        legs = OsrmTravel(url).legs(_points(1), _points(1), profile="car", hour=0)
    assert matrix.durations.tolist() == [[0, NO_WAY], [7, 0]]
    assert matrix.distances.tolist() == [[0, NO_WAY], [71, 0]]
    assert matrix.snapped_m.tolist() == [3, 4]
    assert list(legs) == [None]


def test_something_else_than_osrm_is_recognised() -> None:
    with (
        _answering({"/": "<html>hello</html>"}) as url,
        pytest.raises(MapError, match="osrm_refused"),
    ):
        OsrmTravel(url).matrix(_points(2), profile="car", hour=0)


def test_points_that_the_server_cannot_snap_are_named() -> None:
    answers = {"/table": {"code": "NoSegment"}, "/nearest": {"code": "NoSegment"}}
    with _answering(answers) as url, pytest.raises(OffRoad) as caught:
        OsrmTravel(url).matrix(_points(2), profile="car", hour=0)
    assert caught.value.indices == (0, 1)


@contextmanager
def _answering(answers: Mapping[str, object]) -> Iterator[str]:
    """A server that says what OSRM would on a map that is not at hand."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = next(answers[start] for start in answers if self.path.startswith(start))
            body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _points(count: int) -> NDArray[np.float64]:
    random = np.random.default_rng(count)
    return np.array([7.415, 43.73]) + random.random((count, 2)) * [0.015, 0.012]
