"""The record as a workbook: a sheet of projects and one of updates, with typed cells and links."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from db.imports.columns import COLUMNS, Column
from db.imports.update_row import REPORT_COLUMNS
from handlers.exports.csv_writer import PROJECTS, UPDATES, fill
from handlers.exports.result import Written
from handlers.exports.rows import Cells, ExportQuery

NUMBERS = {"amount_low", "amount_high", "value", "items", "shipments", "number", "days_left", *REPORT_COLUMNS}
CELL_LIMIT = 32_000
REF = [column for column in COLUMNS if column.name == "ref"]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Value = Cell | int | Decimal | date | None


def write_xlsx(query: ExportQuery, path: Path) -> Written:
    """Return a sheet of projects and one of updates."""
    book = Workbook(write_only=True)
    ours = _sheet(book, query.translator.plain("Projects"), PROJECTS, query)
    theirs = _sheet(book, query.translator.plain("Updates"), [*REF, *UPDATES], query)
    waiting: list[Cells] = []
    written = fill(query, lambda cells: ours.append(_typed(ours, PROJECTS, cells)), waiting.append)
    for cells in waiting:
        theirs.append(_typed(theirs, [*REF, *UPDATES], cells))
    book.save(path)
    return written


def _sheet(book: Workbook, title: str, columns: Sequence[Column], query: ExportQuery) -> WriteOnlyWorksheet:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = 40 if column.name in _WIDE else 16
    sheet.append([_bold(sheet, column.heading(query.translator.language)) for column in columns])
    filled: WriteOnlyWorksheet = sheet
    return filled


_WIDE = {
    *("title_en", "title_ko", "note", "note_ko", "project_notes", "project_notes_ko", "source", "positions"),
    *("clearances", "differing", "stated_by", "implementer_en", "implementer_ko"),
}


def _bold(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _typed(sheet: WriteOnlyWorksheet, columns: Iterable[Column], cells: Cells) -> list[Value]:
    return [_cell(sheet, column.name, cells.get(column.name, "")) for column in columns]


def _cell(sheet: WriteOnlyWorksheet, name: str, text: str) -> Value:
    if not text:
        return None
    if name in NUMBERS and text.replace(".", "", 1).isdigit():
        return int(text) if text.isdigit() else Decimal(text)
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)[:CELL_LIMIT]
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"  # a text that begins with = stays a text
    if name == "source" and clean.startswith("http"):
        cell.hyperlink = clean.split()[0]
        cell.font = Font(underline="single", color="0563C1")
    return cell
