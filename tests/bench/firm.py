"""A firm for benches: a depot with 2,000 parts, 500 customers, a user who may do everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import insert, select

from dispatch.catalogue.customers import Customer, RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake import goods_in
from dispatch.intake.orders import Order, OrderLine
from dispatch.people import passwords, sessions, users
from dispatch.people.sessions import Kind
from dispatch.people.users import NewUser
from dispatch.stock.receiving import Goods
from dispatch.store import clock, keys
from dispatch.store.database import Database, transaction

NUM_PARTS, NUM_CUSTOMERS, NUM_LINES = 2000, 500, 3
_ROUND = 5000


@dataclass(frozen=True, slots=True)
class Firm:
    """The keys of what is there."""

    depot: UUID
    parts: Sequence[UUID]
    customers: Sequence[UUID]
    points: Sequence[UUID]


def filled(base: Database, *, on_hand: int) -> Firm:
    """Fill an empty database; of every part there are so many."""
    parts = [
        {"id": keys.new(), "brand": "Bosch", "number": str(n), "name": "x", "weight_g": 900}
        | {"volume_ml": 700, "tracking": "none", "dangerous": False, "version": 1}
        | {"number_key": str(n)}
        for n in range(NUM_PARTS)
    ]
    customers = [
        {"id": keys.new(), "number": f"C-{n}", "name": "x", "version": 1}
        for n in range(NUM_CUSTOMERS)
    ]
    points = [
        {"customer_id": one["id"], "name": "P", "address": "A", "lon": 121.4, "lat": 31.2}
        | {"id": keys.new(), "version": 1}
        for one in customers
    ]
    with transaction(base, actor="bench") as session:
        depot = Depot(name="W1", lon=121.5, lat=31.2, time_zone="Asia/Shanghai")
        session.add(depot)
        for table, rows in ((Part, parts), (Customer, customers), (RepairPoint, points)):
            session.execute(insert(table), rows)
        session.flush()
        part_ids = list(session.scalars(select(Part.id)))
        goods = [Goods(part_id, on_hand, "A-01") for part_id in part_ids]
        goods_in.receive(session, depot.id, goods, supplier="S", document="D")
        return Firm(
            depot.id, part_ids, [_id(one) for one in customers], [_id(one) for one in points]
        )


def token(base: Database) -> str:
    """Return what signs in an administrator."""
    with transaction(base, actor="bench") as session:
        new = NewUser("bench", "Bench", ("admin",))
        user = users.add(session, new, password_hash=passwords.hashed("correct horse battery"))
        return sessions.begin(session, user.id, Kind.PERSON, title="bench")[1]


def place(
    base: Database, firm: Firm, count: int, *, status: str = "placed", over: timedelta = timedelta()
) -> list[UUID]:
    """Write orders of three lines over some time until now; return their keys."""
    random = Random(1)
    now = clock.now()
    made: list[UUID] = []
    for begin in range(0, count, _ROUND):
        orders, lines = [], []
        for n in range(begin, min(begin + _ROUND, count)):
            at = now - over * (1 - n / count)
            with clock.replaced(lambda at=at: at):  # type: ignore[misc]  # no types of defaults
                orders.append(_order(firm, n, at, status, random))
            parts = random.sample(firm.parts, NUM_LINES)
            lines += [
                {"id": keys.new(), "order_id": orders[-1]["id"], "position": k}
                | {"part_id": part_id, "quantity": 1}
                for k, part_id in enumerate(parts, start=1)
            ]
        with transaction(base, actor="bench") as session:
            session.execute(insert(Order), orders)
            session.execute(insert(OrderLine), lines)
        made += [_id(one) for one in orders]
    return made


def _order(firm: Firm, n: int, at: datetime, status: str, random: Random) -> dict[str, object]:
    customer = random.randrange(NUM_CUSTOMERS)
    return {
        "id": keys.new(),
        "number": f"N-{n}",
        "customer_id": firm.customers[customer],
        "repair_point_id": firm.points[customer],
        "depot_id": firm.depot,
        "fulfilment": "delivery",
        "status": status,
        "priority": 0,
        "placed_at": at,
        "version": 1,
    }


def _id(row: dict[str, object]) -> UUID:
    assert isinstance(row["id"], UUID)
    return row["id"]
