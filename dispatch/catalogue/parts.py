"""Parts: what is stocked, ordered and delivered."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from dispatch.catalogue import numbers
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
