"""Editions of shipped data: a record of the version before is brought up to date, but for what admins changed."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.scheduler import Scheduler
from db.audit import Editor
from db.database import Database
from db.domain.updates import Update
from db.errors import AidError
from db.imports.edition import read_edition
from db.imports.importer import import_file
from db.integrity.check import find_problems
from db.maintenance.editions import Edition, EditionReport, apply_edition
from db.maintenance.migrate import migrate
from db.maintenance.seed import article_edition, seed_article
from db.models import AuditEntry, ChangeSet, Delivery, Project, UpdateRow
from db.outbox.notices import queue_messages
from db.people import SHIPPED
from db.reports.project import ProjectDetail, project_detail
from db.subscriptions.subscriptions import subscribe
from tests.support.earlier_record import load_earlier_record
from tests.support.process import Run
from tests.support.proposals import ADMIN, KNOWN, NOW, TEAM, TODAY, add_project, problems, say, take_back


def migrated(url: str) -> Database:
    database = Database(url)
    load_earlier_record(database)
    migrate(database)
    return database


@pytest.fixture(scope="module")
def earlier_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("earlier") / "aid.db"
    migrated(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def earlier(request: pytest.FixtureRequest, earlier_file: Path, tmp_path: Path) -> Iterator[Database]:
    """Open a database of the version before, migrated: SQLite, and for a test on both PostgreSQL, too."""
    if getattr(request, "param", "sqlite") == "sqlite":
        database = Database(f"sqlite:///{shutil.copy(earlier_file, tmp_path)}")
    else:
        database = migrated(request.getfixturevalue("bare_postgres"))
    yield database
    database.close()


on_both = pytest.mark.parametrize("earlier", ["sqlite", "postgresql"], indirect=True)


def known(session: Session) -> Edition:
    edition = read_edition(session, KNOWN)
    assert edition
    return edition


def apply(
    database: Database, read: Callable[[Session], Edition], change: Callable[[Edition], Edition] = lambda same: same
) -> EditionReport:
    with database.writing() as session:
        return apply_edition(session, change(read(session)), now=NOW)


def detail(database: Database, ref: str) -> ProjectDetail:
    with database.reading() as session:
        return project_detail(session, ref, TODAY)


def updates_of(database: Database, ref: str) -> dict[str, Update]:
    return {update.kind.value: update for update in detail(database, ref).standing.updates}


def entries(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as session:
        rows = session.execute(select(UpdateRow.id, UpdateRow.kind, UpdateRow.note, UpdateRow.holder)).all()
        projects = session.execute(select(Project.ref, Project.title_en, Project.notes, Project.version)).all()
    return [*map(tuple, rows), *map(tuple, projects)]


@on_both
def test_edition_corrects_the_17(earlier: Database) -> None:
    with earlier.writing() as session:
        report = seed_article(session, now=NOW)
    assert (report.added, report.edited, report.corrected, report.recorded, report.retracted) == (0, 17, 2, 3, 0)

    standing = detail(earlier, "GG-3").standing
    hold, lift, position = standing.updates
    assert (hold.holder, hold.corrects, hold.effective_day) == ("undisclosed", 1, date(2025, 6, 30))
    assert (position.holder, position.stance, position.reported) == ("US", "supports", date(2026, 2, 5))
    assert (lift.holder, lift.corrects, lift.reported) == ("undisclosed", 2, date(2026, 2, 5))
    assert [[each.reported for each in update.differing] for update in (position, lift)] == [
        [date(2026, 2, 5), date(2026, 2, 6)]
    ] * 2
    assert (standing.headline(TODAY), standing.open_holds) == ("under-review", [])
    project = detail(earlier, "IO-1").project
    assert (project.title_en, project.role) == ("WHO project (name not given)", "implementer")
    assert "적어도 1건" in project.notes_ko
    with earlier.reading() as session:
        assert find_problems(session) == []
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
        edits = session.scalars(select(AuditEntry.user_id).where(AuditEntry.action == "project-edit")).all()
        assert sorted(edits) == [ADMIN, *[SHIPPED] * (len(edits) - 1)]


def test_edition_leaves_what_admins_did(earlier: Database) -> None:
    """Leave a lift by the United States, a title, an approval, corrections, retractions and the admins' own entries."""
    own_lift = say(earlier, "IO-3 hold-lifted by:US on:2026-02-07 as:government source:https://example.org/us").main
    own_note = say(earlier, "KR-2 note Asked by phone.").main
    corrected = say(
        earlier, "FS-1 approved on:2019-01-18 until:2019-07-18 items:5 as:reported-letter", corrects=57
    ).main
    with earlier.writing() as session:
        report = seed_article(session, now=NOW)
    assert report.left == 3
    assert [line for line in report.lines if "stays" in line] == [
        "KR-1: `title_en` stays as it was edited.",
        "#1 of NGO-4 stays: retracted by #55.",
        "#2 of GG-2 stays: corrected by #53.",
    ]

    assert detail(earlier, "KR-1").project.title_en == "Tree nursery in Hwanghae"
    assert detail(earlier, "KR-1").project.title_ko == "국내 민간단체 사업 1 (사업명 미상)"
    assert detail(earlier, "GG-1").standing.headline(TODAY) == "approved"
    assert updates_of(earlier, "GG-2")["hold-lifted"].holder == "US"
    assert [hold.holder for hold in detail(earlier, "NGO-4").standing.holds] == ["FR"]
    assert detail(earlier, "NGO-4").standing.headline(TODAY) == "on-hold"
    (hold,) = detail(earlier, "IO-3").standing.holds
    assert (hold.holder, hold.lifted_by and hold.lifted_by.number) == ("undisclosed", own_lift.number)
    assert own_note in detail(earlier, "KR-2").standing.updates

    report = apply(earlier, known)
    assert [line for line in report.lines if line.startswith(("#6 ", "#7 "))] == [
        f"#6 of FS-1 stays: corrected by #{corrected.number}.",
        "#7 of CFK-1 stays: retracted by #58.",
    ]
    assert updates_of(earlier, "FS-1")["approved"].letter.item_count == 5
    assert "approved" not in updates_of(earlier, "CFK-1")


