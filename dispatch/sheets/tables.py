"""Tables as people keep them: CSV of any usual encoding and delimiter, or sheets of a workbook."""

from __future__ import annotations

import csv
import difflib
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatch.sheets import workbooks
from dispatch.sheets.cells import Cell, Grid, NoValue, filled
from dispatch.sheets.faults import RowFault

_DELIMITERS = ",;\t"
_CALCULATE = "open the workbook, let it calculate, and save it; or write the value itself"


@dataclass(frozen=True, slots=True)
class Row:
    """
    One row; ``number`` is what a spreadsheet shows beside it, ``cells`` has no empty ones.

    ``broken`` names columns whose cell shows no value; their fault has been told.
    """

    number: int
    cells: Mapping[str, Cell]
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """
    Rows by column name; ``headers`` says how the user wrote each column's name.

    ``decimal_comma``: values are parted by something else, so that 7,42 means 7.42.
    """

    name: str
    headers: Mapping[str, str]
    rows: tuple[Row, ...]
    decimal_comma: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table may hold: columns that it must have, may have, and other words for them."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    aliases: Mapping[str, str] | None = None

    @property
    def known(self) -> tuple[str, ...]:
        return self.required + self.optional


def read(path: Path, wanted: Mapping[str, Columns], faults: list[RowFault]) -> dict[str, Table]:
    """Return the tables that could be read, and add to ``faults`` what is wrong with the others."""
    if path.is_dir():
        grids = _read_folder(path, wanted, faults)
    elif not path.exists():
        cause = f"{path} does not exist"
        faults.append(_whole("", "missing_file", cause, "name a folder of tables or a workbook"))
        return {}
    elif path.suffix.casefold() in workbooks.SUFFIXES:
        grids = _read_workbook(path, wanted, faults)
    else:
        cause = f"{path.name} is neither a folder nor a workbook"
        endings = ", ".join(workbooks.SUFFIXES)
        action = f"name a folder with orders.csv, or a file that ends in {endings}"
        faults.append(_whole("", "unsupported_file", cause, action))
        return {}
    tables = (
        _table(name, grid, wanted[name], decimal_comma=comma, faults=faults)
        for name, (grid, comma) in grids.items()
    )
    return {table.name: table for table in tables if table is not None}


def read_csv(path: Path, columns: Columns, faults: list[RowFault]) -> Table | None:
    """Return the table of one CSV file, named for the file; None when it cannot be read."""
    if not path.is_file():
        cause = f"{path} is no file"
        faults.append(_whole(path.name, "missing_file", cause, "name a CSV file"))
        return None
    read_grid = _read_csv(path.name, path, faults)
    if read_grid is None:
        return None
    grid, comma = read_grid
    return _table(path.name, grid, columns, decimal_comma=comma, faults=faults)


def _read_folder(
    folder: Path, wanted: Mapping[str, Columns], faults: list[RowFault]
) -> dict[str, tuple[Grid, bool]]:
    files = {file.name.casefold(): file for file in sorted(folder.iterdir()) if file.is_file()}
    grids: dict[str, tuple[Grid, bool]] = {}
    for name in wanted:
        file = files.get(f"{name}.csv")
        if file is None:
            faults.append(_missing_file(folder, name, files))
            continue
        read_grid = _read_csv(name, file, faults)
        if read_grid is not None:
            grids[name] = read_grid
    return grids


def _missing_file(folder: Path, name: str, files: Iterable[str]) -> RowFault:
    close = difflib.get_close_matches(f"{name}.csv", list(files), n=1, cutoff=0.7)
    action = f"rename {close[0]} to {name}.csv" if close else f"put {name}.csv there"
    return _whole(name, "missing_file", f"no {name}.csv in {folder}", action)


def _read_csv(name: str, file: Path, faults: list[RowFault]) -> tuple[Grid, bool] | None:
    try:
        data = file.read_bytes()
    except OSError as error:
        cause = f"{file} cannot be read: {error.strerror}"
        faults.append(_whole(name, "unreadable", cause, "allow this user to read it"))
        return None
    text = _decode(name, data, faults)
    if text is None:
        return None
    delimiter, text = _delimiter(text)
    grid: Grid = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            grid.append(list[Cell](row))
    except csv.Error as error:
        action = "mend the quotes of that row, or export the table again"
        faults.append(RowFault(name, len(grid) + 1, "", "damaged_file", str(error), action))
        return None
    return grid, delimiter != ","


def _decode(name: str, data: bytes, faults: list[RowFault]) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        # Excel in China writes GB18030 (or GBK, a part of it) when asked for "CSV".
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    file = name.removesuffix(".csv") + ".csv"
    cause, row = f"{file} is no text in UTF-8 or GB18030", 0
    if data.startswith(b"PK"):
        cause = f"{file} is a workbook or an archive, not a CSV file"
    elif b"\0" not in data:
        row = _first_bad_row(data)
    faults.append(RowFault(name, row, "", "bad_encoding", cause, "save it as CSV UTF-8"))
    return None


