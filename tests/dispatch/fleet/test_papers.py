from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot
from dispatch.fleet import papers, vehicles
from dispatch.fleet.papers import Paper
from dispatch.fleet.vehicles import Vehicle
from dispatch.store import clock, rows
from dispatch.store.database import Database, reading, retried, transaction
from dispatch.store.events import Event
from tests.dispatch.fleet.yard import Yard
from tests.dispatch.shop import ACTOR

LAST_DAY = date(2026, 3, 31)


class Days:
    """The clock at noon in Shanghai, so many days before the last one of the paper."""

    left = 100

    def now(self) -> datetime:
        noon = datetime(2026, 3, 31, 4, tzinfo=UTC)
        return noon - timedelta(days=self.left)


@pytest.fixture
def days() -> Iterator[Days]:
    ours = Days()
    with clock.replaced(ours.now):
        yield ours


@pytest.fixture
def yard(db: Database, days: Days) -> Yard:
    return Yard(db)


@pytest.fixture
def paper(yard: Yard) -> Paper:
    with transaction(yard.db, actor=ACTOR) as session:
        return papers.add(
            session, Paper(vehicle_id=yard.van.id, kind="inspection", expires_on=LAST_DAY)
        )


def _warn(db: Database) -> int:
    return retried(db, papers.warn, actor="housekeeping")


def _told(db: Database) -> list[tuple[str, int]]:
    query = select(Event).where(Event.kind.in_(["paper.expiring", "paper.expired"]))
    with reading(db) as session:
        found = session.scalars(query.order_by(Event.id)).all()
        return [(event.kind, event.data["days_left"]) for event in found]


def test_is_told_once_when_it_comes_near_and_once_when_it_is_over(
    yard: Yard, paper: Paper, days: Days
) -> None:
    for days.left in (31, 30, 29, 0, -1, -2):
        _warn(yard.db)

    assert _told(yard.db) == [("paper.expiring", 30), ("paper.expired", -1)]


def test_event_is_for_those_of_the_depot(yard: Yard, paper: Paper, days: Days) -> None:
    days.left = 5
    _warn(yard.db)

    with reading(yard.db) as session:
        event = session.scalars(select(Event).where(Event.kind == "paper.expiring")).one()
    assert event.subjects == {
        "paper": str(paper.id),
        "vehicle": str(yard.van.id),
        "depot": str(yard.depot.id),
    }


def test_renewed_paper_is_told_anew(yard: Yard, paper: Paper, days: Days) -> None:
    days.left = 10
    _warn(yard.db)
    with transaction(yard.db, actor=ACTOR) as session:
        later = LAST_DAY + timedelta(days=15)
        papers.change(session, rows.locked(session, Paper, paper.id), {"expires_on": later})

    assert _warn(yard.db) == 1
    assert _told(yard.db) == [("paper.expiring", 10), ("paper.expiring", 25)]


def test_depot_decides_how_early(yard: Yard, paper: Paper, days: Days) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        depot = rows.locked(session, Depot, yard.depot.id)
        depots.change_settings(session, depot, {"warn_days": 7})
    days.left = 8
    assert _warn(yard.db) == 0
    days.left = 7
    assert _warn(yard.db) == 1


def test_nobody_is_told_of_what_is_out_of_service(yard: Yard, paper: Paper, days: Days) -> None:
    days.left = 5
    with transaction(yard.db, actor=ACTOR) as session:
        van = rows.locked(session, Vehicle, yard.van.id)
        vehicles.change_vehicle(session, van, {"active": False})

    assert _warn(yard.db) == 0


def test_servers_that_look_at_once_tell_it_once(yard: Yard, paper: Paper, days: Days) -> None:
    with transaction(yard.db, actor=ACTOR) as session:
        for n in range(5):
            papers.add(
                session, Paper(driver_id=yard.li.id, kind=f"licence {n}", expires_on=LAST_DAY)
            )
    days.left = 3
    start = Barrier(4)

    def look(_: int) -> int:
        start.wait(timeout=30)
        return _warn(yard.db)

    with ThreadPoolExecutor(4) as pool:
        told = sum(pool.map(look, range(4)))

    assert told == 6
    assert _told(yard.db) == [("paper.expiring", 3)] * 6


def test_paper_can_be_forgotten(yard: Yard, paper: Paper, days: Days) -> None:
    days.left = 3
    with transaction(yard.db, actor=ACTOR) as session:
        papers.remove(session, rows.locked(session, Paper, paper.id))

    assert _warn(yard.db) == 0
