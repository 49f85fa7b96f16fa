"""
How a route is written: what it needs, and one function that calls one use case.

A handler says by its types what it works on: `Tx` is a transaction, committed before the answer
leaves, and begun anew when others were in its way; `Reader` can only look; `User` is who asks.
The whole handler runs on one thread. (FastAPI's own dependencies would hold SQLite's pen on one
thread while they wait for another: with all threads waiting for the pen, nobody moves.)
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.http import etags, problems, server
from api.http.callers import Access, Open
from dispatch.people import replays
from dispatch.people.permissions import Permission, Who
from dispatch.people.replays import Answer
from dispatch.store import database

PREFIX = "/api/v1"
ANYONE = "anyone"
SIGNED_IN = "signed-in"

_TX, _READER, _WHO = "tx", "reader", "who"
Tx = Annotated[Session, _TX]
Reader = Annotated[Session, _READER]
User = Annotated[Who, _WHO]

Handler = Callable[..., Any]

_ALWAYS = (400, 422, 429, 503)
_SIGNED_IN = (401, 403)

_KEY = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=200,
    pattern=r"^[!-~]+$",
    description="Any text of your own, a new one for each thing that you want. The same "
    "request sent again with the same key changes nothing and gets the first answer.",
    examples=["6f1c4a52-8a0d-4f4e-9b0e-5b8f0b8f6a11"],
)
IdempotencyKey = Annotated[str | None, _KEY]
KeyNeeded = Annotated[str, _KEY]
"""For scans: a handheld repeats them on a bad network, and must not pick twice."""

Keyed = Literal["never", "if told", "always"]
"""Whether a request takes an ``Idempotency-Key``."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a handler wants to be called with, and what is made of what it returns."""

    handler: Handler
    session: tuple[str, str] | None
    who: str | None
    request: str | None
    shape: type[BaseModel] | None
    status: int
    once: frozenset[str] = field(default_factory=frozenset)


