"""The made-up firm's depots: settings, zones, waves, vehicles, drivers, shifts and papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from dispatch.catalogue import depots, hazards
from dispatch.catalogue.depots import Depot
from dispatch.firm.ground import Ground
from dispatch.fleet import papers, shifts, vehicles, waves, zones
from dispatch.fleet.papers import Paper
from dispatch.fleet.shifts import Shift
from dispatch.fleet.vehicles import Driver, Vehicle
from dispatch.fleet.waves import Wave
from dispatch.fleet.zones import Zone
from dispatch.stock import lanes

VAN_G, VAN_ML = 400_000, 2_000_000
VANS = (4, 2)
"""How many vans each depot has."""

FIRST_WAVE = "wave 1"

_HOUR, _MINUTE = 3600, 60
_CUT_OFFS = {
    FIRST_WAVE: 9 * _HOUR,
    "wave 2": 11 * _HOUR + 30 * _MINUTE,
    "wave 3": 14 * _HOUR + 30 * _MINUTE,
}
_FAR_ZONE, _FAR_CUT_OFF = "S", 8 * _HOUR + 45 * _MINUTE
"""For the first depot the south is far: its part of the first wave closes earlier."""

_SHIFT = (8 * _HOUR, 17 * _HOUR + 30 * _MINUTE)
_BREAK_S = 45 * _MINUTE
_BREAK = (11 * _HOUR + 30 * _MINUTE, 12 * _HOUR + 45 * _MINUTE)
"""Within these it begins, so it lies between 11:30 and 13:30."""

_ALWAYS = {day: ["06:30-20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
_EVERY_DAY = list(range(7))

_DRIVERS = ("陈伟", "李强", "王磊", "赵军", "刘洋", "孙涛", "周敏")
"""One for each van, and one who stands in."""


@dataclass(frozen=True, slots=True)
class Premises:
    """The keys of what was made; vans and drivers by number, from 0."""

    depots: tuple[UUID, UUID]
    vans: tuple[UUID, ...]
    drivers: tuple[UUID, ...]


def open_all(session: Session, ground: Ground, on: date) -> Premises:
    """Open both depots, with all that drives from them and is valid on a day."""
    first, second = (
        depots.add(
            session,
            name=f"W{number}",
            lon=lon,
            lat=lat,
            time_zone=ground.time_zone,
            hours={"week": _ALWAYS},
            settings={"service_s": 240, "service_per_line_s": 12},
        )
        for number, (lon, lat) in enumerate(ground.warehouses, start=1)
    )
    _ways_between(session, first, second)
    for depot in (first, second):
        _set_hours(session, depot, ground, far=depot is first)
    homes = [depot for depot, many in zip((first, second), VANS, strict=True) for _ in range(many)]
    vans = [_van(session, depot, number) for number, depot in enumerate(homes, start=1)]
    drivers = [_driver(session, n, depot) for n, depot in enumerate([*homes, first], start=1)]
    for van, driver in zip(vans, drivers, strict=False):
        _repeat(session, van, driver, on)
    _papers(session, vans, drivers, on)
    return Premises(
        (first.id, second.id),
        tuple(van.id for van in vans),
        tuple(driver.id for driver in drivers),
    )


def _ways_between(session: Session, first: Depot, second: Depot) -> None:
    """Let goods change depots: to the first in time for its second wave, and by 16:10."""
    ways = ((first, second, [13 * _HOUR]), (second, first, [10 * _HOUR, 15 * _HOUR + 30 * _MINUTE]))
    for start, end, departures in ways:
        lanes.set_lane(
            session, start.id, end.id, price=400, duration_s=40 * _MINUTE, departures=departures
        )
        lanes.set_terms(session, start.id, split_price=800, handling_s=20 * _MINUTE)


def _set_hours(session: Session, depot: Depot, ground: Ground, *, far: bool) -> None:
    areas = {
        name: zones.add(session, Zone(depot_id=depot.id, name=name, rank=rank, area=area))
        for rank, (name, area) in enumerate(ground.areas().items())
    }
    for name, cut_off in _CUT_OFFS.items():
        wave = Wave(depot_id=depot.id, name=name, cut_off=cut_off, weekdays=_EVERY_DAY)
        waves.add(session, wave)
        if far and name == FIRST_WAVE:
            waves.set_cut_off(session, wave, areas[_FAR_ZONE].id, _FAR_CUT_OFF)


def _van(session: Session, depot: Depot, number: int) -> Vehicle:
    van = Vehicle(
        depot_id=depot.id,
        plate=f"澜A·V000{number}",
        profile="van",
        capacity_g=VAN_G,
        capacity_ml=VAN_ML,
        skills=[hazards.SKILL] if number == sum(VANS) else [],
        cost_fixed=3_000,
        cost_per_km=120,
        cost_per_h=4_500,
        co2_g_per_km=210,
    )
    return vehicles.add_vehicle(session, van)


def _driver(session: Session, number: int, depot: Depot) -> Driver:
    driver = Driver(
        depot_id=depot.id,
        number=f"D-{number:02d}",
        name=_DRIVERS[number - 1],
        phone=f"+86 130 0000 {number:04d}",
        skills=[hazards.SKILL] if number == sum(VANS) else [],
    )
    return vehicles.add_driver(session, driver)


def _repeat(session: Session, van: Vehicle, driver: Driver, on: date) -> None:
    starts, ends = _SHIFT
    for weekday in _EVERY_DAY:
        shift = Shift(
            depot_id=van.depot_id,
            vehicle_id=van.id,
            driver_id=driver.id,
            weekday=weekday,
            starts=starts,
            ends=ends,
            break_s=_BREAK_S,
            break_from=_BREAK[0],
            break_to=_BREAK[1],
            valid_from=on - timedelta(days=60),
        )
        shifts.add(session, shift)


def _papers(session: Session, vans: Sequence[Vehicle], drivers: Sequence[Driver], on: date) -> None:
    """Give each its papers; the inspection of van 3 is over in three weeks."""
    for number, van in enumerate(vans, start=1):
        days = 21 if number == 3 else 300
        inspection = Paper(vehicle_id=van.id, kind="inspection", number=f"YJ-{number:04d}")
        inspection.expires_on = on + timedelta(days=days)
        insurance = Paper(vehicle_id=van.id, kind="insurance", number=f"BX-{number:04d}")
        insurance.expires_on = on + timedelta(days=200)
        papers.add(session, inspection)
        papers.add(session, insurance)
    for number, driver in enumerate(drivers, start=1):
        kinds = ["licence", "dangerous goods certificate"] if driver.skills else ["licence"]
        for kind in kinds:
            paper = Paper(driver_id=driver.id, kind=kind, number=f"JZ-{number:04d}")
            paper.expires_on = on + timedelta(days=700)
            papers.add(session, paper)
