from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatch.catalogue import depots, suppliers
from dispatch.catalogue.depots import Depot
from dispatch.fleet import vehicles
from dispatch.fleet.vehicles import Vehicle
from dispatch.intake import collecting, milk_runs, round_goods, rounds
from dispatch.intake.collecting import DrivenRound
from dispatch.intake.milk_runs import MilkRun
from dispatch.intake.round_goods import Note
from dispatch.intake.rounds import Collection
from dispatch.stock import incoming
from dispatch.stock.incoming import Purchase
from dispatch.stock.receiving import Goods
from dispatch.store import clock, events, rows, states
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

TUESDAY = date(2026, 3, 3)
THURSDAY = TUESDAY + timedelta(days=2)
NEXT_TUESDAY = TUESDAY + timedelta(days=7)
HOUR = 3600


@dataclass(frozen=True)
class Supply:
    """A shop with five suppliers, and a milk run to them on Tuesdays and Thursdays."""

    shop: Shop
    suppliers: list[UUID]
    run: UUID

    @property
    def db(self) -> Database:
        return self.shop.db

    def buy(self, n: int, quantity: int, on: date, part: UUID | None = None) -> UUID:
        """Expect something of the n-th supplier on a day."""
        moment = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
        with transaction(self.db, actor=ACTOR) as session:
            return incoming.expect(
                session,
                self.shop.depot,
                part or self.shop.part,
                quantity,
                supplier=f"Supplier {n}",
                document=f"PO-{n}",
                expected_at=moment,
            ).id

    def on(self, day: date) -> list[DrivenRound]:
        with reading(self.db) as session:
            return collecting.collections_of(
                session, rows.get(session, Depot, self.shop.depot), day
            )

    def collected(self, day: date) -> list[UUID]:
        """Return the purchases that the rounds of a day collect."""
        return [
            load.purchase_id
            for driven in self.on(day)
            for stop in driven.stops
            for load in stop.loads
        ]

    def act(self, act: Callable[..., Any], *args: Any, run: UUID | None = None, **more: Any) -> Any:
        """Do something with the locked milk run, as a request does."""
        with transaction(self.db, actor=ACTOR) as session:
            return act(session, rows.locked(session, MilkRun, run or self.run), *args, **more)

    def skip(self, n: int, day: date) -> None:
        self.act(rounds.skip_stop, day, self.suppliers[n - 1], reason="closed for stock-taking")


def template(shop: Shop, supplier_ids: list[UUID], **changes: Any) -> dict[str, Any]:
    stops = [
        {"supplier_id": str(key), "at": (8 + n) * HOUR, "tolerance_s": 900, "service_s": 600}
        for n, key in enumerate(supplier_ids)
    ]
    return {
        "depot_id": shop.depot,
        "name": "South",
        "vehicle_id": None,
        "skills": ["dg"],
        "stops": stops,
        "weekdays": [1, 3],
        "every_weeks": 1,
        "valid_from": date(2026, 3, 1),
        "valid_to": None,
        "on_holiday": "skip",
        **changes,
    }


def begin(shop: Shop, supplier_ids: list[UUID], **changes: Any) -> UUID:
    with transaction(shop.db, actor=ACTOR) as session:
        return milk_runs.begin(session, template(shop, supplier_ids, **changes)).id


@pytest.fixture
def supply(db: Database) -> Supply:
    shop = shops.opened(db)
    with transaction(db, actor=ACTOR) as session:
        found = [
            suppliers.add(
                session,
                {
                    "name": f"Supplier {n}",
                    "address": f"工业路{n}号",
                    "lon": 121.5 + n / 100,
                    "lat": 31.2,
                    "hours": {"week": {"tue": ["08:00-12:30"]}} if n == 1 else None,
                },
            ).id
            for n in range(1, 6)
        ]
    return Supply(shop, found, begin(shop, found))


@contextmanager
def at(day: date, hour: int = 7) -> Iterator[None]:
    """Let it be an hour of a day in Shanghai."""
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=8)
    with clock.replaced(lambda: moment):
        yield


