"""From where an order comes: its options, and the solver's choice among them (S33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select

from dispatch.catalogue import supersession
from dispatch.intake import goods_in, orders, sourcing, warehouse
from dispatch.intake.deliveries import Delivery
from dispatch.intake.sourcing import SourcingOption, Way
from dispatch.plans import choices
from dispatch.plans.choices import Wanted
from dispatch.stock import availability, incoming, lanes, transfers
from dispatch.stock.receiving import Goods
from dispatch.stock.transfers import Transfer
from dispatch.store import clock
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid
from routing.problem import Matrix, Problem, Vehicle, Window
from routing.solution import Solution
from routing.solve import Budget, solve
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""09:00 in Shanghai."""


@pytest.fixture
def morning() -> Iterator[None]:
    with clock.replaced(lambda: NINE):
        yield


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def _bring_in(shop: Shop, depot: UUID, part: UUID, quantity: int, lot: str | None = None) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        goods = [Goods(part, quantity, "A-01", lot)]
        goods_in.receive(session, depot, goods, supplier="S", document="D")


def _s33(shop: Shop) -> tuple[UUID, UUID]:
    """W1 has two of three parts, W2 has all; a transfer leaves at 11:00 and takes an hour."""
    other = shops.other_depot(shop.db)
    for part, lot in ((shop.part, None), (shop.other_part, None), (shop.lot_part, "L7")):
        _bring_in(shop, other, part, 1, lot)
        if lot is None:
            _bring_in(shop, shop.depot, part, 1)
    with transaction(shop.db, actor=ACTOR) as session:
        lanes.set_terms(session, shop.depot, split_price=2_600, handling_s=0)
        lanes.set_terms(session, other, split_price=2_600, handling_s=0)
        lanes.set_lane(
            session, other, shop.depot, price=400, duration_s=3600, departures=[11 * 3600]
        )
    return other, shop.place(1, 1, 1)


def _options(shop: Shop, order_id: UUID) -> list[SourcingOption]:
    with transaction(shop.db, actor=ACTOR) as session:
        return sourcing.options(session, orders.get(session, order_id))


def _accept(shop: Shop, order_id: UUID, option: SourcingOption) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        sourcing.accept(session, orders.get(session, order_id), option)


def _wanted(found: list[SourcingOption], latest_s: int) -> Wanted:
    """Return the order's options, on a road: W2 at 0 km, W1 at 12 km, the customer at 15 km."""
    return Wanted("A-1", 2, found, windows=(Window(0, latest_s),), service_s=240)


def _plan(shop: Shop, other: UUID, wanted: Wanted) -> Solution:
    at_km = np.array([12, 0, 15])
    metres = (np.abs(at_km[:, None] - at_km[None, :]) * 1000).astype(np.int32)
    visits, either = choices.build(
        [wanted],
        start=NINE,
        depots={shop.depot: 0, other: 1},
        loads=dict.fromkeys((shop.part, shop.other_part, shop.lot_part), (900, 700)),
    )
    vans = tuple(
        Vehicle(
            id=name,
            profile="van",
            start=place,
            end=place,
            shift=Window(0, 8 * 3600),
            capacity=(10_000, 10_000),
            cost_per_km=75,
        )
        for name, place in (("V-1", 0), ("V-2", 1))
    )
    problem = Problem(
        vehicles=vans,
        visits=visits,
        matrices={"van": Matrix((metres / 10).astype(np.int32), metres)},
        dimensions=("weight", "volume"),
        choices=either,
    )
    return solve(problem, Budget(iterations=200), seed=1)


@pytest.mark.usefixtures("morning")
def test_s33_options_of_an_order_of_three_lines(shop: Shop) -> None:
    other, order = _s33(shop)

    found = _options(shop, order)

    told = [(one.way, set(one.ready_at), one.price) for one in found]
    assert told == [
        (Way.WHOLE, {other}, 0),
        (Way.SPLIT, {shop.depot, other}, 2_600),
        (Way.TRANSFER, {shop.depot}, 400),
    ]
    assert [one.whole_at - NINE for one in found] == [
        timedelta(0),
        timedelta(0),
        timedelta(hours=3),
    ]


@pytest.mark.usefixtures("morning")
@pytest.mark.parametrize(("latest_h", "way"), [(6, Way.TRANSFER), (1, Way.WHOLE)])
def test_s33_solver_takes_the_cheapest_that_keeps_the_window(
    shop: Shop, latest_h: int, way: Way
) -> None:
    # From W1 and back: 6 km, 4.50; from W2: 30 km, 22.50, so 18.00 more; the transfer costs 4.00.
    other, order = _s33(shop)
    wanted = _wanted(_options(shop, order), latest_h * 3600)

    plan = _plan(shop, other, wanted)

    (option,) = choices.taken([wanted], plan).values()
    assert option.way == way
    _accept(shop, order, option)
    shops.assert_books_right(shop.db)


