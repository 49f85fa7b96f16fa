"""Parts: what is stocked, ordered and delivered."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.base import Grams, Key, Millilitres, Table, Versioned


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
    name: Mapped[str] = mapped_column(String(200))
    weight_g: Mapped[Grams]
    volume_ml: Mapped[Millilitres]
    tracking: Mapped[str] = mapped_column(String(10), default=Tracking.NONE)
    dangerous: Mapped[bool] = mapped_column(default=False)

    @property
    def title(self) -> str:
        return f"{self.brand} {self.number}"
