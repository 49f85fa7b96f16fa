from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.catalogue import depots
from dispatch.catalogue.depots import Depot
from dispatch.intake import orders, standing_dates, standing_orders
from dispatch.intake.orders import NewOrder, Order, Wanted
from dispatch.intake.standing_dates import Day, StandingDate
from dispatch.intake.standing_orders import StandingOrder
from dispatch.store import clock, database, events, rows, states
from dispatch.store.database import Database, reading, transaction
from dispatch.store.errors import Conflict, Invalid
from tests.dispatch import shop as shops
from tests.dispatch.shop import ACTOR, Shop

MONDAY = date(2026, 3, 2)


@pytest.fixture
def shop(db: Database) -> Shop:
    return shops.opened(db)


def template(shop: Shop, **changes: Any) -> dict[str, Any]:
    return {
        "number": "S-1",
        "customer_id": shop.customer,
        "depot_id": shop.depot,
        "repair_point_id": shop.repair_point,
        "priority": 3,
        "lines": [{"part_id": str(shop.part), "quantity": 2}],
        "weekdays": [0, 3],
        "every_weeks": 1,
        "valid_from": MONDAY,
        "valid_to": None,
        "on_holiday": "skip",
        "window_from": 9 * 3600,
        "window_to": 11 * 3600,
        "days_ahead": 7,
        "accepts": False,
        **changes,
    }


def begin(shop: Shop, **changes: Any) -> UUID:
    with transaction(shop.db, actor=ACTOR) as session:
        return standing_orders.begin(session, template(shop, **changes)).id


def on_template(shop: Shop, standing_id: UUID, act: Callable[..., object], *args: Any) -> None:
    """Do something with the locked template, as a request does."""
    with transaction(shop.db, actor=ACTOR) as session:
        act(session, rows.locked(session, StandingOrder, standing_id), *args)


def skip(shop: Shop, standing_id: UUID, on: date) -> None:
    with transaction(shop.db, actor=ACTOR) as session:
        standing = rows.locked(session, StandingOrder, standing_id)
        standing_dates.skip(session, standing, on, reason="stock-taking")


@contextmanager
def at(day: date, hour: int = 0) -> Iterator[None]:
    """Let it be an hour of a day in Shanghai."""
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=8)
    with clock.replaced(lambda: moment):
        yield


def keep_house(db: Database) -> None:
    assert standing_dates.place_due(db, actor="housekeeping") == []


def placed(db: Database) -> list[Order]:
    with reading(db) as session:
        query = select(Order).order_by(Order.number)
        return list(session.scalars(query))


def numbers(db: Database) -> list[str]:
    return [order.number for order in placed(db)]


def test_orders_are_placed_ahead_once_each_with_the_window_of_their_day(shop: Shop) -> None:
    begin(shop)

    with at(MONDAY):
        keep_house(shop.db)
        keep_house(shop.db)

    first, second, third = placed(shop.db)
    assert [first.number, second.number, third.number] == [
        "S-1-20260302",
        "S-1-20260305",
        "S-1-20260309",
    ]
    assert first.earliest_at == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert first.latest_at == datetime(2026, 3, 2, 3, tzinfo=UTC)
    assert (first.status, first.priority) == ("placed", 3)
    assert first.repair_point_id == shop.repair_point


def test_what_was_placed_is_linked_and_told(shop: Shop) -> None:
    standing_id = begin(shop, weekdays=[3])
    with at(MONDAY):
        keep_house(shop.db)

    (order,) = placed(shop.db)
    with reading(shop.db) as session:
        row = session.scalars(select(StandingDate)).one()
        begun, last = events.of(session, standing_id)
    thursday = MONDAY + timedelta(days=3)
    assert (row.due_on, row.on, row.order_id) == (thursday, thursday, order.id)
    assert (begun.kind, begun.data["weekdays"]) == ("standing_order.begun", [3])
    assert (last.kind, last.subjects["order"]) == ("standing_order.placed", str(order.id))


