"""The record as a table: CSV that every spreadsheet opens, and a workbook with typed cells and links."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from db.table_columns import COLUMNS, DERIVED, PROJECT, UPDATE, Column
from handlers.exports.rows import Asked, Cells, project_cells, standings, update_cells, updates
from handlers.exports.written import Written

FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet may take for the beginning of a formula; an apostrophe before it makes it a text again."""

NUMBERS = {"amount_low", "amount_high", "value", "items", "shipments", "number", "days_left"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
CELL_LIMIT = 32_000
REF, PROJECTS, UPDATES = (
    [column for column in COLUMNS if column.name == "ref"],
    [*(column for column in COLUMNS if column.of == PROJECT), *DERIVED],
    [column for column in COLUMNS if column.of == UPDATE],
)


def write_csv(asked: Asked, path: Path, *, hxl: bool) -> Written:
    """Projects first, then updates, in one table: UTF-8 with its mark, so that spreadsheets know it."""
    columns = [*PROJECTS, *UPDATES]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([_heading(column, asked) for column in columns])
        if hxl:
            table.writerow([column.hxl for column in columns])
        return _rows(
            asked,
            lambda cells: table.writerow([_harmless(cells.get(column.name, "")) for column in columns]),
            lambda cells: table.writerow([_harmless(cells.get(column.name, "")) for column in columns]),
        )


def write_xlsx(asked: Asked, path: Path) -> Written:
    """A sheet of projects and one of updates."""
    book = Workbook(write_only=True)
    ours = _sheet(book, asked.words.plain("Projects"), PROJECTS, asked)
    theirs = _sheet(book, asked.words.plain("Updates"), [*REF, *UPDATES], asked)
    waiting: list[Cells] = []
    written = _rows(asked, lambda cells: ours.append(_typed(ours, PROJECTS, cells)), waiting.append)
    for cells in waiting:
        theirs.append(_typed(theirs, [*REF, *UPDATES], cells))
    book.save(path)
    return written


def _rows(asked: Asked, project: Any, update: Any) -> Written:
    """Give the cells of each project to ``project``, then those of each update to ``update``."""
    concerned: dict[int, list[str]] = {}
    projects = 0
    for each in standings(asked):
        project(project_cells(each, asked.today, asked.words))
        projects += 1
        for one in each.standing.updates:
            concerned.setdefault(one.number, []).append(each.project.ref)
    for one, refs in updates(asked, concerned):
        update(update_cells(one, refs))
    return Written(projects, len(concerned))


def _heading(column: Column, asked: Asked) -> str:
    return column.korean if asked.words.language == "ko" else column.english


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _sheet(book: Workbook, title: str, columns: Sequence[Column], asked: Asked) -> Any:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = 40 if column.name in _WIDE else 16
    sheet.append([_bold(sheet, _heading(column, asked)) for column in columns])
    return sheet


_WIDE = {"title_en", "title_ko", "note", "project_notes", "source", "organisation_en", "organisation_ko"}


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _typed(sheet: Any, columns: Iterable[Column], cells: Cells) -> list[Any]:
    return [_cell(sheet, column.name, cells.get(column.name, "")) for column in columns]


def _cell(sheet: Any, name: str, text: str) -> Any:
    if not text:
        return None
    if name in NUMBERS and text.replace(".", "", 1).isdigit():
        return int(text) if text.isdigit() else Decimal(text)
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)[:CELL_LIMIT]
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"  # a text that begins with = stays a text
    if name == "source" and clean.startswith("http") and " " not in clean:
        cell.hyperlink = clean
        cell.font = Font(underline="single", color="0563C1")
    return cell
