"""How long it takes to trace a lot, forwards and back, in a ledger of 1,000,000 movements."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from dispatch import every_table
from dispatch.catalogue.customers import Customer
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake import trace
from dispatch.intake.orders import Order, OrderLine
from dispatch.stock.movements import Lot, Movement
from dispatch.store import clock, database, keys, schema
from dispatch.store.database import Database, reading, transaction
from tests.servers import postgres

MOVEMENTS, LOTS, ORDERS, DEPOTS, ASKED = 1_000_000, 2_000, 20_000, 5, 300
_ROUND = 20_000


def main(_: list[str]) -> int:
    assert every_table.METADATA.tables
    sys.stdout.write(f"{MOVEMENTS:,} movements of {LOTS:,} lots, {ORDERS:,} orders\n\n")
    sys.stdout.write("| | median, ms | 95 %, ms | most, ms | rows |\n|---|---:|---:|---:|---:|\n")
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}")
    with postgres.started() as server:
        server.create("bench")
        _measure("PostgreSQL", server.url("bench"))
    return 0


def _measure(name: str, url: str) -> None:
    base = database.open_database(url)
    try:
        schema.upgrade(base)
        lots = _fill(base)
        asked = Random(2).sample(lots, ASKED)
        for way, ask in (("forwards", trace.forwards), ("backwards", trace.backwards)):
            _report(f"{name}, {way}", base, ask, asked)
    finally:
        base.close()


def _report(
    name: str, base: Database, ask: Callable[[Session, UUID], list[Any]], asked: list[UUID]
) -> None:
    times, rows = [], 0
    for lot in asked:
        began = time.perf_counter()
        with reading(base) as session:
            rows = max(rows, len(ask(session, lot)))
        times.append(1000 * (time.perf_counter() - began))
    most = statistics.quantiles(times, n=20)[-1]
    words = f"{statistics.median(times):.1f} | {most:.1f} | {max(times):.1f} | {rows}"
    sys.stdout.write(f"| {name} | {words} |\n")


def _fill(base: Database) -> list[UUID]:
    """Write the ledger as a firm of five depots would have it: the lots lie scattered over it."""
    random = Random(1)
    at = clock.now()
    depots = [keys.new() for _ in range(DEPOTS)]
    part, customer = keys.new(), keys.new()
    lots = [keys.new() for _ in range(LOTS)]
    orders = [(keys.new(), keys.new()) for _ in range(ORDERS)]
    with transaction(base, actor="bench") as session:
        where = {"lon": 121.5, "lat": 31.2, "time_zone": "Asia/Shanghai", "version": 1}
        session.execute(
            insert(Depot), [{"id": d, "name": f"W{n}", **where} for n, d in enumerate(depots)]
        )
        session.add(Part(id=part, brand="B", number="1", name="制动盘", weight_g=1, volume_ml=1))
        session.add(Customer(id=customer, number="C", name="王记汽修"))
        session.flush()
        session.execute(
            insert(Lot), [{"id": x, "part_id": part, "number": f"L{n}"} for n, x in enumerate(lots)]
        )
        usual = {"customer_id": customer, "depot_id": depots[0], "fulfilment": "pickup"}
        usual |= {"status": "accepted", "priority": 0, "placed_at": at, "version": 1}
        session.execute(
            insert(Order),
            [{"id": o, "number": f"A{n}", **usual} for n, (o, _) in enumerate(orders)],
        )
        session.execute(
            insert(OrderLine),
            [
                {"id": line, "order_id": o, "position": 1, "part_id": part, "quantity": 1}
                for o, line in orders
            ],
        )
    rows = _movements(random, part, depots, lots, [line for _, line in orders])
    for _ in range(MOVEMENTS // _ROUND):
        with transaction(base, actor="bench") as session:
            session.execute(insert(Movement), [next(rows) for _ in range(_ROUND)])
    with base.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    with reading(base) as session:
        assert session.scalar(select(func.count()).select_from(Movement)) == MOVEMENTS
    return lots


def _movements(
    random: Random, part: UUID, depots: list[UUID], lots: list[UUID], lines: list[UUID]
) -> Iterator[dict[str, Any]]:
    at = clock.now()
    for n in range(MOVEMENTS):
        receipt = n < LOTS or random.random() < 0.05
        yield {
            "at": at,
            "kind": "receipt" if receipt else random.choice(["pick", "ship", "count"]),
            "depot_id": random.choice(depots),
            "part_id": part,
            "bin": f"A-{random.randrange(100):02}",
            "lot_id": lots[n] if n < LOTS else random.choice(lots),
            "quantity": 5 if receipt else -1,
            "supplier": "S" if receipt else None,
            "document": f"D{n}" if receipt else None,
            "order_line_id": None if receipt else random.choice(lines),
            "actor": "bench",
        }
