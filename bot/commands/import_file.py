"""``python -m bot import``: what a file's rows do, said line by line."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tqdm import tqdm

from db.audit import Editor
from db.database import Database
from db.errors import N_, AidError
from db.imports.apply import RowResult
from db.imports.importer import ImportReport, import_file
from db.imports.table import Finding, some_of
from db.maintenance.json_snapshot import is_database, read_database, read_snapshot
from db.people import COMMAND_LINE, EVERY_WORKSPACE

LONG = 1000
"""A file of so many rows gets a progress bar, if somebody sits at a terminal."""


def import_from_command_line(
    database: Database, path: Path, *, now: datetime, dry_run: bool, say: Callable[[str], None]
) -> int:
    """Import ``path`` and say what was done; in a dry run also of each row. Returns the exit code."""
    editor = Editor(EVERY_WORKSPACE, COMMAND_LINE, now)
    bar = tqdm(unit="rows", file=sys.stderr, disable=True)

    def step(done: int, total: int) -> None:
        nonlocal bar
        if bar.disable and total >= LONG and sys.stderr.isatty():
            bar = tqdm(total=total, unit="rows", file=sys.stderr)
        bar.update(done - bar.n)

    def tell(told: RowResult | Finding) -> None:
        if isinstance(told, Finding):
            say(f"{told.place}: {told.said}")
        elif dry_run:
            say(f"{told.row.place}: {told.row.cells['ref']}: {what_it_does(told)}")
        for warning in told.warnings if isinstance(told, RowResult) else ():
            say(f"{warning.place}: look again: {warning.said}")

    try:
        report = import_file(database, path, editor, dry_run=dry_run, tell=tell, step=step)
    finally:
        bar.close()
    for line in summary(report):
        say(line)
    return 1 if report.wrong else 0


def read_whole_record(database: Database, path: Path, *, dry_run: bool, say: Callable[[str], None]) -> int:
    """Read what ``export FILE.json`` wrote, or another SQLite database, into an empty one and check it.

    Returns the exit code; raises AidError.
    """
    if dry_run:
        text = N_("A whole record is read into an empty database; there is nothing to try. Leave out --dry-run.")
        raise AidError(text)
    if not path.is_file():
        raise AidError(N_("There is no file {file}."), file=str(path))
    moved = read_database(database, path) if is_database(path) else read_snapshot(database, path)
    say(f"{moved.rows} rows were read; nobody was alerted. Stop the bot on the old database before you start it here.")
    for finding in moved.findings or ("All is well: every standing was built anew and compared.",):
        say(finding)
    return 1 if moved.findings else 0


def what_it_does(done: RowResult) -> str:
    """Return a row's creation or change in words."""
    parts = ["new project"] if done.added else []
    parts += [f"changes {', '.join(done.changed)}"] if done.changed else []
    if done.kind:
        parts += [f"{done.kind}, recorded already" if done.known else f"records {done.kind}"]
    return "; ".join(parts) or "nothing new"


def summary(report: ImportReport) -> list[str]:
    """Summarize an import, done or tried, in sentences."""
    said = [f"These columns are not read: {some_of(report.unread)}."] if report.unread else []
    if report.wrong:
        return [*said, f"Nothing was recorded: {report.wrong} of {report.rows} rows cannot stand as they are."]
    were, was = ("would be", "would be") if report.dry else ("were", "was")
    counts = (
        f"{report.rows} rows: {report.added} projects {were} added and {report.changed} changed, "
        f"{report.recorded} updates {were} recorded, {report.known} were on record already."
    )
    late = f" {report.overdue} reminders were due before today; nobody gets them now." if report.overdue else ""
    return [*said, counts, f"Nobody {was} alerted.{late}"]
