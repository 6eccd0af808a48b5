"""Cost of a claim: finished rows add no step to the query."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.database import Database
from db.models import Delivery
from db.outbox.claim import Lease, Pace, anything_due, claim_to_reconcile, claim_to_send

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
