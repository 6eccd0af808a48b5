"""Opening of a file to import, by what it holds."""

import zipfile
from contextlib import AbstractContextManager
from pathlib import Path

from db.errors import N_
from db.imports.table import DAMAGED, BadFile, TableReader

FILE_BYTES = 100 * 1024 * 1024  # the largest file that is read
UNPACKED_BYTES = 400 * 1024 * 1024  # the most that a workbook may unpack to
ENDINGS = ("csv", "tsv", "txt", "xlsx", "xlsm", "ods")
_OLE = b"\xd0\xcf\x11\xe0"  # Excel's old format, and any of its formats with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PAGE = (b"<!doctype html", b"<html", b"<?xml", b"<table", b"<meta")
_DOCUMENT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")

OLD = N_("“{file}” is in Excel's old format, or a web page under its name. Open it in Excel and save it as XLSX.")
PROTECTED = N_("The file has a password. Save it without one: in Excel under File, Info, Protect Workbook.")
NO_TABLE = N_("“{file}” is not a table that I read. Save it from your spreadsheet as XLSX, ODS or CSV.")


def reading(path: Path, *, unpacked: int = UNPACKED_BYTES) -> AbstractContextManager[TableReader]:
    """Open a file for reading its rows. Raises BadFile for one that is missing, too large, or no table."""
    check_name(path.name)
    if not path.is_file():
        text = N_("{file} is not a file.") if path.exists() else N_("There is no file {file}.")
        raise BadFile(text, file=str(path))
    check_size(path.stat().st_size)
    with path.open("rb") as file:
        start = file.read(1024)
    if start.startswith(_OLE):
        raise BadFile(PROTECTED if _ENCRYPTED in path.read_bytes() else OLD, file=path.name)
    if start.startswith(_DOCUMENT):
        raise BadFile(NO_TABLE, file=path.name)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_PAGE):
        raise BadFile(OLD, file=path.name)
    if start.startswith(b"PK"):
        return _workbook_reading(path, unpacked)
    if path.suffix.lower() not in {".csv", ".tsv", ".txt"}:
        raise BadFile(DAMAGED)
    from db.imports.csv_reader import csv_reading  # noqa: PLC0415

    return csv_reading(path)


def _workbook_reading(path: Path, unpacked: int) -> AbstractContextManager[TableReader]:
    from db.imports.workbook import damage, workbook_reading  # noqa: PLC0415  what one kind needs is imported for it

    with damage(), zipfile.ZipFile(path) as parts:
        size = sum(part.file_size for part in parts.infolist())
        if size > unpacked:
            text = N_("The workbook unpacks to {size} MB; the maximum is {limit} MB. Split it.")
            raise BadFile(text, size=size // 2**20, limit=unpacked // 2**20)
        names = set(parts.namelist())
        kind, manifest = (_beginning(parts, name) for name in ("mimetype", "META-INF/manifest.xml"))
    if b"encryption-data" in manifest:
        raise BadFile(PROTECTED)
    if b"spreadsheet" in kind:
        from db.imports.ods_reader import OdsWorkbook  # noqa: PLC0415

        return workbook_reading(path, lambda parts: OdsWorkbook(parts).rows)
    if kind or "xl/workbook.bin" in names or {"word", "ppt", "Index"} & {name.partition("/")[0] for name in names}:
        raise BadFile(NO_TABLE, file=path.name)
    from db.imports.xlsx_reader import XlsxWorkbook  # noqa: PLC0415

    return workbook_reading(path, lambda parts: XlsxWorkbook(parts).rows)


def _beginning(parts: zipfile.ZipFile, name: str) -> bytes:
    if name not in parts.namelist():
        return b""
    with parts.open(name) as part:
        return part.read(2**20)


def check_name(name: str) -> None:
    ending = Path(name).suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        old = ending == "xls"
        raise BadFile(OLD if old else NO_TABLE, file=name)


def check_size(size: int, *, most: int = FILE_BYTES) -> None:
    """Raise BadFile for an empty file and for more than ``most`` bytes, before it is read or fetched."""
    if size == 0:
        raise BadFile("The file is empty.")
    if size > most:
        raise BadFile(
            "The file is {size} MB; the maximum is {limit} MB. Split it.",
            size=-(-size // 2**20),
            limit=most // 2**20,
        )
