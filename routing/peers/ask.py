"""What an engine is asked, and what it may answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from routing import beyond
from routing.problem import Problem

Sequences = Mapping[str, Sequence[str]]
"""Visit ids in order, by vehicle id; a visit in none of them is left out."""


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


def refuse(problem: Problem, lacking: Iterable[str]) -> None:
    """
    Refuse what an engine's model lacks, and all that is beyond the usual: nothing is dropped.

    Raises
    ------
    CannotSay
        With each of them once.
    """
    unusual = (name for name, _ in beyond.the_usual(problem))
    names = dict.fromkeys([*lacking, *unusual])
    if names:
        raise CannotSay(", ".join(names))


def choosy_visits(problem: Problem) -> Iterator[str]:
    """Yield what visits ask of vehicles and plans that no adapter has words for."""
    for visit in problem.visits:
        if visit.skills or visit.setup_s:
            yield "skills or setup"
        if visit.price_unplanned is not None:
            yield "visits that may be left out"


def several_windows(problem: Problem) -> Iterator[str]:
    """Yield that there are visits of several windows."""
    if any(len(visit.windows) > 1 for visit in problem.visits):
        yield "several windows"
