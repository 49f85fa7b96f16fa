"""S4: which wave an order leaves with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot
from dispatch.fleet import waves, zones
from dispatch.fleet.waves import Timetable, Wave
from dispatch.fleet.zones import Zone
from dispatch.intake import departures
from dispatch.store import clock, rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Invalid
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)
AROUND = {
    "type": "Polygon",
    "coordinates": [[[121, 31], [122, 31], [122, 32], [121, 32], [121, 31]]],
}


class Clock:
    now = datetime(2026, 3, 2, tzinfo=UTC)

    def set(self, hour: int, minute: int = 0, second: int = 0, *, on: date = MONDAY) -> None:
        self.now = datetime(on.year, on.month, on.day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.fixture
def at() -> Iterator[Callable[..., None]]:
    ours = Clock()
    with clock.replaced(lambda: ours.now.astimezone(UTC)):
        yield ours.set


@pytest.fixture
def shop(db: Database, at: Callable[..., None]) -> Shop:
    """A firm with waves at 09:00, 11:30 and 14:30 from Monday to Friday."""
    shop = shops.opened(db)
    shop.receive(100)
    with transaction(db, actor=ACTOR) as session:
        for name, cut_off in (("1", 32_400), ("2", 41_400), ("3", 52_200)):
            wave = Wave(depot_id=shop.depot, name=name, cut_off=cut_off, weekdays=[0, 1, 2, 3, 4])
            waves.add(session, wave)
    return shop


def _of(shop: Shop) -> list[tuple[str, date] | None]:
    """Return wave and day of each delivery, the first that was ready first."""
    with reading(shop.db) as session:
        found = departures.here(session, rows.get(session, Depot, shop.depot))
        return [(d.wave.name, d.on) if (d := one.departure) else None for one in found]


def _in_wave(shop: Shop, name: str, on: date) -> list[str]:
    with reading(shop.db) as session:
        depot = rows.get(session, Depot, shop.depot)
        (wave,) = (one.wave for one in Timetable(session, depot).on(on) if one.wave.name == name)
        return [one.order.number for one in departures.of_wave(session, depot, wave, on)]


def test_s4_order_at_the_cut_off_is_in_the_next_wave(shop: Shop, at: Callable[..., None]) -> None:
    at(8, 59, 59)
    shop.order(1)
    at(9, 0, 0)
    shop.order(1)

    assert _of(shop) == [("1", MONDAY), ("2", MONDAY)]
    assert _in_wave(shop, "1", MONDAY) == ["A-1"]


def test_wave_takes_what_an_earlier_one_left_behind(shop: Shop, at: Callable[..., None]) -> None:
    at(8)
    shop.order(1)
    at(10)
    shop.order(1)

    assert _in_wave(shop, "2", MONDAY) == ["A-1", "A-2"]
    assert _in_wave(shop, "1", MONDAY + timedelta(days=1)) == ["A-1", "A-2"]


def test_order_after_the_last_wave_leaves_on_the_next_day_that_is_worked(
    shop: Shop, at: Callable[..., None]
) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        depots.declare(session, rows.get(session, Depot, shop.depot), date(2026, 3, 9), "holiday")
    at(15, on=date(2026, 3, 6))
    shop.order(1)

    assert _of(shop) == [("1", date(2026, 3, 10))]


def test_zone_may_have_an_earlier_cut_off(shop: Shop, at: Callable[..., None]) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        zone = zones.add(session, Zone(depot_id=shop.depot, name="E", area=AROUND))
        first = Timetable(session, rows.get(session, Depot, shop.depot)).on(MONDAY)[0].wave
        waves.set_cut_off(session, first, zone.id, 8 * 3600)
    at(8)
    shop.order(1)

    assert _of(shop) == [("2", MONDAY)]


def test_backorder_leaves_when_its_goods_are_there(shop: Shop, at: Callable[..., None]) -> None:
    at(8)
    shop.order(0, 3)
    at(12)
    shop.receive(3, part=shop.other_part)

    assert _of(shop) == [("3", MONDAY)]


@pytest.mark.parametrize(
    ("day", "utc_hour"), [(date(2026, 3, 28), 8), (date(2026, 3, 29), 7), (date(2026, 10, 25), 8)]
)
def test_cut_off_stays_at_nine_when_clocks_change(db: Database, day: date, utc_hour: int) -> None:
    with transaction(db, actor=ACTOR) as session:
        depot = depots.add(session, name="B", lon=13.4, lat=52.5, time_zone="Europe/Berlin")
        every_day = list(range(7))
        waves.add(session, Wave(depot_id=depot.id, name="1", cut_off=32_400, weekdays=every_day))
        (departure,) = Timetable(session, depot).on(day)

    assert departure.cut_off_at == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)


def test_depot_without_waves_has_none_to_reach(db: Database, at: Callable[..., None]) -> None:
    shop = shops.opened(db)
    shop.receive(1)
    shop.order(1)

    assert _of(shop) == [None]


@pytest.mark.parametrize(
    "area",
    [
        {"type": "Point", "coordinates": [121, 31]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
        {},
    ],
)
def test_zone_without_an_area_is_refused(shop: Shop, area: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="bad_area"), transaction(shop.db, actor=ACTOR) as session:
        zones.add(session, Zone(depot_id=shop.depot, name="E", area=area))


@pytest.mark.parametrize("known", [{"weekdays": []}, {"weekdays": [7]}, {"cut_off": 86_400}])
def test_wave_without_sense_is_refused(shop: Shop, known: dict[str, object]) -> None:
    usual = {"depot_id": shop.depot, "name": "4", "cut_off": 60, "weekdays": [0]}

    with pytest.raises(Invalid, match="bad_wave"), transaction(shop.db, actor=ACTOR) as session:
        waves.add(session, Wave(**{**usual, **known}))
