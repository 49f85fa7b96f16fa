"""Best known total distances, from a file beside the instances."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from routing.bench.instances import Instance
from routing.faults import Fault, InvalidProblem
from routing.formats.source import read_text

FILE = "best_known.json"

_LEVELS = 4
"""The file is looked for in the folder of an instance and in so many above it."""


def costs(instances: Iterable[Instance], file: Path | None = None) -> dict[str, int]:
    """
    Return the best known cost of each instance that has one, in the unit of our plans.

    Parameters
    ----------
    file
        JSON: by name of an instance, in any case, an object with ``cost`` in the unit of a
        VRPLIB file, or ``cost_dimacs_1dec``, the distance of Solomon's and Homberger's files
        with one decimal. What else it has, such as the least vehicles first, is another
        objective and is not used. None: look for ``best_known.json`` beside each instance and
        above.

    Raises
    ------
    InvalidProblem
        The file is not to be read, or no such JSON.
    """
    read: dict[Path, dict[str, Any]] = {}
    found = {}
    for instance in instances:
        path = file or _above(instance.file)
        if path is None:
            continue
        if path not in read:
            read[path] = _entries(path)
        cost = _cost(read[path].get(instance.name.lower()), tenths=instance.tenths)
        if cost is not None:
            found[instance.name] = cost
    if file is not None and file not in read:
        _entries(file)
    return found


def _above(file: Path) -> Path | None:
    folders = list(file.resolve().parents)[: _LEVELS + 1]
    return next((folder / FILE for folder in folders if (folder / FILE).is_file()), None)


def _entries(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}"
        raise InvalidProblem([Fault(where, "bad_json", error.msg, "correct the JSON")]) from error
    if not isinstance(document, dict):
        cause = f"this is {type(document).__name__}, not an object"
        action = 'write {"NAME": {"cost": 123}, ...}'
        raise InvalidProblem([Fault(str(path), "wrong_type", cause, action)])
    return {name.lower(): entry for name, entry in document.items()}


def _cost(entry: object, *, tenths: bool) -> int | None:
    if not isinstance(entry, Mapping):
        return None
    value = entry.get("cost_dimacs_1dec" if tenths else "cost")
    if not isinstance(value, int | float) or value <= 0:
        return None
    return round(10 * value) if tenths else round(value)
