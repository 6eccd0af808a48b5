"""Workbooks of any format, zip files of XML: which of their sheets, rows and cells are read, which is what they show."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.utils import get_column_letter

from db.errors import N_, AidError
from db.imports.table import (
    DAMAGED,
    HEADING_ROWS,
    BadFile,
    Cell,
    CellLocation,
    Finding,
    Formula,
    Link,
    TableReader,
    TableRow,
    names_ref,
    rows_of,
    some_of,
)

MOST_LINES, MOST_COLUMNS = 1_048_576, 16_384  # the formats' own limits for a sheet; a file with more is damaged
MOST_TEXTS = 1_000_000  # shared by the cells of a workbook, all of which have to be kept in memory
_MOST = {"row": {"c": MOST_COLUMNS}, "table-row": {"table-cell": MOST_COLUMNS}, "sst": {"si": MOST_TEXTS}}
_PARENTS = {child: parent for parent, children in _MOST.items() for child in children}

# Exceptions of a damaged part.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    DefusedXmlException,
    LookupError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    ArithmeticError,
    RecursionError,
)


_HYPERLINK = re.compile(r'=\s*HYPERLINK\("([^"]+)"(?:[,;]"([^"]*)")?\)', re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Sheet:
    """A sheet and what it hides; merged cells by row and addresses by cell, in a format that has them behind the rows."""

    index: int
    name: str
    hidden: bool = False
    hidden_columns: set[int] = field(default_factory=set)
    merged: dict[int, dict[int, int]] = field(default_factory=dict)
    links: dict[tuple[int, int], str] = field(default_factory=dict)

    def hide_columns(self, first: int, after: int) -> None:
        self.hidden_columns.update(range(first, min(after, MOST_COLUMNS)))


@dataclass(slots=True)
class SheetRow:
    """A row: its cells that are not empty, by column from 0, and the last row of the merged cells that begin in it."""

    sheet: Sheet
    number: int
    cells: Mapping[int, Cell]
    hidden: bool = False
    merged: Mapping[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Survey:
    sheet: Sheet
    rows: int = 0
    heading_line: int = 0
    names_ref: bool = False  # hidden rows and columns included
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)


@contextmanager
def workbook_reading(
    path: Path, rows: Callable[[zipfile.ZipFile], Callable[[], Iterator[SheetRow]]]
) -> Iterator[TableReader]:
    """Open a workbook for reading all sheets with the column “Ref”. Raises BadFile, also while rows are read.

    ``rows`` returns, for the parts of a format, what reads the rows of all sheets from the beginning. What is hidden is
    not read, which is noted.
    """
    with damage():
        parts = zipfile.ZipFile(path)
    with parts:
        with damage():
            read = rows(parts)
            surveys = [_survey(sheet, found) for sheet, found in _by_sheet(read())]
        tables = _tables(surveys)
        unread: list[str] = []
        notes = [Finding(place, note) for survey in surveys for place, note in _notes(survey)]
        chosen = {survey.sheet.index for survey in tables}
        yield TableReader(_rows(read, chosen, unread), sum(survey.rows for survey in surveys), unread, notes)


@contextmanager
def damage() -> Iterator[None]:
    """Raise BadFile for what a damaged workbook raises."""
    try:
        yield
    except _DAMAGED as error:
        raise BadFile(DAMAGED) from error


def read_part(parts: zipfile.ZipFile, name: str, *begin: str) -> Iterator[tuple[str, Element]]:
    with parts.open(name) as part:
        yield from elements(part, *begin)


def elements(part: IO[bytes], *begin: str) -> Iterator[tuple[str, Element]]:
    """Yield the elements of an XML part as they end, those named ``begin`` also as they begin.

    Names lose their namespace: strict workbooks and the usual ones differ in nothing else. Raises BadFile for more cells
    in a row, or shared texts, than are kept in memory.
    """
    counts = dict.fromkeys(_MOST, 0)
    for event, element in iterparse(part, ("start", "end"), forbid_dtd=True):
        if event == "start":
            element.tag = element.tag.rpartition("}")[2]
            for name in [name for name in element.attrib if "}" in name]:
                element.attrib.setdefault(name.rpartition("}")[2], element.attrib.pop(name))
        if event == "end" and (parent := _PARENTS.get(element.tag)):
            counts[parent] += 1
            if counts[parent] > _MOST[parent][element.tag]:
                raise BadFile("A row has too many cells, or the workbook too many texts. Save the table alone as CSV.")
        elif event == "end" and element.tag in _MOST:
            counts[element.tag] = 0
        if event == "end" or element.tag in begin:
            yield event, element


def shown_date(moment: datetime, shows: str) -> str:
    """Return a date as exactly as its format shows it (``ymdh``); where that has a day, the cell has its year."""
    if shows == "h":
        return f"{moment:%H:%M}"
    if "d" not in shows:
        return f"{moment:%Y-%m}" if "m" in shows else f"{moment:%Y}"
    return f"{moment:%Y-%m-%d %H:%M}" if moment.hour or moment.minute else f"{moment:%Y-%m-%d}"


def shown_number(value: str) -> str:
    """Return a number with the digits that spreadsheets keep."""
    whole = re.fullmatch(r"-?[0-9]+", value)
    return value if whole else f"{Decimal(format(float(value), '.15g')):f}".removesuffix(".0")


def formula_cell(text: str) -> Cell:
    """Return the cell of a formula; one that is a link holds its text and address."""
    link = _HYPERLINK.match(text)
    return Link(link[2] or link[1], link[1]) if link else Formula(text)


def shown_lines(rows: Iterator[SheetRow]) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Yield the lines that the sheet shows: a merged cell's value in all its rows, nothing of what is hidden."""
    merged: dict[int, tuple[int, Cell]] = {}
    for row in rows:
        cells = dict(row.cells)
        own = cells.keys() - row.sheet.hidden_columns
        for column, (last, value) in list(merged.items()):
            if row.number > last:
                del merged[column]
            else:
                cells.setdefault(column, value)
        for column, last in row.merged.items():
            if column in cells:
                merged[column] = (last, cells[column])
        if own and not row.hidden:  # a row of nothing but the merged cells of another one is none
            width = max(cells) + 1
            yield row.number, ["" if each in row.sheet.hidden_columns else cells.get(each, "") for each in range(width)]


