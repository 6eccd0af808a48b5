"""XLSX reader, row by row: usual and strict workbooks of Office Open XML."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from posixpath import dirname, join, normpath
from xml.etree.ElementTree import Element

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.escape import unescape

from db.domain.text import settle
from db.imports.table import Cell, Formula, Link
from db.imports.workbook import Sheet, SheetRow, formula_cell, read_part, shown_date, shown_number

_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  days of a sheet have no zone
_LAST_DAY = 2_958_465  # of the year 9999
_TRUE = {"1", "true"}
_READ = {"col", "row", "mergeCell", "hyperlink"}
# Of a number format: what is not a code of it, and what each of its codes shows.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|AM/PM|A/P|General', re.IGNORECASE)
_MINUTES = re.compile(r"(h+[^a-z]*)m+|m+(?=[^a-z]*s)", re.IGNORECASE)
_DATES_OF_KOREA = {*range(27, 32), *range(34, 37), *range(50, 59)}  # numbers of formats that files do not spell out


class XlsxWorkbook:
    def __init__(self, parts: zipfile.ZipFile) -> None:
        self._parts = parts
        ((main, _),) = self._related("", "officeDocument").values()
        related = self._related(main, "")
        self._texts = [
            text for name, kind in related.values() if kind == "sharedStrings" for text in self._shared(name)
        ]
        self._formats = [each for name, kind in related.values() if kind == "styles" for each in self._styles(name)]
        self._sheets: list[tuple[Sheet, str]] = []
        self._epoch = _EPOCH
        for _, element in read_part(self._parts, main):
            if element.tag == "workbookPr":
                self._epoch = _EPOCH_1904 if element.get("date1904") in _TRUE else _EPOCH
            elif element.tag == "sheet" and (target := related[element.attrib["id"]])[1] == "worksheet":
                hidden = element.get("state", "visible") != "visible"
                self._sheets.append((Sheet(len(self._sheets), element.attrib["name"], hidden), target[0]))

    def rows(self) -> Iterator[SheetRow]:
        for sheet, name in self._sheets:
            yield from self._rows(sheet, name)

    def _rows(self, sheet: Sheet, name: str) -> Iterator[SheetRow]:
        number, addresses = 0, self._related(name, "hyperlink")
        parents: list[Element] = []
        for event, element in read_part(self._parts, name, "cols", "sheetData", "mergeCells", "hyperlinks"):
            if event == "start":
                parents.append(element)
                continue
            if element.tag == "col" and _hidden(element, "width"):
                sheet.hide_columns(int(element.attrib["min"]) - 1, int(element.attrib["max"]))
            elif element.tag == "row":
                number = int(element.get("r") or number + 1)
                cells = dict(self._cells(element, number, sheet))
                yield SheetRow(sheet, number, cells, _hidden(element, "ht"), sheet.merged.get(number, {}))
            elif element.tag == "mergeCell":
                first, _, last = element.attrib["ref"].partition(":")
                (top, left), (bottom, _) = _place(first), _place(last or first)
                sheet.merged.setdefault(top, {})[left] = bottom
            elif element.tag == "hyperlink" and element.get("id") in addresses:
                place = _place(element.attrib["ref"].partition(":")[0])
                sheet.links[place] = addresses[element.attrib["id"]][0]
            if element.tag in _READ and parents:  # what was read is let go, however long the sheet is
                parents[-1].clear()

    def _cells(self, row: Element, number: int, sheet: Sheet) -> Iterator[tuple[int, Cell]]:
        column = -1
        for cell in row:
            reference = cell.get("r")
            column = _place(reference)[1] if reference else column + 1
            text = self._cell(cell)
            if isinstance(text, Formula):
                yield column, text
            elif text.strip():
                address = sheet.links.get((number, column))
                yield column, Link(text, address) if address else text

    def _cell(self, cell: Element) -> Cell:
        children = {child.tag: child for child in cell}
        kind = cell.get("t", "n")
        value = (children["v"].text or "") if "v" in children else ""
        if "f" in children:
            return formula_cell(f"={children['f'].text or ''}")
        if kind == "inlineStr" and "is" in children:
            return _text(children["is"])
        return self._value(kind, value, int(cell.get("s", 0))) if value else ""

    def _value(self, kind: str, value: str, style: int) -> Cell:
        shows = self._formats[style] if style < len(self._formats) else ""
        match kind:
            case "s":
                return self._texts[int(value)]
            case "e":
                return Formula(value)
            case "b":
                value = "TRUE" if value == "1" else "FALSE"
            case "d":
                return shown_date(datetime.fromisoformat(value.removesuffix("Z")), shows or "ymd")
            case "n" if shows and 0 <= float(value) <= _LAST_DAY:
                return shown_date(self._epoch + timedelta(seconds=round(float(value) * 86400)), shows)
            case "n":
                return shown_number(value)
        return settle(unescape(value))

    def _related(self, name: str, kind: str) -> Mapping[str, tuple[str, str]]:
        """Return the parts that a part refers to, and their kind, by the id that it uses for them."""
        folder = dirname(name)
        relations = join(folder, "_rels", f"{name.rpartition('/')[2]}.rels")
        if relations not in self._parts.namelist():
            return {}
        return {
            element.attrib["Id"]: (
                element.attrib["Target"]
                if element.get("TargetMode") == "External"
                else normpath(join("/", folder, element.attrib["Target"])).lstrip("/"),
                element.attrib["Type"].rpartition("/")[2],
            )
            for _, element in read_part(self._parts, relations)
            if element.tag == "Relationship" and element.attrib["Type"].endswith(f"/{kind}" if kind else "")
        }

    def _shared(self, name: str) -> Iterator[str]:
        root: Element | None = None
        for event, element in read_part(self._parts, name, "sst"):
            root = element if event == "start" else root
            if element.tag == "si" and root is not None:
                yield _text(element)
                root.clear()

    def _styles(self, name: str) -> Iterator[str]:
        """Yield what each format of cells shows of a date, such as ``ym``; nothing for one of numbers."""
        codes: dict[int, str] = dict(BUILTIN_FORMATS) | dict.fromkeys(_DATES_OF_KOREA, "yyyy-mm-dd")
        for _, element in read_part(self._parts, name):
            if element.tag == "numFmt":
                codes[int(element.attrib["numFmtId"])] = element.get("formatCode", "")
            elif element.tag == "cellXfs":
                yield from (_date_parts(codes.get(int(each.get("numFmtId", 0)), "")) for each in element)


def _date_parts(code: str) -> str:
    """Return which of year, month, day and hour (``ymdh``) a number format shows; nothing for one of numbers."""
    plain = _MINUTES.sub(r"\1", _LITERAL.sub("", code.partition(";")[0])).lower()
    return "".join(part for part in "ymdh" if part in plain or (part == "h" and "s" in plain))


def _text(element: Element) -> str:
    """Return the text of a cell, without the reading aids of Chinese characters."""
    runs = [each for run in element for each in ([run] if run.tag == "t" else run if run.tag == "r" else ())]
    return settle(unescape("".join(run.text or "" for run in runs if run.tag == "t")))


def _place(reference: str) -> tuple[int, int]:
    """Return the row, from 1, and the column, from 0, of a cell such as ``B7``."""
    column = reference.rstrip("0123456789")
    return int(reference[len(column) :]), column_index_from_string(column) - 1


def _hidden(element: Element, size: str) -> bool:
    return element.get("hidden") in _TRUE or element.get(size) == "0"
