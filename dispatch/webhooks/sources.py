"""Sources: other systems that send their orders, each with its secret, depot and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue.depots import Depot
from dispatch.intake.upserts import Mode
from dispatch.store import clock, edits, events, pages, rows
from dispatch.store.base import Document, Key, Table, Versioned
from dispatch.store.errors import Conflict, NotFound
from dispatch.store.pages import Page
from dispatch.webhooks import signatures

_SECRETS = ("secret", "former_secret", "former_until")


class OrderSource(Versioned, Table):
    """
    A system that sends orders for one depot.

    ``customers`` and ``parts`` lead from its words to ours: to a customer's number, and to a
    part's number or ``{"brand": ..., "part": ...}``. Words that are not there are ours already.
    """

    __tablename__ = "order_sources"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    depot_id: Mapped[UUID] = mapped_column(ForeignKey("depots.id"))
    mode: Mapped[str] = mapped_column(String(10))
    active: Mapped[bool]
    customers: Mapped[dict[str, str]] = mapped_column(Document)
    parts: Mapped[dict[str, Any]] = mapped_column(Document)
    secret: Mapped[str] = mapped_column(String(200))
    former_secret: Mapped[str | None] = mapped_column(String(200))
    former_until: Mapped[datetime | None]

    def concerns(self) -> dict[str, UUID]:
        return {"depot": self.depot_id}


class SentOrder(Table):
    """What a source said last of one of its orders: the newest version and time it gave."""

    __tablename__ = "sent_orders"

    source_id: Mapped[UUID] = mapped_column(ForeignKey("order_sources.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(50), primary_key=True)
    sent_version: Mapped[int | None] = mapped_column(BigInteger)
    updated_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as an administrator describes it; ``secret`` None: one is made."""

    name: str
    depot_id: UUID
    mode: Mode = Mode.MERGE
    customers: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = None


def add(session: Session, new: NewSource) -> OrderSource:
    """Add a source, or refuse (``already_there``) a second one of that name."""
    rows.get(session, Depot, new.depot_id)
    _need_free(session, new.name)
    row = OrderSource(
        name=new.name,
        depot_id=new.depot_id,
        mode=new.mode.value,
        active=True,
        customers=dict(new.customers),
        parts=dict(new.parts),
        secret=signatures.check_secret(new.secret or signatures.new_secret()),
    )
    edits.create(session, "order_source", row, secret=_SECRETS)
    return row


def change(
    session: Session, row: OrderSource, wanted: Mapping[str, Any], *, version: int | None
) -> None:
    """Change fields of a source; one that is not active is heard no more."""
    edits.expect(row, version, edits.differences(row, wanted))
    if wanted.get("name", row.name) != row.name:
        _need_free(session, wanted["name"])
    edits.change(session, "order_source", row, wanted)


def rotate(session: Session, row: OrderSource) -> str:
    """Give a source another secret; what the former one signed is heard for a day longer."""
    row.former_secret, row.former_until = row.secret, clock.now() + signatures.OVERLAP
    row.secret = signatures.new_secret()
    events.record(session, "order_source.secret_rotated", row.id, subjects=row.concerns())
    return row.secret


def secrets(row: OrderSource) -> list[str]:
    """Return the secrets that are good now."""
    still = row.former_until is not None and row.former_until > clock.now()
    return [row.secret, row.former_secret] if still and row.former_secret else [row.secret]


def named(session: Session, name: str) -> OrderSource:
    """Return the active source of a name, or refuse (``not_found``)."""
    row = session.scalar(select(OrderSource).where(OrderSource.name == name))
    if row is None or not row.active:
        cause = f"no active source of orders is called {name!r}"
        raise NotFound("not_found", cause=cause, action="ask an administrator for its name")
    return row


def page(session: Session, *, cursor: str | None = None, limit: int = 50) -> Page[OrderSource]:
    """Return sources, the newest first."""
    return pages.newest(session, select(OrderSource), OrderSource, cursor=cursor, limit=limit)


def _need_free(session: Session, name: str) -> None:
    if session.scalar(select(OrderSource.id).where(OrderSource.name == name)):
        cause = f"there is a source of orders {name} already"
        raise Conflict("already_there", cause=cause, action="use that one, or choose another name")
