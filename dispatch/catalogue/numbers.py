"""
Numbers that a part goes by: its maker's, and those of car makers and others that it fits.

People write one number in many ways, so numbers are compared as `normal` has them.
"""

from __future__ import annotations

import unicodedata
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.store import events, keys
from dispatch.store.base import Key, Table
from dispatch.store.errors import Invalid
from dispatch.store.statements import insert_unless_there


class CrossNumber(Table):
    """A number of another maker, mostly the car's (OE), that means the same part."""

    __tablename__ = "cross_numbers"
    __table_args__ = (UniqueConstraint("part_id", "maker", "number_key"),)

    id: Mapped[Key]
    part_id: Mapped[UUID] = mapped_column(ForeignKey("parts.id"))
    maker: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(60))
    number_key: Mapped[str] = mapped_column(String(120), index=True)


def normal(number: str) -> str:
    """Return a number as it is compared: full width to half, no case, letters and digits alone."""
    plain = unicodedata.normalize("NFKC", number).upper()
    return "".join(letter for letter in plain if letter.isalnum())[:120]


def add(session: Session, part_id: UUID, *, maker: str, number: str) -> None:
    """Note another number of a part; one that is there already, however written, is left alone."""
    key = normal(number)
    if not key or not maker.strip():
        cause = f"{maker!r} {number!r} has no maker, or neither letter nor digit"
        raise Invalid("bad_part_number", cause=cause, action="write the number as on the part")
    row = {
        "id": keys.new(),
        "part_id": part_id,
        "maker": maker.strip(),
        "number": number.strip(),
        "number_key": key,
    }
    insert_unless_there(session, CrossNumber, row)
    events.record(session, "part.numbered", part_id, data={"maker": maker, "number": number})


def of_part(session: Session, part_id: UUID) -> list[CrossNumber]:
    """Return the other numbers of a part, by maker."""
    query = select(CrossNumber).where(CrossNumber.part_id == part_id)
    return list(session.scalars(query.order_by(CrossNumber.maker, CrossNumber.number)))
