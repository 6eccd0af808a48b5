"""Rows of a file: cells by column, each row with its location in the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from db.errors import N_, AidError, BadInput
from db.imports.columns import STANDING, Column, column_named, is_hxl

HEADING_ROWS = 10  # headings are among these first rows; rows above them (a title, a date) are skipped
CELL_LENGTH = 5000
MOST_NAMES, NAME_LENGTH = 20, 40
REF = "ref"
_ESCAPED = ("'=", "'+", "'-", "'@", "'\t", "'\r", "''")


@dataclass(frozen=True, slots=True)
class CellLocation:
    """The location of a row or cell: its line (from 1), its sheet if there are sheets, its heading if a cell."""

    line: int
    sheet: str = ""
    heading: str = ""

    def __str__(self) -> str:
        parts = [f"sheet “{self.sheet}”"] if self.sheet else []
        parts += [f"line {self.line}"]
        parts += [f"column “{self.heading}”"] if self.heading else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """An error or warning about a location in a file."""

    place: CellLocation
    error: AidError


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula or its error instead of a value."""

    text: str


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


class BadFile(AidError):
    """A file that cannot be read as a table."""


@dataclass
class TableReader:
    """An open file: its rows, about how many there are, and the unknown headings."""

    rows: Iterator[TableRow]
    total: int
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Headings:
    """The columns of a table by position."""

    columns: Sequence[Column | None]
    names: Sequence[str]

    @property
    def unread(self) -> list[str]:
        """Return the unknown headings."""
        named = zip(self.columns, self.names, strict=True)
        return list(dict.fromkeys(name for column, name in named if column is None and name))


def rows_of(lines: Iterable[tuple[int, Sequence[Cell]]], unread: list[str], sheet: str = "") -> Iterator[TableRow]:
    """Yield the rows below the headings. Raises BadFile where there are no headings."""
    lines = iter(lines)
    headings = _headings(lines)
    unread += headings.unread
    for number, cells in lines:
        if headings and _are_tags(cells):
            continue
        if any(cell if isinstance(cell, Formula) else cell.strip() for cell in cells):
            yield _row(CellLocation(number, sheet), cells, headings)


def known_headings(cells: Sequence[Cell]) -> int:
    """Count the known headings among ``cells``."""
    return sum(1 for cell in cells if isinstance(cell, str) and column_named(cell))


def names_ref(cells: Sequence[Cell]) -> bool:
    """Return True where ``cells`` may be the headings of a table, with a column for the ref."""
    return any(column.name == REF for cell in cells if isinstance(cell, str) and (column := column_named(cell)))


def some_of(names: Sequence[str]) -> str:
    """Join the first of ``names`` for a sentence, long ones truncated."""
    shown = ", ".join(name[:NAME_LENGTH] for name in names[:MOST_NAMES])
    return f"{shown}, …" if len(names) > MOST_NAMES else shown


def _headings(lines: Iterator[tuple[int, Sequence[Cell]]]) -> Headings:
    for _, cells in zip(range(HEADING_ROWS), lines, strict=False):
        names = [cell.strip() if isinstance(cell, str) else cell.text for cell in cells[1]]
        columns = [column_named(name) for name in names]
        names_of_columns = [column.name for column in columns if column and column.of != STANDING]
        if REF not in names_of_columns:
            continue
        for column in columns:
            if column and names_of_columns.count(column.name) > 1:
                raise BadFile(
                    N_("Two columns say “{heading}”. Leave one of them."),
                    heading=column.english,
                    known=names_of_columns,
                )
        return Headings(columns, names)
    raise BadFile(
        N_(
            "None of the first {count} rows has a column “Ref” (사업번호, #activity+code), so I cannot tell what "
            "the file is about. docs/import.md lists the columns."
        ),
        count=HEADING_ROWS,
    )


def _are_tags(cells: Sequence[Cell]) -> bool:
    """Return True for a row of HXL tags below the headings."""
    filled = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return bool(filled) and all(is_hxl(cell) for cell in filled)


def _row(place: CellLocation, cells: Sequence[Cell], headings: Headings) -> TableRow:
    texts: dict[str, str] = {}
    named = {column.name: name for column, name in zip(headings.columns, headings.names, strict=True) if column}
    findings: list[Finding] = []
    for index, cell in enumerate(cells):
        column = headings.columns[index] if index < len(headings.columns) else None
        name = headings.names[index] if index < len(headings.names) else ""
        wanted = column is not None and column.of != STANDING
        problem = _problem(cell, beyond=index >= len(headings.columns), wanted=wanted)
        if problem:
            findings.append(Finding(CellLocation(place.line, place.sheet, name), problem))
            if not name:  # beyond the headings one finding is enough
                break
        elif column and isinstance(cell, str) and cell.strip():
            texts[column.name] = _unescape(cell.strip())
    return TableRow(place, texts, named, tuple(findings))


def _problem(cell: Cell, *, beyond: bool, wanted: bool) -> AidError | None:
    if isinstance(cell, Formula):
        text = N_("The cell holds the formula {formula}. Paste its value instead.")
        return BadInput(text, formula=cell.text[:40]) if wanted or beyond else None
    if beyond and cell.strip():
        return BadInput(N_("The row has more cells than there are headings. Is a separator missing a quote?"))
    if wanted and len(cell) > CELL_LENGTH:
        return BadInput(N_("That has {length} characters; {limit} are the most."), length=len(cell), limit=CELL_LENGTH)
    return None


def _unescape(text: str) -> str:
    """Remove the apostrophe that an export puts before text that a spreadsheet would read as a formula."""
    return text[1:] if text.startswith(_ESCAPED) else text
