"""``python -m bot export``: the record as a file whose extension gives the format."""

from datetime import datetime
from pathlib import Path

from db.database import Database
from db.domain.dates import new_york_date
from db.errors import N_, AidError
from db.maintenance.atomic_file import create_atomically
from db.maintenance.json_snapshot import is_snapshot, write_snapshot
from db.past import reading_as_of
from db.search.filter import parse_filter
from handlers.blocks.as_of import heading, split_as_of
from handlers.context import NO_REPORTER, ReportingOrganisation
from handlers.exports.rows import ExportQuery
from handlers.exports.writers import KINDS, write_export
from handlers.i18n.translator import Translator


def export_from_command_line(
    database: Database,
    path: Path,
    filter_text: str,
    language: str,
    *,
    now: datetime,
    hxl: bool = False,
    reporter: ReportingOrganisation = NO_REPORTER,
) -> list[str]:
    """Write ``path``, which must not exist yet, and return a summary in sentences. Raises AidError.

    The filter may name a point in the past (``known:``, ``on:``) as after ``/aid-status``; ``hxl`` adds a row of hashtags.
    """
    if hxl and path.suffix.lower() != ".csv":
        raise AidError(N_("Only CSV has HXL hashtags. Leave out --hxl, or write a .csv file."))
    if is_snapshot(path):
        return _whole_record(database, path, filter_text)
    if path.suffix.lower() not in KINDS:
        raise AidError(
            N_("Unsupported file type. Use one of these extensions: {kinds}."), kinds=", ".join([*KINDS, ".json"])
        )
    text, as_of = split_as_of(filter_text, now)
    today, translator = as_of.day if as_of else new_york_date(now), Translator(language)
    opened = reading_as_of(database, as_of) if as_of else database.reading()
    with create_atomically(path) as file, opened as session:
        query = ExportQuery(session, parse_filter(text), today, now, translator, reporter)
        written = write_export(query, file, path.suffix.lower(), hxl=hxl)
    more = f" and {written.updates} updates" if written.updates else ""
    more += f" with {written.deadlines} deadlines" if written.deadlines else ""
    past = heading(translator, as_of).replace("*", "") if as_of else ""
    told = [str(each) for each in (past, *written.remarks, written.description) if each]
    return [f"{written.projects} projects{more} were written to {path}, as of {today}.", *told]


def _whole_record(database: Database, path: Path, filter_text: str) -> list[str]:
    if filter_text:
        raise AidError(N_("JSON is the whole record. Leave out --filter, or write CSV or XLSX."))
    with create_atomically(path) as file:
        moved = write_snapshot(database, file)
    return [
        f"The whole record was written to {path}: {moved.rows} rows, with names that are withheld and Slack ids.",
        "Keep it as you keep the database.",
    ]
