"""Collects what is wrong with a file, so that all of it is told at once."""

from __future__ import annotations

from collections.abc import Iterable

from routing.faults import Fault, InvalidProblem


class Faults:
    """
    The faults of one input, in the order in which they were found.

    Examples
    --------
    >>> faults = Faults()
    >>> faults.add("line 3", "not_a_number", "'x' is no number", "write a number")
    >>> faults.raise_any()
    Traceback (most recent call last):
    routing.problem.InvalidProblem: line 3: not_a_number: 'x' is no number
    """

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, where: str, code: str, cause: str, action: str) -> None:
        """Note one fault."""
        self._found.append(Fault(where, code, cause, action))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note faults that somebody else found."""
        self._found.extend(faults)

    def raise_any(self) -> None:
        """
        Raise what was noted, if anything was.

        Raises
        ------
        InvalidProblem
            With every fault.
        """
        if self._found:
            raise InvalidProblem(self._found)


def refuse(where: str, code: str, cause: str, action: str) -> InvalidProblem:
    """Return the error for the one fault after which nothing else can be read."""
    return InvalidProblem([Fault(where, code, cause, action)])