class Routes:
    """The routes of one kind of resource."""

    def __init__(self, path: str, *, tag: str) -> None:
        self.router = APIRouter(prefix=f"{PREFIX}{path}", tags=[tag])

    def get(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        return self._route("GET", path, **how)

    def post(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        return self._route("POST", path, **how)

    def patch(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        return self._route("PATCH", path, **how)

    def put(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        return self._route("PUT", path, **how)

    def file(
        self,
        path: str,
        *,
        needs: Permission,
        media_types: Sequence[str],
        may: Sequence[int] = (),
    ) -> Callable[[Handler], Handler]:
        """Declare a GET whose handler makes a file, of one of these types, as its answer."""
        return self._route("GET", path, needs=needs, media_types=media_types, may=may)

    def delete(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        return self._route("DELETE", path, status=204, **how)

    def stream(
        self, path: str, *, needs: Permission, may: Sequence[int] = ()
    ) -> Callable[[Handler], Handler]:
        """Declare a stream of server-sent events, which the handler makes by itself."""

        def declare(handler: Handler) -> Handler:
            self.router.add_api_route(
                path,
                handler,
                methods=["GET"],
                operation_id=handler.__name__,
                summary=_summary(handler),
                description=inspect.getdoc(handler),
                response_class=StreamingResponse,
                responses={
                    200: {"description": "The stream.", "content": {"text/event-stream": {}}},
                    **problems_of(_refusals(needs, "GET", may)),
                },
                openapi_extra=declared(needs),
            )
            return handler

        return declare

    def _route(
        self,
        method: str,
        path: str,
        *,
        needs: Permission | str,
        shape: type[BaseModel] | None = None,
        status: int = 200,
        creates: bool = False,
        keyed: Keyed = "never",
        shown_once: Sequence[str] = (),
        may: Sequence[int] = (),
        media_types: Sequence[str] = (),
    ) -> Callable[[Handler], Handler]:
        """
        Declare a route: who is let in (``needs``), and what it answers.

        ``creates``: a POST that makes something, which takes an ``Idempotency-Key``, as others do
        that say so (``keyed``); fields that are ``shown_once`` are not kept with its answer.
        ``may``: further statuses of refusals.
        """

        def declare(handler: Handler) -> Handler:
            plan = _plan(handler, shape, 201 if creates else status, shown_once)
            self.router.add_api_route(
                path,
                _endpoint(plan, _access(needs), keyed="if told" if creates else keyed),
                methods=[method],
                status_code=plan.status,
                response_model=shape,
                operation_id=handler.__name__,
                summary=_summary(handler),
                description=inspect.getdoc(handler),
                response_class=Response if media_types else JSONResponse,
                responses={
                    **problems_of(_refusals(needs, method, may)),
                    **({200: _file_of(media_types)} if media_types else {}),
                },
                openapi_extra=declared(needs),
            )
            return handler

        return declare


def _plan(
    handler: Handler, shape: type[BaseModel] | None, status: int, once: Sequence[str]
) -> _Plan:
    parameters = inspect.signature(handler, eval_str=True).parameters
    marks = {
        mark: name
        for name, each in parameters.items()
        for mark in get_args(each.annotation)[1:]
        if isinstance(mark, str)
    }
    session = next(((mark, marks[mark]) for mark in (_TX, _READER) if mark in marks), None)
    request = next((name for name, each in parameters.items() if each.annotation is Request), None)
    return _Plan(handler, session, marks.get(_WHO), request, shape, status, frozenset(once))


def _endpoint(plan: _Plan, access: Callable[..., Who], *, keyed: Keyed) -> Handler:
    """Return what FastAPI calls: the handler's other parameters, the request and who asks."""
    own = {plan.who, plan.request, plan.session[1] if plan.session else None}
    signature = inspect.signature(plan.handler, eval_str=True)
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = {"request_": Request, "who_": Annotated[Who, Depends(access)]}
    if keyed != "never":
        added["key_"] = KeyNeeded if keyed == "always" else IdempotencyKey
    parameters = [
        each.replace(kind=keyword) for name, each in signature.parameters.items() if name not in own
    ]
    for name, annotation in added.items():
        default = None if annotation is IdempotencyKey else inspect.Parameter.empty
        parameters.append(inspect.Parameter(name, keyword, annotation=annotation, default=default))

    def endpoint(**given: Any) -> Response:
        request: Request = given.pop("request_")
        who: Who = given.pop("who_")
        key: str | None = given.pop("key_", None)
        if plan.who:
            given[plan.who] = who
        if plan.request:
            given[plan.request] = request
        return _answered(plan, request, who, key, given)

    endpoint.__signature__ = signature.replace(  # type: ignore[attr-defined]  # as functions have
        parameters=parameters, return_annotation=inspect.Signature.empty
    )
    return endpoint


def _answered(
    plan: _Plan, request: Request, who: Who, key: str | None, given: dict[str, Any]
) -> Response:
    asked = server.of(request)
    if plan.session is None:
        # It opens its own transactions, with slow work between them.
        result = plan.handler(**given)
        asked.tail.announce()
        return result if isinstance(result, Response) else _response(_shown(plan, result), request)
    mark, name = plan.session
    if mark == _READER:
        with database.reading(asked.database) as session:
            return _response(_shown(plan, plan.handler(**{name: session}, **given)), request)
    replayed = False

    def work(session: Session) -> Answer:
        nonlocal replayed
        before = replays.take(session, who.actor, key, _hash(request, given)) if key else None
        if before:
            replayed = True
            return before
        result = plan.handler(**{name: session}, **given)
        session.flush()
        answer = _shown(plan, result)
        if key:
            kept = dict.fromkeys(plan.once)
            replays.keep(session, who.actor, key, Answer(answer.status, answer.body | kept))
        return answer

    answer = database.retried(asked.database, work, actor=who.actor)
    asked.tail.announce()
    response = _response(answer, request)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _shown(plan: _Plan, result: Any) -> Answer:
    """Return the shape of what a handler returned, while its session is still open."""
    if plan.shape is None:
        return Answer(plan.status, {})
    shown = plan.shape.model_validate(result, from_attributes=True)
    return Answer(plan.status, shown.model_dump(mode="json"))


def _response(answer: Answer, request: Request) -> Response:
    if answer.status == 204:
        return Response(status_code=204)
    response = Response(
        json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")),
        answer.status,
        media_type="application/json",
    )
    if isinstance(version := answer.body.get("version"), int):
        response.headers["ETag"] = etags.of(version)
    if answer.status == 201 and "id" in answer.body:
        response.headers["Location"] = f"{request.url.path}/{answer.body['id']}"
    return response


def _hash(request: Request, given: Mapping[str, Any]) -> str:
    """Return what tells a request from another one."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}".encode())
    for name, value in sorted(given.items()):
        if not isinstance(value, Who | Request):
            text = value.model_dump_json() if isinstance(value, BaseModel) else repr(value)
            digest.update(f"\n{name}={text}".encode())
    return digest.hexdigest()


def _access(needs: Permission | str) -> Callable[..., Who]:
    if needs == ANYONE:
        return Open()
    return Access(None if needs == SIGNED_IN else Permission(needs))


def declared(needs: Permission | str) -> dict[str, Any]:
    security: list[dict[str, list[str]]] = (
        [] if needs == ANYONE else [{"bearer": []}, {"cookie": []}]
    )
    return {"x-permission": str(needs), "security": security}


def problems_of(statuses: Collection[int]) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI is to say of refusals with these statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": problems.TITLES[status],
            "content": {problems.MEDIA_TYPE: {"schema": schema}},
        }
        for status in sorted(set(statuses))
    }


def _file_of(media_types: Sequence[str]) -> dict[str, Any]:
    schema = {"type": "string", "format": "binary"}
    return {
        "description": "The file.",
        "content": {media_type: {"schema": schema} for media_type in media_types},
    }


def _refusals(needs: Permission | str, method: str, may: Sequence[int]) -> set[int]:
    body = (413,) if method in {"POST", "PUT", "PATCH"} else ()
    return {*_ALWAYS, *body, *may, *(() if needs == ANYONE else _SIGNED_IN)}


def _summary(handler: Handler) -> str:
    return (inspect.getdoc(handler) or handler.__name__).splitlines()[0].rstrip(".")
