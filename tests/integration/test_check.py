"""``python -m bot check``: each manual damage is reported in a sentence, on SQLite and PostgreSQL."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.database import Database
from db.integrity.check import count_checked, find_problems
from db.models import AuditEntry
from db.recording.receipts import RecordingContext
from db.subscriptions.subscriptions import subscribe
from tests.support.proposals import NOW, TEAM, add_projects, problems, recorder, say, take_back

EARLY = NOW - timedelta(days=1)


def command(line: str) -> RecordingContext:
    """Return the context of a typed line, which is announced."""
    return replace(recorder(line), origin="command")


@pytest.fixture
def record(database: Database) -> Database:
    """Return two projects, a channel subscribed to everything, three acts and two messages."""
    add_projects(database, "GG-1", "IO-2")
    with database.writing() as session:
        subscribe(session, TEAM, "C0ALL", "U0ADMIN", "", "en", now=EARLY)
        session.add(AuditEntry(team_id=TEAM, user_id="U0ADMIN", at=NOW, action="grant", subject="U1"))
    for line in ("GG-1 hold by:US on:2026-02-01", "GG-1,IO-2 note seen"):
        say(database, line, by=command(line))
    take_back(database, 2, refs=("IO-2",))
    return database


def damage(database: Database, *statements: str) -> None:
    with database.writing() as session:
        damage_in(session, *statements)


def damage_in(session: Session, *statements: str) -> None:
    """Run statements with triggers and foreign keys disabled, as direct access to the database would."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        for statement in ("SET LOCAL session_replication_role = replica", *statements):
            connection.execute(text(statement))
        return
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = on")
    triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(text(statement.replace(" true", " 1").replace(" false", " 0")))
    for _, sql in triggers:
        connection.exec_driver_sql(sql)


def problems_of_damage(database: Database, *statements: str) -> list[str]:
    """Return the problems of a damaged record, which is whole again afterwards."""
    with database.writing() as session:
        damage_in(session, *statements)
        reported = find_problems(session)
        session.rollback()
    return reported


def test_check_of_a_sound_record_finds_nothing(record: Database) -> None:
    assert problems(record) == []
    with record.reading() as session:
        assert count_checked(session) == (2, 3, 2)


ROW = (
    "INSERT INTO deliveries (team_id, channel_id, kind, language, about, state, due_at, created_at, attempts, plain{})"
    " SELECT team_id, channel_id, kind, language, about, state, due_at, created_at, attempts, plain{}"
    " FROM deliveries WHERE id = 1"
)

