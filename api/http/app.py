"""The application: its routes, what surrounds them, and its description in OpenAPI."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.concurrency import run_in_threadpool

from api.http import (
    api_keys,
    customers,
    depots,
    events,
    health,
    inbound,
    logs,
    order_sources,
    orders,
    parts,
    plans,
    problems,
    session,
    stock,
    users,
    webhooks,
)
from api.http.routes import PREFIX
from api.http.server import Server
from api.http.watch import Metrics, Watch
from dispatch.people import housekeeping
from dispatch.store import database
from dispatch.store.errors import Refused
from dispatch.webhooks import outbox

_RESOURCES = (
    *(session, users, api_keys, depots, parts, customers, orders, stock, plans, events),
    *(webhooks, order_sources, inbound),
)

_TAGS = {
    "session": "Signing in and out; one's own account.",
    "users": "Users, their roles and depots; links for drivers' phones.",
    "keys": "API keys for other systems.",
    "depots": "Where goods lie and vehicles load.",
    "parts": "What is stocked, ordered and delivered.",
    "customers": "Customers and the repair points that are delivered to.",
    "orders": "From placing to what is set aside.",
    "stock": "What can still be promised; goods that come in.",
    "plans": "From a draft to the routes that are driven.",
    "events": "What happened, as pages and as a stream.",
    "webhooks": "Other systems that are told of what happens.",
    "inbound": "Other systems that send orders.",
    "health": "For who runs the server.",
}

_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a session, or an API key.",
    },
    "cookie": {"type": "apiKey", "in": "cookie", "name": "milkrun_session"},
}

_HOUSEKEEPING_S = 3600.0


def made(running: Server) -> FastAPI:
    """Return the application of a server."""
    app = FastAPI(
        title="Milkrun",
        version=version("milkrun"),
        summary="Orders, stock and deliveries of automotive after-sales parts.",
        openapi_url=f"{PREFIX}/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        lifespan=_lifespan(running),
    )
    app.state.server = running
    problems.install(app)
    for resource in _RESOURCES:
        app.include_router(resource.routes.router)
    app.include_router(health.router)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]  # FastAPI's own way
    metrics = Metrics(running.registry, lambda: running.tail.num_listeners)
    app.add_middleware(Watch, metrics=metrics, body_bytes=running.settings.body_bytes)
    return app


def _lifespan(running: Server) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running.tail.open()
        tidying = asyncio.get_running_loop().create_task(_keep_house(running))
        try:
            yield
        finally:
            running.tail.close()
            tidying.cancel()
            await asyncio.gather(tidying, return_exceptions=True)

    return lifespan


async def _keep_house(running: Server) -> None:
    """Delete, now and every hour, what nobody will ask for again."""

    def tidy() -> None:
        with database.transaction(running.database, actor="housekeeping") as tx:
            housekeeping.tidy(tx)
            outbox.forget_old(tx)

    while True:
        try:
            await run_in_threadpool(tidy)
        except Refused as error:
            logs.say(logging.WARNING, "housekeeping waits", code=error.code, cause=error.cause)
        await asyncio.sleep(_HOUSEKEEPING_S)


def _described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        components = document.setdefault("components", {})
        components["securitySchemes"] = _SCHEMES
        _, shapes = models_json_schema(
            [(problems.Problem, "serialization")], ref_template="#/components/schemas/{model}"
        )
        components.setdefault("schemas", {}).update(shapes["$defs"])
        for name in ("HTTPValidationError", "ValidationError"):
            components["schemas"].pop(name, None)
        app.openapi_schema = document
    return app.openapi_schema
