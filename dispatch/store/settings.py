"""What the environment decides, read once and passed down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_DATABASE = "MILKRUN_DATABASE_URL"
_REDIS = "MILKRUN_REDIS_URL"
_CLUSTER = "MILKRUN_DASK"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this installation keeps what it must remember, and what its processes share."""

    database_url: str
    redis_url: str | None
    cluster: str = ""
    """The address of a Dask scheduler for solver work; "": children of the process itself."""


def read(environment: Mapping[str, str], *, home: Path) -> Settings:
    """Read the settings; the database is a file in ``home`` unless another is named."""
    return Settings(
        database_url=environment.get(_DATABASE) or f"sqlite:///{home / 'milkrun.db'}",
        redis_url=environment.get(_REDIS) or None,
        cluster=environment.get(_CLUSTER, ""),
    )
