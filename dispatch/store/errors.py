"""Requests that cannot be met, in four families, each with what the person can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody wants to be one thing, and that is another now."""

    field: str
    wanted: Any
    now: Any


class Refused(Exception):
    """What was asked cannot be done; carries a code, a cause and an action."""

    def __init__(self, code: str, *, cause: str, action: str) -> None:
        super().__init__(f"{code}: {cause}; {action}")
        self.code = code
        self.cause = cause
        self.action = action


class NotFound(Refused):
    """There is no such thing."""


class Conflict(Refused):
    """It cannot be done as things are now; asked later, or otherwise, it may."""


class Invalid(Refused):
    """What was asked makes no sense by itself."""


class Forbidden(Refused):
    """Somebody else may do it."""


class Unauthenticated(Refused):
    """We do not know who asks."""


class TooMany(Refused):
    """It was asked too often; ``wait_s`` seconds later it may be asked again."""

    def __init__(self, code: str, *, cause: str, action: str, wait_s: int) -> None:
        super().__init__(code, cause=cause, action=action)
        self.wait_s = wait_s


class Outdated(Refused):
    """What is to be changed is no longer what was looked at; ``differences`` has where not."""

    def __init__(
        self, code: str, *, cause: str, action: str, differences: Sequence[Difference]
    ) -> None:
        super().__init__(code, cause=cause, action=action)
        self.differences = differences


class Unusable(Refused):
    """The database itself cannot be used: missing, busy, full, damaged, of another version."""
