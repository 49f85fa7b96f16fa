"""Waves and zones as people change them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot
from dispatch.fleet import waves, zones
from dispatch.fleet.waves import Timetable, Wave
from dispatch.fleet.zones import Areas, Zone
from dispatch.store import rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid, NotFound
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

MONDAY, SATURDAY = date(2026, 3, 2), date(2026, 3, 7)


def _square(west: float) -> dict[str, Any]:
    corners = [(west, 31), (west + 1, 31), (west + 1, 32), (west, 32), (west, 31)]
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


@pytest.fixture
def wave(shop: Shop) -> Wave:
    with transaction(shop.db, actor=ACTOR) as session:
        new = Wave(depot_id=shop.depot, name="1", cut_off=32_400, weekdays=[0, 1, 2, 3, 4])
        return waves.add(session, new)


@pytest.fixture
def zone(shop: Shop) -> Zone:
    with transaction(shop.db, actor=ACTOR) as session:
        return zones.add(session, Zone(depot_id=shop.depot, name="E", area=_square(121)))


def _cut_offs(shop: Shop, day: date, zone: Zone | None = None) -> list[tuple[str, str]]:
    with reading(shop.db) as session:
        depot = rows.get(session, Depot, shop.depot)
        found = Timetable(session, depot).on(day, zone.id if zone else None)
        return [(one.wave.name, f"{one.cut_off_at:%H:%M}") for one in found]


def test_changed_wave_leaves_on_its_new_days_at_its_new_time(shop: Shop, wave: Wave) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        held = rows.locked(session, Wave, wave.id)
        waves.change(session, held, {"weekdays": [5], "cut_off": 36_000}, version=1)

    assert _cut_offs(shop, MONDAY) == []
    assert _cut_offs(shop, SATURDAY) == [("1", "02:00")]


@pytest.mark.parametrize("wanted", [{"weekdays": []}, {"weekdays": [7]}, {"cut_off": 86_400}])
def test_change_without_sense_is_refused(shop: Shop, wave: Wave, wanted: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="bad_wave"), transaction(shop.db, actor=ACTOR) as session:
        waves.change(session, rows.locked(session, Wave, wave.id), wanted)


def test_zone_has_its_own_cut_off_until_that_is_removed(shop: Shop, wave: Wave, zone: Zone) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        waves.set_cut_off(session, rows.locked(session, Wave, wave.id), zone.id, 28_800)
    assert _cut_offs(shop, MONDAY, zone) == [("1", "00:00")]

    with transaction(shop.db, actor=ACTOR) as session:
        waves.remove_cut_off(session, rows.locked(session, Wave, wave.id), zone.id)
    assert _cut_offs(shop, MONDAY, zone) == [("1", "01:00")]

    with pytest.raises(NotFound), transaction(shop.db, actor=ACTOR) as session:
        waves.remove_cut_off(session, rows.locked(session, Wave, wave.id), zone.id)


def test_zone_of_another_depot_has_no_cut_off_here(shop: Shop, wave: Wave) -> None:
    other = shops.other_depot(shop.db)
    with transaction(shop.db, actor=ACTOR) as session:
        far = zones.add(session, Zone(depot_id=other, name="E", area=_square(120)))

    with pytest.raises(Invalid, match="not_of_depot"):  # noqa: SIM117
        with transaction(shop.db, actor=ACTOR) as session:
            waves.set_cut_off(session, rows.locked(session, Wave, wave.id), far.id, 0)


def test_zone_with_a_cut_off_stays_until_the_wave_is_gone(
    shop: Shop, wave: Wave, zone: Zone
) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        waves.set_cut_off(session, rows.locked(session, Wave, wave.id), zone.id, 28_800)

    with pytest.raises(Conflict, match="zone_in_use"):  # noqa: SIM117
        with transaction(shop.db, actor=ACTOR) as session:
            zones.remove(session, rows.locked(session, Zone, zone.id))
    with transaction(shop.db, actor=ACTOR) as session:
        waves.remove(session, rows.locked(session, Wave, wave.id))
        zones.remove(session, rows.locked(session, Zone, zone.id))

    assert _cut_offs(shop, MONDAY) == []
    with reading(shop.db) as session:
        assert Areas(session, shop.depot).of(121.5, 31.5) is None


def test_moved_zone_has_other_points(shop: Shop, zone: Zone) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        zones.change(session, rows.locked(session, Zone, zone.id), {"area": _square(100)})
        with pytest.raises(Invalid, match="bad_area"):
            zones.change(session, zone, {"area": {"type": "Point", "coordinates": [1, 1]}})

    with reading(shop.db) as session:
        areas = Areas(session, shop.depot)
        assert areas.of(121.5, 31.5) is None
        assert (found := areas.of(100.5, 31.5)) is not None
        assert found.name == "E"


def test_names_are_taken_once_in_a_depot(shop: Shop, wave: Wave, zone: Zone) -> None:
    other = shops.other_depot(shop.db)
    with transaction(shop.db, actor=ACTOR) as session:
        waves.add(session, Wave(depot_id=other, name="1", cut_off=0, weekdays=[0]))
        second = waves.add(session, Wave(depot_id=shop.depot, name="2", cut_off=0, weekdays=[0]))
        with pytest.raises(Conflict, match="there is a wave 1 already"):
            waves.change(session, second, {"name": "1"})
        with pytest.raises(Conflict, match="there is a zone E already"):
            zones.add(session, Zone(depot_id=shop.depot, name="E", area=_square(1)))


def test_calendar_of_a_year_is_told_and_taken_back(shop: Shop) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        depot = rows.locked(session, Depot, shop.depot)
        depots.declare(session, depot, SATURDAY, "worked", weekday=0)
        depots.declare(session, depot, date(2026, 1, 1), "new year")
        depots.declare(session, depot, date(2027, 1, 1), "new year")

    with transaction(shop.db, actor=ACTOR) as session:
        depot = rows.locked(session, Depot, shop.depot)
        found = depots.special_days(session, shop.depot, 2026)
        assert [(one.on, one.weekday) for one in found] == [(date(2026, 1, 1), None), (SATURDAY, 0)]
        depots.undeclare(session, depot, SATURDAY)
        assert depots.weekday(session, shop.depot, SATURDAY) == 5
        with pytest.raises(NotFound, match="no special day"):
            depots.undeclare(session, depot, SATURDAY)
