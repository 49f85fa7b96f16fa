"""Problems as files of this bench's own, for what no file format of ours can say."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from routing.bench.instances import Instance
from routing.problem import Problem


def keep(problem: Problem, path: Path) -> Instance:
    """Write a problem, and return it as an instance with the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(problem, protocol=5))
    return Instance(
        name=path.stem,
        file=path,
        vehicles=None,
        digest=digest(problem),
        num_visits=len(problem.visits),
        tenths=False,
        reader=__name__,
    )


def read(file: str, *, vehicles: object = None) -> Problem:
    """Return a problem that was kept; it has its own vehicles."""
    assert vehicles is None
    with Path(file).open("rb") as stream:
        problem: Problem = pickle.load(stream)
    return problem


def digest(problem: Problem) -> str:
    """Return what tells another problem apart; a pickle will not do, as sets have no order."""
    text = json.dumps(_plain(problem), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Return a value as what JSON knows."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "items"):
        return {key: _plain(each) for key, each in value.items()}
    return value if isinstance(value, str | int | float | None) else str(value)
