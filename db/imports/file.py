"""Opening a file that somebody wants to import, whatever its kind."""

from contextlib import AbstractContextManager
from pathlib import Path

from db.errors import sentence
from db.imports.csv_file import csv_reading
from db.imports.table import BadFile, Reading
from db.imports.xlsx_file import xlsx_reading

FILE_BYTES = 100 * 1024 * 1024
"""The largest file that is read."""

_READERS = {".csv": csv_reading, ".tsv": csv_reading, ".txt": csv_reading, ".xlsx": xlsx_reading}


def reading(path: Path) -> AbstractContextManager[Reading]:
    """The file's rows. Raises BadFile for one that is missing, too large, or no table."""
    check_name(path.name)
    if not path.is_file():
        raise BadFile(sentence("There is no file {file}."), file=str(path))
    check_size(path.stat().st_size)
    return _READERS[path.suffix.lower()](path)


def check_name(name: str) -> None:
    if Path(name).suffix.lower() not in _READERS:
        raise BadFile(
            sentence("“{file}” is not a table that I read. Save it as CSV or XLSX."),
            file=name,
        )


def check_size(size: int) -> None:
    """Before a file is read or fetched; ``size`` is in bytes."""
    if size == 0:
        raise BadFile(sentence("The file is empty."))
    if size > FILE_BYTES:
        raise BadFile(
            sentence("The file has {size} MB; {limit} MB are the most. Split it."),
            size=size // 2**20,
            limit=FILE_BYTES // 2**20,
        )
