"""Requests that cannot be met, in four families, each with what the person can do."""

from __future__ import annotations


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


class Unusable(Refused):
    """The database itself cannot be used: missing, busy, full, damaged, of another version."""
