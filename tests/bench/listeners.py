"""1,000 events that happen at once, told to 200 live listeners over HTTP."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from time import perf_counter

from dispatch.store import database, schema
from tests.bench import firm as firms
from tests.bench import web
from tests.bench.web import Client, Tally
from tests.servers import postgres

EVENTS, LISTENERS, ROUNDS = 1000, 200, 5
_MARK = b"\nevent: "


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench listeners")
    parser.add_argument("--listeners", type=int, default=LISTENERS)
    num = parser.parse_args(words).listeners
    web.say(f"{EVENTS:,} events of one commit to {num} listeners, {ROUNDS} times\n")
    web.say("| | median, ms | 95 % | 99 % | most |\n|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}", num)
    with postgres.started(durable=True) as server:
        server.create("bench")
        _measure("PostgreSQL", server.url("bench"), num)
    return 0


def _measure(name: str, url: str, num: int) -> None:
    base = database.open_database(url)
    schema.upgrade(base)
    firm = firms.filled(base, on_hand=10)
    token = firms.token(base)
    per_order = 2 + firms.NUM_LINES
    orders = firms.place(base, firm, ROUNDS * EVENTS // per_order)
    base.close()
    tally = Tally()
    with web.served(url) as ports:

        async def listen_and_accept() -> None:
            clients = [Client(ports[0], token) for _ in range(num)]
            readers = [await client.lines("/api/v1/events/stream") for client in clients]
            for reader in readers:
                await reader.readuntil(b"event: snapshot")
            asking = Client(ports[0], token)
            for n in range(ROUNDS):
                some = orders[n * EVENTS // per_order : (n + 1) * EVENTS // per_order]
                body = json.dumps({"order_ids": [str(key) for key in some]})
                heard = [asyncio.create_task(_heard(reader)) for reader in readers]
                status, _ = await asking.ask("POST", "/api/v1/orders/accept", body)
                committed = perf_counter()
                assert status == 200
                for times in await asyncio.gather(*heard):
                    for at in times:
                        tally.add(status, max(at - committed, 0.0))

        web.run(listen_and_accept)
    assert len(tally.times) == ROUNDS * EVENTS * num
    web.say(f"| {name} | {tally.words()} |")


async def _heard(reader: asyncio.StreamReader) -> list[float]:
    """Return when each of the events came; those of one piece came together."""
    times: list[float] = []
    rest = b""
    while len(times) < EVENTS:
        piece = rest + await reader.read(2**18)
        times += [perf_counter()] * piece.count(_MARK)
        rest = piece[-len(_MARK) + 1 :]
    return times
