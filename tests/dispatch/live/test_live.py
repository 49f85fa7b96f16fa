"""What both kinds of `Live` do, and what the shared one does besides."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import pytest
import redis

from dispatch.live.local import LocalLive
from dispatch.live.port import Live, Position
from dispatch.live.shared import SharedLive
from dispatch.store import clock
from dispatch.store.errors import Invalid
from tests.api.command import wait_until
from tests.servers import valkey

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
VANS = [UUID(int=n) for n in range(1, 5)]
LON, LAT = 121.5, 31.2
KEEP_S = 3600

Opened: TypeAlias = Callable[[], SharedLive]


@pytest.fixture
def opened(valkey_url: str) -> Iterator[Opened]:
    """Makes one more process's share of an empty server."""
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
    made: list[SharedLive] = []

    def one() -> SharedLive:
        made.append(SharedLive(valkey_url, changed=unexpected, keep_s=KEEP_S))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture(params=["local", "shared"])
def live(request: pytest.FixtureRequest) -> Live:
    if request.param == "local":
        return LocalLive(keep_s=KEEP_S)
    opened: Opened = request.getfixturevalue("opened")
    return opened()


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with clock.replaced(lambda: NOW):
        yield


def unexpected(fault: str | None) -> None:
    raise AssertionError(fault)


def at(van: int, *, lon: float = LON, lat: float = LAT, seconds: float = 0) -> Position:
    """Return a position, so many seconds from now."""
    return Position(VANS[van], lon, lat, NOW + timedelta(seconds=seconds))


def test_who_listens_hears_a_channel_once_until_it_stops(live: Live) -> None:
    heard: list[bytes] = []
    other: list[bytes] = []
    stop = live.subscribe("news", heard.append)
    live.subscribe("else", other.append)

    live.publish("news", b"one")
    stop()
    live.publish("news", b"two")

    assert heard == [b"one"]
    assert other == []


def test_last_position_of_each_vehicle_is_known(live: Live) -> None:
    live.place([at(1, seconds=-9), at(0)])
    live.place([at(1, lon=121.6, seconds=-5)])

    assert live.positions() == [at(0), at(1, lon=121.6, seconds=-5)]


def test_position_that_comes_late_changes_nothing(live: Live) -> None:
    live.place([at(0, seconds=-5)])
    live.place([at(0, lon=121.6, seconds=-60), at(0, lon=121.7, seconds=-5)])

    assert live.positions() == [at(0, seconds=-5)]


def test_position_is_forgotten_after_its_time(live: Live) -> None:
    live.place([at(0, seconds=1 - KEEP_S), at(1, seconds=-KEEP_S), at(2)])
    assert live.positions() == [at(0, seconds=1 - KEEP_S), at(2)]

    with clock.replaced(lambda: NOW + timedelta(seconds=1)):
        assert live.positions() == [at(2)]
        assert live.near(LON, LAT, within_m=10) == [at(2)]
        live.place([at(3)])
        assert live.positions() == [at(2), at(3)]


def test_near_ones_come_nearest_first(live: Live) -> None:
    # 0.001 degrees of latitude are 111.2 m.
    far, edge, near = at(0, lat=LAT + 0.01), at(1, lat=LAT + 0.001), at(2, lat=LAT - 0.0002)
    live.place([far, edge, near])

    assert live.near(LON, LAT, within_m=111.1) == [near]
    assert live.near(LON, LAT, within_m=111.3) == [near, edge]
    assert live.near(LON, LAT, within_m=20_000) == [near, edge, far]
    assert live.near(-LON, LAT, within_m=20_000) == []


def test_nothing_is_known_at_first(live: Live) -> None:
    live.place([])

    assert live.positions() == live.near(LON, LAT, within_m=1000) == []


def test_bucket_gives_its_burst_and_then_says_how_long_to_wait(live: Live) -> None:
    def take(bucket: str) -> float:
        return live.take(bucket, per_s=0.01, burst=3)

    assert [take("wang") for _ in range(3)] == [0, 0, 0]
    assert 90 < take("wang") <= 100
    assert 90 < take("wang") <= 100, "a refused request does not count"
    assert take("li") == 0


def test_bucket_fills_again(live: Live) -> None:
    def take() -> float:
        return live.take("wang", per_s=100, burst=1)

    assert take() == 0
    wait_until(lambda: take() == 0, seconds=5)


def test_many_threads_get_no_more_than_the_burst(live: Live) -> None:
    given: list[float] = []

    def take() -> None:
        given.extend(live.take("wang", per_s=0.001, burst=50) for _ in range(25))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(wait == 0 for wait in given) == 50


def test_several_share_news_positions_and_limits(opened: Opened) -> None:
    one, two = opened(), opened()
    heard: list[bytes] = []
    two.subscribe("news", heard.append)

    one.publish("news", b"hello")
    one.place([at(0)])
    taken = [each.take("wang", per_s=0.001, burst=2) for each in (one, two, one)]

    wait_until(lambda: heard == [b"hello"])
    assert two.positions() == two.near(LON, LAT, within_m=1) == [at(0)]
    assert [wait == 0 for wait in taken] == [True, True, False]


def test_database_of_the_server_keeps_installations_apart(valkey_url: str, opened: Opened) -> None:
    one = opened()
    other = SharedLive(f"{valkey_url}?db=1", changed=unexpected)
    try:
        heard: list[bytes] = []
        one.subscribe("news", heard.append)
        other.place([at(0)])
        other.publish("news", b"theirs")
        opened().publish("news", b"ours")

        wait_until(lambda: heard == [b"ours"])
        assert one.positions() == []
    finally:
        other.close()


def test_server_goes_away_and_comes_back(tmp_path: Path) -> None:
    """It works on by itself, says so once, and needs nobody to join again."""
    path = tmp_path / "socket"
    told: list[bool] = []
    with valkey.started(path) as url:
        one = SharedLive(url, changed=lambda fault: told.append(fault is None))
        two = SharedLive(url, changed=lambda _: None)
        heard: list[bytes] = []
        two.subscribe("news", heard.append)
    try:
        assert one.take("wang", per_s=0.001, burst=1) == 0
        assert one.take("wang", per_s=0.001, burst=1) > 0
        one.place([at(0)])
        one.publish("news", b"lost")
        two.publish("news", b"own")
        wait_until(lambda: one.is_away and two.is_away)
        assert one.positions() == [at(0)]
        assert two.positions() == []
        assert heard == [b"own"]

        with valkey.started(path):
            wait_until(lambda: not one.is_away and not two.is_away)
            one.publish("news", b"again")
            wait_until(lambda: heard == [b"own", b"again"])
            assert told == [False, True]
    finally:
        one.close()
        two.close()


def test_server_that_is_not_there_yet_is_told(tmp_path: Path) -> None:
    told: list[str | None] = []
    one = SharedLive(f"unix://{tmp_path / 'nothing'}", changed=told.append)
    try:
        assert one.is_away
        assert len(told) == 1
        assert one.take("wang", per_s=1, burst=1) == 0
    finally:
        one.close()


def test_url_of_something_else_is_refused() -> None:
    with pytest.raises(Invalid, match="bad_setting"):
        SharedLive("http://127.0.0.1:6379", changed=unexpected)
