"""Import of 10,000 orders of three lines on SQLite and PostgreSQL, with their parts set aside."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from dispatch.intake import imports, order_rows
from dispatch.intake.upserts import Mode
from dispatch.store import database, schema
from tests.bench import firm
from tests.bench.firm import NUM_CUSTOMERS, NUM_LINES, NUM_PARTS
from tests.servers import postgres


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
    firm.filled(base, on_hand=25)
    for again in ("first", "again"):
        began = perf_counter()
        written, _ = order_rows.read(path)
        report = imports.run(base, written, name=path.name, mode=Mode.CREATE, actor="bench")
        took = perf_counter() - began
        fates = ", ".join(f"{count} {fate}" for fate, count in report.fates.items())
        sys.stdout.write(f"{name:12} {again:6} {took:6.1f} s  {fates}\n")
        sys.stdout.flush()
    base.close()
