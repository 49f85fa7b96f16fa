"""Writes all reports of a planned day into a folder: all of them, or none."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dispatch.planning.planned import PlannedDay

if TYPE_CHECKING:
    from maps.drawing.basemap import Basemap

_MANIFEST = "manifest-{}.pdf"


class BadFolder(Exception):
    """The folder for the reports cannot be written (``bad_folder``)."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.code = "bad_folder"
        self.cause = cause
        self.action = "name a folder that you may write to"


def write(planned: PlannedDay, folder: Path, *, basemap: Basemap) -> tuple[Path, ...]:
    """
    Write every report into ``folder`` and return their paths.

    All are made beside it first and moved in at the end, so a failure on the way leaves the folder
    as it was. Manifests of an earlier plan that this one has no route for are removed.
    """
    with _workshop(folder) as workshop:
        for name, content in _reports(planned, basemap):
            with refusing(folder):
                (workshop / name).write_bytes(content)
        with refusing(folder):
            return _move(workshop, folder)


def _reports(planned: PlannedDay, basemap: Basemap) -> Iterator[tuple[str, bytes]]:
    from dispatch.reports import geojson, manifest, plan_html, plan_json, workbook

    yield "plan.json", _json(plan_json.document(planned), indent=2)
    yield "routes.geojson", _json(geojson.document(planned))
    yield "plan.xlsx", workbook.workbook(planned)
    names = file_names([route.vehicle.id for route in planned.routes])
    for name, route in zip(names, planned.routes, strict=True):
        yield _MANIFEST.format(name), manifest.manifest(planned, route)
    yield "plan.html", plan_html.render(planned, basemap).encode()


def _json(document: object, *, indent: int | None = None) -> bytes:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)
    return (text + "\n").encode()


def file_names(names: list[str]) -> list[str]:
    """Return each name as a part of a file's name that every system takes, no two the same."""
    taken: set[str] = set()
    safe = []
    for name in names:
        base = re.sub(r"[^\w.+-]+", "_", name).strip("._")[:60] or "vehicle"
        choice, number = base, 2
        # Two files whose names differ in case only are one on some systems.
        while choice.casefold() in taken:
            choice, number = f"{base}-{number}", number + 1
        taken.add(choice.casefold())
        safe.append(choice)
    return safe


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """Give a new folder on the same file system, and remove it whatever happens."""
    with refusing(folder):
        parent = folder if folder.is_dir() else folder.parent
        parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".milkrun-", dir=parent))
    try:
        yield workshop
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


@contextmanager
def refusing(folder: Path) -> Iterator[None]:
    """Say of what the system refuses that it is the folder, which a person can change."""
    try:
        yield
    except OSError as error:
        raise BadFolder(f"{folder} cannot be written: {error.strerror}") from error


def _move(workshop: Path, folder: Path) -> tuple[Path, ...]:
    made = sorted(workshop.iterdir())
    for file in made:
        # What cannot be replaced must be known before the first one is.
        if (folder / file.name).is_dir():
            raise BadFolder(f"{folder / file.name} is a folder, where a file has to be")
    stale = _manifests_of(folder / "plan.json") - {file.name for file in made}
    folder.mkdir(exist_ok=True)
    for file in made:
        os.replace(file, folder / file.name)
    for name in stale:
        (folder / name).unlink(missing_ok=True)
    return tuple(folder / file.name for file in made)


def _manifests_of(plan: Path) -> set[str]:
    """Return the names of the manifests that an earlier plan was written with."""
    try:
        routes = json.loads(plan.read_bytes())["routes"]
        names = file_names([str(route["vehicle"]) for route in routes])
    # Whatever lies there under this name need not be one of our plans.
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {_MANIFEST.format(name) for name in names}
