"""Rows of a file: cells by column, each row with its location in the file."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple, Self

from db.domain.date_formats import says_nothing
from db.domain.text import letters
from db.errors import N_, AidError, BadInput
from db.imports.columns import AMOUNTS, STANDING, Column, column_and_unit, column_named, is_hxl, is_of_hxl, name_columns

DAMAGED = N_("The file is no whole workbook. Open it in your spreadsheet and save it again.")
HEADING_ROWS = 10  # headings are among these first lines that are shown; those above (a title, a date) are skipped
CELL_LENGTH = 5000
MOST_NAMES, NAME_LENGTH = 20, 40
REF, SOURCE = "ref", "source"
# Columns in which ``-`` or ``TBC`` is no empty cell: dates that may be unknown, and notes.
_KEPT = frozenset({"happened", "valid_until", "note", "note_ko", "project_notes", "project_notes_ko"})
_TOTALS = frozenset(
    map(letters, ("Total", "Totals", "Grand total", "Subtotal", "Sum", "합계", "총계", "소계", "계", "총합계"))
)
# Places where a spreadsheet reads a formula: at the start of a cell, and behind what some of them take for a separator.
_START, _BEHIND = r"[=+\-@\uff1d\uff0b\uff0d\uff20\t\r']", r"'*(?:[=+@\uff1d\uff0b\uff0d\uff20]|-(?=\S))"
_FORMULA = re.compile(rf"^(?={_START})|(?<=[;|\n])(?={_BEHIND})")
_ESCAPED = re.compile(rf"^'(?={_START})|(?<=[;|\n])'(?={_BEHIND})")


@dataclass(frozen=True, slots=True)
class CellLocation:
    """The location of a row or cell: its line (from 1; 0 for a whole sheet), its sheet and heading if it has them."""

    line: int
    sheet: str = ""
    heading: str = ""

    def __str__(self) -> str:
        parts = [f"sheet “{self.sheet}”"] if self.sheet else []
        parts += [f"line {self.line}"] if self.line else []
        parts += [f"column “{self.heading}”"] if self.heading else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    place: CellLocation
    error: AidError

    def __post_init__(self) -> None:
        self.error.worded = self.error.worded or name_columns


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula or its error instead of a value."""

    text: str


class Link(str):
    """A cell's text with an address behind it."""

    __slots__ = ("address",)
    address: str

    def __new__(cls, text: str, address: str) -> Self:
        link = super().__new__(cls, text)
        link.address = address
        return link


Cell = str | Formula


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the text of each non-empty column, and the findings about the row itself."""

    place: CellLocation
    cells: Mapping[str, str]
    headings: Mapping[str, str]
    findings: tuple[Finding, ...] = ()

    def at(self, column: str) -> CellLocation:
        """Return the location of a column's cell, of the row where the file has no such column."""
        return CellLocation(self.place.line, self.place.sheet, self.headings.get(column, ""))


def name_rows(rows: Mapping[int, tuple[CellLocation, bool]], sentence: str, language: str) -> str:
    """Return the sentence of an error with ``rows`` (place, if right above) for numbers that only the trial gave them."""
    said = name_columns(sentence, language)
    for number, (place, right_above) in rows.items():
        sheet = {"ko": f"“{place.sheet}” 시트 ", "en": f"sheet “{place.sheet}”, "}[language] if place.sheet else ""
        line = sheet + {"ko": f"{place.line}행", "en": f"line {place.line}"}[language]
        cited = {"ko": f"{line}의 번호", "en": f"the number of {line}"}[language]
        cited = {"ko": "위", "en": "above"}[language] if right_above else cited
        said = re.sub(rf"(?<=”: ){number}\b", cited, re.sub(rf"#{number}\b", line, said))
    return said[:1].upper() + said[1:]


class BadFile(AidError):
    """A file that cannot be read as a table."""


@dataclass
class TableReader:
    """An open file: its rows, about how many there are, the unknown headings, and what else is not read."""

    rows: Iterator[TableRow]
    total: int
    unread: list[str] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


class Heading(NamedTuple):
    """A heading: the column that it names, if it is known, and the unit that it gives it."""

    name: str = ""
    column: Column | None = None
    unit: str = ""


