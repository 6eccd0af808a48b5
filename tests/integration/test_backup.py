"""Backups: complete or absent, consistent during writes, and safe to start a bot from."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from db.database import Database
from db.errors import AidError
from db.maintenance.backup import backup
from db.models import Base, UpdateRow
from db.outbox.deliveries import DeliveryState
from db.subscriptions.subscriptions import subscribe
from tests.support.proposals import add_projects, problems, say
from tests.support.sender_rows import CHANNEL, add_row, all_rows
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from tests.support.proposals import say
from db.database import Database

database = Database(sys.argv[1])
print("writing", flush=True)
for number in range(100_000):
    say(database, f"GG-1,IO-2 note {number} " + "long " * 50)
"""


@pytest.fixture
def record(database: Database) -> Database:
    add_projects(database, "GG-1", "IO-2")
    with database.writing() as session:
        subscribe(session, "T0LOOP", CHANNEL, "U0ADMIN", "", "en", now=datetime(2026, 2, 1, tzinfo=UTC))
    say(database, "GG-1 hold by:US on:2026-02-01 source:https://example.org/a")
    say(database, "GG-1,IO-2 note seen")
    return database


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    copy = Database(f"sqlite:///{path}")
    yield copy
    copy.close()


@contextmanager
def somebody_writes(database: Database) -> Iterator[None]:
    """Run a process that records as fast as it can."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, database.engine.url.render_as_string(hide_password=False)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout
    assert writer.stdout.readline() == "writing\n"
    try:
        yield
        assert writer.poll() is None, writer.communicate()[1]
    finally:
        writer.kill()
        writer.communicate()


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def updates(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(UpdateRow)) or 0


# -- making one -----------------------------------------------------------------------------------------------


def test_backup_equals_the_source_but_for_unsent_rows(record: Database, tmp_path: Path) -> None:
    copied = backup(record, tmp_path / "copy.db")

    assert (copied.acts, copied.updates, copied.messages, copied.findings) == (2, 2, 2, ())
    with opened(tmp_path / "copy.db") as copy:
        original, restored = rows(record), rows(copy)
        assert {row.state for row in all_rows(copy)} == {DeliveryState.UNCERTAIN}
        with copy.writing() as session:
            session.execute(text("UPDATE deliveries SET state = 'pending'"))
        restored = rows(copy)
        assert [row[2] for row in restored.pop("epochs")] == ["copied"]
        assert {**restored, "epochs": []} == original
        say(copy, "GG-1 note life goes on")
        assert problems(copy) == []


def test_backups_during_writes_are_consistent(record: Database, tmp_path: Path) -> None:
    numbers = []
    with somebody_writes(record):
        for number in range(10):
            copied = backup(record, tmp_path / f"copy{number}.db")
            assert copied.findings == ()
            assert copied.updates == copied.acts  # an act of one update each: none is there by half
            numbers.append(copied.updates)
            wait_until(lambda most=copied.updates: updates(record) > most, 30, "for the writer")
    assert numbers == sorted(set(numbers))
    assert sorted(each.name for each in tmp_path.glob("*copy*")) == sorted(f"copy{number}.db" for number in range(10))


@pytest.mark.parametrize("meanwhile", [False, True], ids=["there already", "created meanwhile"])
def test_backup_overwrites_no_file(
    record: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: bool
) -> None:
    target = tmp_path / "copy.db"

    def write() -> list[str]:
        target.write_text("mine", encoding="utf-8")
        return []

    if meanwhile:
        monkeypatch.setattr("db.maintenance.backup.find_problems", lambda _: write())
    else:
        write()
    with pytest.raises(AidError, match=r"copy\.db already exists\."):
        backup(record, target)
    assert target.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.glob("*.part*")) == []
    with pytest.raises(AidError, match="There is no folder"):
        backup(record, tmp_path / "no" / "copy.db")


@pytest.mark.parametrize("step", ["db.maintenance.backup.find_problems", "db.maintenance.atomic_file._sync"])
def test_failed_backup_leaves_no_file(
    record: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(step, full)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match="No space left"):
        backup(record, tmp_path / "copy.db")
    assert sorted(tmp_path.iterdir()) == before


# -- going on from one ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reason", "then"),
    [
        ("pending", None, "uncertain"),
        ("sending", None, "uncertain"),
        ("uncertain", None, "uncertain"),
        ("blocked", "token_revoked", "uncertain"),
        ("blocked", "not_in_channel", "blocked"),
        ("failed", "no_text", "failed"),
        ("gathered", None, "gathered"),
        ("cancelled", None, "cancelled"),
    ],
)
def test_unsent_rows_of_a_backup_are_looked_up_first(
    sqlite_database: Database, tmp_path: Path, state: str, reason: str | None, then: str
) -> None:
    lease = {"leased_by": "a", "leased_until": datetime.now(UTC)} if state == "sending" else {}
    add_row(sqlite_database, state=state, reason=reason, **lease)

    assert backup(sqlite_database, tmp_path / "copy.db").findings == ()
    with opened(tmp_path / "copy.db") as copy:
        (row,) = all_rows(copy)
    assert (row.state, row.leased_by, row.reason) == (then, None, reason)