def _rows(read: Callable[[], Iterator[SheetRow]], chosen: set[int], unread: list[str]) -> Iterator[TableRow]:
    with damage():
        for sheet, rows in _by_sheet(read()):
            if sheet.index in chosen:
                yield from rows_of(shown_lines(rows), unread, sheet.name)


def _by_sheet(rows: Iterator[SheetRow]) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:
    return groupby(rows, key=lambda row: row.sheet)


def _survey(sheet: Sheet, rows: Iterator[SheetRow]) -> _Survey:
    survey = _Survey(sheet)
    lines = 0
    for row in rows:
        if row.number > MOST_LINES or max(row.cells, default=0) >= MOST_COLUMNS:
            raise BadFile(DAMAGED)
        if not row.cells:
            continue
        survey.rows += 1
        hidden = row.cells.keys() & sheet.hidden_columns
        survey.hidden_columns |= hidden
        if row.hidden:
            survey.hidden_rows.append(row.number)
        if lines < HEADING_ROWS:
            lines += not row.hidden
            survey.names_ref |= names_ref(list(row.cells.values()))
            shown = [cell for column, cell in row.cells.items() if column not in hidden]
            if not row.hidden and not survey.heading_line and names_ref(shown):
                survey.heading_line = row.number
    return survey


def _tables(surveys: Sequence[_Survey]) -> list[_Survey]:
    """Return the sheets that show a table, or the first one. Raises BadFile where only what is hidden has one."""
    tables = [survey for survey in surveys if survey.heading_line and not survey.sheet.hidden]
    for survey in surveys if not tables else ():
        if survey.names_ref:
            text = N_("The sheet “{sheet}” has a table, but it or its column “Ref” is hidden. Show it.")
            raise BadFile(text, sheet=survey.sheet.name)
    if not surveys:
        raise BadFile("The file is empty.")
    return tables or list(surveys[:1])


def _notes(survey: _Survey) -> Iterator[tuple[CellLocation, AidError]]:
    """Yield what is not read of a sheet."""
    sheet, line = survey.sheet, survey.heading_line
    if sheet.hidden:
        yield CellLocation(0, sheet.name), AidError("The sheet is hidden, so it is not read.")
    elif not line:
        text = N_("The sheet shows no column “Ref” in its first {count} rows, so it is not read.")
        yield CellLocation(0, sheet.name), AidError(text, count=HEADING_ROWS)
    else:
        if rows := [row for row in survey.hidden_rows if row > line]:
            text = N_("Rows that are hidden and not read: {count} ({which}). Show them if they belong to the table.")
            yield CellLocation(0, sheet.name), AidError(text, count=len(rows), which=_runs(rows))
        if columns := sorted(survey.hidden_columns):
            text = N_("Columns that are hidden and not read: {count} ({which}). Show them if they belong to the table.")
            which = some_of([get_column_letter(column + 1) for column in columns])
            yield CellLocation(0, sheet.name), AidError(text, count=len(columns), which=which)


def _runs(numbers: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return some_of([f"{first}–{last}" if last > first else f"{first}" for first, last in runs])
