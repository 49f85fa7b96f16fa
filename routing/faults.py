"""What is wrong with an input, all of it at once, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, code, cause, and what the person can do."""

    where: str
    code: str
    cause: str
    action: str


class InvalidProblem(Exception):
    """The input is no valid problem; ``faults`` holds every fault, not the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            "; ".join(f"{fault.where}: {fault.code}: {fault.cause}" for fault in faults)
        )
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[object, ...]:
        return (InvalidProblem, (self.faults,))