def test_s10_run_visits_its_suppliers_in_order_within_a_quarter_of_an_hour(supply: Supply) -> None:
    purchase = supply.buy(2, 3, TUESDAY)

    with at(TUESDAY):
        (driven,) = supply.on(TUESDAY)

    assert [stop.supplier_id for stop in driven.stops] == supply.suppliers
    first, second = driven.stops[:2]
    assert first.earliest_at == datetime(2026, 3, 2, 23, 45, tzinfo=UTC)
    assert first.latest_at == datetime(2026, 3, 3, 0, 15, tzinfo=UTC)
    assert (first.service_s, first.loads, first.weight_g) == (600, (), 0)
    assert [(load.purchase_id, load.quantity) for load in second.loads] == [(purchase, 3)]
    assert (second.weight_g, second.volume_ml) == (2700, 2100)
    assert (second.lon, second.lat) == (121.52, 31.2)
    assert (driven.milk_run_id, driven.skills) == (supply.run, frozenset({"dg"}))


def test_purchase_is_on_the_first_round_from_its_day_on_and_on_no_other(supply: Supply) -> None:
    early = supply.buy(1, 1, TUESDAY - timedelta(days=20))
    due = supply.buy(1, 1, TUESDAY)
    later = supply.buy(1, 1, TUESDAY + timedelta(days=1))

    with at(TUESDAY):
        found = [supply.collected(day) for day in (TUESDAY, THURSDAY, NEXT_TUESDAY)]

    assert found == [[early, due], [later], []]


def test_nothing_is_driven_on_other_days_on_holidays_or_when_paused(supply: Supply) -> None:
    with transaction(supply.db, actor=ACTOR) as session:
        depot = rows.get(session, Depot, supply.shop.depot)
        depots.declare(session, depot, THURSDAY, "Holiday")

    with at(TUESDAY):
        assert supply.on(TUESDAY + timedelta(days=1)) == []
        assert supply.on(THURSDAY) == []
        supply.act(states.step, "pause")
        assert supply.on(TUESDAY) == []


def test_skipped_supplier_is_left_out_with_its_reason_and_collected_next_time(
    supply: Supply,
) -> None:
    purchase = supply.buy(2, 3, TUESDAY)
    with at(TUESDAY):
        supply.skip(2, TUESDAY)

        (driven,) = supply.on(TUESDAY)
        assert [stop.name for stop in driven.stops] == [f"Supplier {n}" for n in (1, 3, 4, 5)]
        assert supply.collected(THURSDAY) == [purchase]
        whole = supply.act(collecting.of_day, TUESDAY)
        assert whole.stops[1].skipped_because == "closed for stock-taking"

        supply.act(rounds.restore_stop, TUESDAY, supply.suppliers[1])
        assert supply.collected(TUESDAY) == [purchase]

    with reading(supply.db) as session:
        told = [
            (event.kind, event.data.get("reason"), event.subjects["supplier"])
            for event in events.after(session, 0)
            if event.kind.startswith("round.stop")
        ]
    second = str(supply.suppliers[1])
    assert told == [
        ("round.stop_skipped", "closed for stock-taking", second),
        ("round.stop_restored", None, second),
    ]


def test_cancelled_round_leaves_its_purchases_to_the_next_one(supply: Supply) -> None:
    purchase = supply.buy(2, 3, TUESDAY)

    with at(TUESDAY):
        supply.act(rounds.cancel, TUESDAY, reason="van broken")

        assert supply.on(TUESDAY) == []
        assert supply.collected(THURSDAY) == [purchase]
        with pytest.raises(Conflict, match="wrong_state"):
            supply.skip(1, TUESDAY)


def test_what_is_collected_is_expected_at_the_dock_and_on_no_later_round(supply: Supply) -> None:
    supply.buy(2, 3, TUESDAY)
    supply.buy(1, 2, TUESDAY, supply.shop.serial_part)

    with at(TUESDAY, hour=15):
        supply.act(round_goods.finish, TUESDAY)
        lines = supply.act(round_goods.expected, TUESDAY)

    assert [(line.supplier, line.document, line.quantity, line.tracking) for line in lines] == [
        ("Supplier 1", "PO-1", 1, "serial"),
        ("Supplier 1", "PO-1", 1, "serial"),
        ("Supplier 2", "PO-2", 3, "none"),
    ]
    with at(THURSDAY):
        assert supply.collected(THURSDAY) == []
        finished = supply.act(collecting.of_day, TUESDAY)
    assert finished.status == "finished"
    assert [stop.weight_g for stop in finished.stops] == [1800, 2700, 0, 0, 0]


