"""Schema migrations: run once, equal to the models, refused for a database of a newer bot."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from bot.scheduler import Scheduler
from db.database import Database
from db.epoch import begin_epoch
from db.errors import AidError
from db.integrity.check import find_problems
from db.maintenance import alembic_runner
from db.maintenance.json_snapshot import read_record, write_snapshot
from db.maintenance.migrate import TOLD_OF, last_revision, migrate, pending, revisions
from db.maintenance.seed import seed_article
from db.models import AuditEntry, Base, CounterRow, Organisation, Project, ProjectStatusRow, Reminder, Subscription
from db.projects.queries import ids_matching, load_projects
from db.search.filter import parse_filter
from db.subscriptions.subscriptions import subscribe
from db.updates.history import load_updates
from tests.support.earlier_record import earlier_export, load_export
from tests.support.proposals import ADMIN, NOW, TEAM, TODAY, add_project, at_once, say, take_back
from tests.support.quick_migration import real_upgrade

HEAD = last_revision()
Release = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the migrations themselves in every test of this file."""
    monkeypatch.setattr(alembic_runner, "upgrade", real_upgrade)


def test_migrated_schema_equals_the_models(empty_url: str) -> None:
    database = Database(empty_url)
    assert pending(database)
    assert migrate(database) == (None, HEAD)
    assert migrate(database) == (HEAD, HEAD)
    assert not pending(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()


def test_concurrent_migrations_succeed(empty_url: str) -> None:
    def start(_: int) -> tuple[str | None, str]:
        with closing(Database(empty_url)) as database:
            return migrate(database)

    assert sorted(at_once(start, 4), key=str) == [(HEAD, HEAD)] * 3 + [(None, HEAD)]


def test_migrate_leaves_a_newer_database_alone(empty_url: str) -> None:
    database = Database(empty_url)
    migrate(database)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(AidError, match="revision 9999, which this version of the bot does not know"):
        migrate(database)
    database.close()


def test_unusable_database_address_is_refused() -> None:
    with pytest.raises(AidError, match="begins with `mysql:`, which is not supported"):
        Database("mysql://localhost/aid")


def test_reminders_are_planned_after_the_first_version(source: Database, empty_url: str, tmp_path: Path) -> None:
    """Fill the first schema, migrate it; the next tick plans the reminders."""
    old = Database(empty_url)
    migrate(old, to="0001")
    _copy(source, old, tmp_path)

    assert migrate(old) == ("0001", HEAD)

    with old.reading() as session:
        assert find_problems(session) == []
        assert session.scalars(select(Reminder)).all() == []
        assert session.scalars(select(Subscription)).one().threading == "flat"
    Scheduler(old, lambda: NOW, lambda: None).tick()
    with old.reading() as session:
        kinds = {row.kind for row in session.scalars(select(Reminder))}
    assert kinds == {"file-extension", "delivery", "hold", "no-news"}
    say(old, "IO-1 note after the change")
    old.close()


@pytest.fixture(scope="module")
def source(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Yield a record of the newest schema, which tests only read."""
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('source'))}")
    with database.writing() as session:
        add_project(session, "IO-1")
        add_project(session, "IO-2")
        subscribe(session, TEAM, "C1", ADMIN, "group:io", "ko", now=NOW)
    say(database, "IO-1 approved as:letter source:https://example.org/1 on:2026-03-01 until:2027-03-01")
    hold = say(database, "IO-2 hold by:undisclosed on:2026-03-01").main.number
    take_back(database, say(database, "IO-2 note a mistake").main.number)
    say(database, "IO-2 hold by:undisclosed on:2026-03-02", corrects=hold)
    yield database
    database.close()


def _copy(source: Database, target: Database, folder: Path) -> dict[str, int]:
    """Copy what ``target`` has tables and columns for; return the number of rows by table."""
    path = folder / "earlier.json"
    tables = earlier_export(source, target, path)
    load_export(target, path)
    return {name: len(rows) for name, rows in tables.items()}


def _counts(database: Database, tables: Iterable[str]) -> dict[str, int]:
    with database.engine.connect() as connection:
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in tables}


@pytest.fixture(scope="module")
def recorded_before(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Yield a record whose values of today are those that the versions before had, too."""
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('before'))}")
    with database.writing() as session:
        who, other = Organisation(key="who", name_en="WHO"), Organisation(key="other", name_en="Other")
        session.add_all([who, other])
        for ref, organisation, data_set in (
            ("GG-1", who, "donga-2026-02-07"),
            ("IO-1", other, "donga-2026-02-07"),
            ("IO-2", who, "known-exemptions"),
            ("KR-9", other, None),
        ):
            add_project(session, ref, organisation=organisation, data_set=data_set)
        for ref, field, before, after in (("IO-1", "applicant", "who", "other"), ("IO-2", "notes", "", "seen")):
            values = {"before": {field: before, "version": 1}, "after": {field: after, "version": 2}}
            entry = AuditEntry(team_id=TEAM, user_id=ADMIN, at=NOW, action="project-edit", subject=ref, **values)
            session.add(entry)
    for line in (
        "GG-1 hold by:US on:2026-02-01 as:press",
        "IO-1 approved as:letter on:2026-02-01 until:unknown",
        "IO-2 approved as:letter on:2026-02-01 until:2026-12-31 shipments:3",
        "IO-2 delivered as:press on:2026-03-01",
        "KR-9 hold by:undisclosed on:2026-03-02 as:anonymous",
    ):
        say(database, line)
    yield database
    database.close()


