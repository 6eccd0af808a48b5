"""Queries of answers: as many for any size of the record, each with an index on SQLite and on PostgreSQL."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, insert, select, text, union_all
from sqlalchemy.orm import Session

from db.database import Database, fetch
from db.models import Base, Delivery, UpdateRow
from db.outbox.claim import Lease, Pace, anything_due, claim_to_reconcile, claim_to_send
from tests.benchmarks.requests import QUESTIONS, command, open_bot, statements
from tests.support.proposals import add_projects, say
from tests.support.records import middle, small

MOST = {
    "portfolio": 10,
    "one project": 13,
    "a filtered list": 8,
    "a list by words": 8,
    "a list by status": 8,
    "App Home": 14,
    "typeahead": 9,  # the status of each project offered
}
"""What an answer may ask at most, who asks included; the others have to ask as often of a big record as of a small one."""

MORE = {"alerts on": 5, "a list by status": 3, "delivery log": 4}
"""A record with nothing to tell of saves some questions."""


@pytest.fixture(scope="module")
def records(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a database file of each size."""
    folder = tmp_path_factory.mktemp("records")
    sizes: dict[str, Callable[[Database], None]] = {"small": small, "middle": middle}
    for name, fill in sizes.items():
        shutil.copy(sqlite_template, folder / name)
        database = Database(f"sqlite:///{folder / name}")
        fill(database)
        database.close()
    return {name: folder / name for name in sizes}


def statement_counts(path: Path) -> dict[str, int]:
    """Return the number of statements of each answer."""
    database = Database(f"sqlite:///{path}")
    numbers = {}
    with open_bot(database) as ask:
        for name, body in QUESTIONS.items():
            ask(body)
            with statements(database) as executed:
                ask(body)
            numbers[name] = len(executed)
    database.close()
    return numbers


def test_answer_query_count_is_independent_of_size(records: dict[str, Path]) -> None:
    few, many = statement_counts(records["small"]), statement_counts(records["middle"])

    assert {name: number for name, number in many.items() if number > few[name] + MORE.get(name, 1)} == {}
    assert {name: number for name, number in many.items() if number > MOST.get(name, number)} == {}


# -- indexes --------------------------------------------------------------------------------------------------

SMALL = {
    *("council_members", "people", "members", "organisations", "subscriptions", "follows", "preferences"),
    "alembic_version",
}
"""As many rows as there are states, people, applicants and channels."""

