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
from sqlalchemy.orm import Session

from db.chain import link_at_commit, link_earlier_rows
from db.database import Database
from db.domain.dates import new_york_date
from db.integrity.proof import prove
from db.maintenance.past_versions import rebuild_versions
from db.models import ChangeSet, Project
from db.past import AsOf, reading_as_of
from db.reports.portfolio import portfolio
from db.reports.project import project_detail
from tests.benchmarks.big_record import SEEDED_AT, fill
from tests.benchmarks.report import CHAIN
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


def read(database: Database, point: AsOf | None, answer: Callable[[Session, date], object]) -> None:
    with reading_as_of(database, point) if point else database.reading() as session:
        answer(session, point.day if point else new_york_date(SEEDED_AT))


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

    answers = {
        "card": lambda session, day: project_detail(session, ref, day),
        "portfolio": portfolio,
    }
    points = {
        "today": [None] * 20,
        "`known:` half way": [AsOf(half_way + timedelta(minutes=number)) for number in range(20)],
        "`known:` after the last act": [AsOf(SEEDED_AT + timedelta(minutes=number)) for number in range(20)],
    }
    for name, answer in answers.items():
        for when, asked in points.items():
            cost = median(seconds(partial(read, database, point, answer)) for point in asked)
            put(f"{name}, {when}", value=f"{cost * 1000:.1f} ms")

    taken: dict[bool, list[float]] = {True: [], False: []}
    for number in range(200):  # in turns, so that both meet the same load
        linked = number % 2 == 0
        monkeypatch.setattr("db.recording.record.link_at_commit", link_at_commit if linked else lambda *_: None)
        line = f"PA-{number + 1} note number {number}"
        taken[linked].append(seconds(partial(say, database, line, now=datetime.now(UTC))))
    put("recording with it, beside without", value=f"{median(taken[True]) / median(taken[False]):.2f} times")
    database.close()