@pytest.mark.usefixtures("morning")
def test_transfer_of_an_option_brings_the_rest_to_who_delivers(shop: Shop) -> None:
    _, order = _s33(shop)
    _accept(shop, order, _options(shop, order)[2])
    assert shop.of(order) == {"reserved": 3}

    with transaction(shop.db, actor=ACTOR) as session:
        (transfer,) = session.scalars(select(Transfer)).all()
        assert transfer.expected_at == NINE + timedelta(hours=3)
        warehouse.send_transfer(session, transfer.id, today=NINE.date(), van="V-9")
        warehouse.receive_transfer(session, transfer.id, bin="B-01")

    assert shop.of(order) == {"reserved": 3}
    with reading(shop.db) as session:
        (delivery,) = session.scalars(select(Delivery)).all()
        assert delivery.depot_id == shop.depot
    shops.assert_books_right(shop.db)


@pytest.mark.usefixtures("morning")
def test_option_whose_goods_were_taken_meanwhile_is_refused_as_a_whole(shop: Shop) -> None:
    _, order = _s33(shop)
    split = _options(shop, order)[1]
    shop.order(1)

    with pytest.raises(Conflict, match="sourcing_changed"):
        _accept(shop, order, split)

    assert shop.of(order) == {}
    assert shop.level() == (1, 1)


@pytest.mark.usefixtures("morning")
def test_depot_waits_for_what_it_expects_after_those_who_wait_already(shop: Shop) -> None:
    shop.order(2)
    with transaction(shop.db, actor=ACTOR) as session:
        for hours, quantity in ((1, 2), (5, 3)):
            incoming.expect(
                session,
                shop.depot,
                shop.part,
                quantity,
                supplier="S",
                document="P-1",
                expected_at=NINE + timedelta(hours=hours),
            )
    order = shop.place(1)

    (option,) = _options(shop, order)

    assert (option.way, option.whole_at) == (Way.WAIT, NINE + timedelta(hours=5))
    _accept(shop, order, option)
    assert shop.of(order) == {"waiting": 1}


@pytest.mark.usefixtures("morning")
def test_order_that_nobody_has_and_nobody_expects_has_no_option(shop: Shop) -> None:
    assert _options(shop, shop.place(1)) == []


@pytest.mark.usefixtures("morning")
def test_two_lines_of_one_part_are_not_promised_the_same_goods(shop: Shop) -> None:
    shop.receive(3)
    new = orders.NewOrder(
        number="D-1",
        customer_id=shop.customer,
        depot_id=shop.depot,
        lines=[orders.Wanted(shop.part, 2), orders.Wanted(shop.part, 2)],
    )
    with transaction(shop.db, actor=ACTOR) as session:
        order = orders.place(session, new).id

    assert _options(shop, order) == []


@pytest.mark.usefixtures("morning")
def test_cheapest_option_in_time_is_chosen_without_routes(shop: Shop) -> None:
    _, order = _s33(shop)
    split, moved = _options(shop, order)[1:]

    assert sourcing.choose([split, moved], latest_at=None) is moved
    assert sourcing.choose([split, moved], latest_at=NINE + timedelta(hours=1)) is split
    assert sourcing.choose([moved], latest_at=NINE) is None


def test_availability_tells_what_is_expected_and_when(shop: Shop) -> None:
    other = shops.other_depot(shop.db)
    shop.receive(5)
    with transaction(shop.db, actor=ACTOR) as session:
        transfers.plan(
            session,
            shop.depot,
            other,
            [transfers.Wanted(shop.part, 2)],
            expected_at=NINE,
            document="T-1",
        )
        incoming.expect(session, other, shop.part, 4, supplier="S", document="P", expected_at=NINE)
    _bring_in(shop, other, shop.part, 1)

    with reading(shop.db) as session:
        by_depot = {one.shelf.depot_id: one for one in availability.of_part(session, shop.part)}
    assert by_depot[shop.depot].incoming == ()
    assert by_depot[other].available == 1
    assert sorted((one.by, one.quantity) for one in by_depot[other].incoming) == [
        ("purchase", 3),
        ("transfer", 2),
    ]


def test_substitutes_that_are_there_are_shown(shop: Shop) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        supersession.supersede(session, shop.part, shop.other_part)
        supersession.supersede(session, shop.other_part, shop.lot_part)
    shop.receive(2, part=shop.other_part)

    with reading(shop.db) as session:
        (instead,) = availability.instead_of(session, shop.part)
    assert (instead.part_id, instead.depots[0].available) == (shop.other_part, 2)


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda s, a, b: lanes.set_lane(s, a, a, price=1, duration_s=1), "bad_lane"),
        (lambda s, a, b: lanes.set_lane(s, a, b, price=-1, duration_s=1), "bad_lane"),
        (
            lambda s, a, b: lanes.set_lane(s, a, b, price=1, duration_s=1, departures=[86400]),
            "bad_lane",
        ),
        (lambda s, a, b: lanes.set_terms(s, a, split_price=-1, handling_s=0), "bad_terms"),
    ],
)
def test_settings_without_sense_are_refused(shop: Shop, work: object, code: str) -> None:
    other = shops.other_depot(shop.db)

    with pytest.raises(Invalid, match=code), transaction(shop.db, actor=ACTOR) as session:
        work(session, shop.depot, other)  # type: ignore[operator]
