"""``python -m bot import`` and ``seed``: record a file or an edition of shipped data, and say what changed."""

import sys
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from sqlalchemy.orm import Session
from tqdm import tqdm

from db.audit import Editor
from db.database import Database
from db.errors import N_, AidError
from db.imports.apply import RowResult
from db.imports.edition import read_edition
from db.imports.importer import ImportReport, import_file
from db.imports.table import Finding, some_of
from db.maintenance.editions import EditionReport, apply_edition
from db.maintenance.json_snapshot import FORMAT, is_database, read_record
from db.maintenance.seed import seed_article, seed_council
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


def seed_from_command_line(database: Database, *, now: datetime, dry_run: bool, say: Callable[[str], None]) -> None:
    with database.writing() as session:
        members, report = seed_council(session), seed_article(session, now=now)
        ending = _finish(session, report, f"{members} Council memberships", dry_run=dry_run, say=say)
    say(ending)


def import_edition(database: Database, path: Path, *, now: datetime, dry_run: bool, say: Callable[[str], None]) -> bool:
    """Bring a data set to the edition that a file is, or with ``dry_run`` only say what differs; False for other files."""
    with database.writing() as session:
        edition = read_edition(session, path)
        if edition is None:
            return False
        report = apply_edition(session, edition, now=now)
        ending = _finish(session, report, f"{report.recorded} updates", dry_run=dry_run, say=say)
    say(ending)
    return True


def with_shipped(path: Path) -> Path:
    """Return the path; where nothing is there and it is the name of a data set that ships with the bot, that one's."""
    shipped = Path(str(files("db") / "data" / path.name))
    wanted = path.parent == Path() and not path.exists() and shipped.suffix == ".csv"
    return shipped if wanted and shipped.is_file() else path


def _finish(session: Session, report: EditionReport, more: str, *, dry_run: bool, say: Callable[[str], None]) -> str:
    """Say each change and what stays as it is (all is new on a first recording: only in a dry run); return the end."""
    were, was = were_of(dry_run=dry_run)
    for line in report.lines if report.known or dry_run else ():
        say(line)
    if report.known and report.lines:
        say(
            f"Edition {report.edition} of {report.data_set}: {report.edited} projects {were} edited, {report.corrected} "
            f"updates corrected, {report.recorded} added, {report.retracted} retracted; {report.left} stay as they are."
        )
    if dry_run:
        session.rollback()
    return f"{report.added} projects and {more} {were} new; nobody {was} alerted."


def were_of(*, dry_run: bool) -> tuple[str, str]:
    return ("would be", "would be") if dry_run else ("were", "was")
