"""What the environment decides, read once and passed down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_DATABASE = "MILKRUN_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this installation keeps what it must remember."""

    database_url: str


def read(environment: Mapping[str, str], *, home: Path) -> Settings:
    """Read the settings; the database is a file in ``home`` unless another is named."""
    return Settings(database_url=environment.get(_DATABASE) or f"sqlite:///{home / 'milkrun.db'}")
