"""JSON snapshot of the record: lossless between all databases."""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.audit import Editor
from db.database import Database
from db.domain.enums import Role, UpdateKind
from db.errors import AidError
from db.imports.importer import import_file
from db.installation_tables import WORKSPACE_TABLES
from db.integrity.check import find_problems
from db.maintenance.json_snapshot import read_snapshot, write_snapshot
from db.maintenance.migrate import migrate
from db.maintenance.seed import seed_article, seed_council
from db.models import Base, Delivery, Project, UpdateRow
from db.people import set_role
from db.recording.proposal import Proposal
from db.recording.receipts import RecordingContext
from db.recording.record import record, retract
from db.subscriptions.subscriptions import subscribe
from tests.support.proposals import NOW

KNOWN = Path(str(files("db") / "data" / "known-exemptions.csv"))
Fresh = Callable[[str], Database]


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    """Return an empty migrated database of this kind."""
    opened: list[Database] = []

    def make(kind: str) -> Database:
        if kind == "sqlite":
            database = Database(f"sqlite:///{tmp_path}/fresh-{len(opened)}.db")
            migrate(database)
        else:
            new = request.getfixturevalue("new_postgres")
            database = Database(new(f"snapshot_{secrets.token_hex(6)}"))
        opened.append(database)
        return database

    yield make
    for database in opened:
        database.close()


def fill(database: Database) -> None:
    """Fill nearly every table: both data sets, channels, deliveries in several states, a correction, people."""
    with database.writing() as session:
        seed_article(session, now=NOW)
        subscribe(session, "T0", "C1", "U1", "-kind:note", "ko", now=NOW)
        set_role(session, "T0", "U2", Role.ADMIN, listed=frozenset())
    import_file(database, KNOWN, Editor("T0", "U1", NOW))
    with database.writing() as session:
        for index, note in enumerate(("first “quoted”\nline", "두 번째 — ✅", "third")):
            recorder = RecordingContext("T0", "U1", "test", f"key {index}", f"print {index}")
            proposal = Proposal(("GG-1", "IO-2"), UpdateKind.SHIPPED, {"on": "2026-02"}, note)
            receipt = record(session, proposal, recorder, now=NOW + timedelta(minutes=index))
        retract(
            session,
            [receipt.updates[0].number],
            RecordingContext("T0", "U1", "test", "r", "r"),
            now=NOW + timedelta(hours=1),
        )
    with database.writing() as session:
        later, first = session.scalars(select(Delivery).order_by(Delivery.id.desc())).all()[:2]
        first.changes_id, first.state = later.id, "cancelled"
        early, late = session.scalars(select(Project).order_by(Project.id)).all()[::20][:2]
        early.predecessor_id = late.id


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_json_snapshot_round_trips(database: Database, fresh: Fresh, tmp_path: Path, target: str) -> None:
    fill(database)
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    exported = write_snapshot(database, first)
    other = fresh(target)
    imported = read_snapshot(other, first)
    assert imported.rows == exported.rows
    assert imported.findings == ()
    write_snapshot(other, second)
    assert second.read_bytes() == first.read_bytes()


def test_json_snapshot_has_every_table_and_is_plain_json(sqlite_database: Database, tmp_path: Path) -> None:
    fill(sqlite_database)
    write_snapshot(sqlite_database, tmp_path / "all.json")
    content = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert set(content["tables"]) == set(Base.metadata.tables) - set(WORKSPACE_TABLES)
    with sqlite_database.reading() as session:
        for table in (Base.metadata.tables[name] for name in content["tables"]):
            assert len(content["tables"][table.name]) == session.scalar(select(func.count()).select_from(table))


def test_restored_unsent_rows_are_looked_up_before_posting(sqlite_database: Database, tmp_path: Path) -> None:
    fill(sqlite_database)
    write_snapshot(sqlite_database, tmp_path / "all.json")
    content = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    states = {row["state"] for row in content["tables"]["deliveries"]}
    assert "uncertain" in states
    assert not states & {"pending", "sending"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_bot_continues_from_a_snapshot(sqlite_database: Database, fresh: Fresh, tmp_path: Path, kind: str) -> None:
    fill(sqlite_database)
    write_snapshot(sqlite_database, tmp_path / "all.json")
    other = fresh(kind)
    with other.writing() as session:
        seed_council(session)
    read_snapshot(other, tmp_path / "all.json")
    with other.writing() as session:
        last = session.scalar(select(func.max(UpdateRow.id)))
        recorder = RecordingContext("T0", "U1", "test", "next", "next")
        receipt = record(
            session, Proposal(("GG-1",), UpdateKind.NOTE, {}, "next"), recorder, now=NOW + timedelta(days=1)
        )
    assert receipt.updates[0].number > (last or 0)
    with other.reading() as session:
        assert find_problems(session) == []


def test_restore_refuses_a_database_in_use(sqlite_database: Database, tmp_path: Path) -> None:
    fill(sqlite_database)
    write_snapshot(sqlite_database, tmp_path / "all.json")
    with pytest.raises(AidError, match="holds something already"):
        read_snapshot(sqlite_database, tmp_path / "all.json")
    write_snapshot(sqlite_database, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "all.json").read_bytes()


def _other_revision(text: str) -> str:
    return text.replace('"revision": "', '"revision": "9', 1)


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _no_date(text: str) -> str:
    return text.replace('"happened": "2026-02"', '"happened": "soon"', 1)


def _unknown_column(text: str) -> str:
    return text.replace('"ref": "GG-1", "search', '"ref": "GG-1", "colour": "red", "search', 1)


WRONG = [
    _other_revision,
    _cut,
    _no_date,
    _unknown_column,
    lambda _: "{}",
    lambda _: "",
    lambda _: '{"format": "other"}\n',
]


@pytest.mark.parametrize("spoil", WRONG)
def test_restore_of_an_incomplete_file_changes_nothing(
    sqlite_database: Database, fresh: Fresh, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    fill(sqlite_database)
    path = tmp_path / "all.json"
    write_snapshot(sqlite_database, path)
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    other = fresh("sqlite")
    with pytest.raises(AidError, match="xport it again"):
        read_snapshot(other, path)
    with other.reading() as session:
        assert session.scalar(select(func.count()).select_from(Project)) == 0