@pytest.mark.parametrize("revision", ["0005", "0006"])
def test_migrate_keeps_what_was_recorded(
    recorded_before: Database, empty_url: str, tmp_path: Path, revision: str
) -> None:
    """Roles, sources, holders and deliveries stay what they were, and what is derived of them is right again."""
    old = Database(empty_url)
    migrate(old, to=revision)
    _copy(recorded_before, old, tmp_path)
    with old.writing() as session:  # as the version before had it: no word for an end that is not known
        session.execute(text("UPDATE standings SET headline = 'approved', headline_after_end = 'approved'"))
        session.execute(text("DELETE FROM tallies WHERE axis = 'headline'"))

    assert migrate(old) == (revision, HEAD)

    with old.reading() as session:
        assert find_problems(session) == []
        ids = ids_matching(session, parse_filter(""), TODAY)
        roles = {view.ref: view.role.value for view in load_projects(session, ids).values()}
        assert roles == {"GG-1": "implementer", "IO-1": "applicant", "IO-2": "implementer", "KR-9": "applicant"}
        updates = load_updates(session, range(1, 6))
        sources = [(update.confidence.value, update.holder) for update in updates.values()]
        assert sources == [("press", "US"), *[("letter", None)] * 2, ("press", None), ("anonymous", "undisclosed")]
        assert [update.consignment.whole for update in updates.values()] == [False, False, False, True, False]
        headlines = select(Project.ref, ProjectStatusRow.headline).join_from(Project, ProjectStatusRow)
        expected = {"GG-1": "on-hold", "IO-1": "approved-end-unknown", "IO-2": "delivered", "KR-9": "on-hold"}
        assert dict(session.execute(headlines).all()) == expected
        counters = select(CounterRow).where(CounterRow.axis == "headline").order_by(CounterRow.value)
        assert {row.value: row.number for row in session.scalars(counters)} == Counter(expected.values())
        named = ids_matching(session, parse_filter("org:세계보건기구"), TODAY)
        assert [view.ref for view in load_projects(session, named).values()] == ["GG-1", "IO-2"]
    old.close()


def test_migrate_backs_up_the_file_first(source: Database, tmp_path: Path) -> None:
    """Make one backup per migration; an older bot that starts from it sends nothing."""
    old = Database(f"sqlite:///{tmp_path / 'aid.db'}")
    migrate(old, to="0001")
    assert list(tmp_path.glob("aid.db.*")) == []
    _copy(source, old, tmp_path)
    with old.writing() as session:
        session.execute(text("UPDATE deliveries SET state = 'pending'"))
    migrate(old)
    migrate(old)

    (copy,) = tmp_path.glob("aid.db.*")
    assert copy.name == "aid.db.at-0001"
    backup = Database(f"sqlite:///{copy}")
    assert _counts(backup, ["updates"]) == _counts(old, ["updates"])
    with backup.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "0001"
        states = set(session.scalars(text("SELECT state FROM deliveries")))
        assert states & {"uncertain"}
        assert not states & {"pending", "sending"}
    migrate(backup)
    for opened in (old, backup):
        opened.close()