def test_order_that_is_accepted_at_once_sets_its_parts_aside(shop: Shop) -> None:
    shop.receive(5)
    begin(shop, weekdays=[3], accepts=True)

    with at(MONDAY):
        keep_house(shop.db)

    (order,) = placed(shop.db)
    assert order.status == "accepted"
    assert shop.of(order.id) == {"reserved": 2}
    shops.assert_deliveries_bring_what_is_set_aside(shop.db)


def test_day_whose_window_is_over_is_not_placed(shop: Shop) -> None:
    begin(shop, days_ahead=0)

    with at(MONDAY, hour=11):
        keep_house(shop.db)
    assert numbers(shop.db) == []

    with at(MONDAY, hour=10):
        keep_house(shop.db)
    assert numbers(shop.db) == ["S-1-20260302"]


def test_change_concerns_only_what_is_not_placed(shop: Shop) -> None:
    standing_id = begin(shop, days_ahead=3)
    with at(MONDAY):
        keep_house(shop.db)
    lines = [{"part_id": str(shop.other_part), "quantity": 9}]
    on_template(shop, standing_id, standing_orders.change, {"lines": lines, "weekdays": [0, 1]})

    with at(MONDAY + timedelta(days=7)):
        keep_house(shop.db)

    assert numbers(shop.db) == ["S-1-20260302", "S-1-20260305", "S-1-20260309", "S-1-20260310"]
    with reading(shop.db) as session:
        quantity = {
            order.number[-4:]: orders.get(session, order.id).lines[0].quantity
            for order in placed(shop.db)
        }
    assert quantity == {"0302": 2, "0305": 2, "0309": 9, "0310": 9}


def test_paused_places_nothing_and_goes_on_where_days_are_still_ahead(shop: Shop) -> None:
    standing_id = begin(shop, days_ahead=3)
    on_template(shop, standing_id, states.step, "pause")
    with at(MONDAY):
        keep_house(shop.db)
    assert numbers(shop.db) == []

    on_template(shop, standing_id, states.step, "resume")
    with at(MONDAY + timedelta(days=1)):
        keep_house(shop.db)

    assert numbers(shop.db) == ["S-1-20260305"]


def test_ended_places_nothing_and_stays_as_it_is(shop: Shop) -> None:
    standing_id = begin(shop)
    on_template(shop, standing_id, states.step, "end")

    with at(MONDAY):
        keep_house(shop.db)

    assert numbers(shop.db) == []
    with pytest.raises(Conflict, match="wrong_state"):
        on_template(shop, standing_id, standing_orders.change, {"priority": 1})


def test_skipped_day_is_left_out_until_it_is_restored(shop: Shop) -> None:
    standing_id, thursday = begin(shop), MONDAY + timedelta(days=3)
    with at(MONDAY):
        skip(shop, standing_id, thursday)
        keep_house(shop.db)
        assert numbers(shop.db) == ["S-1-20260302", "S-1-20260309"]
        with reading(shop.db) as session:
            standing = rows.get(session, StandingOrder, standing_id)
            found = standing_dates.between(session, standing, thursday, thursday)
        assert found == [Day(thursday, thursday, None, "stock-taking")]

        on_template(shop, standing_id, standing_dates.restore, thursday)
        keep_house(shop.db)

    assert numbers(shop.db) == ["S-1-20260302", "S-1-20260305", "S-1-20260309"]


def test_only_a_day_that_is_still_to_come_can_be_skipped(shop: Shop) -> None:
    standing_id = begin(shop)
    with at(MONDAY):
        keep_house(shop.db)
        with pytest.raises(Conflict, match="placed_already"):
            skip(shop, standing_id, MONDAY)
        with pytest.raises(Invalid, match="not_due"):
            skip(shop, standing_id, MONDAY + timedelta(days=1))
        with pytest.raises(Invalid, match="not_skipped"):
            on_template(shop, standing_id, standing_dates.restore, MONDAY)