def test_second_run_changes_nothing(earlier: Database) -> None:
    for edition in (article_edition, known):
        first = apply(earlier, edition)
        before = entries(earlier)
        again = apply(earlier, edition)
        assert (again.changed, again.left, entries(earlier)) == (0, first.left, before)
    assert problems(earlier) == []


def test_later_correction_or_retraction_by_an_admin_stays(earlier: Database) -> None:
    """Take back the correction of an edition: the next run does not make it again."""
    apply(earlier, article_edition)
    correction = updates_of(earlier, "GG-3")["hold"].number
    take_back(earlier, correction, refs=("GG-3",))
    report = apply(earlier, article_edition)
    assert report.changed == 0
    assert any(line.startswith(f"#{correction} of GG-3 stays: retracted by #") for line in report.lines)


def changed_edition(edition: Edition) -> Edition:
    """Return the next edition: an entry reworded for the second time, one gone, one of a new project."""
    first, _, *rest = edition.updates
    reworded = replace(first, proposal=replace(first.proposal, note="Reworded."))
    project = replace(edition.projects[0], ref="NEW-1")
    added = replace(first, key="known-exemptions:NEW-1:submitted", proposal=replace(first.proposal, refs=("NEW-1",)))
    return replace(
        edition, number=edition.number + 1, projects=[*edition.projects, project], updates=[reworded, *rest, added]
    )


def test_next_edition_corrects_retracts_and_adds(earlier: Database) -> None:
    apply(earlier, known)
    report = apply(earlier, known, changed_edition)
    assert (report.added, report.corrected, report.recorded, report.retracted) == (1, 1, 1, 1)
    assert {kind: update.note for kind, update in updates_of(earlier, "UNICEF-1").items()} == {"submitted": "Reworded."}
    assert list(updates_of(earlier, "NEW-1")) == ["submitted"]

    with pytest.raises(AidError, match="Edition 3 of known-exemptions is on record, and this is edition 2"):
        apply(earlier, known)

    returned = apply(earlier, known, lambda edition: replace(edition, number=4))
    assert (returned.recorded, returned.corrected, returned.retracted) == (1, 1, 1)
    assert sorted(updates_of(earlier, "UNICEF-1")) == ["approved", "submitted"]
    assert updates_of(earlier, "NEW-1") == {}
    assert problems(earlier) == []


