from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from dispatch.catalogue import depots
from dispatch.fleet import absences, papers, shifts, vehicles
from dispatch.fleet.absences import Absence
from dispatch.fleet.papers import Paper
from dispatch.fleet.shifts import ShiftChange
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid
from tests.dispatch.fleet.yard import MONDAY, Yard
from tests.dispatch.shop import ACTOR


@pytest.fixture
def yard(db: Database) -> Yard:
    return Yard(db)


def test_shift_repeats_on_its_weekday(yard: Yard) -> None:
    (duty,) = yard.on(date(2026, 3, 9))

    assert (duty.driver.name, duty.vehicle.plate, duty.why_not) == ("Li", "A-1-W1", "")
    assert duty.starts_at == datetime(2026, 3, 9, tzinfo=UTC)
    assert yard.on(date(2026, 3, 10)) == []
    assert yard.on(date(2026, 2, 23)) == []


def test_shift_is_changed_for_one_day(yard: Yard) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        change = ShiftChange(shift_id=yard.shift.id, on=MONDAY, starts=36_000)
        change.driver_id = yard.wang.id
        shifts.change_on(session, change)

    (duty,) = yard.on(MONDAY)
    (next_week,) = yard.on(date(2026, 3, 9))

    assert (duty.driver.name, duty.starts, duty.ends) == ("Wang", 36_000, 63_000)
    assert (next_week.driver.name, next_week.starts) == ("Li", 28_800)


def test_cancelled_shift_is_not_worked(yard: Yard) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        shifts.change_on(session, ShiftChange(shift_id=yard.shift.id, on=MONDAY, cancelled=True))

    assert yard.on(MONDAY) == []


def test_absent_driver_cannot_work_and_it_is_said_why(yard: Yard) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        away = Absence(driver_id=yard.li.id, first_day=MONDAY, last_day=MONDAY, reason="ill")
        absences.report(session, away)

    assert [duty.why_not for duty in yard.on(MONDAY)] == ["Li is away: ill"]
    assert [duty.why_not for duty in yard.on(date(2026, 3, 9))] == [""]


def test_expired_paper_keeps_a_vehicle_in_and_is_told_before(yard: Yard) -> None:
    paper = Paper(vehicle_id=yard.van.id, kind="inspection", expires_on=date(2026, 3, 8))
    with transaction(yard.db, actor=ACTOR) as session:
        papers.add(session, paper)

    assert [duty.why_not for duty in yard.on(MONDAY)] == [""]
    assert [duty.why_not for duty in yard.on(date(2026, 3, 9))] == [
        "inspection expired on 2026-03-08"
    ]
    with reading(yard.db) as session:
        soon = papers.expiring(session, yard.depot.id, MONDAY, days=6)
        assert [one.kind for one in soon] == ["inspection"]
        assert papers.expiring(session, yard.depot.id, MONDAY, days=5) == []


def test_holiday_and_worked_saturday_decide_who_works(yard: Yard) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        depots.declare(session, yard.depot, MONDAY, "holiday")
        depots.declare(session, yard.depot, date(2026, 3, 7), "worked", weekday=0)

    assert yard.on(MONDAY) == []
    assert [duty.driver.name for duty in yard.on(date(2026, 3, 7))] == ["Li"]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 8.75), (date(2026, 10, 25), 10.75)])
def test_shift_over_a_clock_change_keeps_its_clock_times(
    db: Database, day: date, hours: float
) -> None:
    yard = Yard(db, zone="Europe/Berlin")
    with transaction(db, actor=ACTOR) as session:
        shifts.add(session, yard.new_shift(weekday=6, starts=0, ends=35_100))

    (duty,) = yard.on(day)

    assert (duty.ends_at - duty.starts_at).total_seconds() / 3600 == hours


@pytest.mark.parametrize(
    "known",
    [
        {"starts": 63_000, "ends": 28_800},
        {"ends": 200_000},
        {"weekday": 7},
        {"break_s": 2700, "break_from": 0, "break_to": 3600},
    ],
)
def test_shift_without_sense_is_refused(yard: Yard, known: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="bad_shift"), transaction(yard.db, actor=ACTOR) as session:
        shifts.add(session, yard.new_shift(**known))


def test_vehicle_without_sense_is_refused_with_all_that_is_wrong(yard: Yard) -> None:
    bad = yard.vehicle(plate="A-2", profile="boat", capacity_g=-1, cost_per_km=-5)

    with pytest.raises(Invalid, match="bad_vehicle") as refused:  # noqa: SIM117
        with transaction(yard.db, actor=ACTOR) as session:
            vehicles.add_vehicle(session, bad)

    assert refused.value.cause.count(";") == 2


def test_plate_is_taken_once(yard: Yard) -> None:
    with pytest.raises(Conflict, match="already_there"):  # noqa: SIM117
        with transaction(yard.db, actor=ACTOR) as session:
            vehicles.add_vehicle(session, yard.vehicle())


def test_paper_has_one_owner_and_absence_an_end(yard: Yard) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        with pytest.raises(Invalid, match="paper_without_owner"):
            papers.add(session, Paper(kind="licence", expires_on=MONDAY))
        away = Absence(
            driver_id=yard.li.id, first_day=MONDAY, last_day=date(2026, 3, 1), reason="ill"
        )
        with pytest.raises(Invalid, match="bad_absence"):
            absences.report(session, away)
