"""How long `milkrun plan` takes beyond its budget: 200 orders, 12 vans, andorra-graphhopper."""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from maps import store
from tests.bench import made_day
from tests.shared_data import SHARED

MILKRUN = Path(sys.executable).with_name("milkrun")


def main(words: list[str]) -> int:
    options = _options(words)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MILKRUN_HOME"] = folder
        source = SHARED / "osm" / f"{options.map}.osm.pbf"
        store.import_file(source, name="here")
        network = store.open_map("here").network
        day = Path(folder, "day")
        made_day.write(day, network, orders=options.orders, vehicles=options.vehicles)
        seconds = [_run(day, Path(folder, f"out{k}"), options.budget) for k in range(options.runs)]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(
        f"{options.map}, {options.orders} orders, {options.vehicles} vans, "
        f"budget {options.budget} s, {options.runs} runs: "
        f"wall {min(seconds):.1f} / {statistics.median(seconds):.1f} / {max(seconds):.1f} s "
        f"(least / median / most), largest process {memory:.0f} MB\n"
    )
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench plan", description=__doc__)
    parser.add_argument("--map", default="andorra-graphhopper")
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--vehicles", type=int, default=12)
    parser.add_argument("--budget", type=float, default=10)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args(words)


def _run(day: Path, out: Path, budget: float) -> float:
    """Return the wall seconds of the whole command; the first run of a map has no matrix cached."""
    begin = time.monotonic()
    words = [str(MILKRUN), "plan", str(day), "--map", "here", "--out", str(out)]
    subprocess.run([*words, "--budget", str(budget)], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin
