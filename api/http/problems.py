"""
The one place where refusals become answers: ``application/problem+json`` of RFC 9457.

Each has a code that stays the same, the cause with its numbers, and what the person can do. What
nobody foresaw is told as ``internal_error`` with the number of the request, without its text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from dispatch.store.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Outdated,
    Refused,
    TooMany,
    Unauthenticated,
    Unusable,
)

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[Refused], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Outdated: 412,
    Invalid: 422,
    TooMany: 429,
    Unusable: 503,
}

TITLES = {
    400: "This cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "No such method here",
    409: "Not as things are now",
    412: "It was changed meanwhile",
    413: "Too large",
    422: "Not valid",
    428: "Say which version you looked at",
    429: "Too often",
    500: "Something is broken here",
    503: "Not available now",
}


class FaultOut(BaseModel):
    """One fault of a request."""

    where: str = Field(examples=["body.lines[0].quantity"])
    rule: str = Field(examples=["greater_than"])
    cause: str = Field(examples=["Input should be greater than 0"])


class DifferenceOut(BaseModel):
    """A field that is not as it was wanted."""

    field: str
    wanted: Any = None
    now: Any = None


class Problem(BaseModel):
    """Why something was not done."""

    type: str = Field(examples=["urn:milkrun:error:wrong_state"])
    title: str = Field(examples=["Not as things are now"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["wrong_state"])
    detail: str = Field(
        description="The cause, with the numbers of the case.",
        examples=["order A-17 is cancelled; to accept it, it must be placed"],
    )
    action: str = Field(
        description="What can be done.",
        examples=["nothing more can be done with it; make a new one"],
    )
    request_id: str | None = None
    faults: list[FaultOut] | None = None
    differences: list[DifferenceOut] | None = None


def install(app: FastAPI) -> None:
    """Let an application answer by problems."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_the_framework)


def answer(
    status: int,
    code: str,
    *,
    cause: str,
    action: str,
    request_id: str | None,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Return a problem as an answer."""
    body = {
        "type": f"urn:milkrun:error:{code}",
        "title": TITLES[status],
        "status": status,
        "code": code,
        "detail": cause,
        "action": action,
        "request_id": request_id,
        **(more or {}),
    }
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def of(error: Refused, *, request_id: str | None) -> JSONResponse:
    """Return a refusal as an answer."""
    status = next(STATUS[family] for family in type(error).__mro__ if family in STATUS)
    headers, more = {}, {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.wait_s)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Outdated):
        more["differences"] = [
            {"field": each.field, "wanted": each.wanted, "now": each.now}
            for each in error.differences
        ]
    if error.code in {"if_match_needed", "bad_if_match"}:
        status = 428 if error.code == "if_match_needed" else 400
    return answer(
        status,
        error.code,
        cause=error.cause,
        action=error.action,
        request_id=request_id,
        headers=headers,
        more=more,
    )


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return of(error, request_id=request_id_of(request))


def _not_valid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(each) for each in error.errors()]
    broken = any(each["rule"] == "json_invalid" for each in faults)
    return answer(
        400 if broken else 422,
        "bad_json" if broken else "bad_request",
        cause="; ".join(f"{each['where']}: {each['cause']}" for each in faults[:5]),
        action="mend each place that is named; /api/v1/openapi.json says what each may be",
        request_id=request_id_of(request),
        more={"faults": faults},
    )


def _of_the_framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 404:
        code, cause = "no_such_path", f"there is nothing at {path}"
    elif error.status_code == 405:
        code, cause = "no_such_method", f"{request.method} is not for {path}"
    else:
        code, cause = "bad_json", "the body cannot be read as JSON"
    return answer(
        error.status_code if error.status_code in {404, 405} else 400,
        code,
        cause=cause,
        action="look at /api/v1/openapi.json",
        request_id=request_id_of(request),
        headers=error.headers,
    )


def request_id_of(request: Request) -> str | None:
    """Return the number that this request has in the log."""
    found: str | None = request.scope.get("milkrun.request_id")
    return found


def _fault(each: Mapping[str, Any]) -> dict[str, str]:
    return {"where": _where(each["loc"]), "rule": str(each["type"]), "cause": str(each["msg"])}


def _where(location: Sequence[str | int]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
