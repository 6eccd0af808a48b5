"""Writing an export, its kind by the end of the file's name."""

from pathlib import Path
from pkgutil import resolve_name

from db.errors import BadInput
from db.projects.queries import ids_matching
from handlers.exports.rows import ExportQuery, Written

TABLES = frozenset({".csv", ".xlsx"})  # of every record, also where another one leads for the same request
# Imported when one is written: pictures take Matplotlib, workbooks take openpyxl.
WRITERS = {
    ".csv": "csv_writer:write_csv",
    ".xlsx": "xlsx_writer:write_xlsx",
    ".ics": "ics_writer:write_calendar",
    ".xml": "iati_writer:write_iati",
    ".png": "png_writer:write_picture",
}
KINDS = tuple(WRITERS)


def write_export(query: ExportQuery, path: Path, kind: str, *, hxl: bool = False) -> Written:
    """Write the projects found to ``path`` as ``kind``, one of KINDS, without withheld names. Raises BadInput for none."""
    if not ids_matching(query.session, query.project_filter, query.today, every=kind in TABLES):
        raise BadInput("The filter finds no project, so there is nothing to write.", field="filter")
    write = resolve_name(f"handlers.exports.{WRITERS[kind]}")
    written: Written = write(query, path, **({"hxl": hxl} if kind == ".csv" else {}))
    return written
