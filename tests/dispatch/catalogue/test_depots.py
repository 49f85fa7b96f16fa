from __future__ import annotations

from datetime import date, timedelta

import pytest

from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.hours import Span
from dispatch.store import rows
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Invalid
from tests.dispatch.shop import ACTOR

HOURS = {"week": {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
THURSDAY, SATURDAY = date(2026, 10, 1), date(2026, 10, 10)


def _depot(db: Database, **known: object) -> Depot:
    usual = {"name": "W1", "lon": 121.5, "lat": 31.2, "time_zone": "Asia/Shanghai"}
    with transaction(db, actor=ACTOR) as session:
        return depots.add(session, **{**usual, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"time_zone": "Shanghai"}, "bad_time_zone"),
        ({"lon": 200.0}, "bad_coordinates"),
        ({"settings": {"servce_s": 1}}, "bad_setting"),
        ({"settings": {"service_s": -1}}, "bad_setting"),
    ],
)
def test_depot_without_sense_is_refused(db: Database, known: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        _depot(db, **known)


def test_setting_that_was_changed_leaves_the_others(db: Database) -> None:
    depot = _depot(db)

    with transaction(db, actor=ACTOR) as session:
        known = rows.get(session, Depot, depot.id)
        depots.change_settings(session, known, {"service_s": 300})
        depots.change_settings(session, known, {"load_s": 600})

    with reading(db) as session:
        found = depots.settings(rows.get(session, Depot, depot.id))
        assert (found.service_s, found.load_s, found.service_per_line_s) == (300, 600, 12)


def test_nobody_works_on_a_public_holiday(db: Database) -> None:
    depot = _depot(db, hours=HOURS)

    with transaction(db, actor=ACTOR) as session:
        depots.declare(session, depot, THURSDAY, "国庆节")

    with reading(db) as session:
        assert depots.weekday(session, depot.id, THURSDAY) is None
        assert depots.opening(session, depot, THURSDAY) == ()


def test_saturday_may_be_worked_as_another_weekday(db: Database) -> None:
    depot = _depot(db, hours=HOURS)

    with reading(db) as session:
        assert depots.opening(session, depot, SATURDAY) == ()
    with transaction(db, actor=ACTOR) as session:
        depots.declare(session, depot, SATURDAY, "调休", weekday=0)

    with reading(db) as session:
        assert depots.weekday(session, depot.id, SATURDAY) == 0
        assert depots.opening(session, depot, SATURDAY) == (Span(28800, 64800),)


def test_depot_without_hours_is_always_open(db: Database) -> None:
    depot = _depot(db)

    with reading(db) as session:
        assert depots.opening(session, depot, SATURDAY) == (Span(0, 86400),)


def test_eighth_weekday_is_refused(db: Database) -> None:
    depot = _depot(db)

    with pytest.raises(Invalid, match="bad_weekday"), transaction(db, actor=ACTOR) as session:
        depots.declare(session, depot, SATURDAY, "", weekday=7)


def test_working_days_are_those_on_which_a_depot_opens(db: Database) -> None:
    closed_on_friday = {**HOURS, "exceptions": {"2026-10-02": []}}
    depot = _depot(db, hours=closed_on_friday)
    with transaction(db, actor=ACTOR) as session:
        depots.declare(session, depot, THURSDAY, "国庆节")
        depots.declare(session, depot, SATURDAY, "调休", weekday=3)

    with reading(db) as session:
        found = depots.working_days(session, depot, THURSDAY, SATURDAY)
        days = [THURSDAY + timedelta(days=n) for n in range(10)]
        assert found == {day for day in days if depots.opening(session, depot, day)}
        assert sorted(day.day for day in found) == [5, 6, 7, 8, 9, 10]
