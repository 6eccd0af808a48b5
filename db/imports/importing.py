"""Importing a file: every row checked by the rules that hold for people, then all recorded or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.database import Database
from db.imports.applying import Applying, Done, RowErrors
from db.imports.file import reading
from db.imports.table import Finding, Row
from db.models import Reminder
from db.reminder_plan import ReminderState
from db.roster import Editor

ROWS_AT_ONCE = 500
"""So many rows are checked and written together, however long the file is."""

MOST_TOLD = 100
"""So many errors and warnings are kept to be told; more are counted."""

@dataclass
class Report:
    """What an import does or did; ``wrong`` counts the rows that cannot be recorded, so that nothing was.

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

    def count(self, done: Done) -> None:
        self.added += done.added
        self.changed += bool(done.changed)
        self.recorded += bool(done.kind) and not done.known
        self.known += done.known
        _keep(self.warnings, done.warnings)


def import_file(
    database: Database,
    path: Path,
    editor: Editor,
    *,
    dry_run: bool = False,
    tell: Callable[[Done | Finding], None] = lambda _: None,
    step: Callable[[int], None] = lambda _: None,
) -> Report:
    """Import the file; with ``dry_run``, or where one row is wrong, nothing is written. Alerts nobody.

    ``tell`` hears of every row what it does or why it cannot, ``step`` about how many rows there are before each.
    Raises BadFile for a file that is no table.
    """
    report = Report(dry=dry_run)
    with reading(path) as table:
        report.unread = table.unread
        with database.writing() as session:
            applying = Applying(session, editor)
            overdue = _overdue(session)
            for rows in _parts(table.rows):
                for outcome in applying.apply(rows):
                    step(table.total)
                    _count(outcome, report, tell)
            report.overdue = _overdue(session) - overdue
            if dry_run or report.wrong:
                session.rollback()
    return report


def _overdue(session: Session) -> int:
    passed = select(func.count()).where(Reminder.state == ReminderState.PASSED.value)
    return session.scalar(passed.select_from(Reminder)) or 0


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while part := list(islice(rows, ROWS_AT_ONCE)):
        yield part


def _count(outcome: Done | RowErrors, report: Report, tell: Callable[[Done | Finding], None]) -> None:
    report.rows += 1
    if isinstance(outcome, Done):
        report.count(outcome)
        tell(outcome)
        return
    report.wrong += 1
    _keep(report.errors, outcome.findings)
    for finding in outcome.findings:
        tell(finding)


def _keep(kept: list[Finding], found: tuple[Finding, ...]) -> None:
    kept += found[: max(0, MOST_TOLD - len(kept))]
