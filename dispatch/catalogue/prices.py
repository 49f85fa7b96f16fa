"""What a part costs at a moment, with the deposit for the old part (core) that is handed back."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.parts import Part
from dispatch.store import events, pages, rows
from dispatch.store.base import Key, Money, Table
from dispatch.store.errors import Conflict, Invalid, NotFound
from dispatch.store.pages import Page

_CURRENCY = re.compile(r"[A-Z]{3}")


class Price(Table):
    """What one unit costs from a moment on, until the next price begins; never changed."""

    __tablename__ = "part_prices"
    __table_args__ = (
        UniqueConstraint("part_id", "currency", "valid_from"),
        CheckConstraint("amount >= 0 AND core_deposit >= 0", name="amounts"),
    )

    id: Mapped[Key]
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    currency: Mapped[str] = mapped_column(String(3))
    """ISO 4217."""
    valid_from: Mapped[datetime]
    amount: Mapped[Money]
    core_deposit: Mapped[Money]


def needed(session: Session, part_id: UUID, at: datetime, *, currency: str = "CNY") -> Price:
    """Return what held at a moment, or refuse (``not_found``)."""
    part = rows.get(session, Part, part_id)
    found = price_at(session, part_id, at, currency=currency)
    if found is None:
        cause = f"{part.title} has no price in {currency} then"
        raise NotFound("not_found", cause=cause, action="set one, or ask for a later moment")
    return found


def set_price(
    session: Session,
    part_id: UUID,
    *,
    amount: int,
    valid_from: datetime,
    currency: str = "CNY",
    core_deposit: int = 0,
) -> Price:
    """Say what a part costs from a moment on, in minor units (``bad_price``, ``price_there``)."""
    part = rows.get(session, Part, part_id)
    if amount < 0 or core_deposit < 0 or not _CURRENCY.fullmatch(currency):
        cause = f"{part.title}: {amount} {currency!r}, deposit {core_deposit}"
        action = "give whole minor units of at least 0, and a currency such as CNY"
        raise Invalid("bad_price", cause=cause, action=action)
    same = select(Price.id).where(
        Price.part_id == part_id, Price.currency == currency, Price.valid_from == valid_from
    )
    if session.scalar(same):
        cause = f"{part.title} has a price from {valid_from.isoformat()} on"
        raise Conflict("price_there", cause=cause, action="let the new one begin later")
    price = Price(
        part_id=part_id,
        currency=currency,
        valid_from=valid_from,
        amount=amount,
        core_deposit=core_deposit,
    )
    session.add(price)
    session.flush()
    data = {"amount": amount, "core_deposit": core_deposit, "currency": currency}
    data_from = {**data, "valid_from": valid_from.isoformat()}
    events.record(session, "part.priced", part_id, data=data_from)
    return price


def page(
    session: Session, part_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[Price]:
    """Return the prices of a part, those that were set last first."""
    query = select(Price).where(Price.part_id == part_id)
    return pages.newest(session, query, Price, cursor=cursor, limit=limit)


def price_at(
    session: Session, part_id: UUID, at: datetime, *, currency: str = "CNY"
) -> Price | None:
    """Return what held at a moment; None before the first price."""
    query = select(Price).where(
        Price.part_id == part_id, Price.currency == currency, Price.valid_from <= at
    )
    return session.scalar(query.order_by(Price.valid_from.desc()).limit(1))
