"""Opening of a file to import, by its kind."""

from contextlib import AbstractContextManager
from pathlib import Path

from db.errors import N_
from db.imports.table import BadFile, TableReader

FILE_BYTES = 100 * 1024 * 1024  # the largest file that is read
_TEXTS, _WORKBOOK = (".csv", ".tsv", ".txt"), ".xlsx"


def reading(path: Path) -> AbstractContextManager[TableReader]:
    """Open a file for reading its rows. Raises BadFile for one that is missing, too large, or no table."""
    check_name(path.name)
    if not path.is_file():
        there = path.exists()
        text = N_("{file} is not a file but something else.") if there else N_("There is no file {file}.")
        raise BadFile(text, file=str(path))
    check_size(path.stat().st_size)
    if path.suffix.lower() == _WORKBOOK:
        from db.imports.xlsx_reader import xlsx_reading  # noqa: PLC0415  what one kind needs is imported for it

        return xlsx_reading(path)
    from db.imports.csv_reader import csv_reading  # noqa: PLC0415

    return csv_reading(path)


def check_name(name: str) -> None:
    if Path(name).suffix.lower() not in (*_TEXTS, _WORKBOOK):
        raise BadFile(
            N_("“{file}” is not a table that I read. Save it as CSV or XLSX."),
            file=name,
        )


def check_size(size: int, *, most: int = FILE_BYTES) -> None:
    """Raise BadFile for an empty file and for more than ``most`` bytes, before it is read or fetched."""
    if size == 0:
        raise BadFile(N_("The file is empty."))
    if size > most:
        raise BadFile(
            N_("The file has {size} MB; {limit} MB are the most. Split it."),
            size=-(-size // 2**20),
            limit=most // 2**20,
        )