SHORT = {
    "TWICE": ROW.format(*[", act_id, subscription_id, update_id"] * 2),
    "NO ORGANISATION": (
        "project_roles: organisation_id names a row of organisations that is not there"
        " (project_id, organisation_id, role): 1 7 funder"
    ),
    "STANDING": "GG-1: the stored standing differs from its updates",
}
DAMAGE = """
UPDATE standings SET headline = 'approved' WHERE project_id = 1
    STANDING
DELETE FROM standings WHERE project_id = 1
    STANDING
DELETE FROM holds
    STANDING
UPDATE holds SET flagged = true
    STANDING
UPDATE standings_versions SET headline = 'approved' WHERE project_id = 2
    IO-2: what is kept of its earlier statuses differs from its updates
DELETE FROM update_projects_versions WHERE update_id = 1
    GG-1: what is kept of its earlier statuses differs from its updates
UPDATE projects SET title_en = 'Other' WHERE id = 1
    GG-1: the text that it is searched by differs from its names
UPDATE updates SET act_id = 99 WHERE id = 3
    updates: act_id names a row of acts that is not there (id): 3
    acts without any update: 3
UPDATE deliveries SET update_id = 77 WHERE id = 2
    deliveries: update_id names a row of updates that is not there (id): 2
UPDATE projects SET applicant_id = 5
    projects: applicant_id names a row of organisations that is not there (id): 1, 2
UPDATE updates SET extends = 'XX-1' WHERE id = 2
    updates that extend a project that is not there: 2
UPDATE projects SET predecessor_id = 2 WHERE id = 2
    projects that extend themselves: IO-2
UPDATE updates SET corrects = 3 WHERE id = 2
    updates that change or confirm a later one, or themselves: 2
    updates that change or confirm one of another project: 2
UPDATE updates SET retracts = 1 WHERE id = 3
    updates that change or confirm one of another project: 3
UPDATE updates SET confirms = 1 WHERE id = 2
    updates that change or confirm one of another project: 2
    updates that confirm or differ from one of another kind: 2
UPDATE updates SET differs = 7 WHERE id = 2
    updates that change or confirm a later one, or themselves: 2
INSERT INTO project_roles (project_id, organisation_id, role) VALUES (1, 7, 'funder')
    NO ORGANISATION
UPDATE projects SET same_as_id = 2
    projects that are the same as one that does not lead: GG-1, IO-2
    the tally of group io says 2, there are 0
UPDATE tallies_by_day SET number = 9 WHERE axis = 'response' AND level = 'year'
    the tally of response year 0001 unknown says 9, there are 2
INSERT INTO organisations (key, name_en, names_folded, aliases) VALUES ('who', 'WHO', 'else', '[]')
    organisation who: the names that it is found by differ from its names
DELETE FROM update_projects WHERE update_id = 3
    updates that concern no project: 3
UPDATE deliveries SET update_id = 1 WHERE id = 2
    messages about an update of another act: 2
UPDATE updates SET happened = '2026-01-31' WHERE id = 1
    update #1 was changed after it was recorded: its place is 2026-02-01, by its date it would be 2026-01-31
    STANDING
UPDATE updates SET kind = 'approved' WHERE id = 1
    update #1 was changed after it was recorded: approved is not done by member
    STANDING
UPDATE updates SET holder = 'GB' WHERE id = 1
    STANDING
UPDATE updates SET recorded_by = 'U0OTHER' WHERE id = 2
    update #2 was changed after it was recorded: recorded by U0OTHER, its act by U0ADMIN
UPDATE acts SET user_id = 'U0OTHER' WHERE id = 1
    update #1 was changed after it was recorded: recorded by U0ADMIN, its act by U0OTHER
UPDATE update_projects SET headline_after = 'fine' WHERE update_id = 1
    update #1: no-record → fine are not both headlines
UPDATE updates SET kind = 'rubbish' WHERE id = 2
    update #2 cannot be read: 'rubbish' is not a valid UpdateKind
UPDATE updates SET stance = 'maybe' WHERE id = 1
    update #1 cannot be read: 'maybe' is not a valid Stance
UPDATE updates SET outcome = '?' WHERE id = 1
    update #1 cannot be read: '?' is not a valid ClearanceOutcome
UPDATE projects SET organisation_role = 'x' WHERE id = 1
    GG-1: “x” is no role of an organisation
INSERT INTO project_roles (project_id, organisation_id, role) VALUES (2, 1, 'friend')
    IO-2: “friend” is no role of an organisation
UPDATE updates SET confidence = '' WHERE id = 1
    update #1 cannot be read: '' is not a valid SourceKind
UPDATE deliveries SET state = 'sending' WHERE id = 1
    being sent, but by nobody: message 1
UPDATE deliveries SET state = 'lost'
    in a state that there is not: message 1, 2
UPDATE deliveries SET kind = 'telegram' WHERE id = 2
    of a kind that there is not: message 2
UPDATE deliveries SET leased_by = 'x' WHERE id = 1
    taken by a sender, but not on its way: message 1
UPDATE deliveries SET leased_until = '2026-02-10 15:00:00' WHERE id = 1
    taken by a sender, but not on its way: message 1
UPDATE deliveries SET state = 'sent' WHERE id = 1
    sent, but Slack's id of the message is missing: message 1
UPDATE deliveries SET ts = '1.2' WHERE id = 1
    not sent, but with Slack's id of a message: message 1
UPDATE deliveries SET state = 'blocked' WHERE id = 1
    blocked or failed, but nothing says why: message 1
UPDATE deliveries SET state = 'in-digest' WHERE id = 1
    told in a digest that is not there: message 1
TWICE
    act 1 is told 2 times in C0ALL
DELETE FROM deliveries WHERE id = 2
    act 2 has no message for C0ALL, which is told of everything
UPDATE deliveries SET kind = 'edit' WHERE id = 1
    a change of a message, but of none: message 1
UPDATE deliveries SET kind = 'thread-note' WHERE id = 1
    a change of a message, but of none: message 1
"""
"""What is changed by hand, and below it what is told of it: of the cache, of references, of the record, of the outbox."""


