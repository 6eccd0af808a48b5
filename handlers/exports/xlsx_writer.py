"""The record as a workbook of projects and updates; what people look for stands in the first columns and is printed."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.page import PageMargins

from db.domain.code_lists import label_of
from db.errors import N_
from db.imports.columns import COLUMNS, Column
from db.imports.table import escape, unescape
from db.imports.update_row import REPORT_COLUMNS
from handlers.charts.wording import columns as columns_of
from handlers.exports.csv_writer import PROJECTS, UPDATES, fill
from handlers.exports.rows import Cells, ExportQuery, Written
from handlers.i18n.translator import Translator

AUTHOR = "Aid status"
AMOUNTS = {"amount_low", "amount_high", "value"}
NUMBERS = {*AMOUNTS, "items", "shipments", "number", "days_left", *REPORT_COLUMNS}
CELL_LIMIT = 32_000
A4 = 9  # as the format counts sizes of paper
LINE, MOST_LINES = 15, 27  # points; Excel's rows end at 409
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PRINTED = {
    N_("Projects"): (
        *("ref", "title_en", "title_ko", "group", "headline", "since", "open_holds", "ends", "days_left", "delivery"),
        *("response", "as_of", "stated_by"),
    ),
    N_("Updates"): (
        *("ref", "number", "kind", "happened", "reported", "confidence", "holder", "valid_until", "note", "note_ko"),
        *("publisher", "published"),
    ),
}
_WIDE = {
    *("title_en", "title_ko", "note", "note_ko", "project_notes", "project_notes_ko", "source", "positions"),
    *("clearances", "differing", "stated_by", "implementer_en", "implementer_ko"),
}
_TYPEFACE = "Calibri"
_TEXT, _HEADING, _LINK, _DATE, _NUMBER, _AMOUNT, _CENTS = (
    *("aid text", "aid heading", "aid link", "aid date", "aid number", "aid amount", "aid amount with cents"),
)

Value = str | int | Decimal | date | None


def write_xlsx(query: ExportQuery, path: Path) -> Written:
    projects: list[Cells] = []
    updates: list[Cells] = []
    written = fill(query, projects.append, updates.append)
    book = Workbook(write_only=True)
    book.properties.creator = book.properties.lastModifiedBy = AUTHOR
    for style in _styles():
        book.add_named_style(style)
    ref = [column for column in COLUMNS if column.name == "ref"]
    _add_sheet(book, "Projects", PROJECTS, projects, query)
    _add_sheet(book, "Updates", [*ref, *UPDATES], updates, query)
    book.save(path)
    return written


def _styles() -> list[NamedStyle]:
    plain = Font(name=_TYPEFACE, size=11)
    wrapped, left = Alignment(vertical="top", wrap_text=True), Alignment(vertical="top", horizontal="left")
    right = Alignment(vertical="top", horizontal="right", indent=1)  # away from a text in the next column
    return [
        NamedStyle(_TEXT, font=plain, alignment=wrapped),
        NamedStyle(_HEADING, font=plain + Font(bold=True), fill=PatternFill("solid", "E8E8E8"), alignment=wrapped),
        NamedStyle(_LINK, font=plain + Font(underline="single", color="0563C1"), alignment=wrapped),
        NamedStyle(_DATE, font=plain, number_format="yyyy-mm-dd", alignment=left),
        NamedStyle(_NUMBER, font=plain, number_format="0", alignment=right),
        NamedStyle(_AMOUNT, font=plain, number_format="#,##0", alignment=right),
        NamedStyle(_CENTS, font=plain, number_format="#,##0.00", alignment=right),
    ]


def _add_sheet(book: Workbook, title: str, columns: Sequence[Column], rows: list[Cells], query: ExportQuery) -> None:
    """Add a sheet whose headings stay and repeat; it prints one page wide, as far as the columns that are printed."""
    translator, printed = query.translator, _PRINTED[title]
    columns = sorted(columns, key=lambda each: printed.index(each.name) if each.name in printed else len(printed))
    widths = [40 if column.name in _WIDE else 14 for column in columns]
    sheet = book.create_sheet(translator.plain(title))
    sheet.freeze_panes = "B2"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    headings = {column.name: column.heading(translator.language) for column in columns}
    if "days_left" in headings:
        headings["days_left"] += f"\n({query.today})"  # from which they count
    lines: list[list[tuple[Value, str]]] = [[(headings[column.name], _HEADING) for column in columns]]
    lines += [[_typed(translator, column.name, cells.get(column.name, "")) for column in columns] for cells in rows]
    for number, line in enumerate(lines, start=1):
        tall = [_lines(value, width) for (value, _), width in zip(line, widths, strict=True)]
        shown = max(*tall[: len(printed)], min(2, max(tall)))  # of what is not printed, the first two lines
        sheet.row_dimensions[number].height = LINE * min(shown, MOST_LINES)
        sheet.append([_cell(sheet, value, style) for value, style in line])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(lines)}"
    sheet.print_area = f"A1:{get_column_letter(len(printed))}{len(lines)}"
    sheet.print_title_rows = "1:1"
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = f"&A · {query.today}", "&P / &N"


def _typed(translator: Translator, name: str, text: str) -> tuple[Value, str]:
    if not text:
        return None, _TEXT
    if name in NUMBERS and text.replace(".", "", 1).isdigit():
        whole = text.isdigit()
        if name not in AMOUNTS:
            return (int(text) if whole else Decimal(text)), _NUMBER
        return (int(text), _AMOUNT) if whole else (Decimal(text), _CENTS)
    if _DAY.fullmatch(text):
        return date.fromisoformat(text), _DATE
    if translator.language != "en":  # an English file has the codes, which are English words
        words = name if name == "amount_basis" else "date"
        text = translator.holder(text) if name == "holder" else label_of(words, text, translator.language)
    if unescape(text) != text:  # an import would take apostrophes of the text's own for those of a CSV
        text = escape(text)
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)[:CELL_LIMIT]
    return clean, _LINK if name == "source" and clean.startswith("http") else _TEXT


def _cell(sheet: WriteOnlyWorksheet, value: Any, style: str) -> Cell | None:
    if value is None:
        return None
    cell: Cell = WriteOnlyCell(sheet, value)
    cell.style = style
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with = stays a text
    if style == _LINK:
        cell.hyperlink = str(value).split()[0]
        cell.style = style  # a new hyperlink has a style of its own
    return cell


def _lines(value: Value, width: int) -> int:
    """Return how many lines a cell takes; spreadsheets that fit rows themselves may differ by one."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, ceil(columns_of(line) / (width - 2))) for line in value.split("\n"))