def test_holiday_moves_an_order_and_a_later_change_of_the_calendar_doubles_none(
    shop: Shop,
) -> None:
    begin(shop, weekdays=[3], on_holiday="before", days_ahead=6)
    thursday = MONDAY + timedelta(days=3)

    def declare(name: str, weekday: int | None) -> None:
        with transaction(shop.db, actor=ACTOR) as session:
            depot = rows.get(session, Depot, shop.depot)
            depots.declare(session, depot, thursday, name, weekday=weekday)

    declare("Day off", None)
    with at(MONDAY):
        keep_house(shop.db)
        declare("Worked after all", 3)
        keep_house(shop.db)

    assert numbers(shop.db) == ["S-1-20260304"]


def test_number_that_somebody_took_is_not_in_the_way(shop: Shop) -> None:
    begin(shop, weekdays=[0], days_ahead=0)
    taken = NewOrder("S-1-20260302", shop.customer, shop.depot, [Wanted(shop.part, 1)])
    with transaction(shop.db, actor=ACTOR) as session:
        orders.place(session, taken)

    with at(MONDAY):
        keep_house(shop.db)

    assert numbers(shop.db) == ["S-1-20260302", "S-1-20260302-2"]


def test_clock_times_stay_where_clocks_change(db: Database) -> None:
    shop = shops.opened(db)
    with transaction(db, actor=ACTOR) as session:
        depots.change(session, rows.get(session, Depot, shop.depot), {"time_zone": "Europe/Berlin"})
    sunday = date(2026, 3, 29)
    # On the night to Sunday 02:00 becomes 03:00.
    begin(shop, weekdays=[5, 6], valid_from=sunday - timedelta(days=1), days_ahead=2)
    begin(shop, number="N", weekdays=[6], window_from=9000, window_to=3 * 3600 + 600)

    with clock.replaced(lambda: datetime(2026, 3, 27, 12, tzinfo=UTC)):
        keep_house(db)

    by_number = {order.number: order for order in placed(db)}
    saturday, on_sunday = by_number["S-1-20260328"], by_number["S-1-20260329"]
    night = by_number["N-20260329"]
    assert saturday.earliest_at == datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert on_sunday.earliest_at == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert night.earliest_at == night.latest_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_today_is_the_day_at_the_depot(shop: Shop) -> None:
    begin(shop, weekdays=[0], days_ahead=0, window_from=None, window_to=None)

    with clock.replaced(lambda: datetime(2026, 3, 1, 15, 59, tzinfo=UTC)):
        keep_house(shop.db)
    assert numbers(shop.db) == []

    with clock.replaced(lambda: datetime(2026, 3, 1, 16, tzinfo=UTC)):
        keep_house(shop.db)
    assert numbers(shop.db) == ["S-1-20260302"]


def test_many_that_keep_house_at_once_place_each_order_once(shop: Shop) -> None:
    shop.receive(100)
    for number in ("S-1", "S-2", "S-3"):
        begin(shop, number=number, weekdays=[0, 1, 2], accepts=True)
    # Another server has another connection pool, and no lock of this process.
    other = database.open_database(shop.db.engine.url.render_as_string(hide_password=False))
    start = Barrier(6)

    def work(n: int) -> list[object]:
        start.wait()
        return list(standing_dates.place_due(other if n % 2 else shop.db, actor="housekeeping"))

    with at(MONDAY), ThreadPoolExecutor(6) as pool:
        refused = list(pool.map(work, range(6)))
    other.close()

    assert refused == [[]] * 6
    found = placed(shop.db)
    assert len(found) == len({order.number for order in found}) == 12
    assert {order.status for order in found} == {"accepted"}
    assert shop.level() == (100, 24)
    shops.assert_books_right(shop.db)


