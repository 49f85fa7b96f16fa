"""Standing orders, and the days on which they become orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.etags import Version, VersionIfTold
from api.http.repeating import EveryWeeks, KeptId, OnHoliday, RepeatStatus, Weekdays
from api.http.routes import Reader, Routes, Tx, User
from api.http.shapes import (
    Change,
    Cursor,
    Day,
    DepotFilter,
    In,
    Limit,
    Out,
    Quantity,
    Text40,
    Text400,
)
from dispatch.intake import standing_dates, standing_orders
from dispatch.intake.standing_orders import MOST_DAYS_AHEAD, StandingOrder
from dispatch.people.permissions import Permission, Who
from dispatch.store import edits, rows, states
from dispatch.store.pages import Page

routes = Routes("/standing-orders", tag="orders")

Priority = Annotated[int, Field(ge=-100, le=100, description="More is more urgent.")]
ClockOfDay = Annotated[
    int,
    Field(
        ge=0,
        le=86_400,
        description="Seconds after midnight, by the depot's clock.",
        examples=[32_400],
    ),
]
DaysAhead = Annotated[
    int, Field(ge=0, le=MOST_DAYS_AHEAD, description="So long before its day each is placed.")
]


class StandingLine(In):
    part_id: KeptId
    quantity: Quantity


Lines = Annotated[list[StandingLine], Field(min_length=1, max_length=500)]


class StandingOrderIn(In):
    number: Text40 = Field(
        description="Its orders have this number with their day.", examples=["S-17"]
    )
    customer_id: UUID
    depot_id: UUID
    repair_point_id: UUID | None = Field(
        default=None, description="Where it is brought to; null: the customer collects it."
    )
    lines: Lines
    priority: Priority = 0
    weekdays: Weekdays
    every_weeks: EveryWeeks = 1
    valid_from: Day
    valid_to: Day | None = Field(default=None, description="Included; null: until it is ended.")
    on_holiday: OnHoliday = "skip"
    window_from: ClockOfDay | None = None
    window_to: ClockOfDay | None = None
    days_ahead: DaysAhead = 7
    accepts: bool = Field(
        default=False,
        description="Its orders are accepted at once; this needs the permission orders:decide.",
    )


class StandingOrderChange(Change):
    may_be_none: ClassVar = frozenset({"repair_point_id", "valid_to", "window_from", "window_to"})

    repair_point_id: UUID | None = None
    lines: Lines | None = None
    priority: Priority | None = None
    weekdays: Weekdays | None = None
    every_weeks: EveryWeeks | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    on_holiday: OnHoliday | None = None
    window_from: ClockOfDay | None = None
    window_to: ClockOfDay | None = None
    days_ahead: DaysAhead | None = None
    accepts: bool | None = None


class StandingLineOut(Out):
    part_id: UUID
    quantity: int


class StandingOrderOut(Out):
    id: UUID
    number: str
    customer_id: UUID
    depot_id: UUID
    repair_point_id: UUID | None
    status: RepeatStatus
    lines: list[StandingLineOut]
    priority: int
    weekdays: list[int]
    every_weeks: int
    valid_from: Day
    valid_to: Day | None
    on_holiday: OnHoliday
    window_from: int | None
    window_to: int | None
    days_ahead: int
    accepts: bool
    version: int


class StandingOrdersOut(Out):
    rows: list[StandingOrderOut]
    next: str | None


class StandingDayOut(Out):
    on: Day = Field(description="When it comes.")
    due_on: Day = Field(description="When it would, were every day worked.")
    order_id: UUID | None = Field(description="Null: not placed.")
    skipped_because: str | None


class StandingDaysOut(Out):
    rows: list[StandingDayOut]


class SkipIn(In):
    on: Day
    reason: Text400 = Field(examples=["closed for stock-taking"])


@routes.post(
    "", needs=Permission.ORDERS_PLACE, shape=StandingOrderOut, creates=True, may=(404, 409)
)
def begin_standing_order(tx: Tx, who: User, new: StandingOrderIn) -> StandingOrder:
    """Have an order repeat; what is due is placed within the hour."""
    who.need_depot(new.depot_id)
    who.need_customer(new.customer_id)
    if new.accepts:
        who.need(Permission.ORDERS_DECIDE)
    return standing_orders.begin(tx, new.model_dump())


@routes.get("", needs=Permission.ORDERS_READ, shape=StandingOrdersOut)
def list_standing_orders(
    reader: Reader,
    who: User,
    depot_id: DepotFilter = None,
    customer_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[RepeatStatus | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[StandingOrder]:
    """Standing orders, the newest first; those of one's depots, and of oneself as a customer."""
    return standing_orders.page(
        reader,
        depot_ids=who.depots(depot_id),
        customer_id=who.customer_id or customer_id,
        status=status,
        cursor=cursor,
        limit=limit,
    )


