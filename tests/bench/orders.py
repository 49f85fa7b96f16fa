"""Pages of 100,000 orders over HTTP: filters alone and combined, first pages and deep ones."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from urllib.parse import urlencode

from sqlalchemy import update

from dispatch.intake.orders import Order
from dispatch.store import database, schema
from dispatch.store.database import Database, transaction
from tests.bench import firm as firms
from tests.bench import web
from tests.bench.firm import Firm
from tests.bench.web import Client, Tally
from tests.servers import postgres

COUNT, DAYS, ASKED = 100_000, 100, 40
_RARE = 50


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench orders")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    asked = parser.parse_args(words)
    count = asked.count
    web.say(f"{count:,} orders of three lines over {DAYS} days; pages of 50\n")
    web.say("| | median, ms | 95 % | 99 % | most |\n|---|---:|---:|---:|---:|")
    if asked.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            _measure("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}", count)
    if asked.only == "sqlite":
        return 0
    with postgres.started(durable=True) as server:
        server.create("bench")
        _measure("PostgreSQL", server.url("bench"), count)
    return 0


def _measure(name: str, url: str, count: int) -> None:
    base = database.open_database(url)
    schema.upgrade(base)
    firm = firms.filled(base, on_hand=1)
    token = firms.token(base)
    _fill(base, firm, count)
    if not base.is_sqlite:
        # As it does by itself after a while; SQLite never does.
        with base.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    base.close()
    with web.served(url) as ports:

        async def ask() -> None:
            client = Client(ports[0], token)
            for what, asked in _questions(firm, count).items():
                tally = Tally()
                for words in asked:
                    began = perf_counter()
                    status, _ = await client.ask("GET", f"/api/v1/orders?{urlencode(words)}")
                    tally.add(status, perf_counter() - began)
                assert set(tally.statuses) == {200}, tally.statuses
                web.say(f"| {name}, {what} | {tally.words()} |")
            web.say(f"| {name}, all pages one after the other | {await _walked(client, count)} |")

        web.run(ask)


def _fill(base: Database, firm: Firm, count: int) -> None:
    """Most are accepted, some cancelled, a few placed long ago."""
    made = firms.place(base, firm, count, status="accepted", over=timedelta(days=DAYS))
    with transaction(base, actor="bench") as session:
        for status, some in (("cancelled", made[::20]), ("placed", made[:_RARE])):
            for at in range(0, len(some), 5000):
                change = update(Order).where(Order.id.in_(some[at : at + 5000]))
                session.execute(change.values(status=status))


def _questions(firm: Firm, count: int) -> dict[str, list[Mapping[str, object]]]:
    random = Random(3)

    def day() -> dict[str, object]:
        begin = datetime.now(UTC) - timedelta(days=random.randrange(1, DAYS))
        return {"placed_from": begin.isoformat(), "placed_until": _later(begin)}

    def customer() -> dict[str, object]:
        return {"customer_id": random.choice(firm.customers)}

    depot: dict[str, object] = {"depot_id": firm.depot}
    placed: dict[str, object] = {"status": "placed"}
    cancelled: dict[str, object] = {"status": "cancelled"}
    return {
        "without a filter": [{}] * ASKED,
        "by number": [{"number": f"N-{random.randrange(count)}"} for _ in range(ASKED)],
        "by a number that is not there": [{"number": "none"}] * ASKED,
        "by customer": [customer() for _ in range(ASKED)],
        "by a rare status": [placed] * ASKED,
        "by a status that none has": [{"status": "rejected"}] * ASKED,
        "by day": [day() for _ in range(ASKED)],
        "by depot": [depot] * ASKED,
        "by depot and rare status": [depot | placed for _ in range(ASKED)],
        "by day and status": [day() | cancelled for _ in range(ASKED)],
        "by customer and rare status": [customer() | placed for _ in range(ASKED)],
        "by customer and day": [customer() | day() for _ in range(ASKED)],
        "by all of it": [customer() | day() | depot | cancelled for _ in range(ASKED)],
    }


def _later(moment: datetime) -> str:
    return (moment + timedelta(days=1)).isoformat()


async def _walked(client: Client, count: int) -> str:
    """Go through all pages to the very last one."""
    tally, seen = Tally(), 0
    words: dict[str, object] = {"limit": 200}
    while True:
        began = perf_counter()
        status, body = await client.ask("GET", f"/api/v1/orders?{urlencode(words)}")
        tally.add(status, perf_counter() - began)
        page = json.loads(body)
        seen += len(page["rows"])
        if page["next"] is None:
            break
        words["cursor"] = page["next"]
    assert seen == count, seen
    return tally.words()
