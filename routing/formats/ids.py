"""Names of vehicles and visits, kept as the file writes them: 7 stays a number, "7" a text."""

from __future__ import annotations


class NumberId(str):
    """
    An identifier that its file writes as a number.

    It equals, hashes and prints like its text, so that the rest of `routing` needs not care;
    `written` gives the number back.
    """

    __slots__ = ()


class TaskId(NumberId):
    """
    The identifier of a visit whose file has the same numbers for tasks of several kinds.

    Its text is the kind and the number, such as ``pickup 4``, so that no two visits share it.
    """

    __slots__ = ()


def number_id(value: int) -> NumberId:
    """Return the identifier for a number."""
    return NumberId(int(value))


def task_id(kind: str, identifier: str) -> str:
    """Return the identifier of a visit by its kind and what the file calls it; a text stays."""
    return TaskId(f"{kind} {identifier}") if isinstance(identifier, NumberId) else identifier


def written(identifier: str) -> int | str:
    """Return the identifier as its file wrote it."""
    if isinstance(identifier, TaskId):
        return int(identifier.rpartition(" ")[2])
    return int(identifier) if isinstance(identifier, NumberId) else str(identifier)
