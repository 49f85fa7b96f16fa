"""`milkrun serve` as a process of its own, and clients that cost little beside it."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.api.command import PROGRAM, ROOT

_FREE = {"MILKRUN_RATE_PER_CALLER": "1000000", "MILKRUN_SIGN_INS_PER_MINUTE": "1000000"}


@contextmanager
def served(url: str, *, processes: int = 1, redis_url: str = "") -> Iterator[list[int]]:
    """Serve a database; gives the ports."""
    environment = {**os.environ, **_FREE, "MILKRUN_DATABASE_URL": url}
    if redis_url:
        environment["MILKRUN_REDIS_URL"] = redis_url
    with ExitStack() as stack:
        ports = []
        for _ in range(processes):
            # The log goes the way that it goes at work: into a pipe that somebody reads.
            words = [*PROGRAM, "serve", "--port", "0"]
            process = stack.enter_context(
                subprocess.Popen(
                    words, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
                )
            )
            stack.callback(process.terminate)
            ports.append(_port(process))
        yield ports


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("serving at "):
            subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
            return int(line.rpartition(":")[2])
    raise AssertionError(f"it ended with {process.wait()}")


class Client:
    """One connection that is kept, with a token."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = f"Host: bench\r\nAuthorization: Bearer {token}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        """Return status and body of an answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        said = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        writer.write(f"{method} {path} HTTP/1.1\r\n{self._head}{said}\r\n{body}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return int(head[9:12]), await reader.readexactly(length)

    async def lines(self, path: str) -> asyncio.StreamReader:
        """Return a stream of events as it comes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        writer.write(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())
        self._streams = reader, writer
        return reader


@dataclass(slots=True)
class Tally:
    """How long each request took, in milliseconds, and which statuses were answered."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def add(self, status: int, seconds: float) -> None:
        self.times.append(1000 * seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def words(self) -> str:
        """Return median, p95, p99 and the most, as cells of a table."""
        hundredths = statistics.quantiles(self.times, n=100)
        figures = (statistics.median(self.times), hundredths[94], hundredths[98], max(self.times))
        return " | ".join(f"{each:.1f}" for each in figures)


def hammer(
    ports: Sequence[int], token: str, *, clients: int, seconds: float, paths: Iterator[str]
) -> tuple[Tally, float]:
    """POST to these paths by so many clients at once; return what they saw, and the rate."""
    tally = Tally()

    async def one(port: int, until: float) -> None:
        client = Client(port, token)
        while time.perf_counter() < until and (path := next(paths, None)) is not None:
            began = time.perf_counter()
            status, _ = await client.ask("POST", path, "{}")
            tally.add(status, time.perf_counter() - began)

    async def all_of_them() -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(one(ports[n % len(ports)], until) for n in range(clients)))

    began = time.perf_counter()
    run(all_of_them)
    return tally, len(tally.times) / (time.perf_counter() - began)


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Run clients to their end."""

    async def main() -> None:
        await work()

    asyncio.run(main())


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
