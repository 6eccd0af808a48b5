"""What the chain costs in time and space, and what an answer about the past costs beside today's."""

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import func, select

from db.chain import link_at_commit, link_earlier_rows
from db.database import Database
from db.integrity.proof import prove
from db.maintenance.past_versions import rebuild_versions
from db.models import ChangeSet, Project
from tests.benchmarks.big_record import SEEDED_AT, fill
from tests.benchmarks.report import CHAIN
from tests.benchmarks.requests import command, open_bot
from tests.integration.test_check import damage
from tests.support.proposals import say

PROJECTS = 2_500  # with four acts each
put = partial(CHAIN.put, column="10,000 acts")
CREATED = """
    UPDATE projects SET created_at = coalesce((SELECT min(recorded_at) FROM updates JOIN update_projects
    ON update_id = updates.id WHERE project_id = projects.id), created_at)
"""
AS_HAPPENED = (  # each act recorded on the day of what it is about, instead of all on one
    "UPDATE updates SET recorded_at = effective_day || ' 12:00:00.000000'",
    "UPDATE acts SET recorded_at = (SELECT max(recorded_at) FROM updates WHERE act_id = acts.id)",
    CREATED,
    "DELETE FROM chain",
)


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def size(path: Path) -> int:
    """Return the bytes of a database without what is free in it."""
    copy = path.with_name("copy.db")
    copy.unlink(missing_ok=True)
    sqlite3.connect(path, isolation_level=None).execute("VACUUM INTO ?", [str(copy)])
    return copy.stat().st_size


def days(begin: datetime, step: int) -> list[date]:
    """Return 20 days, each so many after the one before: each answer about the past is one that was not asked yet."""
    return [begin.date() + timedelta(days=step * number) for number in range(20)]


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_chain_and_past(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "aid.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    fill(database, PROJECTS)
    damage(database, *AS_HAPPENED)
    with database.writing() as session:
        put("deriving the versions", value=f"{seconds(partial(rebuild_versions, session)):.1f} s")
    without = size(path)
    with database.writing() as session:
        put("building the chain", value=f"{seconds(partial(link_earlier_rows, session)):.1f} s")
    put("its size", value=f"{(size(path) - without) / 1e6:.1f} MB")
    with database.reading() as session:
        put("proving it", value=f"{seconds(partial(prove, session)):.1f} s")
        times = select(ChangeSet.recorded_at).order_by(ChangeSet.recorded_at)
        half_way = session.scalars(times.offset(2 * PROJECTS).limit(1)).one()
        ref = session.scalars(select(func.min(Project.ref)).where(Project.created_at < half_way)).one()

    points = {
        "today": [""] * 20,
        "`known:` half way": [f"known:{day}" for day in days(half_way, 1)],
        "`known:` after the last act": [f"known:{day}" for day in days(SEEDED_AT, 1)],
        "`on:` half way": [f"on:{day}" for day in days(half_way, 1)],
        "`on:` lately": [f"on:{day}" for day in days(SEEDED_AT, -1)],
        "both half way": [f"known:{day} on:{day}" for day in days(half_way, 1)],
    }
    with open_bot(database, lambda: SEEDED_AT + timedelta(days=21)) as ask:
        for name, typed in {"card": ref, "portfolio": "", "list": "group:io"}.items():
            ask(command("/aid-status", typed))
            costs: dict[str, list[float]] = {when: [] for when in points}
            for number in range(20):  # in turns, so that each meets the same load
                for when, asked in points.items():
                    body = command("/aid-status", f"{typed} {asked[number]}".strip())
                    costs[when].append(seconds(partial(ask, body)))
            today = median(costs["today"])
            for when, spent in costs.items():
                put(f"{name}, {when}", value=f"{median(spent) * 1000:.1f} ms, {median(spent) / today:.2f} times")

    taken: dict[bool, list[float]] = {True: [], False: []}
    for number in range(200):
        linked = number % 2 == 0
        monkeypatch.setattr("db.recording.record.link_at_commit", link_at_commit if linked else lambda *_: None)
        line = f"PA-{number + 1} note number {number}"
        taken[linked].append(seconds(partial(say, database, line, now=datetime.now(UTC))))
    put("recording with it, beside without", value=f"{median(taken[True]) / median(taken[False]):.2f} times")
    database.close()