def test_migrate_never_overwrites_a_backup(tmp_path: Path) -> None:
    (tmp_path / "aid.db.at-0001").write_text("somebody's own", encoding="utf-8")
    with closing(Database(f"sqlite:///{tmp_path / 'aid.db'}")) as database:
        migrate(database, to="0001")
        migrate(database)
    assert (tmp_path / "aid.db.at-0001").read_text(encoding="utf-8") == "somebody's own"
    assert (tmp_path / "aid.db.at-0001-2").exists()


def test_migrate_without_a_backup_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(f"sqlite:///{tmp_path / 'aid.db'}")
    migrate(database, to="0001")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("db.maintenance.atomic_file._put", full)
    with pytest.raises(OSError, match="No space left"):
        migrate(database)
    with database.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "0001"
    database.close()


def test_seeds_wait_for_each_other(database: Database) -> None:
    """Run ten at once, enough for some to collide without the lock."""

    def seed(_: int) -> int:
        with database.writing() as session:
            return seed_article(session, now=NOW).added

    assert sorted(at_once(seed, 10)) == [0] * 9 + [17]


def test_processes_that_start_at_once_share_an_epoch(database: Database) -> None:
    def start(_: int) -> str:
        with database.writing() as session:
            return begin_epoch(session, NOW).key

    assert len(set(at_once(start, 10))) == 1


@pytest.mark.parametrize("revision", revisions()[:-1])
def test_record_of_every_release_is_kept_and_read_in(
    source: Database, release: Release, bare_postgres: str, tmp_path: Path, revision: str
) -> None:
    """Migrate it, and import its export into a database that once was an empty one of that release."""
    file, once_empty = (f"sqlite:///{shutil.copy(release(revision), tmp_path / name)}" for name in ("a.db", "b.db"))
    with closing(Database(once_empty)) as target:
        migrate(target)
    for url in (file, bare_postgres):
        with closing(Database(url)) as old:
            migrate(old, to=revision)
            before = _copy(source, old, tmp_path)
            assert migrate(old) == (revision, HEAD)
            with old.reading() as session:
                assert find_problems(session) == []
            told = revision < TOLD_OF and "preferences" in before
            messages = {"preferences": before["preferences"] + 1} if told else {}
            assert _counts(old, before) == before | messages
            write_snapshot(old, tmp_path / f"{old.engine.name}.json")
    imported = _imported(tmp_path / "earlier.json", once_empty)
    assert [_lines(tmp_path / f"{name}.json") for name in ("sqlite", "postgresql")] == [imported] * 2


@pytest.mark.parametrize("revision", [revisions()[0], revisions()[-2]])
def test_file_of_an_earlier_release_is_read_in(
    source: Database, release: Release, sqlite_url: str, tmp_path: Path, revision: str
) -> None:
    with closing(Database(f"sqlite:///{shutil.copy(release(revision), tmp_path / 'old.db')}")) as old:
        _copy(source, old, tmp_path)
        imported = _imported(tmp_path / "old.db", sqlite_url)
        migrate(old)
        write_snapshot(old, tmp_path / "migrated.json")
    assert imported == _lines(tmp_path / "migrated.json")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return a function that gives the file of an empty database of a release, made of the one before."""

    @cache
    def make(revision: str) -> Path:
        path = tmp_path_factory.mktemp("empty") / f"{revision}.db"
        if before := [each for each in revisions() if each < revision]:
            shutil.copy(make(before[-1]), path)
        with closing(Database(f"sqlite:///{path}")) as database, database.writing() as session:
            real_upgrade(session.connection(), revision)
        return path

    return make


def _imported(path: Path, url: str) -> list[str]:
    """Return the lines of what is exported again after an import."""
    with closing(Database(url)) as target:
        assert read_record(target, path).findings == ()
        write_snapshot(target, again := path.with_name("again.json"))
    return _lines(again)


def _lines(path: Path) -> list[str]:
    """Return the lines of an export but for the message about the migration, which has the time of it."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if "upgrade:" not in line]