def _first_bad_row(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 0


def _delimiter(text: str) -> tuple[str, str]:
    """Return what parts the values, and the text; Excel may say so in a first line ``sep=;``."""
    first, _, _ = text.lstrip().partition("\n")
    named = first.strip().casefold().removeprefix("sep=")
    if first.casefold().startswith("sep=") and len(named) == 1:
        # The line stays as an empty one, so that rows are numbered as in the file.
        return named, text.lstrip().replace(first, "", 1)
    return max(_DELIMITERS, key=first.count), text


def _read_workbook(
    path: Path, wanted: Mapping[str, Columns], faults: list[RowFault]
) -> dict[str, tuple[Grid, bool]]:
    try:
        book = workbooks.read(path, wanted)
    except workbooks.BadWorkbook as error:
        cause = f"{path.name} cannot be read as a workbook: {error}"
        action = "save it again as XLSX, without a password"
        faults.append(_whole("", "damaged_file", cause, action))
        return {}
    for name in wanted:
        if name not in book.grids:
            cause = f"no sheet {name!r} in {path.name}; it has {', '.join(book.names)}"
            faults.append(_whole(name, "missing_sheet", cause, f"name a sheet {name!r}"))
    return {name: (book.grids[name], False) for name in wanted if name in book.grids}


def _table(
    name: str, grid: Grid, columns: Columns, *, decimal_comma: bool, faults: list[RowFault]
) -> Table | None:
    numbered = ((number, row) for number, row in enumerate(grid, start=1) if any(map(filled, row)))
    header = next(numbered, None)
    if header is None:
        action = f"give it a header row with {', '.join(columns.required)}"
        faults.append(_whole(name, "empty_file", f"the table {name} is empty", action))
        return None
    names = _header(name, header, columns, faults)
    if names is None:
        return None
    width = 1 + max(place for place, cell in enumerate(header[1]) if filled(cell))
    rows = tuple(_rows(name, names, header[1], width, numbered, faults))
    if not rows:
        faults.append(_whole(name, "empty_file", f"the table {name} has no rows", "add rows to it"))
        return None
    headers = {column: str(header[1][place]).strip() for place, column in names.items()}
    return Table(name, headers, rows, decimal_comma)


def _header(
    table: str, header: tuple[int, Sequence[Cell]], columns: Columns, faults: list[RowFault]
) -> dict[int, str] | None:
    """Return the column at each place of the header; None when a needed one is not there."""
    number, cells = header
    names: dict[int, str] = {}
    strange: list[str] = []
    for place, cell in enumerate(cells):
        word = column_word(str(cell))
        column = (columns.aliases or {}).get(word, word)
        if column in names.values():
            action = "keep one of them"
            cause = f"the column {column} is there twice"
            faults.append(RowFault(table, number, str(cell), "duplicate_column", cause, action))
        elif column in columns.known:
            names[place] = column
        elif word and not word.startswith("#"):
            strange.append(str(cell).strip())
    missing = [column for column in columns.required if column not in names.values()]
    free = [column for column in columns.known if column not in names.values()]
    faults.extend(_strange_column(table, number, word, free) for word in strange)
    for column in missing:
        cause = f"the column {column} is missing"
        action = f"add it; the table needs {', '.join(columns.required)}"
        faults.append(RowFault(table, number, column, "missing_column", cause, action))
    return None if missing else names


def _strange_column(table: str, number: int, word: str, free: Sequence[str]) -> RowFault:
    close = difflib.get_close_matches(column_word(word), free, n=1, cutoff=0.6)
    action = f"rename it to {close[0]}" if close else "delete it, or put a # before its name"
    cause = f"the column {word!r} has no meaning here"
    return RowFault(table, number, word, "unknown_column", cause, action)


def column_word(text: str) -> str:
    """Return a column's name as it is compared: folded, with ``_`` for spaces and hyphens."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return "_".join(folded.replace("-", " ").split())


def _rows(
    table: str,
    names: Mapping[int, str],
    headers: Sequence[Cell],
    width: int,
    numbered: Iterator[tuple[int, Sequence[Cell]]],
    faults: list[RowFault],
) -> Iterator[Row]:
    for number, cells in numbered:
        count = 1 + max(place for place, cell in enumerate(cells) if filled(cell))
        if count > width:
            cause = f"{count} values for {width} columns"
            action = "put a value that holds the delimiter between double quotes"
            faults.append(RowFault(table, number, "", "too_many_values", cause, action))
            continue
        kept = {place: cell for place, cell in enumerate(cells) if place in names and filled(cell)}
        broken = [place for place, cell in kept.items() if isinstance(cell, NoValue)]
        for place in broken:
            header, cause = str(headers[place]).strip(), str(kept.pop(place))
            faults.append(RowFault(table, number, header, "no_value", cause, _CALCULATE))
        yield Row(
            number,
            {names[place]: cell for place, cell in kept.items()},
            frozenset(names[place] for place in broken),
        )


def _whole(table: str, code: str, cause: str, action: str) -> RowFault:
    return RowFault(table, 0, "", code, cause, action)
