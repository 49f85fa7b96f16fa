"""Shifts as people change them: nobody is in two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from dispatch.fleet import absences, shifts
from dispatch.fleet.absences import Absence
from dispatch.fleet.shifts import Shift
from dispatch.store import clock, rows
from dispatch.store.database import Database, reading, retried, transaction
from dispatch.store.errors import Conflict, Invalid, Outdated, Refused
from tests.dispatch.fleet.yard import MONDAY, Yard
from tests.dispatch.shop import ACTOR

NEXT_MONDAY = date(2026, 3, 9)
TUESDAY = date(2026, 3, 3)


@pytest.fixture
def yard(db: Database) -> Any:
    """A yard on the Sunday before its first shift."""
    with clock.replaced(lambda: datetime(2026, 3, 1, tzinfo=UTC)):
        yield Yard(db)


def _change(yard: Yard, shift: Shift, version: int | None = None, **wanted: Any) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        shifts.change(session, rows.locked(session, Shift, shift.id), wanted, version=version)


def test_driver_is_not_on_two_vans_at_once(yard: Yard) -> None:
    other = yard.add_van("A-2")

    with pytest.raises(Conflict, match="shift_overlap: on 2026-03-02 Li is on A-1"):
        yard.add_shift(vehicle_id=other.id, starts=60_000, ends=70_000)
    yard.add_shift(vehicle_id=other.id, starts=63_000, ends=70_000)

    assert [duty.vehicle.plate for duty in yard.on(MONDAY)] == ["A-1-W1", "A-2"]


def test_vehicle_is_not_with_two_drivers_at_once(yard: Yard) -> None:
    with pytest.raises(Conflict, match="shift_overlap"):
        yard.add_shift(driver_id=yard.wang.id, starts=0, ends=28_801)

    assert len(yard.on(MONDAY)) == 1


def test_night_shift_is_in_the_way_of_the_next_morning(yard: Yard) -> None:
    with pytest.raises(Conflict, match="on 2026-03-08"):
        yard.add_shift(weekday=6, starts=20 * 3600, ends=33 * 3600)


def test_ended_shift_is_in_nobodys_way(yard: Yard) -> None:
    _change(yard, yard.shift, valid_to=MONDAY)
    yard.add_shift(driver_id=yard.wang.id, valid_from=NEXT_MONDAY)

    assert [duty.driver.name for duty in yard.on(MONDAY)] == ["Li"]
    assert [duty.driver.name for duty in yard.on(NEXT_MONDAY)] == ["Wang"]
    with pytest.raises(Conflict, match="shift_overlap"):
        _change(yard, yard.shift, valid_to=None)


def test_changed_shift_is_as_a_new_one(yard: Yard) -> None:
    tuesday = yard.add_shift(weekday=1)

    with pytest.raises(Conflict, match="shift_overlap"):
        _change(yard, tuesday, weekday=0)
    with pytest.raises(Invalid, match="bad_shift"):
        _change(yard, tuesday, ends=tuesday.starts)
    with pytest.raises(Invalid, match="bad_shift"):
        _change(yard, tuesday, valid_to=date(2026, 3, 1))
    _change(yard, tuesday, weekday=2, version=1)
    with pytest.raises(Outdated, match="changed_since"):
        _change(yard, tuesday, weekday=3, version=1)


def test_substitute_for_a_day_is_free_on_that_day(yard: Yard) -> None:
    van = yard.add_van("A-2")
    yard.add_shift(driver_id=yard.wang.id, vehicle_id=van.id, starts=0, ends=30_000)

    with pytest.raises(Conflict, match="Wang is on A-2"):
        yard.change_on(yard.shift, MONDAY, driver_id=yard.wang.id)
    yard.change_on(yard.shift, MONDAY, driver_id=yard.wang.id, starts=30_000)

    assert [duty.driver.name for duty in yard.on(MONDAY)] == ["Wang", "Wang"]


def test_new_shift_knows_of_who_stands_in_on_a_day(yard: Yard) -> None:
    yard.change_on(yard.shift, NEXT_MONDAY, driver_id=yard.wang.id)
    van = yard.add_van("A-2")

    with pytest.raises(Conflict, match="on 2026-03-09 Wang is on A-1"):
        yard.add_shift(driver_id=yard.wang.id, vehicle_id=van.id)


def test_what_was_changed_for_a_day_comes_back_unless_it_is_taken(yard: Yard) -> None:
    van = yard.add_van("A-2")
    yard.change_on(yard.shift, MONDAY, cancelled=True)
    late = yard.add_shift(weekday=1, vehicle_id=van.id)
    yard.change_on(late, TUESDAY, starts=0, ends=3600)

    def restore(shift: Shift, day: date) -> None:
        with transaction(yard.db, actor=ACTOR) as session:
            shifts.restore_on(session, rows.locked(session, Shift, shift.id), day)

    restore(yard.shift, MONDAY)
    assert [duty.why_not for duty in yard.on(MONDAY)] == [""]
    yard.add_shift(weekday=1, driver_id=yard.li.id, starts=3600, ends=7200, valid_to=MONDAY)
    restore(late, TUESDAY)
    assert [duty.starts for duty in yard.on(TUESDAY)] == [28_800]
    with pytest.raises(Conflict, match="no_shift_then"):
        restore(late, TUESDAY)


def test_shift_is_changed_only_where_it_is_worked(yard: Yard) -> None:
    with pytest.raises(Conflict, match="no_shift_then"):
        yard.change_on(yard.shift, TUESDAY, cancelled=True)


def test_new_times_leave_room_for_what_was_changed_for_a_day(yard: Yard) -> None:
    yard.change_on(yard.shift, MONDAY, starts=50_000)

    with pytest.raises(Invalid, match="from second 50000 to 45000"):
        _change(yard, yard.shift, ends=45_000)
    _change(yard, yard.shift, ends=51_000)

    assert [(duty.starts, duty.ends) for duty in yard.on(MONDAY)] == [(50_000, 51_000)]
    with clock.replaced(lambda: datetime(2026, 3, 3, tzinfo=UTC)):
        _change(yard, yard.shift, ends=45_000)


def test_people_and_vehicles_are_of_the_depot(yard: Yard) -> None:
    other = Yard(yard.db, name="W2")

    with pytest.raises(Invalid, match="not_of_depot: vehicle A-1-W2 is not of W1"):
        yard.add_shift(weekday=1, vehicle_id=other.van.id)
    with pytest.raises(Invalid, match="not_of_depot: driver Wang is not of W1"):
        yard.change_on(yard.shift, MONDAY, driver_id=other.wang.id)


@pytest.mark.parametrize(
    "lunch",
    [
        {"break_s": 2700},
        {"break_s": 2700, "break_from": 41_400},
        {"break_s": 2700, "break_from": 41_400, "break_to": 62_000},
        {"break_s": 2700, "break_from": 28_000, "break_to": 41_400},
    ],
)
def test_break_lies_within_the_shift(yard: Yard, lunch: dict[str, int]) -> None:
    with pytest.raises(Invalid, match="bad_shift"):
        yard.add_shift(weekday=1, **lunch)


def test_day_that_is_cut_short_has_no_break_it_has_no_room_for(yard: Yard) -> None:
    lunch = {"break_s": 2700, "break_from": 41_400, "break_to": 45_900}
    tuesday = yard.add_shift(weekday=1, **lunch)
    assert [duty.break_s for duty in yard.on(TUESDAY)] == [2700]

    yard.change_on(tuesday, TUESDAY, ends=43_200)

    assert [duty.break_s for duty in yard.on(TUESDAY)] == [0]


def test_of_many_who_give_a_driver_a_shift_at_once_one_does(yard: Yard) -> None:
    vans = [yard.add_van(f"B-{n}") for n in range(4)]
    start = Barrier(len(vans))

    def give(n: int) -> str:
        start.wait(timeout=30)
        new = yard.new_shift(weekday=3, vehicle_id=vans[n].id, starts=3600 * n)
        try:
            retried(yard.db, lambda session: shifts.add(session, new).id, actor=ACTOR)
        except Refused as refused:
            return refused.code
        return "given"

    with ThreadPoolExecutor(len(vans)) as pool:
        fates = sorted(pool.map(give, range(len(vans))))

    assert fates == ["given", *["shift_overlap"] * 3]
    with reading(yard.db) as session:
        thursdays = select(func.count()).where(Shift.weekday == 3)
        assert session.scalar(thursdays) == 1


def test_absence_can_be_shortened_and_taken_back(yard: Yard) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        away = Absence(driver_id=yard.li.id, first_day=MONDAY, last_day=NEXT_MONDAY, reason="ill")
        absences.report(session, away)

    with transaction(yard.db, actor=ACTOR) as session:
        absences.change(session, rows.locked(session, Absence, away.id), {"last_day": MONDAY})
    assert [d.why_not for day in (MONDAY, NEXT_MONDAY) for d in yard.on(day)] == [
        "Li is away: ill",
        "",
    ]
    with transaction(yard.db, actor=ACTOR) as session:
        with pytest.raises(Invalid, match="bad_absence"):
            absences.change(
                session, rows.get(session, Absence, away.id), {"last_day": date(2026, 3, 1)}
            )
        absences.remove(session, rows.locked(session, Absence, away.id))
    assert [duty.why_not for duty in yard.on(MONDAY)] == [""]
