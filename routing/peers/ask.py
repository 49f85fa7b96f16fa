"""What an engine is asked, and what it may answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
