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
    books,
    calendars,
    customers,
    departures,
    depots,
    drivers,
    events,
    health,
    imports,
    inbound,
    lanes,
    loading,
    logs,
    milk_runs,
    order_sources,
    orders,
    papers,
    part_facts,
    parts,
    pick_lists,
    plans,
    problems,
    rounds,
    session,
    shifts,
    sourcing,
    standing_orders,
    stock,
    stocktaking,
    suppliers,
    trace,
    transfers,
    users,
    vehicles,
    waves,
    webhooks,
    zones,
)
from api.http.routes import PREFIX
from api.http.server import Server
from api.http.watch import Metrics, Watch
from dispatch.fleet import papers as expiry
from dispatch.intake import standing_dates
from dispatch.people import housekeeping
from dispatch.store import database
from dispatch.store.errors import Refused
from dispatch.webhooks import outbox

_FLEET = (vehicles, drivers, papers, shifts, zones, waves, departures)
_WAREHOUSE = (stock, books, stocktaking, transfers, trace, pick_lists, loading)
_RESOURCES = (
    *(session, users, api_keys),
    *(depots, lanes, calendars),
    *_FLEET,
    *(part_facts, parts, customers),
    *(orders, sourcing, imports),
    *_WAREHOUSE,
    *(standing_orders, suppliers, milk_runs, rounds),
    plans,
    *(webhooks, order_sources, inbound),
    events,
)

_TAGS = {
    "session": "Signing in and out; one's own account.",
    "users": "Users, their roles and depots; links for drivers' phones.",
    "keys": "API keys for other systems.",
    "depots": "Where goods lie and vehicles load.",
    "fleet": "Vehicles, drivers, shifts, zones and waves.",
    "parts": "What is stocked, ordered and delivered.",
    "customers": "Customers and the repair points that are delivered to.",
    "orders": "From placing to what is set aside.",
    "imports": "Files of orders: what became of each, and what waits for its repair.",
    "plans": "From a draft to the routes that are driven.",
    "suppliers": "Where bought goods come from.",
    "milk runs": "Suppliers visited in a fixed order on fixed weekdays.",
    "stock": "What lies where, what moved, what can still be promised; in, out, and corrected.",
    "warehouse": "Picked, packed, loaded, handed over, taken back.",
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
    app.add_middleware(
        Watch,
        metrics=metrics,
        body_bytes=running.settings.body_bytes,
        larger={f"{PREFIX}/imports": running.settings.upload_bytes},
    )
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
    """
    Do, now and every hour, what is due.

    What nobody will ask for again is deleted, papers that expire are told, standing orders placed.
    """

    def work() -> list[Refused]:
        with database.transaction(running.database, actor="housekeeping") as tx:
            housekeeping.tidy(tx)
            outbox.forget_old(tx)
        with database.transaction(running.database, actor="housekeeping") as tx:
            expiry.warn(tx)
        refused = standing_dates.place_due(running.database, actor="housekeeping")
        running.tail.announce()
        return refused

    while True:
        try:
            refused = await run_in_threadpool(work)
        except Refused as error:
            refused = [error]
        for each in refused:
            logs.say(logging.WARNING, "housekeeping waits", code=each.code, cause=each.cause)
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
