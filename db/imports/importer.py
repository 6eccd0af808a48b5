"""Import of a file in one transaction: every row is checked by the rules of recording, then all are recorded or none."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.database import Database
from db.imports.apply import RowErrors, RowImporter, RowResult
from db.imports.open_file import reading
from db.imports.table import BadFile, Finding, TableReader
from db.models import Reminder
from db.reminders.schedule import ReminderState
from db.updates.counters import defer_counters

MOST_TOLD = 100  # errors and warnings in a report; more are only counted

Tell = Callable[[RowResult | Finding], None]
Step = Callable[[int, int], None]  # rows done, and about how many there are


@dataclass
class ImportReport:
    """The outcome of an import, which a ``wrong`` row prevents; ``overdue`` reminders are not sent."""

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
        return not (self.dry or self.wrong)

    def count(self, outcome: RowResult | RowErrors, tell: Tell) -> None:
        if isinstance(outcome, RowErrors):
            self.wrong += bool(outcome.findings)
            _keep(self.errors, outcome.findings)
            for finding in outcome.findings:
                tell(finding)
            return
        self.added += outcome.added
        self.changed += bool(outcome.changed)
        self.recorded += bool(outcome.kind) and not (outcome.known or outcome.repeats)
        self.known += outcome.known
        _keep(self.warnings, outcome.warnings)
        tell(outcome)


def import_file(
    database: Database,
    path: Path,
    editor: Editor,
    *,
    dry_run: bool = False,
    tell: Tell = lambda _: None,
    step: Step = lambda _done, _total: None,
    read: Callable[[Path], AbstractContextManager[TableReader]] = reading,
) -> ImportReport:
    """Import a file without alerts, unless ``dry_run`` or one row is wrong; ``tell`` hears of each row. Raises BadFile."""
    with read(path) as table, database.writing() as session:
        report = ImportReport(dry=dry_run, unread=table.unread, warnings=list(table.notes))
        for note in table.notes:
            tell(note)
        with defer_counters(session, editor.now):
            importer = RowImporter(session, editor)
            overdue = _overdue(session)
            for report.rows in importer.read(table.rows):
                step(report.rows, table.total)
            for outcome in importer.record():
                report.count(outcome, tell)
            report.overdue = _overdue(session) - overdue
        if not report.rows:
            raise BadFile("There are no rows below the headings, so there is nothing to record.")
        if not report.stands:
            session.rollback()
    return report


def _overdue(session: Session) -> int:
    passed = select(func.count()).where(Reminder.state == ReminderState.PASSED.value)
    return session.scalar(passed.select_from(Reminder)) or 0


def _keep(findings: list[Finding], more: tuple[Finding, ...]) -> None:
    findings += more[: max(0, MOST_TOLD - len(findings))]
