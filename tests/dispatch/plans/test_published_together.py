"""Plans that are published at once: each delivery is on one route that is driven, and no more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import func, select

from dispatch.intake import orders
from dispatch.intake.deliveries import Delivery
from dispatch.plans import board, plans
from dispatch.plans.board import Edit
from dispatch.plans.gathering import Gatherer
from dispatch.plans.plans import Plan
from dispatch.plans.published import OPEN, Route, Stop, StopDelivery
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Refused
from maps.store import RoadMap
from tests.dispatch.plans import round as rounds
from tests.dispatch.plans.round import ACTOR, DAY, Round

pytestmark = pytest.mark.xdist_group("town")

AT_ONCE = 4


@pytest.fixture
def firm(db: Database) -> Round:
    return rounds.opened(db)


@pytest.fixture
def gatherer(town: RoadMap) -> Gatherer:
    return Gatherer(town)


def made(firm: Round, gatherer: Gatherer, wave: str, van: str, stops: list[str]) -> UUID:
    """Return a plan by hand, ready to be published."""
    with transaction(firm.db, actor=ACTOR) as session:
        plan_id = plans.draft(session, firm.depot, DAY, wave).id
    edit = Edit("move", stops, vehicle=van)
    board.save(firm.db, gatherer, plan_id, edit, on=0, note="", actor=ACTOR)
    return plan_id


def published(firm: Round, gatherer: Gatherer, plan_ids: list[UUID]) -> list[str]:
    """Publish plans at once; return what became of each."""
    start = Barrier(len(plan_ids))

    def publish(plan_id: UUID) -> str:
        start.wait()
        try:
            board.publish(firm.db, gatherer, plan_id, note="", actor=ACTOR)
        except Refused as error:
            return error.code
        return "published"

    with ThreadPoolExecutor(len(plan_ids)) as pool:
        return list(pool.map(publish, plan_ids))


def driven(db: Database) -> dict[str, int]:
    """Return on how many routes that are driven each delivery is."""
    query = (
        select(StopDelivery.delivery_id, func.count())
        .join(Stop, Stop.id == StopDelivery.stop_id)
        .join(Route, Route.id == Stop.route_id)
        .where(Route.status.in_(OPEN))
        .group_by(StopDelivery.delivery_id)
    )
    with reading(db) as session:
        return {str(key): count for key, count in session.execute(query)}


def test_of_plans_of_one_wave_the_last_one_is_driven(firm: Round, gatherer: Gatherer) -> None:
    van = firm.van()
    stops = [firm.order(1, 3), firm.order(2, 3)]
    ids = [made(firm, gatherer, "1", van, stops) for _ in range(AT_ONCE)]
    assert published(firm, gatherer, ids) == ["published"] * AT_ONCE
    with reading(firm.db) as session:
        states = sorted(session.scalars(select(Plan.status)))
    assert states == ["published"] + ["superseded"] * (AT_ONCE - 1)
    assert driven(firm.db) == dict.fromkeys(stops, 1)


def test_of_two_waves_that_want_one_delivery_one_is_refused(
    firm: Round, gatherer: Gatherer
) -> None:
    van = firm.van()
    stops = [firm.order(1, 3), firm.order(2, 3)]
    ids = [made(firm, gatherer, wave, van, stops) for wave in ("1", "")]
    assert sorted(published(firm, gatherer, ids)) == ["plan_stale", "published"]
    assert driven(firm.db) == dict.fromkeys(stops, 1)


def test_an_order_that_is_cancelled_meanwhile_is_on_no_route_that_waits_for_it(
    firm: Round, gatherer: Gatherer
) -> None:
    van = firm.van()
    stops = [firm.order(1, 3), firm.order(2, 3)]
    plan_id = made(firm, gatherer, "1", van, stops)
    with reading(firm.db) as session:
        order_id = session.get_one(Delivery, UUID(stops[0])).order_id
    start = Barrier(2)

    def cancel() -> None:
        start.wait()
        with transaction(firm.db, actor=ACTOR) as session:
            orders.cancel(session, orders.get(session, order_id), reason="not needed")

    def publish() -> str:
        start.wait()
        try:
            board.publish(firm.db, gatherer, plan_id, note="", actor=ACTOR)
        except Refused as error:
            return error.code
        return "published"

    with ThreadPoolExecutor(2) as pool:
        other = pool.submit(cancel)
        became = pool.submit(publish).result()
        other.result()
    with reading(firm.db) as session:
        status = session.get_one(Delivery, UUID(stops[0])).status
    # Cancelled first, the plan is stale; published first, the delivery was planned and is gone now.
    assert status == "cancelled"
    assert became in {"plan_stale", "published"}
