"""
S4: what is confirmed a second before the cut-off leaves with the wave, at the cut-off no more.

The server runs on a thread of this process and is asked over HTTP, as only its clock is another
one: nobody can set that of a `milkrun serve`. Holding a wave is for the tests of plans.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from dispatch.store import clock
from dispatch.store.database import Database
from tests.api.http import serving
from tests.api.http.fleet_there import AREA
from tests.api.http.serving import World
from tests.dispatch.people import team

MONDAY, TUESDAY, FRIDAY, SATURDAY = "2026-03-02", "2026-03-03", "2026-03-06", "2026-03-07"
WAVES = {"1": 32_400, "2": 41_400, "3": 52_200}
WORKING = [0, 1, 2, 3, 4]


class Morning:
    """A served depot with waves at 09:00, 11:30 and 14:30, and the clock on its wall."""

    def __init__(self, db: Database, zone: str) -> None:
        self.db = db
        self.zone = ZoneInfo(zone)
        self.now = datetime(2026, 3, 2, tzinfo=self.zone)
        self.world: World
        self.client: httpx.Client
        self.waves: dict[str, str] = {}

    def open(self, world: World, weekdays: list[int]) -> None:
        self.world = world
        self.boss = team.add(self.db, "boss", "admin")
        self.at(f"{MONDAY}T00:00:00")
        self.depot = f"depots/{world.here.depot}"
        wanted = {"time_zone": str(self.zone)}
        answer = self.client.patch(f"/api/v1/{self.depot}", json=wanted, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
        of = {"depot_id": str(world.here.depot), "weekdays": weekdays}
        for name, cut_off in WAVES.items():
            made = self.post("waves", {**of, "name": name, "cut_off": cut_off})
            self.waves[name] = made["id"]
        world.here.receive(100)

    def at(self, wall: str) -> None:
        """Set the clock on the wall, and sign in anew: sessions end with the day."""
        self.now = datetime.fromisoformat(wall).replace(tzinfo=self.zone)
        self.client = self.world.client(serving.signed_in(self.db, self.boss))

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.client.post(f"/api/v1/{path}", json=body)
        assert answer.status_code in {200, 201}, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def confirm(self, **changes: Any) -> str:
        """Place an order and confirm it, and return its number."""
        placed = self.post("orders", self.world.order(**changes))
        promised = self.post(f"orders/{placed['id']}/accept")
        assert [one["status"] for one in promised["reservations"]] == ["reserved"]
        return str(placed["number"])

    def departures(self, day: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.get(f"{self.depot}/waves", day=day)["rows"]
        return rows

    def in_wave(self, name: str, day: str, **params: Any) -> list[str]:
        path = f"{self.depot}/waves/{self.waves[name]}/deliveries"
        return [one["order_number"] for one in self.get(path, day=day, **params)["rows"]]

    def counts(self, day: str) -> dict[str, int]:
        return {one["wave"]: one["num_deliveries"] for one in self.departures(day)}


@contextmanager
def morning(db: Database, zone: str, weekdays: list[int]) -> Iterator[Morning]:
    made = Morning(db, zone)
    with clock.replaced(lambda: made.now.astimezone(UTC)), serving.served(db) as world:
        made.open(world, weekdays)
        yield made


@pytest.fixture
def shanghai(db: Database) -> Iterator[Morning]:
    with morning(db, "Asia/Shanghai", WORKING) as made:
        yield made


@pytest.fixture
def berlin(db: Database) -> Iterator[Morning]:
    with morning(db, "Europe/Berlin", list(range(7))) as made:
        yield made


def test_order_at_the_cut_off_is_in_the_next_wave(shanghai: Morning) -> None:
    shanghai.at(f"{MONDAY}T08:59:59")
    first = shanghai.confirm()
    shanghai.at(f"{MONDAY}T09:00:00")
    second = shanghai.confirm()

    assert shanghai.in_wave("1", MONDAY) == [first]
    assert shanghai.in_wave("2", MONDAY) == [second]
    assert shanghai.in_wave("2", MONDAY, earlier=True) == [first, second]
    assert shanghai.counts(MONDAY) == {"1": 1, "2": 1, "3": 0}


def test_screen_can_count_down_and_knows_how_much_is_in_each_wave(shanghai: Morning) -> None:
    line = {"part_id": str(shanghai.world.here.part), "quantity": 3}
    shanghai.at(f"{MONDAY}T08:59:59")
    shanghai.confirm(lines=[line])
    shanghai.confirm()

    first, second, _ = shanghai.departures(MONDAY)
    assert (first["cut_off_at"], first["left_s"]) == ("2026-03-02T01:00:00Z", 1)
    assert (first["num_deliveries"], first["num_orders"]) == (2, 2)
    assert (first["weight_g"], first["volume_ml"]) == (4 * 900, 4 * 700)
    assert (second["num_deliveries"], second["num_earlier"], second["left_s"]) == (0, 2, 9001)
    shanghai.at(f"{MONDAY}T09:00:00")
    assert [one["left_s"] for one in shanghai.departures(MONDAY)] == [0, 9000, 19_800]
    assert shanghai.departures(TUESDAY)[0]["left_s"] == 86_400
    assert shanghai.departures(TUESDAY)[0]["num_earlier"] == 2


def test_deliveries_of_a_wave_come_page_by_page(shanghai: Morning) -> None:
    numbers = []
    for n in range(5):
        shanghai.at(f"{MONDAY}T08:00:0{n}")
        numbers.append(shanghai.confirm())
    path = f"{shanghai.depot}/waves/{shanghai.waves['1']}/deliveries"

    first = shanghai.get(path, day=MONDAY, limit=2)
    second = shanghai.get(path, day=MONDAY, limit=2, cursor=first["next"])
    last = shanghai.get(path, day=MONDAY, limit=2, cursor=second["next"])
    pages = [[one["order_number"] for one in page["rows"]] for page in (first, second, last)]

    assert last["next"] is None
    assert pages == [numbers[:2], numbers[2:4], numbers[4:]]


def test_zone_has_its_own_cut_off(shanghai: Morning) -> None:
    here = shanghai.world.here
    zone = shanghai.post("zones", {"depot_id": str(here.depot), "name": "E", "area": AREA})
    cut_off = {"zone_id": zone["id"], "cut_off": 30_600}
    shanghai.post(f"waves/{shanghai.waves['1']}/cut-offs", cut_off)
    outside = {"name": "Far", "address": "北路1号", "lon": 120.5, "lat": 31.5}
    far = shanghai.post(f"customers/{here.customer}/repair-points", outside)["id"]

    shanghai.at(f"{MONDAY}T08:29:59")
    in_time = shanghai.confirm()
    shanghai.at(f"{MONDAY}T08:30:00")
    late, other = shanghai.confirm(), shanghai.confirm(repair_point_id=far)

    assert sorted(shanghai.in_wave("1", MONDAY)) == sorted([in_time, other])
    assert shanghai.in_wave("2", MONDAY) == [late]
    first, second, _ = shanghai.departures(MONDAY)
    assert [(one["zone"], one["cut_off_at"], one["left_s"]) for one in first["zones"]] == [
        ("E", "2026-03-02T00:30:00Z", 0)
    ]
    assert [one["cut_off_at"] for one in second["zones"]] == ["2026-03-02T03:30:00Z"]


def test_nobody_leaves_on_a_holiday_and_all_do_on_a_worked_saturday(shanghai: Morning) -> None:
    calendar = f"{shanghai.depot}/calendar"
    shanghai.post(calendar, {"on": MONDAY, "name": "holiday"})
    shanghai.at(f"{MONDAY}T08:00:00")
    waiting = shanghai.confirm()

    assert shanghai.departures(MONDAY) == []
    assert shanghai.in_wave("1", MONDAY) == []
    assert shanghai.in_wave("1", TUESDAY) == [waiting]

    shanghai.post(calendar, {"on": SATURDAY, "name": "worked", "weekday": 4})
    shanghai.at(f"{FRIDAY}T14:30:00")
    friday = shanghai.confirm()
    assert shanghai.in_wave("1", SATURDAY) == [friday]
    assert [one["num_earlier"] for one in shanghai.departures(SATURDAY)] == [1, 2, 2]


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        ("2026-03-28", "2026-03-28T08:00:00Z"),
        ("2026-03-29", "2026-03-29T07:00:00Z"),
        ("2026-10-25", "2026-10-25T08:00:00Z"),
    ],
)
def test_cut_off_is_at_nine_by_the_wall_when_clocks_change(
    berlin: Morning, day: str, utc: str
) -> None:
    berlin.at(f"{day}T08:59:59")
    first = berlin.confirm()
    berlin.at(f"{day}T09:00:00")
    second = berlin.confirm()

    assert berlin.in_wave("1", day) == [first]
    assert berlin.in_wave("2", day) == [second]
    assert berlin.departures(day)[0]["cut_off_at"] == utc


def test_night_in_which_clocks_change_is_counted_down_as_long_as_it_is(berlin: Morning) -> None:
    berlin.at("2026-03-29T00:00:00")
    assert berlin.departures("2026-03-29")[0]["left_s"] == 8 * 3600
    berlin.at("2026-10-25T00:00:00")
    assert berlin.departures("2026-10-25")[0]["left_s"] == 10 * 3600