def rows_of(lines: Iterable[tuple[int, Sequence[Cell]]], unread: list[str], sheet: str = "") -> Iterator[TableRow]:
    """Yield the rows below the headings. Raises BadFile where there are no headings."""
    headings: Sequence[Heading] = ()
    named: dict[str, str] = {}
    for above, (number, cells) in enumerate(lines):
        if _are_headings(cells, headings) if headings else names_ref(cells):
            headings = _joined(headings, _headings(cells))
            known = [each.column for each in headings if each.column and each.column.of != STANDING]
            if twice := next((column for column in known if known.count(column) > 1), None):
                raise BadFile("Two columns are named “{heading}”. Keep only one.", heading=twice.english)
            named = {column.name: name for name, column, _ in headings if column}
        elif not headings and above + 1 >= HEADING_ROWS:
            break
        elif headings and any(cell if isinstance(cell, Formula) else cell.strip() for cell in cells):
            yield _row(CellLocation(number, sheet), cells, headings, named)
    if not headings:
        raise BadFile(
            "I found no “Ref” column (사업번호, #activity+code) in the first {count} rows. docs/import.md "
            "lists the columns.",
            count=HEADING_ROWS,
        )
    for name, column, _ in headings:
        if name and not column and not is_of_hxl(name) and name not in unread:
            unread.append(name)


def names_ref(cells: Sequence[Cell]) -> bool:
    """Return True where ``cells`` may be the headings of a table, with a column for the ref."""
    return any(column.name == REF for cell in cells if isinstance(cell, str) and (column := column_named(cell)))


def some_of(names: Sequence[str]) -> str:
    """Join the first of ``names`` for a sentence, long ones truncated."""
    shown = ", ".join(name[:NAME_LENGTH] for name in names[:MOST_NAMES])
    return f"{shown}, …" if len(names) > MOST_NAMES else shown


def _headings(cells: Sequence[Cell]) -> list[Heading]:
    texts = [cell.text if isinstance(cell, Formula) else cell for cell in cells]
    return [Heading(" ".join(text.split()), *column_and_unit(text)) for text in texts]


def _joined(above: Sequence[Heading], below: Sequence[Heading]) -> list[Heading]:
    """Return two rows of headings as one; the lower one alone where it is that of another table."""
    pairs = list(zip_longest(above, below, fillvalue=Heading()))
    if any(first.column and second.column and first.column != second.column for first, second in pairs):
        return list(below)
    return [second if (second.column and not first.column) or not first.name else first for first, second in pairs]


def _are_headings(cells: Sequence[Cell], above: Sequence[Heading]) -> bool:
    """Return True for a further row of headings: one for the ref, HXL tags, or nothing but names of columns."""
    if any(
        heading.column and heading.column.name == REF and names_ref([cell])
        for heading, cell in zip(above, cells, strict=False)
    ):
        return True
    filled = [cell for cell in cells if isinstance(cell, Formula) or cell.strip()]
    return bool(filled) and all(isinstance(cell, str) and (is_hxl(cell) or column_named(cell)) for cell in filled)


def _row(place: CellLocation, cells: Sequence[Cell], headings: Sequence[Heading], named: Mapping[str, str]) -> TableRow:
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for index, cell in enumerate(cells):
        name, column, unit = headings[index] if index < len(headings) else Heading()
        problem = _problem(cell, beyond=index >= len(headings), wanted=column is not None and column.of != STANDING)
        if problem:
            findings.append(Finding(CellLocation(place.line, place.sheet, name), problem))
            if not name:  # beyond the headings one finding is enough
                break
        elif column and isinstance(cell, str) and (text := _said(cell, column, unit)):
            texts[column.name] = text
    if not letters(texts.get(REF, "")) or letters(texts[REF]) in _TOTALS:
        message = N_(
            "The row has no project ref. Add one such as GG-1, or delete the row (for example, a row of totals)."
        )
        findings = [Finding(CellLocation(place.line, place.sheet, named[REF]), BadInput(message))]
    return TableRow(place, texts, named, tuple(findings))


def _said(cell: str, column: Column, unit: str) -> str:
    """Return what a cell says: the address behind its text, its number in the unit of the heading."""
    text = unescape(cell.strip())
    if says_nothing(text) and column.name not in _KEPT:
        return ""
    if isinstance(cell, Link) and column.name == SOURCE and "://" not in text:
        return cell.address
    bare = not any(each.isalpha() for each in text)
    return f"{text} {unit}" if unit and (bare or column.name in AMOUNTS) else text


def _problem(cell: Cell, *, beyond: bool, wanted: bool) -> AidError | None:
    if isinstance(cell, Formula):
        text = N_("The cell contains a formula ({formula}). Paste its value instead.")
        return BadInput(text, formula=cell.text[:40]) if wanted or beyond else None
    if beyond and cell.strip():
        return BadInput("The row has more cells than there are headings. Does a cell with a comma need quotes?")
    if wanted and len(cell) > CELL_LENGTH:
        return BadInput("Too long: {length} characters (maximum {limit}).", length=len(cell), limit=CELL_LENGTH)
    return None


def escape(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would read as a formula."""
    return _FORMULA.sub("'", text)


def unescape(text: str) -> str:
    """Remove the apostrophes that an export puts before what a spreadsheet would read as a formula."""
    return _ESCAPED.sub("", text)
