"""Fixture F1 has the figures that it is to have, whatever ground it is put on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from dispatch.catalogue import depots
from dispatch.catalogue.customers import Contact, Customer, RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.numbers import CrossNumber
from dispatch.catalogue.parts import Part, Tracking
from dispatch.catalogue.prices import Price
from dispatch.catalogue.supersession import Supersession
from dispatch.firm import fill
from dispatch.firm.fill import Firm
from dispatch.firm.people import SIGN_INS
from dispatch.fleet import papers, shifts
from dispatch.fleet.vehicles import Vehicle
from dispatch.fleet.waves import Timetable, Wave
from dispatch.fleet.zones import Areas, Zone
from dispatch.intake import departures
from dispatch.intake.deliveries import Delivery
from dispatch.intake.orders import Order, OrderLine
from dispatch.people.permissions import Role
from dispatch.people.users import User
from dispatch.stock.incoming import Purchase
from dispatch.stock.levels import StockLevel
from dispatch.stock.movements import BinStock, Lot
from dispatch.stock.reservations import Reservation
from dispatch.store import database, rows
from dispatch.store.database import Database, reading
from dispatch.store.events import Event
from tests.dispatch import shop as shops
from tests.dispatch import town
from tests.dispatch.firm import digest

ZONE = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Filled:
    db: Database
    firm: Firm


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The firm in the test town, which nobody here changes."""
    path = tmp_path_factory.mktemp("firm") / "milkrun.db"
    path.write_bytes(sqlite_template.read_bytes())
    db = database.open_database(f"sqlite:///{path}")
    yield Filled(db, fill.fill(db, town.ground(), password_hash="-"))
    db.close()


