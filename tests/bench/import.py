"""Import of 10,000 orders of three lines on SQLite and PostgreSQL, with their parts set aside."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert, select

from dispatch.catalogue.customers import Customer, RepairPoint
from dispatch.catalogue.depots import Depot
from dispatch.catalogue.parts import Part
from dispatch.intake import goods_in, imports, order_rows
from dispatch.intake.upserts import Mode
from dispatch.stock.receiving import Goods
from dispatch.store import database, keys, schema
from dispatch.store.database import Database, transaction
from tests.servers import postgres

NUM_PARTS, NUM_CUSTOMERS, NUM_LINES = 2000, 500, 3


def main(words: list[str]) -> int:
    count = int(words[0]) if words else 10_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_text(_file(count), encoding="utf-8")
        _measure("SQLite", f"sqlite:///{folder}/bench.db", path)
        with postgres.started() as server:
            server.create("bench")
            _measure("PostgreSQL", server.url("bench"), path)
    return 0


def _file(count: int) -> str:
    """Return a file of orders; parts and customers are taken in turn."""
    lines = ["order,customer,depot,repair_point,brand,part,quantity,date,latest"]
    for n in range(count):
        head = f"N-{n},C-{n % NUM_CUSTOMERS},W1,P"
        lines += [
            f"{head},Bosch,{(n * NUM_LINES + k * 7) % NUM_PARTS},{1 + n % 3},2026-03-02,17:00"
            for k in range(NUM_LINES)
        ]
    return "\n".join(lines)


def _measure(name: str, url: str, path: Path) -> None:
    base = database.open_database(url)
    schema.upgrade(base)
    _fill(base)
    for again in ("first", "again"):
        began = perf_counter()
        written, _ = order_rows.read(path)
        report = imports.run(base, written, name=path.name, mode=Mode.CREATE, actor="bench")
        took = perf_counter() - began
        fates = ", ".join(f"{count} {fate}" for fate, count in report.fates.items())
        sys.stdout.write(f"{name:12} {again:6} {took:6.1f} s  {fates}\n")
        sys.stdout.flush()
    base.close()


def _fill(base: Database) -> None:
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
        goods = [Goods(part_id, 25, "A-01") for part_id in session.scalars(select(Part.id))]
        goods_in.receive(session, depot.id, goods, supplier="S", document="D")
