"""
One call to an endpoint: its name is looked up, and what it means then is judged and called.

No redirect is followed, the answer is read up to a limit, and all of it has an end in time: who
answers letter by letter, or not at all, costs no more than `TOTAL_S`.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import SplitResult, urlsplit

import h11

from dispatch.webhooks import addresses

CONNECT_S = 5.0
TOTAL_S = 15.0
BODY_S = 5.0
"""So long the rest of an answer is waited for, once its status is there."""

MOST_BYTES = 65_536
"""So much of an answer is read."""

_CHUNK = 16_384


class NotReached(Exception):
    """No answer came; says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answered; ``body`` is its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """What calls share: where names are looked up, whom to trust, and where calls may go."""

    lookups: Executor
    trust: ssl.SSLContext
    private: bool = False
    connect_s: float = CONNECT_S
    total_s: float = TOTAL_S

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a body, and return the answer, or raise `NotReached`."""
        try:
            async with asyncio.timeout(self.total_s):
                return await self._post(urlsplit(url), headers, body)
        except TimeoutError as error:
            raise NotReached(f"no answer within {self.total_s:g} s") from error
        except h11.ProtocolError as error:
            raise NotReached(f"this is no HTTP: {error}") from error
        except OSError as error:
            raise NotReached(f"the connection failed: {error}") from error

    async def _post(self, url: SplitResult, headers: Mapping[str, str], body: bytes) -> Answer:
        reader, writer = await self._connected(url)
        try:
            connection = h11.Connection(h11.CLIENT)
            writer.write(_request(connection, url, headers, body))
            # Who answers before all was read, such as with 413, is heard all the same.
            with suppress(ConnectionError):
                await writer.drain()
            head = await _head(connection, reader)
            return Answer(head.status_code, _named(head), await _body(connection, reader))
        finally:
            writer.transport.abort()

    async def _connected(self, url: SplitResult) -> tuple[StreamReader, StreamWriter]:
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 80)
        host = url.hostname or ""
        failure: OSError | None = None
        try:
            async with asyncio.timeout(self.connect_s):
                for address in await self._looked_up(host, port, secure=secure):
                    try:
                        return await asyncio.open_connection(
                            address,
                            port,
                            ssl=self.trust if secure else None,
                            server_hostname=host if secure else None,
                        )
                    except OSError as error:
                        failure = error
        except TimeoutError as error:
            raise NotReached(f"no connection within {self.connect_s:g} s") from error
        raise NotReached(f"no connection: {failure}")

    async def _looked_up(self, host: str, port: int, *, secure: bool) -> list[str]:
        """Return the addresses of a host, each of which may be called."""
        look = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self.lookups, look)
        except (OSError, UnicodeError) as error:
            raise NotReached(f"no address is known for {host}: {error}") from error
        every = list(dict.fromkeys(str(each[4][0]) for each in found))
        for address in every:
            if why := addresses.refusal(address, secure=secure, private=self.private):
                raise NotReached(f"{host} is not called: {why}")
        return every


def _request(
    connection: h11.Connection, url: SplitResult, headers: Mapping[str, str], body: bytes
) -> bytes:
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    # As it was written, with its port where it has one.
    all_headers = [("Host", url.netloc), ("Connection", "close"), *headers.items()]
    all_headers.append(("Content-Length", str(len(body))))
    events = (h11.Request(method="POST", target=target, headers=all_headers), h11.Data(data=body))
    return b"".join(connection.send(each) or b"" for each in (*events, h11.EndOfMessage()))


def _named(head: h11.Response) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}


async def _head(connection: h11.Connection, reader: StreamReader) -> h11.Response:
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Response):
            return event
        if event is h11.NEED_DATA:
            data = await reader.read(_CHUNK)
            if not data:
                raise NotReached("the connection ended before an answer")
            connection.receive_data(data)


async def _body(connection: h11.Connection, reader: StreamReader) -> bytes:
    """Read the beginning of a body; the status counts even where this breaks off."""
    body = b""
    with suppress(h11.RemoteProtocolError, OSError):
        async with asyncio.timeout(BODY_S):
            while len(body) < MOST_BYTES:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    connection.receive_data(await reader.read(_CHUNK))
                elif isinstance(event, h11.Data):
                    body += event.data
                else:
                    break
    return body[:MOST_BYTES]
