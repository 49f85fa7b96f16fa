"""Sheets of a workbook, with cells whose formula has no result told from empty ones."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from dispatch.sheets.cells import Grid, NoValue, filled

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")

_ZIPPED_XML = (".xlsx", ".xlsm")
_WORTH_A_LOOK = re.compile(rb"<(\w+:)?f[ />]|\bt=\"e\"")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d*)")


class BadWorkbook(Exception):
    """The file cannot be read as a workbook; the text says why."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """``grids`` has the sheets that were wanted, by folded name; ``names`` has all as written."""

    grids: dict[str, Grid]
    names: tuple[str, ...]


def read(path: Path, wanted: Collection[str]) -> Workbook:
    """
    Read the sheets of these names; their case does not matter.

    A cell whose formula was never calculated, or which shows an error, is a `NoValue` and not
    empty: what stands for an empty cell would be planned with.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        names = {name: name.strip().casefold() for name in book.sheet_names}
        chosen = {folded: name for name, folded in names.items() if folded in wanted}
        grids: dict[str, Grid] = {
            folded: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for folded, name in chosen.items()
        }
        if path.suffix.casefold() in _ZIPPED_XML:
            _mark(path, {chosen[folded]: grid for folded, grid in grids.items()})
    except (CalamineError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise BadWorkbook(str(error)) from error
    except (ElementTree.ParseError, KeyError) as error:
        raise BadWorkbook(f"a part of it is damaged or missing: {error}") from error
    return Workbook(grids, tuple(names))


def _mark(path: Path, grids: dict[str, Grid]) -> None:
    """Put a `NoValue` where a sheet has a formula without a result, or an error."""
    with zipfile.ZipFile(path) as parts:
        for name, part in _parts_of_sheets(parts):
            if name not in grids:
                continue
            content = parts.read(part)
            if _WORTH_A_LOOK.search(content):
                _mark_sheet(content, grids[name])


def _parts_of_sheets(parts: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    for element in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter():
        if _plain(element.tag) == "sheet":
            target = targets.get(element.get(_RELATION), "")
            # A target is meant from the workbook's folder, or from the root.
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            yield element.get("name", ""), part


def _mark_sheet(content: bytes, grid: Grid) -> None:
    for _, element in ElementTree.iterparse(BytesIO(content)):
        if _plain(element.tag) != "c":
            continue
        why = _why_without_value(element)
        reference = _REFERENCE.fullmatch(element.get("r", ""))
        if why and reference:
            row, column = int(reference[2]) - 1, _column(reference[1])
            if row < len(grid) and column < len(grid[row]) and not filled(grid[row][column]):
                grid[row][column] = NoValue(why)
        element.clear()


def _why_without_value(cell: ElementTree.Element) -> str:
    kind = cell.get("t", "n")
    found = {_plain(child.tag): child.text or "" for child in cell}
    if kind == "e":
        return f"it shows {found.get('v') or 'an error'}"
    # The result of a formula may be an empty text, which is then said to be one.
    if "f" in found and kind != "str" and not found.get("v"):
        return "its formula has no saved result"
    return ""


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