@routes.get("/{standing_id}", needs=Permission.ORDERS_READ, shape=StandingOrderOut, may=(404,))
def get_standing_order(reader: Reader, who: User, standing_id: UUID) -> StandingOrder:
    """One standing order."""
    return _seen(who, rows.get(reader, StandingOrder, standing_id))


@routes.patch(
    "/{standing_id}",
    needs=Permission.ORDERS_PLACE,
    shape=StandingOrderOut,
    may=(404, 409, 412, 428),
)
def change_standing_order(
    tx: Tx, who: User, standing_id: UUID, change: StandingOrderChange, version: Version
) -> StandingOrder:
    """Change what is not placed yet; what is left out stays as it is."""
    standing = _locked(tx, who, standing_id)
    if standing.accepts or change.accepts:
        who.need(Permission.ORDERS_DECIDE)
    standing_orders.change(tx, standing, change.wanted(), version=version)
    return standing


@routes.post(
    "/{standing_id}/pause",
    needs=Permission.ORDERS_PLACE,
    shape=StandingOrderOut,
    may=(404, 409, 412),
)
def pause_standing_order(
    tx: Tx, who: User, standing_id: UUID, version: VersionIfTold
) -> StandingOrder:
    """Place no more orders until it is resumed; those that are placed stay."""
    return _stepped(tx, who, standing_id, "pause", version)


@routes.post(
    "/{standing_id}/resume",
    needs=Permission.ORDERS_PLACE,
    shape=StandingOrderOut,
    may=(404, 409, 412),
)
def resume_standing_order(
    tx: Tx, who: User, standing_id: UUID, version: VersionIfTold
) -> StandingOrder:
    """Place orders again, for the days that are still to come."""
    return _stepped(tx, who, standing_id, "resume", version)


@routes.post(
    "/{standing_id}/end",
    needs=Permission.ORDERS_PLACE,
    shape=StandingOrderOut,
    may=(404, 409, 412),
)
def end_standing_order(
    tx: Tx, who: User, standing_id: UUID, version: VersionIfTold
) -> StandingOrder:
    """Place no more orders, for good; those that are placed stay."""
    return _stepped(tx, who, standing_id, "end", version)


@routes.get("/{standing_id}/days", needs=Permission.ORDERS_READ, shape=StandingDaysOut, may=(404,))
def list_standing_days(
    reader: Reader,
    who: User,
    standing_id: UUID,
    first: Day,
    num_days: Annotated[int, Query(ge=1, le=366)] = 28,
) -> dict[str, Any]:
    """The days of a time: with their order, skipped with the reason, or still to be placed."""
    standing = _seen(who, rows.get(reader, StandingOrder, standing_id))
    last = first + timedelta(days=num_days - 1)
    return {"rows": standing_dates.between(reader, standing, first, last)}


@routes.post(
    "/{standing_id}/skips",
    needs=Permission.ORDERS_PLACE,
    shape=StandingDaysOut,
    creates=True,
    may=(404, 409),
)
def skip_standing_day(tx: Tx, who: User, standing_id: UUID, skip: SkipIn) -> dict[str, Any]:
    """Leave out one day that is not placed yet."""
    standing = _locked(tx, who, standing_id)
    standing_dates.skip(tx, standing, skip.on, reason=skip.reason)
    return {"rows": standing_dates.between(tx, standing, skip.on, skip.on)}


@routes.delete("/{standing_id}/skips/{on}", needs=Permission.ORDERS_PLACE, may=(404,))
def restore_standing_day(tx: Tx, who: User, standing_id: UUID, on: Day) -> None:
    """Take a day back in that was skipped."""
    standing_dates.restore(tx, _locked(tx, who, standing_id), on)


def _stepped(
    tx: Session, who: Who, standing_id: UUID, action: str, version: int | None
) -> StandingOrder:
    standing = _locked(tx, who, standing_id)
    edits.expect(standing, version)
    states.step(tx, standing, action)
    return standing


def _locked(tx: Session, who: Who, standing_id: UUID) -> StandingOrder:
    return _seen(who, rows.locked(tx, StandingOrder, standing_id))


def _seen(who: Who, standing: StandingOrder) -> StandingOrder:
    who.need_customer(standing.customer_id)
    who.need_depot(standing.depot_id)
    return standing
