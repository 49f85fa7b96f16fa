"""
The parts of an imported map, made side by side in two processes.

One makes the network and its hierarchy, the other (``python -m maps.import_parts``) the address
index and the basemap. A process of its own, not a thread or a pool: it must neither hold this
one's interpreter nor run the user's main module again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from maps.errors import BadMap, MapError, NotStored
from maps.roads import network, osmfile
from maps.roads.network import RoadNetwork
from maps.ways import hierarchy

NETWORK = "network.npz"
HIERARCHY = "hierarchy.npz"
ADDRESSES = "addresses.sqlite"
BASEMAP = "basemap.npz"

# Shares of the time that the steps took on porto, of one process each.
_READ, _BUILT, _CONTRACTED = 0.45, 0.7, 0.95
_ADDRESSED = 0.5

Progress = Callable[[float], None]


def make(osm_path: Path, folder: Path, *, on_progress: Progress | None = None) -> RoadNetwork:
    """
    Write all parts of a map into a folder, and return its network.

    ``on_progress`` is told the share of the work that is done, 0 … 1, in the caller's thread.

    Raises
    ------
    BadMap
        The file cannot be read, or holds no usable road.
    MapError, OSError
        The other, and this process cannot write to the folder.
    """
    others = _Others(osm_path, folder)
    try:
        tell = _Teller(others, on_progress)
        roads = _roads(osm_path, folder, tell)
        while not others.wait(0.1):
            tell(1.0)
        tell(1.0)
    finally:
        others.stop()
    return roads


def _roads(osm_path: Path, folder: Path, tell: Progress) -> RoadNetwork:
    raw = osmfile.read(osm_path, on_progress=lambda share: tell(_READ * share))
    roads = network.build(raw)
    del raw
    tell(_BUILT)
    roads.save(folder / NETWORK)
    lonlat = roads.junction_lonlat[roads.node_junction]
    contracted = hierarchy.build(roads.arc_tail, roads.arc_head, lonlat)
    tell(_CONTRACTED)
    contracted.save(folder / HIERARCHY)
    tell(1.0)
    return roads


class _Others:
    """The second process, its progress, and what it said if it failed."""

    def __init__(self, osm_path: Path, folder: Path) -> None:
        command = [sys.executable, "-m", "maps.import_parts", str(osm_path), str(folder)]
        root = str(Path(__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self.share = 0.0
        self._said: list[str] = []
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def wait(self, seconds: float) -> bool:
        """Tell whether it has finished; raise what it raised."""
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._listener.join()
        if status:
            raise _as_error(self._said[-1] if self._said else f"exit status {status}")
        return True

    def stop(self) -> None:
        """End it if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        assert self._process.stdout
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            try:
                self.share = float(line)
            except ValueError:
                self._said.append(line.strip())


class _Teller:
    """Adds the shares of both processes; never goes back."""

    def __init__(self, others: _Others, on_progress: Progress | None) -> None:
        self._others = others
        self._on_progress = on_progress
        self._done = 0.0

    def __call__(self, share: float) -> None:
        self._done = max(self._done, (share + self._others.share) / 2)
        if self._on_progress:
            self._on_progress(self._done)


def _as_error(said: str) -> MapError:
    try:
        told = json.loads(said)
        kind = BadMap if told["code"] == "bad_map" else MapError
        return kind(told["code"], cause=told["cause"], action=told["action"])
    except (ValueError, KeyError, TypeError):
        cause = f"address index and basemap could not be made: {said}"
        return BadMap("bad_map", cause=cause, action="check the file, and that the disk has room")


def _main(osm_path: Path, folder: Path) -> int:
    from maps.addresses import geocode
    from maps.drawing import basemap

    def tell(share: float) -> None:
        sys.stdout.write(f"{share:.3f}\n")
        sys.stdout.flush()

    try:
        geocode.build(
            osm_path, folder / ADDRESSES, on_progress=lambda share: tell(_ADDRESSED * share)
        )
        basemap.build(
            osm_path,
            folder / BASEMAP,
            on_progress=lambda share: tell(_ADDRESSED + (1 - _ADDRESSED) * share),
        )
    except MapError as error:
        return _refused(error)
    except (OSError, sqlite3.OperationalError) as error:
        return _refused(NotStored(folder, error))
    return 0


def _refused(error: MapError) -> int:
    told = {"code": error.code, "cause": error.cause, "action": error.action}
    sys.stdout.write(f"{json.dumps(told)}\n")
    return 1


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), Path(sys.argv[2])))
