"""
`Live` for several processes, over Redis or Valkey.

One thread listens, and finds out whether the server is there. While it is away each process works
for itself: its own listeners are told, its own limits count; nobody waits for it, as only the
thread tries again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any, TypeVar, cast
from uuid import UUID

import redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import RedisError
from redis.retry import Retry

from dispatch.live import scripts
from dispatch.live.local import LocalLive
from dispatch.live.port import KEEP_S, Heard, Position, around
from dispatch.store import clock
from dispatch.store.errors import Invalid

T = TypeVar("T")

_TIMEOUT_S = 0.5
_LOOK_S = 0.25
_PAUSE_S = 0.2
_EARTH_IS_LARGER = 1.001
"""Redis takes another radius of the earth than `maps.sphere`, and rounds places to half a metre."""

Changed = Callable[[str | None], None]
"""Told once when the server went away, with what it said, and once when it is back, with None."""


class SharedLive:
    """Shares news, positions and limits with all who name the same server and its database."""

    def __init__(self, url: str, *, changed: Changed, keep_s: float = KEEP_S) -> None:
        self._redis = _client(url)
        self._own = LocalLive(keep_s=keep_s)
        self._keep_ms = round(keep_s * 1000)
        self._changed = changed
        self._prefix = f"milkrun:{self._redis.get_connection_kwargs().get('db') or 0}:"
        self._origin = os.urandom(8)
        self._take = self._redis.register_script(scripts.TAKE)
        self._place = self._redis.register_script(scripts.PLACE)
        self._turn = Lock()
        self._away: bool | None = None
        self._tried = Event()
        self._closing = Event()
        self._thread = Thread(target=self._listen, name="live", daemon=True)
        self._thread.start()
        self._tried.wait(3 * _TIMEOUT_S)

    @property
    def is_away(self) -> bool:
        """False: it is written to, and this process hears what others publish."""
        return self._away is not False

    def publish(self, channel: str, message: bytes = b"") -> None:
        self._own.publish(channel, message)
        name = f"{self._prefix}news:{channel}"
        self._asked(lambda: self._redis.publish(name, self._origin + message), lambda: None)

    def subscribe(self, channel: str, heard: Heard) -> Callable[[], None]:
        return self._own.subscribe(channel, heard)

    def place(self, positions: Sequence[Position]) -> None:
        self._own.place(positions)
        values: list[str | float] = [_millis(clock.now()) - self._keep_ms]
        for each in positions:
            values += [str(each.vehicle_id), _millis(each.at), each.lon, each.lat, _text(each)]
        self._asked(lambda: self._place(self._position_keys(), values), lambda: None)

    def positions(self) -> list[Position]:
        def ask() -> list[Position]:
            oldest = _millis(clock.now()) - self._keep_ms
            fresh = self._redis.zrangebyscore(self._position_keys()[2], f"({oldest}", "+inf")
            return self._of(cast("list[bytes]", fresh))

        return self._asked(ask, self._own.positions)

    def near(self, lon: float, lat: float, *, within_m: float) -> list[Position]:
        def ask() -> list[Position]:
            area: dict[str, Any] = {"radius": within_m * _EARTH_IS_LARGER + 1, "unit": "m"}
            places = self._position_keys()[1]
            found = self._redis.geosearch(places, longitude=lon, latitude=lat, **area)
            oldest = _millis(clock.now()) - self._keep_ms
            known = self._of(cast("list[bytes]", found))
            fresh = [each for each in known if _millis(each.at) > oldest]
            return around(fresh, lon, lat, within_m=within_m)

        return self._asked(ask, lambda: self._own.near(lon, lat, within_m=within_m))

    def take(self, bucket: str, *, per_s: float, burst: float) -> float:
        def ask() -> float:
            values = (1_000_000 / per_s, burst)
            micros = self._take([f"{self._prefix}limit:{bucket}"], values)
            return int(cast("bytes", micros)) / 1_000_000

        return self._asked(ask, lambda: self._own.take(bucket, per_s=per_s, burst=burst))

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._redis.close()

    def _position_keys(self) -> list[str]:
        """Return the keys of the texts, the places and the moments of all vehicles."""
        return [f"{self._prefix}{name}" for name in ("positions", "places", "moments")]

    def _of(self, vehicles: Sequence[bytes]) -> list[Position]:
        if not vehicles:
            return []
        texts = self._redis.hmget(self._position_keys()[0], [each.decode() for each in vehicles])
        found = [_position(text) for text in cast("list[bytes | None]", texts) if text]
        return sorted(found, key=lambda each: each.vehicle_id)

    def _asked(self, ask: Callable[[], T], instead: Callable[[], T]) -> T:
        if self._away is False:
            try:
                return ask()
            except RedisError as error:
                self._say(str(error))
        return instead()

    def _look(self) -> None:
        """Find out whether it can be used: written to, for one that is full answers as well."""
        try:
            self._redis.set(f"{self._prefix}seen", 1, px=60_000)
        except RedisError as error:
            self._say(str(error))
        else:
            self._say(None)

    def _say(self, fault: str | None) -> None:
        away = fault is not None
        with self._turn:
            before, self._away = self._away, away
            self._tried.set()
            if away != bool(before):
                self._changed(fault)

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                ear: PubSub = self._redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # it has no types
                with ear:
                    ear.psubscribe(f"{self._prefix}news:*")
                    self._follow(ear)
            except RedisError as error:
                self._say(str(error))
                self._closing.wait(_PAUSE_S)

    def _follow(self, ear: PubSub) -> None:
        while not self._closing.is_set():
            message = ear.get_message(timeout=_LOOK_S)
            if message is None or self._away:
                self._look()
            if message is not None:
                self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        origin, words = message["data"][:8], message["data"][8:]
        if origin != self._origin:
            channel = message["channel"].decode().removeprefix(f"{self._prefix}news:")
            self._own.publish(channel, words)


def _client(url: str) -> redis.Redis:
    try:
        return redis.Redis.from_url(
            url,
            # What Redis 5 and Valkey understand alike.
            protocol=2,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise Invalid(
            "bad_setting",
            cause=f"MILKRUN_REDIS_URL: {error}",
            action="write redis://host:6379/0, rediss://... or unix:///path, or unset it",
        ) from error


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _text(position: Position) -> str:
    where = {"lon": position.lon, "lat": position.lat, "at": position.at.isoformat()}
    return json.dumps({"vehicle_id": str(position.vehicle_id), **where})


def _position(text: bytes) -> Position:
    told = json.loads(text)
    at = datetime.fromisoformat(told["at"])
    return Position(UUID(told["vehicle_id"]), told["lon"], told["lat"], at)
