"""Long imports on SQLite: worked out beside the record, published at once, while people go on recording."""

import gc
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from db.admin.projects import edit_project, fields_of
from db.audit import Editor
from db.database import Database
from db.imports import importer
from db.imports.importer import ROWS_AT_ONCE, TRIES, ImportReport, import_file
from db.imports.table import Finding, TableRow
from db.integrity.check import find_problems
from db.maintenance.json_snapshot import write_snapshot
from db.maintenance.seed import seed_article
from db.models import Reminder, UpdateProject, UpdateRow
from db.projects.fields import NewOrganisation
from db.reminders.schedule import ReminderState
from db.reports.project import project_detail
from tests.support.proposals import NOW, TODAY, add_projects, say

EDITOR = Editor("T0", "U0ADMIN", NOW)
KNOWN = Path(str(files("db") / "data" / "known-exemptions.csv"))
HEAD = (
    "Ref,Title,Group,Applicant,Sectors,Predecessor,Update,Date,Source kind,Valid until,Items,Value,Value currency,Note,"
    "Data set"
)
PROJECTS = 60


def long_table(folder: Path, *more: str) -> Path:
    """Some more rows than are recorded together: new projects with letters and notes, and ``more`` at the end."""
    rows = []
    for n in range(1, PROJECTS + 1):
        rows.append(
            f"L-{n},Wells {n},ngo,Agency {n % 7},12220 14030,{'GG-1' if n % 2 else ''},submitted,2025-03,,,,,,,long"
        )
        rows.append(f"L-{n},,,,,,approved,2025-09-{n % 27 + 1:02},letter,2026-09,{n},{n}000,USD,,")
        rows += [f"L-{n},,,,,,note,2025-1{number % 3},,,,,,said {number}," for number in range(7)]
    rows += more
    assert len(rows) > ROWS_AT_ONCE
    path = folder / "long.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


CHANGES = (
    "GG-1,Nursery,,,31220,,approved,2026-02-20,letter,2026-11-20,,,,,",
    "GG-2,,,Gyeonggi Forest Office,,L-3,note,2026-02-20,letter,,,,,seen,second",
    "WHO-1,,,,,,shipped,2026-01-05,government,,,,,,",
    "UNICEF-7,Kits,,,,,extended,2025-12-01,letter,2026-12-01,,,,,",
)


@pytest.fixture
def filled(sqlite_database: Database) -> Database:
    with sqlite_database.writing() as session:
        seed_article(session, now=NOW)
    import_file(sqlite_database, KNOWN, EDITOR)
    return sqlite_database


def at_row(number: int, work: Callable[[], object], times: int = 1) -> Callable[[int, int], None]:
    """A step that does ``work`` at that row of the first ``times`` readings of the file."""
    rows, total = 0, 9 * PROJECTS

    def step(_done: int, _total: int) -> None:
        nonlocal rows
        rows += 1
        if rows % total == number and rows // total < times:
            work()

    return step


def whole(database: Database, folder: Path, name: str) -> str:
    write_snapshot(database, folder / name)
    return (folder / name).read_text(encoding="utf-8")


def findings(database: Database) -> list[str]:
    with database.reading() as session:
        return find_problems(session)


def numbers(database: Database, ref: str) -> list[int]:
    with database.reading() as session:
        return [each.number for each in project_detail(session, ref, TODAY).standing.updates]