def test_change_at_the_same_time_is_before_or_after_each_order(shop: Shop) -> None:
    standing_id = begin(shop, weekdays=list(range(7)))
    start = Barrier(2)

    def change() -> None:
        start.wait()
        on_template(shop, standing_id, standing_orders.change, {"priority": 9})

    def place() -> None:
        start.wait()
        keep_house(shop.db)

    with at(MONDAY), ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(change), pool.submit(place)]:
            done.result()

    priorities = [order.priority for order in placed(shop.db)]
    assert len(priorities) == 8
    assert priorities == sorted(priorities)
    assert set(priorities) <= {3, 9}


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from uuid import UUID
from dispatch.intake import standing_dates
from dispatch.store import clock, database

opened, standing_id = database.open_database(sys.argv[1]), UUID(sys.argv[2])
with clock.replaced(lambda: datetime(2026, 3, 1, 16, tzinfo=UTC)):
    with database.transaction(opened, actor="housekeeping") as session:
        standing_dates.place_next(session, standing_id)
    with database.transaction(opened, actor="housekeeping") as session:
        standing_dates.place_next(session, standing_id)
        session.flush()
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_process_that_is_killed_between_two_orders_leaves_nothing_half_done(shop: Shop) -> None:
    standing_id = begin(shop)
    url = shop.db.engine.url.render_as_string(hide_password=False)

    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(standing_id)], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert numbers(shop.db) == ["S-1-20260302"]
    with at(MONDAY):
        keep_house(shop.db)
    assert numbers(shop.db) == ["S-1-20260302", "S-1-20260305", "S-1-20260309"]


@settings(max_examples=15)
@given(
    hours=st.lists(st.integers(0, 24 * 30), min_size=1, max_size=6),
    skipped=st.sets(st.integers(0, 30), max_size=4),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
)
def test_however_the_clock_jumps_each_day_is_placed_once_and_no_skipped_one(
    simple: Shop, hours: list[int], skipped: set[int], weekdays: set[int]
) -> None:
    shop = simple
    number = f"J{len(placed(shop.db))}-{datetime.now(UTC).timestamp():.6f}"
    standing_id = begin(shop, number=number, weekdays=sorted(weekdays), days_ahead=5)
    out = {MONDAY + timedelta(days=n) for n in skipped}
    out = {day for day in out if day.weekday() in weekdays}
    with at(MONDAY):
        for day in out:
            skip(shop, standing_id, day)
    wanted: set[date] = set()
    for hour in hours:
        day, clock_hour = MONDAY + timedelta(days=hour // 24), hour % 24
        with at(day, clock_hour):
            keep_house(shop.db)
        wanted |= {day + timedelta(days=n) for n in range(1 if clock_hour >= 11 else 0, 6)}

    with reading(shop.db) as session:
        query = select(StandingDate).where(
            StandingDate.standing_order_id == standing_id, StandingDate.order_id.is_not(None)
        )
        came = [row.on for row in session.scalars(query)]
    on_template(shop, standing_id, states.step, "end")
    assert len(came) == len(set(came))
    assert set(came) == {day for day in wanted if day.weekday() in weekdays} - out


@pytest.fixture(scope="module")
def simple(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    path = tmp_path_factory.mktemp("jumps") / "milkrun.db"
    path.write_bytes(sqlite_template.read_bytes())
    opened = database.open_database(f"sqlite:///{path}")
    yield shops.opened(opened)
    opened.close()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"lines": []}, "no_lines"),
        ({"window_from": 11, "window_to": 10}, "bad_window"),
        ({"window_to": 90_000}, "bad_window"),
        ({"days_ahead": 61}, "bad_days_ahead"),
        ({"weekdays": []}, "bad_rhythm"),
    ],
)
def test_template_without_sense_is_refused(shop: Shop, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        begin(shop, **wrong)


def test_number_is_taken_once(shop: Shop) -> None:
    begin(shop)

    with pytest.raises(Conflict, match="already_there"):
        begin(shop)