@pytest.fixture
def new_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database, where both kinds of them would tell the same."""
    path = tmp_path / "new.db"
    path.write_bytes(sqlite_template.read_bytes())
    db = database.open_database(f"sqlite:///{path}")
    yield db
    db.close()


def counts(filled: Filled, column, *where) -> Counter[object]:  # type: ignore[no-untyped-def]
    """Return how many rows have which value."""
    with reading(filled.db) as session:
        query = select(column, func.count()).where(*where).group_by(column)
        return Counter(dict(session.execute(query).all()))


def count(filled: Filled, table: type, *where: object) -> int:
    with reading(filled.db) as session:
        query = select(func.count()).select_from(table).where(*where)  # type: ignore[arg-type]
        return session.scalar(query) or 0


def with_parts(filled: Filled, *where: object) -> dict[str, int]:
    """Return the orders that have parts for which that holds, and how many such lines."""
    query = (
        select(Order.number, func.count())
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Part, Part.id == OrderLine.part_id)
        .join(Price, Price.part_id == Part.id)
        .where(*where)  # type: ignore[arg-type]
        .group_by(Order.number)
    )
    with reading(filled.db) as session:
        return dict(session.execute(query).all())


@pytest.mark.parametrize("seed", [7, 8])
def test_a_second_fill_is_the_same_but_for_its_keys_if_the_seed_is(
    filled: Filled, new_db: Database, seed: int
) -> None:
    fill.fill(new_db, town.ground(), password_hash="-", seed=seed)
    assert (digest.of(new_db) == digest.of(filled.db)) is (seed == 7)


def test_it_has_two_depots_with_six_vans(filled: Filled) -> None:
    with reading(filled.db) as session:
        homes = {depot.id: depot for depot in session.scalars(select(Depot))}
        vans = session.scalars(select(Vehicle).order_by(Vehicle.plate)).all()
    assert sorted(depot.name for depot in homes.values()) == ["W1", "W2"]
    assert [homes[van.depot_id].name for van in vans] == ["W1"] * 4 + ["W2"] * 2
    assert {(van.capacity_g, van.capacity_ml) for van in vans} == {(400_000, 2_000_000)}
    assert [van.skills for van in vans] == [[]] * 5 + [["dg"]]
    settings = [depots.settings(depot) for depot in homes.values()]
    assert [(one.service_s, one.service_per_line_s) for one in settings] == [(240, 12)] * 2
    assert count(filled, RepairPoint, RepairPoint.service_s.is_not(None)) == 0


def test_all_vans_are_driven_from_eight_to_half_past_five_with_lunch(filled: Filled) -> None:
    with reading(filled.db) as session:
        duties = [
            duty
            for depot in session.scalars(select(Depot))
            for duty in shifts.on(session, depot, filled.firm.day)
        ]
    assert {duty.vehicle.id for duty in duties} == set(filled.firm.premises.vans)
    assert len(duties) == len({duty.driver.id for duty in duties}) == 6
    assert {duty.why_not for duty in duties} == {""}
    times = {(duty.starts_at, duty.ends_at) for duty in duties}
    assert times == {(at(8), at(17, 30))}
    for shift in (duty.shift for duty in duties):
        assert (shift.break_s, shift.break_from) == (45 * 60, 11 * 3600 + 1800)
        assert shift.break_to is not None
        assert shift.break_to + shift.break_s == 13 * 3600 + 1800


def test_a_paper_is_over_soon_and_none_is_over(filled: Filled) -> None:
    with reading(filled.db) as session:
        first = filled.firm.depot(1)
        assert papers.expiring(session, first, filled.firm.day, days=0) == []
        (soon,) = papers.expiring(session, first, filled.firm.day, days=30)
    assert (soon.kind, soon.vehicle_id) == ("inspection", filled.firm.van(3))


def test_waves_close_at_nine_and_earlier_for_the_far_zone(filled: Filled) -> None:
    with reading(filled.db) as session:
        for depot in session.scalars(select(Depot)).all():
            timetable = Timetable(session, depot)
            closing = [wave.cut_off_at for wave in timetable.on(filled.firm.day)]
            assert closing == [at(9), at(11, 30), at(14, 30)]
        first = rows.get(session, Depot, filled.firm.depot(1))
        south = session.scalars(
            select(Zone).where(Zone.name == "S", Zone.depot_id == first.id)
        ).one()
        assert Timetable(session, first).on(filled.firm.day, south.id)[0].cut_off_at == at(8, 45)


def test_each_of_45_workshops_lies_in_its_zone_and_can_be_reached(filled: Filled) -> None:
    ground = town.ground()
    with reading(filled.db) as session:
        areas = Areas(session, filled.firm.depot(1))
        found = [areas.of(shop.lon, shop.lat) for shop in ground.workshops]
    assert [zone and zone.name for zone in found] == ["N"] * 15 + ["E"] * 15 + ["S"] * 15
    assert count(filled, RepairPoint) == count(filled, Contact) == 45
    assert count(filled, Customer) == 42
    assert set(counts(filled, Customer.language)) == {"zh", "en"}


def test_120_parts_have_all_that_parts_have(filled: Filled) -> None:
    assert count(filled, Part) == count(filled, Price, Price.amount > 0) == 120
    assert count(filled, Part, Part.name_en.is_(None)) == 0
    assert count(filled, Part, Part.dangerous, Part.un_number.is_not(None)) == 8
    assert set(counts(filled, Part.tracking)) == set(Tracking)
    assert len(counts(filled, CrossNumber.part_id)) == 120
    assert count(filled, Supersession) == 4
    heavy = counts(filled, Part.weight_g, Part.weight_g >= 80_000)
    assert set(heavy) == {80_000, 120_000, 200_000, 380_000}


def test_there_is_more_in_stock_than_was_ordered_in_bins_and_lots(filled: Filled) -> None:
    assert len(counts(filled, BinStock.bin)) > 100
    assert count(filled, Lot, Lot.expires_on.is_not(None)) == 24
    dangerous = select(Part.id).where(Part.dangerous)
    kept = counts(filled, StockLevel.depot_id, StockLevel.part_id.in_(dangerous))
    assert kept == {filled.firm.depot(2): 8}
    with reading(filled.db) as session:
        left = session.scalars(select(StockLevel.on_hand - StockLevel.reserved)).all()
    assert min(left) >= 0
    assert sum(left) > 200
    shops.assert_books_right(filled.db)


def test_120_orders_of_310_lines_are_accepted_before_nine(filled: Filled) -> None:
    assert counts(filled, Order.status) == {"accepted": 120}
    assert count(filled, OrderLine) == 310
    assert len(counts(filled, Order.repair_point_id)) == 45
    with reading(filled.db) as session:
        first, last = session.execute(
            select(func.min(Order.placed_at), func.max(Order.placed_at))
        ).one()
        decided = session.scalars(select(Event.at).where(Event.kind == "order.accepted")).all()
    assert at(15) - timedelta(days=1) <= first < last < at(9)
    assert max(decided) < at(9)


def test_all_orders_leave_with_the_first_wave_80_and_40(filled: Filled) -> None:
    with reading(filled.db) as session:
        leaving = []
        for depot_id in filled.firm.premises.depots:
            depot = rows.get(session, Depot, depot_id)
            first = Wave.depot_id == depot_id, Wave.name == "wave 1"
            wave = session.scalars(select(Wave).where(*first)).one()
            leaving.append(len(departures.of_wave(session, depot, wave, filled.firm.day)))
    assert leaving == [80, 40]
    assert counts(filled, Delivery.status) == {"pending": 120}


def test_what_is_special_is_there_as_often_as_it_should(filled: Filled) -> None:
    cores = with_parts(filled, Price.core_deposit > 0)
    dangerous = with_parts(filled, Part.dangerous)
    assert (len(cores), len(dangerous)) == (14, 6)
    assert counts(filled, Reservation.status)["waiting"] == 4
    assert count(filled, Purchase) == 4
    second = Order.depot_id == filled.firm.depot(2)
    assert count(filled, Order, second, Order.number.in_(dangerous)) == 6
    assert with_parts(filled, Part.weight_g == 380_000) == {"SO-119": 1}
    early = Order.earliest_at == at(8, 45), Order.latest_at == at(9)
    assert counts(filled, Order.number, *early) == {"SO-118": 1}
    blocked = count(filled, Order, Order.downtime_cost_per_h > 0)
    assert 0 < blocked == count(filled, Order, Order.priority == 3)


def test_somebody_of_each_role_can_sign_in(filled: Filled) -> None:
    with reading(filled.db) as session:
        roles = {user.name: user.roles for user in session.scalars(select(User))}
    assert {role: roles[name] for role, name in SIGN_INS.items()} == {r: [r] for r in Role}
    assert sum(found == ["warehouse"] for found in roles.values()) == 2


def test_orders_come_in_no_later_than_they_may(db: Database) -> None:
    fill.fill(db, town.ground(), password_hash="-", until=at(0))
    with reading(db) as session:
        decided = session.scalars(select(Event.at).where(Event.kind == "order.accepted")).all()
    assert len(decided) == 120
    assert max(decided) <= at(0)
    shops.assert_deliveries_bring_what_is_set_aside(db)


def test_a_firm_may_wait_for_its_orders(new_db: Database) -> None:
    firm = fill.fill(new_db, town.ground(), password_hash="-", with_orders=False)
    filled = Filled(new_db, firm)
    assert (count(filled, Order), count(filled, Part)) == (0, 120)
    with reading(new_db) as session:
        levels = session.scalars(select(StockLevel)).all()
    assert sum(level.on_hand for level in levels) > 373
    assert {level.reserved for level in levels} == {0}


def test_clocks_of_the_place_hold_on_the_day_that_they_change(new_db: Database) -> None:
    summer = date(2026, 3, 29)
    firm = fill.fill(new_db, town.ground(), password_hash="-", day=summer)
    with reading(new_db) as session:
        depot = rows.get(session, Depot, firm.depot(2))
        closing = Timetable(session, depot).on(summer)[0].cut_off_at
        duty = shifts.on(session, depot, summer)[0]
        early = session.scalars(select(Order).where(Order.number == "SO-118")).one()
    assert [moment.isoformat() for moment in (closing, duty.starts_at)] == [
        "2026-03-29T07:00:00+00:00",
        "2026-03-29T06:00:00+00:00",
    ]
    assert early.latest_at == closing
    assert early.placed_at < closing


def at(hour: int, minute: int = 0) -> datetime:
    """Return a clock time of the firm's day."""
    return datetime.combine(fill.DAY, time(hour, minute), ZONE).astimezone(UTC)
