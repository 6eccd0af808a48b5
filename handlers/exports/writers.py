"""Writing an export, its kind by the end of the file's name."""

from pathlib import Path

from db.errors import BadInput
from db.projects.queries import ids_matching
from handlers.exports.result import Written
from handlers.exports.rows import ExportQuery

TABLES = frozenset({".csv", ".xlsx"})  # of every record, also where another one leads for the same request
KINDS = (".csv", ".xlsx", ".ics", ".xml", ".png")


def write_export(query: ExportQuery, path: Path, kind: str, *, hxl: bool = False) -> Written:
    """Write the projects that ``query`` finds to ``path`` as ``kind``, one of KINDS; no withheld name is in it.

    Raises BadInput where there is nothing to write.
    """
    if not ids_matching(query.session, query.project_filter, query.today, every=kind in TABLES):
        raise BadInput("The filter finds no project, so there is nothing to write.", field="filter")
    if kind == ".csv":
        from handlers.exports.csv_writer import write_csv  # noqa: PLC0415  what one kind needs is imported for it

        return write_csv(query, path, hxl=hxl)
    if kind == ".xlsx":
        from handlers.exports.xlsx_writer import write_xlsx  # noqa: PLC0415

        return write_xlsx(query, path)
    if kind == ".ics":
        from handlers.exports.ics_writer import write_calendar  # noqa: PLC0415

        return write_calendar(query, path)
    if kind == ".png":
        from handlers.exports.png_writer import write_picture  # noqa: PLC0415

        return write_picture(query, path)
    from handlers.exports.iati_writer import write_iati  # noqa: PLC0415

    return write_iati(query, path)
