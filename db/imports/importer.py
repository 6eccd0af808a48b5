"""Importing a file: every row checked by the rules that hold for people, then all recorded or nothing.

A short file is one transaction. A long one would keep all others from recording on SQLite, so there it is worked out
in a copy and published in a short transaction (db.imports.staging).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.database import Database
from db.errors import N_
from db.imports.apply import RowErrors, RowImporter, RowResult
from db.imports.first_occurrence import FirstOccurrences
from db.imports.open_file import reading
from db.imports.staging import can_be_staged, staging_copy
from db.imports.table import BadFile, Finding, TableReader, TableRow
from db.models import Reminder
from db.reminders.schedule import ReminderState
from db.updates.counters import deferred_counters

ROWS_AT_ONCE = 500
"""So many rows are checked and written together, however long the file is."""

MOST_TOLD = 100
"""So many errors and warnings are kept to be told; more are counted."""

TRIES = 3
"""So often a long import is worked out beside the record before it keeps all others from recording instead."""

Tell = Callable[[RowResult | Finding], None]
Step = Callable[[int, int], None]
"""Hears after each row how many were gone through, and about how many there are."""


@dataclass
class ImportReport:
    """Result of an import; ``wrong`` counts the rows that cannot be recorded, for which nothing was.

    ``overdue`` counts the reminders whose day was over already: nobody is told of them.
    """

    rows: int = 0
    added: int = 0
    changed: int = 0
    recorded: int = 0
    known: int = 0
    wrong: int = 0
    overdue: int = 0
    dry: bool = False
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def stands(self) -> bool:
        """Return True if the changes were kept."""
        return not (self.dry or self.wrong)

    def count(self, done: RowResult) -> None:
        self.added += done.added
        self.changed += bool(done.changed)
        self.recorded += bool(done.kind) and not done.known
        self.known += done.known
        _keep(self.warnings, done.warnings)


@dataclass(frozen=True, slots=True)
class _Work:
    editor: Editor
    dry: bool
    on_row: Tell
    on_progress: Step


def import_file(
    database: Database,
    path: Path,
    editor: Editor,
    *,
    dry_run: bool = False,
    tell: Tell = lambda _: None,
    step: Step = lambda _done, _total: None,
) -> ImportReport:
    """Import the file; with ``dry_run``, or where one row is wrong, nothing is written. Alerts nobody.

    ``tell`` hears of every row what it does or why it cannot. Raises BadFile for a file that is no table or an empty one.
    """
    work = _Work(editor, dry_run, tell, step)
    for _ in range(TRIES):
        with reading(path) as table:
            if table.total <= ROWS_AT_ONCE or not can_be_staged(database):
                break
            if report := _in_a_copy(database, table, work):
                return report
        work = replace(work, on_row=_findings_to(tell))
    with reading(path) as table, database.writing() as session:
        return _apply(session, table, work)


def _in_a_copy(database: Database, table: TableReader, work: _Work) -> ImportReport | None:
    """Import into a copy, then publish that; None where somebody recorded meanwhile what makes it impossible."""
    with staging_copy(database) as stage:
        with stage.writing() as session:
            report = _apply(session, table, work)
        return report if not report.stands or stage.publish() else None


def _apply(session: Session, table: TableReader, work: _Work) -> ImportReport:
    """Write all rows, or nothing where one is wrong or it is a trial."""
    report = ImportReport(dry=work.dry, unread=table.unread)
    with FirstOccurrences() as places, deferred_counters(session):
        applying = RowImporter(session, work.editor, places)
        overdue = _overdue(session)
        for rows in _parts(table.rows):
            for outcome in applying.apply(rows):
                _count(outcome, report, work.on_row)
                work.on_progress(report.rows, table.total)
        report.overdue = _overdue(session) - overdue
    if not report.rows:
        raise BadFile(N_("There is no row below the headings, so there is nothing to record."))
    if not report.stands:
        session.rollback()
    return report


def _findings_to(tell: Tell) -> Tell:
    """For another try: what rows do was told already, what is wrong with them is new."""
    return lambda told: tell(told) if isinstance(told, Finding) else None


def _overdue(session: Session) -> int:
    passed = select(func.count()).where(Reminder.state == ReminderState.PASSED.value)
    return session.scalar(passed.select_from(Reminder)) or 0


def _parts(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    while part := list(islice(rows, ROWS_AT_ONCE)):
        yield part


def _count(outcome: RowResult | RowErrors, report: ImportReport, tell: Callable[[RowResult | Finding], None]) -> None:
    report.rows += 1
    if isinstance(outcome, RowResult):
        report.count(outcome)
        tell(outcome)
        return
    report.wrong += 1
    _keep(report.errors, outcome.findings)
    for finding in outcome.findings:
        tell(finding)


def _keep(kept: list[Finding], found: tuple[Finding, ...]) -> None:
    kept += found[: max(0, MOST_TOLD - len(kept))]