def test_goods_in_books_what_came_and_the_rest_is_due_again(supply: Supply) -> None:
    shop = supply.shop
    waiting = shop.order(1)
    purchase = supply.buy(2, 3, TUESDAY)
    with at(TUESDAY, hour=15):
        supply.act(round_goods.finish, TUESDAY)

        note = Note(supply.suppliers[1], "DN-7", [Goods(shop.part, 2, "A-01")])
        row, served = supply.act(round_goods.receive, TUESDAY, [note])

        assert row.status == "received"
        assert [one.order_id for one in served] == [waiting]
        assert shop.level() == (2, 1)
        (load,) = (load for stop in supply.on(THURSDAY)[0].stops for load in stop.loads)
        assert (load.purchase_id, load.quantity) == (purchase, 1)
        with pytest.raises(Conflict, match="wrong_state"):
            supply.act(round_goods.receive, TUESDAY, [note])
    shops.assert_books_right(supply.db)


def test_goods_in_that_is_refused_books_nothing_of_any_supplier(supply: Supply) -> None:
    shop = supply.shop
    with at(TUESDAY, hour=15):
        supply.act(round_goods.finish, TUESDAY)
        notes = [
            Note(supply.suppliers[0], "DN-1", [Goods(shop.part, 2, "A-01")]),
            Note(supply.suppliers[1], "DN-2", [Goods(shop.lot_part, 1, "A-01")]),
        ]

        with pytest.raises(Invalid, match="lot_needed"):
            supply.act(round_goods.receive, TUESDAY, notes)

        assert shop.level() == (0, 0)
        assert supply.act(collecting.of_day, TUESDAY).status == "finished"


def test_round_is_neither_received_before_nor_finished_ahead_of_its_day(supply: Supply) -> None:
    with at(TUESDAY):
        with pytest.raises(Conflict, match="wrong_state"):
            supply.act(round_goods.receive, TUESDAY, [])
        with pytest.raises(Conflict, match="not_yet"):
            supply.act(round_goods.finish, THURSDAY)
        with pytest.raises(Invalid, match="not_due"):
            supply.act(collecting.of_day, TUESDAY + timedelta(days=1))
        with pytest.raises(Invalid, match="not_a_stop"):
            supply.act(rounds.skip_stop, TUESDAY, supply.shop.part, reason="x")
        with pytest.raises(Invalid, match="not_skipped"):
            supply.act(rounds.restore_stop, TUESDAY, supply.suppliers[0])


def test_round_of_a_day_that_is_no_longer_driven_is_not_finished_as_if_it_had_brought_nothing(
    supply: Supply,
) -> None:
    supply.buy(1, 1, TUESDAY)
    with at(TUESDAY, hour=15):
        supply.skip(2, TUESDAY)
        supply.act(milk_runs.change, {"weekdays": [3]})

        with pytest.raises(Invalid, match="not_due"):
            supply.act(round_goods.finish, TUESDAY)


def test_purchase_that_two_rounds_want_is_collected_by_one(supply: Supply) -> None:
    """Both are reported late, so neither is before the other."""
    other = begin(supply.shop, supply.suppliers[:2], name="North")
    purchases = {supply.buy(n, 1, TUESDAY) for n in (1, 2) for _ in range(5)}
    start = Barrier(4)

    def finish(run: UUID, day: date) -> str | None:
        start.wait()
        try:
            supply.act(round_goods.finish, day, run=run)
        except Conflict as error:
            return error.code
        return None

    rounds_ = [(supply.run, TUESDAY), (supply.run, THURSDAY), (other, TUESDAY), (other, THURSDAY)]
    with at(THURSDAY, hour=20), ThreadPoolExecutor(4) as pool:
        became = list(pool.map(lambda each: finish(*each), rounds_))

    assert became == [None] * 4
    with reading(supply.db) as session:
        taken = [row.purchase_id for row in session.scalars(select(Collection))]
    assert len(taken) == len(purchases)
    assert set(taken) == purchases


