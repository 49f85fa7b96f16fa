"""
A made-up firm put into an empty database by the use cases that a real one would use.

Two warehouses with six vans, 45 workshops, 120 parts in lots and bins, and 120 orders that were
placed and accepted before the first wave closes. The same ground, day and seed give the same
firm, but for the keys of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from dispatch.catalogue import moments
from dispatch.firm import assortment, clientele, order_book, people, premises, shelves
from dispatch.firm.clientele import Client
from dispatch.firm.ground import Ground
from dispatch.firm.order_book import BookOrder
from dispatch.firm.premises import Premises
from dispatch.intake import orders
from dispatch.intake.orders import NewOrder, Wanted
from dispatch.people.permissions import Role
from dispatch.store import clock
from dispatch.store.database import Database, transaction

DAY = date(2026, 3, 2)
"""A Monday; any day would do."""

_ACTOR = "system"
_DISPATCHER = f"user:{people.SIGN_INS[Role.DISPATCHER]}"

_LAST_ORDER = 8 * 3600 + 40 * 60
_TAKING_ORDERS = timedelta(hours=17, minutes=40)
"""From 15:00 of the day before, when its last wave is over, until 08:40."""
_DECIDING = timedelta(seconds=20)
"""From an order until it is accepted."""

_GOODS_CAME = timedelta(days=3)
"""So long before the first order."""
_MORE_COMES = 14 * 3600
_LOOK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Firm:
    """The keys of the firm; workshops, vans, drivers and orders are numbered from 1, as in F1."""

    day: date
    premises: Premises
    clients: tuple[Client, ...]
    parts: Mapping[str, UUID]
    orders: Mapping[str, UUID]

    def depot(self, number: int) -> UUID:
        return self.premises.depots[number - 1]

    def van(self, number: int) -> UUID:
        return self.premises.vans[number - 1]

    def driver(self, number: int) -> UUID:
        return self.premises.drivers[number - 1]

    def workshop(self, number: int) -> Client:
        return self.clients[number - 1]

    def order(self, number: int) -> UUID:
        return self.orders[f"SO-{number:03d}"]


def fill(
    base: Database,
    ground: Ground,
    *,
    password_hash: str,
    day: date = DAY,
    seed: int = 7,
    until: datetime | None = None,
    with_orders: bool = True,
) -> Firm:
    """
    Fill an empty database with the firm as it is on the morning of a day.

    Orders come in until 08:40, or ``until`` if that is earlier. Without them the stock for them is
    there all the same. The clock of the whole process is another while it runs.
    """
    rng = np.random.default_rng(seed)
    zone = ZoneInfo(ground.time_zone)
    book = order_book.drawn(ground, assortment.items(), rng)
    last = moments.moment(day, _LAST_ORDER, zone)
    first = last - _TAKING_ORDERS
    with transaction(base, actor=_ACTOR) as session, _from(first - _GOODS_CAME):
        firm = _opened(session, ground, day, book, rng, password_hash)
    if not with_orders:
        return firm
    last = min(last, until or last)
    between = (last - first) / len(book)
    with transaction(base, actor=_DISPATCHER) as session:
        placed = {
            order.title: _placed(session, firm, order, zone, first + n * between)
            for n, order in enumerate(book)
        }
    return replace(firm, orders=placed)


def _opened(
    session: Session,
    ground: Ground,
    day: date,
    book: Sequence[BookOrder],
    rng: np.random.Generator,
    password_hash: str,
) -> Firm:
    """Make all that is there before the first order comes in."""
    items = assortment.items()
    opened = premises.open_all(session, ground, day)
    clients = clientele.take_in(session, ground, rng)
    ids = shelves.list_parts(session, items, clock.now())
    shelves.stock(session, opened.depots, ids, items, book, rng, day)
    more_at = moments.moment(day, _MORE_COMES, ZoneInfo(ground.time_zone))
    shelves.expect_scarce(session, opened.depots, ids, items, more_at)
    people.add_all(
        session,
        depots=opened.depots,
        customer_id=clients[0].customer_id,
        password_hash=password_hash,
    )
    return Firm(day, opened, tuple(clients), ids, {})


def _placed(session: Session, firm: Firm, order: BookOrder, zone: ZoneInfo, at: datetime) -> UUID:
    """Place an order at a moment, and accept it a little later; return its key."""
    client = firm.clients[order.workshop]
    new = NewOrder(
        number=order.title,
        customer_id=client.customer_id,
        depot_id=firm.premises.depots[order.warehouse],
        lines=[Wanted(firm.parts[line.item.number], line.quantity) for line in order.lines],
        repair_point_id=client.repair_point_id,
        priority=order.priority,
        downtime_cost_per_h=order.downtime_cost_per_h,
        earliest_at=_moment(firm.day, order.earliest, zone),
        latest_at=_moment(firm.day, order.latest, zone),
    )
    with _from(at):
        placed = orders.place(session, new)
    with _from(at + _DECIDING):
        orders.accept(session, placed)
    return placed.id


def _moment(day: date, clock_time: int | None, zone: ZoneInfo) -> datetime | None:
    return None if clock_time is None else moments.moment(day, clock_time, zone)


def _from(moment: datetime) -> AbstractContextManager[None]:
    """Let the clock run from a moment on, a little with each look, so that keys have an order."""
    looks = count()
    return clock.replaced(lambda: moment + next(looks) * _LOOK)
