"""What an engine is asked, and what it may answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from routing import beyond
from routing.problem import Problem

Sequences = Mapping[str, Sequence[str]]
"""Ids of visits and reloads in order, by vehicle id; a visit in none of them is left out."""


@dataclass(frozen=True, slots=True)
class Ask:
    """
    One run of an engine.

    ``seconds`` of wall-clock begin with the call; ``cores`` is how many processes or threads may
    work at once. ``setting`` is one of the engine's own, where it has several that compete.
    """

    problem: Problem
    seconds: float
    seed: int = 0
    cores: int = 1
    setting: str = ""


class NoPlan(Exception):
    """The engine ended without a plan; the text says what it said."""


class CannotSay(Exception):
    """The engine's model, or ours of it, lacks a part of the problem; the text names it."""


def refuse(problem: Problem, lacking: Iterable[str], *, known: Collection[str] = ()) -> None:
    """
    Refuse what an engine's model lacks, and all that is beyond the usual: nothing is dropped.

    Parameters
    ----------
    lacking
        Names of what the model lacks, though it is usual.
    known
        Names, as `beyond.the_usual` yields them, of what the model has words for.

    Raises
    ------
    CannotSay
        With each of them once.
    """
    unusual = (name for name, _ in beyond.the_usual(problem) if name not in known)
    names = dict.fromkeys([*lacking, *unusual])
    if names:
        raise CannotSay(", ".join(names))


def choosy_visits(problem: Problem) -> Iterator[str]:
    """Yield what visits ask of vehicles and plans that plain models have no words for."""
    yield from setups(problem)
    for visit in problem.visits:
        if visit.skills:
            yield "skills"
        if visit.price_unplanned is not None:
            yield "visits that may be left out"


def setups(problem: Problem) -> Iterator[str]:
    """Yield that there are visits with a setup, which is spent once for a place."""
    if any(visit.setup_s for visit in problem.visits):
        yield "setup"


def several_windows(problem: Problem) -> Iterator[str]:
    """Yield that there are visits of several windows."""
    if any(len(visit.windows) > 1 for visit in problem.visits):
        yield "several windows"
