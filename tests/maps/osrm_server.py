"""A real OSRM server for tests: OSRM's own programs and car profile, on one map file."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OSRM = Path(__file__).resolve().parents[2] / ".boot" / "osrm" / "osrm"


def prepare(osm_file: Path, folder: Path) -> Path:
    """Extract and contract a map in a folder; return the base name of OSRM's files."""
    copy = folder / osm_file.name
    shutil.copyfile(osm_file, copy)
    base = folder / osm_file.name.split(".")[0]
    profile = OSRM / "share" / "profiles" / "car.lua"
    _run("osrm-extract", "--threads", "2", "--profile", str(profile), str(copy))
    _run("osrm-contract", "--threads", "2", f"{base}.osrm")
    return base


@contextmanager
def serve(base: Path, *, max_table_size: int = 100) -> Iterator[str]:
    """Run a server on a free port of the loopback address; give its URL, and end it after."""
    port = _free_port()
    command = [
        str(OSRM / "bin" / "osrm-routed"),
        *("--ip", "127.0.0.1", "--port", str(port), "--threads", "2"),
        *("--max-table-size", str(max_table_size), "--verbosity", "ERROR", f"{base}.osrm"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(OSRM / "bin" / program), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, f"osrm-routed ended with status {process.returncode}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("osrm-routed does not listen")