def test_upload_of_a_shipped_table_doubles_nothing(earlier: Database) -> None:
    """Import the table as any other: what the first edition recorded is known, whatever it says now."""
    editor = Editor(TEAM, ADMIN, NOW)
    report = import_file(earlier, KNOWN, editor)
    assert (report.wrong, report.known, report.recorded) == (0, 50, 37)
    assert apply(earlier, known).recorded == 0
    assert import_file(earlier, KNOWN, editor).recorded == 0


def test_uploaded_table_is_found_by_later_editions(sqlite_database: Database) -> None:
    import_file(sqlite_database, KNOWN, Editor(TEAM, ADMIN, NOW))
    assert apply(sqlite_database, known).changed == 0
    assert apply(sqlite_database, known, changed_edition).corrected == 1


def test_project_of_your_own_is_left_alone(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        add_project(session, "GG-1", "gyeonggi", title="Our own project")
        report = seed_article(session, now=NOW)
    assert (report.added, report.left) == (16, 1)
    assert "GG-1 stays: it is a project of your own." in report.lines
    assert (detail(sqlite_database, "GG-1").project.title_en, updates_of(sqlite_database, "GG-1")) == (
        "Our own project",
        {},
    )


def test_rule_that_refuses_an_entry_is_named(sqlite_database: Database) -> None:
    """Leave out a letter that the record cannot take: an admin entered it already."""

    def without_letter(edition: Edition) -> Edition:
        return replace(edition, updates=[each for each in edition.updates if "EBF-1:approved" not in each.key])

    apply(sqlite_database, known, without_letter)
    say(sqlite_database, "EBF-1 approved on:2019-01-18 until:2019-07-18 as:letter")
    report = apply(sqlite_database, known)
    assert (report.recorded, report.left) == (0, 1)
    assert report.lines[-1].startswith("EBF-1: `approved` is not recorded. Already approved")


def test_admins_get_one_message_and_channels_none(earlier: Database) -> None:
    with earlier.writing() as session:
        subscribe(session, TEAM, "C1", ADMIN, "", "en", now=NOW)
    for edition in (article_edition, known):
        apply(earlier, edition)
    queued: list[int] = []

    def tell(session: Session, now: datetime) -> int:
        queued.append(queue_messages(session, TEAM, [ADMIN, "U2"], "en", now))
        return queued[-1]

    scheduler = Scheduler(earlier, lambda: NOW, lambda: None, others=(tell,))
    scheduler.tick()
    scheduler.tick()
    with earlier.reading() as session:
        rows = session.scalars(select(Delivery).where(Delivery.kind == "notice")).all()
        others = session.scalars(select(Delivery.kind).where(Delivery.kind != "notice", Delivery.act_id.is_not(None)))
        assert others.all() == []
    assert {row.about["notice"] for row in rows} == {"upgrade", "edition"}
    assert len(rows) == 6  # two admins, three messages
    assert sum(queued) == len(rows)


def test_new_record_needs_no_message(database: Database) -> None:
    apply(database, article_edition)
    with database.writing() as session:
        assert queue_messages(session, TEAM, [ADMIN], "en", NOW) == 0


def test_command_line_lists_then_records(sqlite_database: Database, sqlite_url: str, tmp_path: Path, run: Run) -> None:
    earlier = Database(of_earlier := f"sqlite:///{tmp_path / 'earlier.db'}")
    load_earlier_record(earlier)
    dry = run("seed", "--dry-run", DATABASE_URL=of_earlier).out
    assert "#1 `hold` of GG-1, GG-2, GG-3, KR-1" in dry
    assert "holder US → undisclosed" in dry
    assert "KR-1: `title_en` stays as it was edited." in dry
    assert "17 projects would be edited, 2 updates corrected, 3 added" in dry
    assert detail(earlier, "GG-3").standing.updates[0].holder == "US"
    real = run("seed", DATABASE_URL=of_earlier).out
    assert "17 projects were edited, 2 updates corrected, 3 added, 0 retracted; 3 stay as they are." in real
    assert "Edition 2 of known-exemptions: " in run("import", str(KNOWN), "--dry-run", DATABASE_URL=of_earlier).out
    imported = run("import", str(KNOWN), DATABASE_URL=sqlite_url).out
    assert imported == "54 projects and 87 updates were new; nobody was alerted.\n"
    with sqlite_database.reading() as session:
        keys = session.scalars(select(ChangeSet.key)).all()
        assert all(key.startswith("import:known-exemptions:") for key in keys)
        assert set(session.scalars(select(UpdateRow.recorded_by))) == {SHIPPED}
    earlier.close()
