"""The problems of a bench: files, or all files of a known format in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from routing.faults import Fault, InvalidProblem
from routing.formats import FleetSize, files
from routing.formats.source import read_text

Vehicles = FleetSize | Literal["usual"]
"""How many vehicles; ``usual``: the file's number, but for VRPLIB as many as there are visits."""

_ENDS = (".gz", ".txt", ".vrp", ".vrptw", ".json")
_KINDS = {"solomon", "vrplib"}


@dataclass(frozen=True, slots=True)
class Instance:
    """
    One problem.

    ``name`` is that of the file without its endings; ``digest`` of its text tells another file
    of that name apart; ``tenths`` says that a unit of cost is a tenth of the file's own.
    ``reader`` is the module whose ``read(file, vehicles=...)`` returns the problem.
    """

    name: str
    file: Path
    vehicles: FleetSize
    digest: str
    num_visits: int
    tenths: bool
    reader: str = "routing.formats.files"


@dataclass(frozen=True, slots=True)
class Found:
    """Instances, and files of a folder that are none."""

    instances: tuple[Instance, ...]
    skipped: tuple[Path, ...]


def find(paths: Sequence[Path], *, vehicles: Vehicles = "usual") -> Found:
    """
    Return the instances that paths name.

    Parameters
    ----------
    paths
        Files, and folders, which are searched with all that is in them.
    vehicles
        For all of them.

    Raises
    ------
    InvalidProblem
        A named file is no problem, a folder holds none, or two files have one name.
    """
    instances: list[Instance] = []
    skipped: list[Path] = []
    faults: list[Fault] = []
    for path in paths:
        if not path.is_dir():
            try:
                instances.append(_read(path, vehicles))
            except InvalidProblem as error:
                faults += [_in_file(fault, path) for fault in error.faults]
            continue
        before = len(instances)
        for file in sorted(each for each in path.rglob("*") if each.is_file()):
            try:
                instances.append(_read(file, vehicles))
            except InvalidProblem:
                skipped.append(file)
        if len(instances) == before:
            cause = "no file in this folder is a problem that a bench knows"
            action = "name files of Solomon, Homberger or VRPLIB"
            faults.append(Fault(str(path), "no_instances", cause, action))
    faults += _twice(instances)
    if faults:
        raise InvalidProblem(faults)
    return Found(tuple(instances), tuple(skipped))


def _read(file: Path, vehicles: Vehicles) -> Instance:
    text = read_text(file)
    kind = files.detect(text)
    if kind not in _KINDS:
        cause = f"this is no file of Solomon, Homberger or VRPLIB, but {kind or 'of no known kind'}"
        fault = Fault("file", "not_supported", cause, "leave it out of the bench")
        raise InvalidProblem([fault])
    # VEHICLES of VRPLIB is what a known plan uses; its best known plans have no such limit.
    usual: FleetSize = "unlimited" if kind == "vrplib" else None
    number = usual if vehicles == "usual" else vehicles
    problem = files.read(file, vehicles=number)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    tenths = kind == "solomon"
    return Instance(_name(file), file, number, digest, len(problem.visits), tenths)


def _name(file: Path) -> str:
    while file.suffix.lower() in _ENDS:
        file = file.with_suffix("")
    return file.name


def _in_file(fault: Fault, file: Path) -> Fault:
    if fault.where == str(file):
        return fault
    return replace(fault, where=str(file) if fault.where == "file" else f"{file}, {fault.where}")


def _twice(instances: Sequence[Instance]) -> list[Fault]:
    seen: dict[str, Path] = {}
    faults = []
    for instance in instances:
        if instance.name in seen:
            cause = f"{seen[instance.name]} has the name {instance.name} as well"
            action = "name one of them, or rename it"
            faults.append(Fault(str(instance.file), "duplicate_id", cause, action))
        seen.setdefault(instance.name, instance.file)
    return faults
