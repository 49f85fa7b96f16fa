"""Whether the server lives and can work, and what it counts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from api.http import routes, server
from api.http.callers import Access
from dispatch.people.permissions import Permission, Who
from dispatch.store import schema

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """That it works."""

    status: str


@router.get(
    "/healthz",
    operation_id="get_health",
    response_model=Health,
    openapi_extra=routes.declared(routes.ANYONE),
)
async def get_health() -> dict[str, str]:
    """Answers while the process lives."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="get_readiness",
    response_model=Health,
    responses=routes.problems_of((503,)),
    openapi_extra=routes.declared(routes.ANYONE),
)
def get_readiness(request: Request) -> dict[str, Any]:
    """
    Answers while the database can be used and has this program's tables.

    `degraded`: Redis is away. All works, but limits count by process, and what happens at others
    is heard a little later.
    """
    asked = server.of(request)
    schema.check(asked.database)
    return {"status": "degraded" if asked.live.is_away else "ok"}


@router.get(
    "/metrics",
    operation_id="get_metrics",
    response_class=PlainTextResponse,
    responses=routes.problems_of((401, 403, 429, 503)),
    openapi_extra=routes.declared(Permission.METRICS_READ),
)
def get_metrics(
    request: Request, _: Annotated[Who, Depends(Access(Permission.METRICS_READ))]
) -> Response:
    """Figures for Prometheus; it sends a key with the scope metrics:read."""
    text = generate_latest(server.of(request).registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
