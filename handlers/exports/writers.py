"""Writing an export, its kind by the end of the file's name."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from db.errors import BadInput
from db.projects.queries import ids_matching
from db.search.filter import Filter
from handlers.context import NO_REPORTER, ReportingOrganisation
from handlers.exports.result import Written
from handlers.exports.rows import ExportQuery
from handlers.i18n.translator import Translator

TABLES = frozenset({".csv", ".xlsx"})  # of every record, also where another one leads for the same request
KINDS = (".csv", ".xlsx", ".ics", ".xml", ".png")


def write_export(
    session: Session,
    path: Path,
    kind: str,
    project_filter: Filter,
    today: date,
    now: datetime,
    translator: Translator,
    *,
    hxl: bool = False,
    reporter: ReportingOrganisation = NO_REPORTER,
) -> Written:
    """Write the projects that meet ``project_filter`` to ``path`` as ``kind``, one of KINDS; no withheld name is in it.

    Raises BadInput where there is nothing to write.
    """
    query = ExportQuery(session, project_filter, today, now, translator, reporter)
    if not ids_matching(session, project_filter, today, every=kind in TABLES):
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
