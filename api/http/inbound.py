"""What other systems send, signed in the form of Standard Webhooks."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from pydantic import Field

from api.http.routes import Routes, Tx, User
from api.http.shapes import In, Moment, Out, Text40, Text60, Text80, Text120, Text200
from dispatch.people.permissions import Permission
from dispatch.webhooks import inbound, sources
from dispatch.webhooks.inbound import Sent
from dispatch.webhooks.signatures import Signed

routes = Routes("/inbound", tag="inbound")

Number = Annotated[int, Field(ge=0, le=1_000_000)]
Cell = Text40 | Number | Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


class SentLine(In):
    part: Text120 = Field(examples=["0986"])
    brand: Text60 | None = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000, examples=[2])]


class SentOrderIn(In):
    """An order in the words of the order tables; ``version`` or ``updated_at`` say how new."""

    order: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]+$")]
    customer: Text120
    repair_point: Text200 | None = None
    depot: Text120 | None = None
    fulfilment: Text40 | None = Field(None, examples=["delivery", "pickup"])
    date: Text40 | None = Field(None, examples=["2026-03-02"])
    earliest: Text40 | None = Field(None, examples=["08:30"])
    latest: Text40 | None = Field(None, examples=["11:00"])
    priority: Number | None = None
    downtime_per_h: Cell | None = None
    lines: Annotated[list[SentLine], Field(min_length=1, max_length=1000)]
    version: Annotated[int, Field(ge=0, le=2**62)] | None = None
    updated_at: Moment | None = None


class TakenOut(Out):
    order: str
    order_id: UUID | None
    fate: Literal["created", "updated", "unchanged", "outdated"]


async def _raw(request: Request) -> bytes:
    """Return the bytes as they came: those are what was signed."""
    return await request.body()


@routes.post("/orders", needs=Permission.ORDERS_SEND, shape=TakenOut, may=(404, 409))
def send_order(
    tx: Tx,
    who: User,
    sent: SentOrderIn,
    raw: Annotated[bytes, Depends(_raw)],
    source: Annotated[Text80, Query(description="The name of the source.", examples=["erp"])],
    letter_id: Annotated[
        str, Header(alias="webhook-id", min_length=1, max_length=200, pattern=r"^[!-~]+$")
    ],
    timestamp: Annotated[str, Header(alias="webhook-timestamp", max_length=20)],
    signature: Annotated[str, Header(alias="webhook-signature", max_length=1000)],
) -> dict[str, Any]:
    """Send an order, or what it is now; sent again under its id, it gets the first answer."""
    row = sources.named(tx, source)
    who.need_depot(row.depot_id)
    order = sent.model_dump(exclude_none=True, exclude={"version", "updated_at"})
    signed = Signed(letter_id, timestamp, signature, raw)
    return inbound.take_in(tx, row, signed, Sent(order, sent.version, sent.updated_at))