FILTERS = (
    *("group:io", "status:approved,expired", "holder:US", "sector:12", "country:CH", "org:relief", "expiring:90d"),
    *("since:2026-01", "kind:hold", "water"),
)
ASKED = {
    **QUESTIONS,
    **{f"a list of {each}": command("/aid-status", each) for each in FILTERS},
    **{f"alerts on {each}": command("/aid-alerts", f"on {each}") for each in FILTERS},
}
WALKS = (
    "ORDER BY updates.effective_day DESC",  # the latest updates, from the end of an index until three stand
    "SELECT projects.id, projects.ref",  # a page, in the order of entry
    "FROM projects ORDER BY projects.id",  # the first projects of the typeahead
    "ORDER BY acts.id DESC",  # the last acts, until 200 were found
    "max(standings.as_of)",  # the end of an index
    "ORDER BY deliveries.id DESC",
    "ORDER BY chain.number DESC",  # its last link
)
"""Statements that walk along an index and stop after a number that is fixed."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def big(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("plans") / "aid.db"
        shutil.copy(request.getfixturevalue("records")["middle"], path)
        database = Database(f"sqlite:///{path}")
    else:
        database = Database(request.getfixturevalue("new_postgres")("plans"))
        middle(database)
    yield database
    database.close()


def test_every_statement_of_an_answer_has_an_index(big: Database) -> None:
    read_whole = []
    with open_bot(big) as ask:
        for name, body in ASKED.items():
            with statements(big) as executed:
                for _ in range(3):  # at first by SQLAlchemy, then as it is prepared
                    ask(body)
            selects = {repr(each): each for each in executed if each[0].startswith(("SELECT", "WITH"))}.values()
            with big.engine.connect() as connection:
                read_whole += [(name, table, each[0]) for each in selects for table in whole_tables(connection, *each)]

    scans = [(name, table, sql) for name, table, sql in read_whole if not any(walk in sql for walk in WALKS)]
    assert {(table, sql) for _, table, sql in scans} == set()


def test_prepared_query_finds_what_sqlalchemy_finds(database: Database) -> None:
    add_projects(database, "GG-1")
    numbers = [say(database, f"GG-1 note {text}").main.number for text in ("one", "two", "three")]
    with database.reading() as session:
        both = select(UpdateRow.__table__).where(UpdateRow.__table__.c.id.in_(bindparam("ids", expanding=True)))
        for query in (both, union_all(both, both), both.where(UpdateRow.__table__.c.kind.in_(["hold", "note"]))):
            by_sqlalchemy, *prepared = (
                fetch(session, query, ids=ids).all() for ids in (numbers, numbers, numbers[:1], [])
            )
            assert prepared == [by_sqlalchemy, [row for row in by_sqlalchemy if row.id == numbers[0]], []]
            assert [row._mapping for row in prepared[0]] == [row._mapping for row in by_sqlalchemy]


def whole_tables(connection: Connection, statement: str, parameters: Any) -> set[str]:
    """Yield the growing tables that a statement scans from one end to the other."""
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        scanned = {match[1] for *_, line in plan if (match := re.match(r"SCAN (\w+)", line))}
    else:
        connection.execute(text("SET enable_seqscan = off"))  # small tables are read whole if that may be
        (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).one()
        scanned = set(_sequential(plan[0]["Plan"] if not isinstance(plan, str) else json.loads(plan)[0]["Plan"]))
    named = {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", statement)}
    tables = {named.get(child, child) for child in scanned}
    return tables & set(Base.metadata.tables) - SMALL


def _sequential(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for child in plan.get("Plans", []):
        yield from _sequential(child)


# -- claims of the outbox -------------------------------------------------------------------------------------

NOW = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
SETTLE = timedelta(seconds=3)
PACE = Pace(timedelta(seconds=1), 240)
DONE = ("sent", "cancelled", "failed", "in-digest")
FEW, MANY = 40, 4_000

LOOKS: dict[str, Callable[[Session], Any]] = {
    "is anything due": lambda session: anything_due(session, NOW, SETTLE),
    "rows to send": lambda session: claim_to_send(session, Lease("me", NOW, AN_HOUR), PACE, 8),
    "rows in doubt": lambda session: claim_to_reconcile(session, Lease("me", NOW, AN_HOUR), SETTLE, 8),
}
WAITING = {"nothing waits": 0, "some rows wait": 12}


def row(number: int, state: str) -> dict[str, Any]:
    """Return a row of an hour ago in one of ten channels."""
    return {
        "team_id": "T0LOOP",
        "channel_id": f"C{number % 10}",
        "kind": "alert",
        "language": "en",
        "about": {},
        "state": state,
        "due_at": NOW - AN_HOUR,
        "created_at": NOW - AN_HOUR,
        "attempted_at": NOW - AN_HOUR if state == "sent" else None,
        "attempts": 0,
        "plain": False,
    }


def outbox(path: Path, finished: int, waiting: int) -> Database:
    database = Database(f"sqlite:///{path}")
    rows = [row(number, DONE[number % len(DONE)]) for number in range(finished)]
    rows += [row(number, "pending") for number in range(waiting)]
    with database.writing() as session:
        session.connection().execute(insert(Delivery), rows)
    return database


def steps(database: Database, look: Callable[[Session], Any]) -> int:
    """Return the number of virtual machine instructions that SQLite executes."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    with database.writing() as session:
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_progress_handler(step, 1)
        look(session)
        driver.set_progress_handler(None, 0)
        session.rollback()
    return count


@pytest.mark.parametrize("waiting", WAITING)
@pytest.mark.parametrize("look", LOOKS)
def test_claim_cost_ignores_finished_rows(look: str, waiting: str, sqlite_template: Path, tmp_path: Path) -> None:
    costs = []
    for finished in (FEW, MANY):
        path = tmp_path / f"{finished}.db"
        path.write_bytes(sqlite_template.read_bytes())
        database = outbox(path, finished, WAITING[waiting])
        costs.append(steps(database, LOOKS[look]))
        database.close()
    few, many = costs
    assert few > 10, "nothing was counted"
    assert many <= few + 20, f"{few} steps with {FEW} rows that are done, {many} with {MANY}"
