"""
What surrounds every request: its number, the size of its body, the log, the metrics.

The outermost layer: what nobody foresaw ends here, as a line in the log and an answer without it.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import logs, problems
from dispatch.store import keys

_NUMBER = re.compile(r"[\w.:-]{1,64}")
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class TooLarge(Exception):
    """The body is larger than it may be."""


class Metrics:
    """What is counted for Prometheus."""

    def __init__(self, registry: CollectorRegistry, listeners: Callable[[], int]) -> None:
        labels = ("method", "route", "status")
        self.requests = Counter("milkrun_requests", "Requests answered.", labels, registry=registry)
        self.seconds = Histogram(
            "milkrun_request_seconds",
            "Seconds from the request to its answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=registry,
        )
        self.running = Gauge(
            "milkrun_requests_running", "Requests that are being answered.", registry=registry
        )
        gauge = Gauge("milkrun_listeners", "Open streams of events.", registry=registry)
        gauge.set_function(listeners)


class Watch:
    """Wraps an application; ``larger`` has the paths whose bodies may be larger than others."""

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, body_bytes: int, larger: Mapping[str, int]
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._body_bytes = body_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        one = _Request(scope, send, Headers(scope=scope))
        most = self._larger.get(scope["path"], self._body_bytes)
        began = time.perf_counter()
        with self._metrics.running.track_inprogress():
            try:
                await self._app(scope, _limited(one, receive, most), one.send)
            except TooLarge:
                one.is_too_large = True
            except Exception as error:
                logs.say(logging.ERROR, "request failed", error=error, request_id=one.number)
                await one.refuse(_broken(one.number))
            if one.is_too_large:
                one.is_too_large = False
                await one.refuse(_too_large(one.number, most))
        self._told(scope, one, time.perf_counter() - began)

    def _told(self, scope: Scope, one: _Request, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", None) or "none"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.requests.labels(method, route, str(one.status)).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        logs.say(
            logging.INFO,
            "request",
            method=scope["method"],
            path=scope["path"],
            status=one.status,
            ms=round(seconds * 1000, 1),
            actor=scope.get("milkrun.actor"),
            request_id=one.number,
        )


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class _Request:
    """One request on its way: its number, and what was answered so far."""

    def __init__(self, scope: Scope, send: Send, headers: Headers) -> None:
        given = headers.get("x-request-id", "")
        self.number = given if _NUMBER.fullmatch(given) else keys.new().hex
        self.headers = headers
        self.status: int | None = None
        self.is_too_large = False
        """Then what the application makes of the half of a body is not sent."""
        self._scope = scope
        self._send = send
        scope["milkrun.request_id"] = self.number

    async def send(self, message: Message) -> None:
        if self.is_too_large and self.status is None:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.number
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)

    async def refuse(self, answer: ASGIApp) -> None:
        """Answer with a problem, unless an answer is on its way already."""
        if self.status is None:
            await answer(self._scope, _nothing, self.send)


def _limited(one: _Request, receive: Receive, most: int) -> Callable[[], Awaitable[Message]]:
    told = one.headers.get("content-length", "0")
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most or (told.isdigit() and int(told) > most):
            one.is_too_large = True
            raise TooLarge
        return message

    return limited


def _too_large(number: str, most: int) -> ASGIApp:
    return problems.answer(
        413,
        "body_too_large",
        cause=f"the body has more than {most:,} bytes",
        action="send it in several requests",
        request_id=number,
        headers={"Connection": "close"},
    )


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _broken(number: str) -> Any:
    return problems.answer(
        500,
        "internal_error",
        cause="something went wrong here that nobody foresaw",
        action="try again; if it stays, send the number of the request to who runs this server",
        request_id=number,
    )
