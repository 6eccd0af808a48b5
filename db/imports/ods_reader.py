"""Reader of OpenDocument spreadsheets, row by row."""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from xml.etree.ElementTree import Element

from db.domain.text import settle
from db.imports.table import Cell, Formula, Link
from db.imports.workbook import MOST_COLUMNS, Sheet, SheetRow, formula_cell, read_part, shown_date, shown_number

_HIDDEN = {"collapse", "filter"}
_SHOWN = {"year": "y", "month": "m", "day": "d", "hours": "h"}
_INEXACT = {"quarter", "week-of-year"}  # of such a date the text is read, not the day that it stands for
_GROUPS = {"table-row-group", "table-column-group"}


class OdsWorkbook:
    def __init__(self, parts: zipfile.ZipFile) -> None:
        self._parts = parts
        self._hidden_sheets: set[str] = set()  # styles
        self._shows: dict[str, str] = {}  # of a date, by the style of the cell or of the date itself
        for name in ("styles.xml", "content.xml"):
            if name in parts.namelist():
                for _, element in read_part(self._parts, name):
                    self._read_style(element)
                    if element.tag == "automatic-styles":
                        break

    def _read_style(self, element: Element) -> None:
        name = element.get("name", "")
        if element.tag in {"date-style", "time-style"}:
            shown = {each.tag for each in element}
            self._shows[name] = "" if shown & _INEXACT else "".join(_SHOWN[part] for part in _SHOWN if part in shown)
        elif element.tag == "style" and element.get("data-style-name") in self._shows:
            self._shows[name] = self._shows[element.attrib["data-style-name"]]
        elif element.tag == "style" and any(each.get("display") == "false" for each in element):
            self._hidden_sheets.add(name)

    def rows(self) -> Iterator[SheetRow]:
        index, styles = count(), list[str]()
        sheet, number, hidden = Sheet(0, ""), 0, [False]
        table: Element | None = None
        for event, element in read_part(self._parts, "content.xml", "table", *_GROUPS):
            if event == "start" and element.tag == "table":
                sheet = Sheet(next(index), element.get("name", ""), element.get("style-name") in self._hidden_sheets)
                number, styles, table = 0, [], element
            elif element.tag in _GROUPS:
                hidden = [*hidden, hidden[-1] or element.get("display") == "false"] if event == "start" else hidden[:-1]
            elif element.tag == "table-column":
                times = int(element.get("number-columns-repeated", 1))
                if hidden[-1] or element.get("visibility") in _HIDDEN:
                    sheet.hide_columns(len(styles), len(styles) + times)
                styles += [element.get("default-cell-style-name", "")] * min(times, MOST_COLUMNS)
            elif element.tag == "table-row" and table is not None:
                times = int(element.get("number-rows-repeated", 1))
                cells, merged = self._cells(element, styles)
                for each in range(number + 1, number + 1 + (times if cells else 0)):
                    ends = {column: each + rows - 1 for column, rows in merged.items()}
                    yield SheetRow(sheet, each, cells, hidden[-1] or element.get("visibility") in _HIDDEN, ends)
                number += times
                table.clear()

    def _cells(self, row: Element, styles: list[str]) -> tuple[dict[int, Cell], dict[int, int]]:
        """Return the cells of a row by column, and over how many rows those that are merged reach."""
        cells: dict[int, Cell] = {}
        merged: dict[int, int] = {}
        column = 0
        for cell in row:
            times = int(cell.get("number-columns-repeated", 1))
            if cell.tag == "table-cell":
                style = cell.get("style-name") or row.get("default-cell-style-name")
                value = self._cell(cell, style or (styles[column] if column < len(styles) else ""))
                if isinstance(value, Formula) or value.strip():
                    cells |= dict.fromkeys(range(column, column + min(times, MOST_COLUMNS)), value)
                if rows := int(cell.get("number-rows-spanned", 1)) - 1:
                    merged[column] = rows + 1
            column += times
        return cells, merged

    def _cell(self, cell: Element, style: str) -> Cell:
        lines = [_text(each) for each in cell if each.tag == "p"]
        if formula := cell.get("formula"):
            return formula_cell("=" + formula.partition("=")[2])
        kind = cell.get("value-type", "string")
        if kind == "date" and (shows := self._shows.get(style, "ymd")):
            return shown_date(datetime.fromisoformat(cell.attrib["date-value"]), shows)
        if kind in {"float", "currency"}:
            return shown_number(cell.attrib["value"])
        text = settle("\n".join(lines))
        link = next((each.get("href", "") for each in cell.iter() if each.tag == "a"), "")
        return Link(text, link) if link else text


def _text(element: Element) -> str:
    """Return the text of a paragraph; runs of spaces, tabs and breaks are elements of their own."""
    if element.tag in {"annotation", "ruby-text"}:
        return ""
    own = {"s": " " * min(int(element.get("c", 1)), 99), "tab": " ", "line-break": "\n"}.get(
        element.tag, element.text or ""
    )
    return own + "".join(_text(each) + (each.tail or "") for each in element)
