"""XLSX reader, row by row; damaged workbooks and those that unpack to too much are refused."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from db.domain.text import settle
from db.errors import N_
from db.imports.table import HEADING_ROWS, BadFile, Cell, Formula, TableReader, TableRow, names_ref, rows_of

UNPACKED_BYTES = 400 * 1024 * 1024  # the most that a workbook may unpack to
MOST_LINES = 1_048_576  # the format's own limit for a sheet; a file with more is damaged

# Exceptions of openpyxl for a damaged workbook; it documents none of them.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    DefusedXmlException,
    InvalidFileException,
    KeyError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
)


@contextmanager
def xlsx_reading(path: Path) -> Iterator[TableReader]:
    """Open a workbook for reading all sheets with the column “Ref”. Raises BadFile, also while rows are read."""
    _check_sizes(path)
    try:
        book = load_workbook(path, read_only=True, keep_links=False)
    except _DAMAGED as error:
        raise _damaged_error() from error
    try:
        total = sum(sheet.max_row or 0 for sheet in book.worksheets)
        sheets = _sheets(book)
        unread: list[str] = []
        rows = (row for sheet in sheets for row in _rows(sheet, unread))
        yield TableReader(rows, total, unread)
    finally:
        book.close()


def _check_sizes(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except _DAMAGED as error:
        raise _damaged_error() from error
    if size > UNPACKED_BYTES:
        raise BadFile(
            N_("The workbook unpacks to {size} MB; {limit} MB are the most. Split it."),
            size=size // 2**20,
            limit=UNPACKED_BYTES // 2**20,
        )


def _sheets(book: Any) -> list[Any]:
    """Return the sheets that have a table, or the first one. Raises BadFile for a table on a hidden sheet."""
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a program wrote down as the sheet's size may be wrong
    tables = [sheet for sheet in book.worksheets if _has_table(sheet)]
    for sheet in tables:
        if sheet.sheet_state != "visible":
            text = N_("The sheet “{sheet}” has a table but is hidden. Show it, or delete it.")
            raise BadFile(text, sheet=sheet.title)
    return tables or book.worksheets[:1]


def _rows(sheet: Any, unread: list[str]) -> Iterator[TableRow]:
    yield from rows_of(_lines(sheet), unread, sheet.title)


def _has_table(sheet: Any) -> bool:
    return any(names_ref(cells) for _, cells in zip(range(HEADING_ROWS), _cells(sheet), strict=False))


def _cells(sheet: Any) -> Iterator[Sequence[Cell]]:
    return (cells for _, cells in _lines(sheet))


def _lines(sheet: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    rows: Iterable[Any] = sheet.iter_rows()
    try:
        for number, row in enumerate(rows, start=1):
            if number > MOST_LINES:
                raise _damaged_error()
            if row:  # one without any cell is no line: a sheet may have a million of them
                yield number, _without_end([_text(cell) for cell in row])
    except _DAMAGED as error:
        raise _damaged_error() from error


def _without_end(cells: list[Cell]) -> list[Cell]:
    """Strip trailing empty cells, which formatting leaves behind."""
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def _text(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in {"f", "e"}:
        return Formula(str(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return settle(str(value))


def _damaged_error() -> BadFile:
    return BadFile(N_("The file is no whole XLSX workbook. Open it in your spreadsheet and save it again."))
