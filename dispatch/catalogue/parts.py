"""Parts: what is stocked, ordered and delivered."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, validates

from dispatch.catalogue import numbers
from dispatch.store import edits, pages
from dispatch.store.base import Grams, Key, Millilitres, Table, Versioned
from dispatch.store.errors import Conflict, Invalid
from dispatch.store.pages import Page


class Tracking(StrEnum):
    """What must be known of each unit that comes in."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


class Part(Versioned, Table):
    """A part, by its maker's brand and number."""

    __tablename__ = "parts"
    __table_args__ = (
        UniqueConstraint("brand", "number"),
        CheckConstraint("weight_g >= 0 AND volume_ml >= 0", name="size"),
    )

    id: Mapped[Key]
    brand: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(60))
    number_key: Mapped[str | None] = mapped_column(String(120), index=True)
    """The number as it is compared; follows it by itself."""
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str | None] = mapped_column(String(200))
    weight_g: Mapped[Grams]
    volume_ml: Mapped[Millilitres]
    tracking: Mapped[str] = mapped_column(String(10), default=Tracking.NONE)
    dangerous: Mapped[bool] = mapped_column(default=False)
    un_number: Mapped[str | None] = mapped_column(String(4))
    hazard_class: Mapped[str | None] = mapped_column(String(3))
    packing_group: Mapped[str | None] = mapped_column(String(3))

    @validates("number")
    def _keyed(self, _: str, number: str) -> str:
        self.number_key = numbers.normal(number)
        return number

    @property
    def title(self) -> str:
        return f"{self.brand} {self.number}"


def add(session: Session, values: Mapping[str, Any]) -> Part:
    """Add a part, by the names of its columns."""
    part = Part(**values)
    _check(session, part)
    edits.create(session, "part", part)
    return part


def change(
    session: Session, part: Part, wanted: Mapping[str, Any], *, version: int | None = None
) -> None:
    """Change a part; ``version`` is the one that was looked at."""
    edits.expect(part, version, edits.differences(part, wanted))
    _check(session, Part(**{**edits.values(part), **wanted}))
    edits.change(session, "part", part, wanted)


def page(
    session: Session,
    *,
    brand: str | None = None,
    number: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Part]:
    """Return parts, the newest first; of one brand, of one number."""
    query = select(Part)
    if brand is not None:
        query = query.where(Part.brand == brand)
    if number is not None:
        query = query.where(Part.number == number)
    return pages.newest(session, query, Part, cursor=cursor, limit=limit)


def _check(session: Session, part: Part) -> None:
    if part.weight_g < 0 or part.volume_ml < 0:
        cause = f"{part.title}: {part.weight_g} g, {part.volume_ml} ml"
        raise Invalid("bad_size", cause=cause, action="give whole numbers of at least 0")
    same = select(Part.id).where(Part.brand == part.brand, Part.number == part.number)
    with session.no_autoflush:
        other = session.scalar(same)
    if other is not None and other != part.id:
        cause = f"there is a part {part.title} already"
        raise Conflict("already_there", cause=cause, action="change that one")
