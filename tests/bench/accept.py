"""Orders of three lines accepted over HTTP by many clients at once, and the race for the last."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, insert, select

from dispatch.catalogue.parts import Part
from dispatch.intake.orders import Order, OrderLine
from dispatch.stock.levels import StockLevel
from dispatch.stock.reservations import ACTIVE, Reservation
from dispatch.store import clock, database, keys, schema
from dispatch.store.database import Database, reading, transaction
from tests.bench import firm as firms
from tests.bench import web
from tests.bench.firm import Firm
from tests.servers import postgres, valkey

_MOST_PER_S = 600
_LAST = 20


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench accept")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, nargs="+", default=[16, 50, 500])
    parser.add_argument("--only", choices=["sqlite", "postgresql", "two"])
    asked = parser.parse_args(words)
    web.say("| | clients | per second | median, ms | 95 % | 99 % | most |")
    web.say("|---|---:|---:|---:|---:|---:|---:|")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.only in {None, "sqlite"}:
            _measure("SQLite", f"sqlite:///{folder / 'bench.db'}", asked)
        if asked.only == "sqlite":
            return 0
        server = stack.enter_context(postgres.started(durable=True))
        if asked.only in {None, "postgresql"}:
            server.create("one")
            _measure("PostgreSQL", server.url("one"), asked)
        if asked.only in {None, "two"}:
            redis_url = stack.enter_context(valkey.started())
            server.create("two")
            _measure("PostgreSQL, two servers", server.url("two"), asked, redis_url=redis_url)
    return 0


def _measure(name: str, url: str, asked: argparse.Namespace, *, redis_url: str = "") -> None:
    base = database.open_database(url)
    schema.upgrade(base)
    count = round(asked.seconds * _MOST_PER_S) * len(asked.clients)
    firm = firms.filled(base, on_hand=3 * count // firms.NUM_PARTS)
    token = firms.token(base)
    paths = iter([f"/api/v1/orders/{key}/accept" for key in firms.place(base, firm, count)])
    with web.served(url, processes=2 if redis_url else 1, redis_url=redis_url) as ports:
        for clients in asked.clients:
            tally, per_s = web.hammer(
                ports, token, clients=clients, seconds=asked.seconds, paths=paths
            )
            assert set(tally.statuses) == {200}, tally.statuses
            web.say(f"| {name} | {clients} | {per_s:.0f} | {tally.words()} |")
        for clients in asked.clients:
            _race(name, base, firm, ports, token, clients)
    _assert_not_oversold(base)
    base.close()


def _race(
    name: str, base: Database, firm: Firm, ports: list[int], token: str, clients: int
) -> None:
    """Let each client accept an order of one; there are twenty."""
    part, orders = _last_ones(base, firm, clients)
    paths = iter([f"/api/v1/orders/{key}/accept" for key in orders])
    tally, _ = web.hammer(ports, token, clients=clients, seconds=60, paths=paths)
    with reading(base) as session:
        query = select(Reservation.status, func.sum(Reservation.quantity))
        found = session.execute(
            query.where(Reservation.part_id == part).group_by(Reservation.status)
        )
        fates = {status: int(number) for status, number in found}
    assert tally.statuses == {200: clients}, tally.statuses
    wanted = {"reserved": min(_LAST, clients), "waiting": max(clients - _LAST, 0)}
    assert fates == {status: number for status, number in wanted.items() if number}, fates
    web.say(f"| {name}, {clients} orders for the last {_LAST} | {clients} | | {tally.words()} |")


def _last_ones(base: Database, firm: Firm, count: int) -> tuple[UUID, list[UUID]]:
    """Return a part of which there are twenty, and so many orders for one each."""
    made = [keys.new() for _ in range(count)]
    usual = {"customer_id": firm.customers[0], "depot_id": firm.depot, "fulfilment": "pickup"}
    usual |= {"status": "placed", "priority": 0, "placed_at": clock.now(), "version": 1}
    with transaction(base, actor="bench") as session:
        part = Part(brand="Last", number=str(count), name="x", weight_g=1, volume_ml=1)
        session.add(part)
        session.flush()
        level = {"depot_id": firm.depot, "part_id": part.id, "on_hand": _LAST, "reserved": 0}
        session.execute(insert(StockLevel), [level])
        session.execute(insert(Order), [{"id": key, "number": f"L-{key}", **usual} for key in made])
        lines = [
            {"id": keys.new(), "order_id": key, "position": 1, "part_id": part.id, "quantity": 1}
            for key in made
        ]
        session.execute(insert(OrderLine), lines)
        return part.id, made


def _assert_not_oversold(base: Database) -> None:
    held = (
        select(func.sum(Reservation.quantity))
        .where(
            Reservation.part_id == StockLevel.part_id,
            Reservation.depot_id == StockLevel.depot_id,
            Reservation.status.in_(ACTIVE),
        )
        .scalar_subquery()
    )
    query = select(StockLevel.on_hand, StockLevel.reserved, func.coalesce(held, 0))
    with reading(base) as session:
        rows = session.execute(query).all()
    assert all(reserved == sum_ <= on_hand for on_hand, reserved, sum_ in rows)
