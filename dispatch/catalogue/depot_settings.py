"""What a depot decides for itself, with what holds where it decided nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from dispatch.store.errors import Invalid


@dataclass(frozen=True, slots=True)
class DepotSettings:
    """Durations in seconds, money in minor units."""

    service_s: int = 240
    """A stop at a place that has no service time of its own, without its lines."""
    service_per_line_s: int = 12
    load_s: int = 900
    """From the cut-off of a wave until its vehicles may leave."""
    warn_days: int = 30
    """How long before a document expires it is told."""


def read(document: Mapping[str, Any] | None) -> DepotSettings:
    """Return settings from their stored form; refuse all that is wrong (``bad_setting``)."""
    document = document or {}
    known = {field.name for field in fields(DepotSettings)}
    faults = [f"there is no setting {name!r}" for name in sorted(document.keys() - known)]
    faults += [
        f"{name} is {value!r}, not a whole number from 0"
        for name, value in document.items()
        if name in known and (not isinstance(value, int) or isinstance(value, bool) or value < 0)
    ]
    if faults:
        action = f"what can be set: {', '.join(sorted(known))}"
        raise Invalid("bad_setting", cause="; ".join(faults), action=action)
    return DepotSettings(**document)


def write(settings: DepotSettings) -> dict[str, Any]:
    """Return the stored form of settings: only what is not as usual."""
    usual = asdict(DepotSettings())
    return {name: value for name, value in asdict(settings).items() if value != usual[name]}