def test_check_finds_damage(record: Database) -> None:
    missed = {}
    for block in re.split(r"\n(?=\S)", DAMAGE.strip()):
        statement, *sentences = (SHORT.get(line.strip(), line.strip()) for line in block.splitlines())
        reported = problems_of_damage(record, statement)
        if not {*sentences} <= {*reported}:
            missed[statement] = reported
    assert missed == {}
    assert problems(record) == []


def test_check_finds_deleted_rows(record: Database) -> None:
    """On PostgreSQL sequences have gaps, so only a reference shows a missing row."""
    reported = problems_of_damage(
        record,
        "DELETE FROM update_projects WHERE update_id = 2",
        "DELETE FROM update_sources WHERE update_id = 2",
        "DELETE FROM deliveries WHERE update_id = 2",
        "DELETE FROM updates WHERE id = 2",
    )
    assert "acts without any update: 2" in reported
    assert "updates: retracts names a row of updates that is not there (id): 3" in reported
    assert ("updates: rows were taken out, 2" in reported) == record.is_sqlite


def test_check_counts_many_problems_of_one_kind(record: Database) -> None:
    rows = [ROW.format("", "") for _ in range(8)]
    reported = problems_of_damage(record, *rows, "UPDATE deliveries SET kind = 'telegram'")

    assert "of a kind that there is not: message 1, 2, 3, 4, 5 and 5 more" in reported


# -- what guards the record -----------------------------------------------------------------------------------


def test_check_reports_a_missing_trigger(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        session.execute(text("DROP TRIGGER updates_no_delete"))

    assert problems(sqlite_database) == [
        "updates: nothing refuses to delete its rows (trigger updates_no_delete is missing or off)"
    ]


def test_check_reports_a_disabled_trigger(postgres_url: str) -> None:
    database = Database(postgres_url)
    try:
        with database.writing() as session:
            session.execute(text("ALTER TABLE acts DISABLE TRIGGER acts_no_truncate"))
        reported = problems(database)
    finally:
        with database.writing() as session:
            session.execute(text("ALTER TABLE acts ENABLE TRIGGER acts_no_truncate"))
        database.close()
    assert reported == ["acts: nothing refuses to truncate its rows (trigger acts_no_truncate is missing or off)"]


def test_check_reports_a_damaged_file(sqlite_database: Database, tmp_path: Path) -> None:
    add_projects(sqlite_database, "GG-1")
    say(sqlite_database, "GG-1 note seen")
    with sqlite_database.reading() as session:
        where = text("SELECT rootpage FROM sqlite_master WHERE name = 'ix_updates_recorded_at'")
        page, size = session.scalars(where).one(), session.scalars(text("PRAGMA page_size")).one()
    sqlite_database.close()
    with (tmp_path / "aid.db").open("r+b") as file:
        file.seek(page * size - 200)
        file.write(b"\xff" * 200)

    reported = problems(sqlite_database)
    assert reported
    assert all(each.startswith("The file is damaged: ") for each in reported)
