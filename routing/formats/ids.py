"""Names of vehicles and visits, kept as the file writes them: 7 stays a number, "7" a text."""

from __future__ import annotations


class NumberId(str):
    """
    An identifier that its file writes as a number.

    It equals, hashes and prints like its text, so that the rest of `routing` needs not care;
    `written` gives the number back.
    """

    __slots__ = ()


def number_id(value: int) -> NumberId:
    """Return the identifier for a number."""
    return NumberId(int(value))


def written(identifier: str) -> int | str:
    """Return the identifier as its file wrote it."""
    return int(identifier) if isinstance(identifier, NumberId) else str(identifier)
