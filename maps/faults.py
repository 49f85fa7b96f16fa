"""Every fault of an input that tells about conditions on roads: zones, closures, congestion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maps.errors import MapError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, code, cause, and what the person can do."""

    where: str
    code: str
    cause: str
    action: str


class BadConditions(MapError):
    """A file of zones or congestion is not valid (``bad_conditions``); ``faults`` has them all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        causes = "; ".join(f"{fault.where}: {fault.code}: {fault.cause}" for fault in faults)
        super().__init__("bad_conditions", cause=causes, action="mend each place that is named")
        self.faults = tuple(faults)
