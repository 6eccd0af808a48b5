"""CSV reader that detects encoding and separator."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes

from db.domain.text import settle
from db.errors import N_
from db.imports.columns import column_named
from db.imports.table import BadFile, Cell, Formula, TableReader, rows_of

SEPARATORS = ",;\t|"
SAMPLE = 256 * 1024  # bytes at the beginning that encoding and separator are detected from

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Candidates other than UTF-8: Korean spreadsheets write CP949, Western ones CP1252. A short file would be mistaken
# for any further one.
OTHERS = ["cp949", "utf_16_le", "utf_16_be", "cp1252"]


@contextmanager
def csv_reading(path: Path) -> Iterator[TableReader]:
    """Open a CSV file for reading its rows. Raises BadFile, also while rows are read."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        separator = _separator(file.read(SAMPLE))
        file.seek(0)
        unread: list[str] = []
        with path.open("rb") as lines:
            total = sum(1 for _ in lines)
        yield TableReader(rows_of(_lines(file, separator), unread), total, unread)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, encoding in MARKS:
        if sample.startswith(mark):
            return encoding
    with suppress(UnicodeDecodeError), path.open(encoding="utf-8") as text:
        if "\0" not in text.read(SAMPLE) and all(True for _ in text):
            return "utf-8"
    match = from_bytes(sample, cp_isolation=OTHERS).best()
    if match is None:
        raise BadFile("I can't read this file as text. Save it as CSV (UTF-8) or XLSX.")
    return match.encoding


def _separator(sample: str) -> str:
    def heading_count(separator: str) -> int:
        lines = csv.reader(io.StringIO(sample), delimiter=separator)
        try:
            return max((sum(map(bool, map(column_named, cells))) for cells in islice(lines, 10)), default=0)
        except csv.Error:
            return 0

    return max(SEPARATORS, key=heading_count)


def _lines(file: Iterable[str], separator: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    reader = csv.reader(file, delimiter=separator, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            text = N_('Line {line} cannot be read ({why}). Close the open quote ("), or double a quote inside a cell.')
            raise BadFile(text, line=first, why=str(error)) from error
        except UnicodeDecodeError as error:
            raise BadFile(
                "Line {line} does not match the file's encoding ({encoding}). Save the file as UTF-8 and try again.",
                line=first,
                encoding=error.encoding,
            ) from error
        yield first, [Formula(cell) if cell.startswith("=") else settle(cell) for cell in cells]
