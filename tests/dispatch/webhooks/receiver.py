"""A real receiver of webhooks on a port of this machine, that answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dispatch.webhooks import signatures
from dispatch.webhooks.signatures import Signed

Behave = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def signed(self) -> Signed:
        of = self.headers
        return Signed(self.id, of["webhook-timestamp"], of["webhook-signature"], self.body)

    @property
    def document(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    def verify(self, *secrets: str) -> None:
        signatures.verify(self.signed, secrets)


@dataclass
class Receiver:
    """What came so far; ``behave`` answers the requests."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    behave: Behave = field(default_factory=lambda: answering(204))
    over: threading.Event = field(default_factory=threading.Event)

    def hang(self, _: BaseHTTPRequestHandler) -> None:
        """Answer nothing, as long as there is a test."""
        self.over.wait(60)

    def kinds(self) -> list[str]:
        return [each.document["type"] for each in self.got]


def answering(status: int, body: bytes = b"", **headers: str) -> Behave:
    def behave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        if status != 204:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return behave


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Got(self.path, headers, body))
            try:
                receiver.behave(self)
            except ConnectionError:
                # The sender had no more patience.
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
