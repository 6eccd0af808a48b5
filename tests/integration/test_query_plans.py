"""Query plans: no answer scans a growing table, on SQLite and on PostgreSQL."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from db.database import Database
from db.models import Base
from tests.benchmarks.requests import QUESTIONS, command, open_bot, statements
from tests.support.records import middle

SMALL = {
    "council_members",
    "people",
    "members",
    "organisations",
    "subscriptions",
    "follows",
    "preferences",
    "alembic_version",
}
"""As many rows as there are states, people, applicants and channels."""

FILTERS = (
    "group:io",
    "status:approved,expired",
    "holder:US",
    "sector:12",
    "country:CH",
    "org:relief",
    "expiring:90d",
    "since:2026-01",
    "kind:hold",
    "water",
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
        template = request.getfixturevalue("sqlite_template")
        path = tmp_path_factory.mktemp("plans") / "aid.db"
        path.write_bytes(template.read_bytes())
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
                ask(body)
            selects = [each for each in executed if each[0].startswith(("SELECT", "WITH"))]
            with big.engine.connect() as connection:
                read_whole += [(name, table, each[0]) for each in selects for table in whole_tables(connection, *each)]

    scans = [(name, table, sql) for name, table, sql in read_whole if not any(walk in sql for walk in WALKS)]
    assert {(table, sql) for _, table, sql in scans} == set()


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


def test_plan_check_catches_a_full_scan(big: Database) -> None:
    with big.engine.connect() as connection:
        assert whole_tables(connection, "SELECT updates.note FROM updates WHERE updates.note = 'x'", ()) == {"updates"}
