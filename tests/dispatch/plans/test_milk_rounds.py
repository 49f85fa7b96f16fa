"""Milk runs in the plan of a day, beside its deliveries."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatch.catalogue import suppliers
from dispatch.fleet.vehicles import Vehicle
from dispatch.intake import milk_runs
from dispatch.plans import board, plans, runs, worker
from dispatch.plans.gathering import Gatherer
from dispatch.plans.published import Stop
from dispatch.stock import incoming
from dispatch.store.database import Database, reading, transaction
from maps.store import RoadMap
from tests.dispatch.plans import round as rounds
from tests.dispatch.plans.round import ACTOR, DAY, Round, moment
from tests.dispatch.plans.searches import look, until
from tests.dispatch.town import point

pytestmark = pytest.mark.xdist_group("town")

TEN = 10 * 3600


@pytest.fixture
def firm(db: Database) -> Round:
    return rounds.opened(db)


@pytest.fixture
def gatherer(town: RoadMap) -> Gatherer:
    return Gatherer(town)


def milk_run(firm: Round, **changes: Any) -> list[str]:
    """Begin a milk run to three suppliers, ten minutes apart; return its halts by their keys."""
    with transaction(firm.db, actor=ACTOR) as session:
        stops = []
        for n in range(3):
            lon, lat = point(2 * n, 5)
            place = {"name": f"Supplier {n}", "address": "", "lon": lon, "lat": lat, "hours": None}
            key = suppliers.add(session, place).id
            at = TEN + n * 600
            stops.append({"supplier_id": str(key), "at": at, "tolerance_s": 900, "service_s": 300})
            incoming.expect(
                session,
                firm.depot,
                firm.part,
                3,
                supplier=f"Supplier {n}",
                document=f"PO-{n}",
                expected_at=moment(TEN),
            )
        values = {
            "depot_id": firm.depot,
            "name": "South",
            "vehicle_id": None,
            "skills": [],
            "stops": stops,
            "weekdays": [DAY.weekday()],
            "every_weeks": 1,
            "valid_from": date(2026, 1, 1),
            "valid_to": None,
            "on_holiday": "skip",
            **changes,
        }
        run = milk_runs.begin(session, values)
        return [f"{run.id}@{stop['supplier_id']}" for stop in stops]


def solved(firm: Round, gatherer: Gatherer, wave: str = "") -> tuple[UUID, plans.PlanVersion]:
    with transaction(firm.db, actor=ACTOR) as session:
        plan = plans.draft(session, firm.depot, DAY, wave)
        run = runs.ask(session, plan, seconds=1).id
        plan_id = plan.id
    over = until(lambda: look(firm.db, run).state not in runs.OPEN)
    worker.made(firm.db, gatherer).work(until=over)
    assert look(firm.db, run).error is None
    with reading(firm.db) as session:
        found = plans.version(session, plans.get(session, plan_id))
        assert found is not None
        return plan_id, found


def test_suppliers_are_visited_in_their_order_by_one_van(firm: Round, gatherer: Gatherer) -> None:
    firm.van(capacity_g=120_000)
    firm.van(capacity_g=120_000)
    halts = milk_run(firm)
    deliveries = [firm.order(1 + n, 3, kg=40) for n in range(4)]
    plan_id, version = solved(firm, gatherer)

    assert version.num_unplanned == 0
    (route,) = [stops for stops in version.sequences.values() if halts[0] in stops]
    assert [stop for stop in route if stop in halts] == halts
    shown = [stop for one in version.outline["routes"] for stop in one["stops"]]
    at_suppliers = [stop for stop in shown if stop["supplier_id"]]
    assert [stop["name"] for stop in at_suppliers] == [f"Supplier {n}" for n in range(3)]
    assert all(stop["deliveries"] == [] for stop in at_suppliers)
    brought = {one["id"] for stop in shown for one in stop["deliveries"]}
    assert brought == set(deliveries)

    board.publish(firm.db, gatherer, plan_id, note="", actor=ACTOR)
    with reading(firm.db) as session:
        query = select(Stop).where(Stop.supplier_id.is_not(None)).order_by(Stop.position)
        stops = session.scalars(query).all()
        assert [f"{stop.milk_run_id}@{stop.supplier_id}" for stop in stops] == halts
    # What one plan of the day drives, no other does.
    late = firm.order(3, 3)
    with transaction(firm.db, actor=ACTOR) as session:
        other = plans.draft(session, firm.depot, DAY, "1").id
    assert [visit.id for visit in gatherer(firm.db, other).problem.visits] == [late]


def test_what_is_collected_fills_the_van(firm: Round, gatherer: Gatherer) -> None:
    firm.van(capacity_g=60_000)
    halts = milk_run(firm)
    _, version = solved(firm, gatherer)
    left_out = {one["order"]: one for one in version.outline["unplanned"]}
    assert len(left_out) == version.num_unplanned >= 1
    assert set(left_out) <= {f"South: Supplier {n}" for n in range(3)}
    assert all(one["order_id"] is None and one["reasons"] for one in left_out.values())
    assert {one["id"] for one in left_out.values()} <= set(halts)


def test_run_whose_van_does_not_drive_is_left_out(firm: Round, gatherer: Gatherer) -> None:
    firm.van()
    firm.van(active=False)
    with reading(firm.db) as session:
        idle = session.scalars(select(Vehicle).where(~Vehicle.active)).one().id
    milk_run(firm, vehicle_id=idle)
    firm.order(1, 3)
    with transaction(firm.db, actor=ACTOR) as session:
        plan = plans.draft(session, firm.depot, DAY).id
    inputs = gatherer(firm.db, plan)
    assert len(inputs.problem.visits) == 1
    assert {one.reasons[0].code for one in inputs.gathered.impossible} == {"NO_VEHICLE"}
    assert len(inputs.gathered.impossible) == 3


def test_a_run_is_in_the_wave_that_leaves_before_it(firm: Round, gatherer: Gatherer) -> None:
    firm.van()
    milk_run(firm)
    firm.wave("2", 9 * 3600 + 1800)
    firm.wave("3", 12 * 3600)
    found = {}
    for wave in ("1", "2", "3"):
        with transaction(firm.db, actor=ACTOR) as session:
            plan = plans.draft(session, firm.depot, DAY, wave).id
        found[wave] = len(gatherer(firm.db, plan).problem.visits)
    # The second wave is loaded at 09:45; from then on the first supplier waits.
    assert found == {"1": 0, "2": 3, "3": 0}