def test_skip_and_finish_at_once_are_one_after_the_other(supply: Supply) -> None:
    supply.buy(2, 3, TUESDAY)
    start = Barrier(2)

    def skip() -> str:
        start.wait()
        try:
            supply.skip(2, TUESDAY)
        except Conflict as error:
            return error.code
        return "skipped"

    def finish() -> None:
        start.wait()
        supply.act(round_goods.finish, TUESDAY)

    with at(TUESDAY, hour=15), ThreadPoolExecutor(2) as pool:
        skipping, finishing = pool.submit(skip), pool.submit(finish)
        finishing.result()
        became = skipping.result()

    with reading(supply.db) as session:
        num_collected = len(session.scalars(select(Collection)).all())
    assert (became, num_collected) in {("skipped", 0), ("wrong_state", 1)}


def test_window_outside_of_a_suppliers_hours_is_told(supply: Supply) -> None:
    with at(TUESDAY):
        (tuesday,), (thursday,) = supply.on(TUESDAY), supply.on(THURSDAY)

    assert [stop.is_open for stop in tuesday.stops] == [True] * 5
    assert [stop.is_open for stop in thursday.stops] == [False] + [True] * 4


def test_clock_times_of_stops_stay_where_clocks_change(supply: Supply) -> None:
    with transaction(supply.db, actor=ACTOR) as session:
        depot = rows.get(session, Depot, supply.shop.depot)
        depots.change(session, depot, {"time_zone": "Europe/Berlin"})
    sunday = date(2026, 3, 29)
    supply.act(milk_runs.change, {"weekdays": [5, 6]})

    with at(sunday):
        saturday_stops = supply.on(sunday - timedelta(days=1))[0].stops
        sunday_stops = supply.on(sunday)[0].stops

    assert saturday_stops[0].earliest_at == datetime(2026, 3, 28, 6, 45, tzinfo=UTC)
    assert sunday_stops[0].earliest_at == datetime(2026, 3, 29, 5, 45, tzinfo=UTC)


def test_purchase_by_the_text_of_a_supplier_nobody_knows_is_received_as_before(
    supply: Supply,
) -> None:
    purchase = supply.buy(9, 4, TUESDAY)

    with at(TUESDAY):
        assert supply.collected(TUESDAY) == []
    with transaction(supply.db, actor=ACTOR) as session:
        incoming.came(session, supply.shop.depot, supply.shop.part, 4, "Supplier 9")

    with reading(supply.db) as session:
        assert rows.get(session, Purchase, purchase).received == 4


def test_stops_without_sense_are_refused(supply: Supply) -> None:
    shop, (first, second) = supply.shop, supply.suppliers[:2]
    elsewhere = shops.other_depot(supply.db)
    with transaction(supply.db, actor=ACTOR) as session:
        van = Vehicle(depot_id=elsewhere, plate="沪A1", profile="van", skills=[])
        van_id = vehicles.add_vehicle(session, van).id
    late = {"supplier_id": str(first), "at": 86_000, "tolerance_s": 900, "service_s": 60}
    turned = template(shop, [first, second])["stops"][::-1]

    wrongs: list[dict[str, Any]] = [
        {"stops": []},
        {"stops": [late]},
        {"stops": turned},
        {"stops": template(shop, [first, first])["stops"]},
        {"vehicle_id": van_id},
    ]
    for wrong in wrongs:
        with pytest.raises(Invalid, match="bad_milk_run"):
            begin(shop, [first], **{"name": "Wrong", **wrong})


def test_name_of_a_milk_run_and_of_a_supplier_is_taken_once(supply: Supply) -> None:
    other = begin(supply.shop, supply.suppliers, name="North")

    with pytest.raises(Conflict, match="already_there"):
        supply.act(milk_runs.change, {"name": "South"}, run=other)
    values = {"name": "Supplier 1", "address": "", "lon": 1.0, "lat": 1.0}
    with transaction(supply.db, actor=ACTOR) as session:
        with pytest.raises(Conflict, match="already_there"):
            suppliers.add(session, values)
        with pytest.raises(Invalid, match="bad_coordinates"):
            suppliers.add(session, {**values, "name": "X", "lat": 91.0})
