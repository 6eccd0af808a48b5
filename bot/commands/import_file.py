"""``python -m bot import``: imports a file and reports its rows line by line."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tqdm import tqdm

from bot.commands.editions import were_of
from db.audit import Editor
from db.database import Database
from db.errors import N_, AidError
from db.imports.apply import RowResult
from db.imports.importer import ImportReport, import_file
from db.imports.table import Finding, some_of
from db.maintenance.json_snapshot import FORMAT, is_database, read_record
from db.people import COMMAND_LINE, EVERY_WORKSPACE

PROGRESS_BAR_ROWS = 1000  # shortest file that gets a progress bar on a terminal


def import_from_command_line(
    database: Database, path: Path, *, now: datetime, dry_run: bool, say: Callable[[str], None]
) -> int:
    """Import ``path`` and report the result, in a dry run that of each row too; return the exit code."""
    editor = Editor(EVERY_WORKSPACE, COMMAND_LINE, now)
    bar = tqdm(unit="rows", file=sys.stderr, disable=True)

    def on_progress(rows: int, total: int) -> None:
        nonlocal bar
        if bar.disable and total >= PROGRESS_BAR_ROWS and sys.stderr.isatty():
            bar = tqdm(total=total, unit="rows", file=sys.stderr)
        bar.update(rows - bar.n)

    def on_row(result: RowResult | Finding) -> None:
        if isinstance(result, Finding):
            say(f"{result.place}: {result.error}")
        elif dry_run:
            say(f"{result.row.place}: {result.row.cells['ref']}: {_describe(result)}")
        for warning in result.warnings if isinstance(result, RowResult) else ():
            say(f"{warning.place}: look again: {warning.error}")

    try:
        report = import_file(database, path, editor, dry_run=dry_run, tell=on_row, step=on_progress)
    finally:
        bar.close()
    for line in _summary(report):
        say(line)
    return 1 if report.wrong else 0


def read_whole_record(database: Database, path: Path, *, dry_run: bool, say: Callable[[str], None]) -> int:
    """Load a JSON export or an SQLite database into an empty one, check it, return the exit code. Raises AidError."""
    if not path.is_file():
        raise AidError(N_("There is no file {file}."), file=str(path))
    with path.open("rb") as file:
        if not (is_database(path) or FORMAT.encode() in file.readline(200)):
            text = N_("{file} is no record that this bot exported, and no table either: save a table as CSV or XLSX.")
            raise AidError(text, file=str(path))
    if dry_run:
        text = N_("A whole record is read into an empty database; there is nothing to try. Leave out --dry-run.")
        raise AidError(text)
    moved = read_record(database, path)
    say(f"{moved.rows} rows were read; nobody was alerted. Stop the bot on the old database before you start it here.")
    for finding in moved.findings or ("All is well: every standing was built anew and compared.",):
        say(finding)
    return 1 if moved.findings else 0


def _describe(result: RowResult) -> str:
    parts = ["new project"] if result.added else []
    parts += [f"changes {', '.join(result.changed)}"] if result.changed else []
    if result.kind:
        known = "recorded already" if result.known else "as in another row" if result.repeats else ""
        parts += [f"{result.kind}, {known}" if known else f"records {result.kind}"]
    return "; ".join(parts) or "no change"


def _summary(report: ImportReport) -> list[str]:
    lines = [f"Ignored columns: {some_of(report.unread)}."] if report.unread else []
    if report.wrong:
        return [*lines, f"Nothing was recorded: {report.wrong} of {report.rows} rows have errors."]
    were, was = were_of(dry_run=report.dry)
    counts = (
        f"{report.rows} rows: {report.added} projects {were} added and {report.changed} changed, "
        f"{report.recorded} updates {were} recorded, {report.known} were on record already."
    )
    late = f" {report.overdue} reminders were due before today and will not be sent." if report.overdue else ""
    return [*lines, counts, f"Nobody {was} alerted.{late}"]