def test_long_import_equals_a_single_transaction(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = long_table(tmp_path, *CHANGES)
    filled.close()
    shutil.copy(tmp_path / "aid.db", tmp_path / "other.db")
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    report = import_file(filled, path, EDITOR)
    monkeypatch.setattr(importer, "TRIES", 0)
    same = import_file(other, path, EDITOR)
    assert (report.rows, report.wrong, report.recorded) == (9 * PROJECTS + 4, 0, 9 * PROJECTS + 4)
    assert replace(report, warnings=[]) == replace(same, warnings=[])
    assert [str(each.error) for each in report.warnings] == [str(each.error) for each in same.warnings]
    assert whole(filled, tmp_path, "a.json") == whole(other, tmp_path, "b.json")
    assert findings(filled) == []
    other.close()


def test_long_import_memory_is_bounded(filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rows and of what they record, there is never more than of the rows that are worked on together."""
    at_once, held = 100, []
    monkeypatch.setattr(importer, "ROWS_AT_ONCE", at_once)

    def count() -> None:
        gc.collect()
        held.append(
            Counter(type(each) for each in gc.get_objects() if isinstance(each, TableRow | UpdateRow | UpdateProject))
        )

    report = import_file(filled, long_table(tmp_path), EDITOR, step=at_row(9 * PROJECTS - 5, count))
    assert report.recorded == 9 * PROJECTS
    [there] = held
    assert 0 < there[TableRow] <= 2 * at_once
    assert there[UpdateRow] + there[UpdateProject] <= 4 * at_once


def test_long_import_lets_others_record(filled: Database, tmp_path: Path) -> None:
    """A copy of the whole table would have their numbers; in one transaction they would wait until it ends."""
    add_projects(filled, "IO-9")
    before = numbers(filled, "IO-1")

    def record() -> None:
        say(filled, "IO-1 hold by:FR on:2026-02-01 as:letter")
        say(filled, "IO-9,IO-2 approved on:2026-02-01 until:2026-08-01 as:letter lift:all")

    report = import_file(filled, long_table(tmp_path, *CHANGES), EDITOR, step=at_row(520, record))
    assert (report.added, report.changed, report.recorded, report.wrong) == (PROJECTS, 3, 9 * PROJECTS + 4, 0)
    theirs = set(numbers(filled, "IO-1")) - set(before)
    assert theirs
    assert max(theirs) < min(numbers(filled, "L-1"))
    assert findings(filled) == []
    again = import_file(filled, tmp_path / "long.csv", EDITOR)
    assert (again.added, again.changed, again.recorded, again.known) == (0, 0, 0, report.recorded)


def _edit(database: Database) -> None:
    with database.writing() as session:
        fields, version = fields_of(session, "KR-1")
        edit_project(session, "KR-1", version, fields, NewOrganisation(organisation_en="Agency 1"), EDITOR)


def _told(database: Database) -> None:
    with database.writing() as session:
        for row in session.query(Reminder).filter_by(state=ReminderState.WAITING.value):
            row.state = ReminderState.SENT.value


MEANWHILE: dict[str, Callable[[Database], object]] = {
    "an update of a project in the file": lambda database: say(database, "GG-1 hold by:FR on:2026-02-01 as:letter"),
    "a note that changes no standing": lambda database: say(database, "WHO-1 note on:2023-01-01 seen"),
    "its ref is added": lambda database: add_projects(database, "L-60"),
    "its applicant is added": _edit,
    "a reminder is told": _told,
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_long_import_rechecks_rows_after_a_change(filled: Database, tmp_path: Path, what: str) -> None:
    say(filled, "WHO-1 extended on:2025-12-01 until:2026-12-01 as:letter")
    step = at_row(100, lambda: MEANWHILE[what](filled))
    report = import_file(filled, long_table(tmp_path, *CHANGES[1:]), EDITOR, step=step)
    assert (report.wrong, report.recorded) == (0, 9 * PROJECTS + 3)
    assert report.added == PROJECTS - (what == "its ref is added")
    assert findings(filled) == []
    with filled.reading() as session:
        told = session.query(Reminder).filter_by(state=ReminderState.SENT.value).count()
    assert bool(told) == (what == "a reminder is told")


def test_long_import_stops_at_a_row_that_became_invalid(filled: Database, tmp_path: Path) -> None:
    heard: list[object] = []
    meanwhile: list[str] = []

    def hold() -> None:
        say(filled, "GG-1 hold by:FR on:2026-02-01 as:letter")
        meanwhile.append(whole(filled, tmp_path, "meanwhile.json"))

    path = long_table(tmp_path, "GG-1,,,,,,approved,2026-02-20,letter,2026-11-20,,,,,")
    report = import_file(filled, path, EDITOR, step=at_row(100, hold), tell=heard.append)
    assert report.wrong == 1
    assert [str(each.place) for each in heard if isinstance(each, Finding)] == ["line 542"]
    assert whole(filled, tmp_path, "after.json") == meanwhile[0]


def test_same_file_imported_concurrently_is_recorded_once(filled: Database, tmp_path: Path) -> None:
    path = long_table(tmp_path)
    inner: list[ImportReport] = []
    report = import_file(
        filled, path, EDITOR, step=at_row(100, lambda: inner.append(import_file(filled, path, EDITOR)))
    )
    assert (inner[0].recorded, report.recorded, report.known) == (9 * PROJECTS, 0, 9 * PROJECTS)
    assert findings(filled) == []


def test_long_import_locks_after_some_retries(filled: Database, tmp_path: Path) -> None:
    """Who records at every turn does not keep an import out for ever."""
    said = iter(range(100))
    step = at_row(100, lambda: say(filled, f"WHO-1 note on:2025-01-01 seen {next(said)}"), times=TRIES)
    report = import_file(filled, long_table(tmp_path, *CHANGES), EDITOR, step=step)
    assert (report.recorded, report.wrong, next(said)) == (9 * PROJECTS + 4, 0, TRIES)
    assert findings(filled) == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_dry_run_or_invalid_file_leaves_nothing(filled: Database, tmp_path: Path, dry_run: bool) -> None:
    before = whole(filled, tmp_path, "before.json")
    wrong = () if dry_run else ("L-1,,nowhere,,,,,,,,,,,,",)
    report = import_file(filled, long_table(tmp_path, *CHANGES, *wrong), EDITOR, dry_run=dry_run)
    assert (report.wrong, report.added) == (len(wrong), PROJECTS)
    assert whole(filled, tmp_path, "after.json") == before
    assert not list(tmp_path.glob(".aid-import-*"))
