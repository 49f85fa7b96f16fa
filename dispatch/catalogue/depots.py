"""Depots: where goods lie and vehicles load."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.base import Key, Table, Versioned


class Depot(Versioned, Table):
    """A depot; days, windows and slots there are told in its own time zone."""

    __tablename__ = "depots"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    lon: Mapped[float]
    lat: Mapped[float]
    time_zone: Mapped[str] = mapped_column(String(64))
    """An IANA name."""
