"""What recording costs: with a thousand channels to tell, and one decision on a thousand projects."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from db.database import Database
from db.subscriptions.subscriptions import subscribe
from tests.benchmarks.report import Figure
from tests.support.proposals import NOW, TEAM, add_projects, say

pytestmark = pytest.mark.bench
PROJECTS = 1_000
SINGLE = 50
"""Single recordings that are timed; a thousand of them take a thousand fiftieths."""


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "aid.db")
    opened = Database(f"sqlite:///{tmp_path / 'aid.db'}")
    yield opened
    opened.close()


def seconds(database: Database, line: str) -> float:
    began = time.perf_counter()
    say(database, line, now=NOW)
    return time.perf_counter() - began


def test_a_thousand_channels(database: Database, figures: list[Figure]) -> None:
    add_projects(database, "IO-1", "IO-2")
    with database.writing() as session:
        subscribe(session, TEAM, "C0ONE", "U1", "", "en", now=NOW)
    one = median(seconds(database, f"IO-1 note number {number}") for number in range(20))
    with database.writing() as session:
        for number in range(999):
            subscribe(session, TEAM, f"C0MANY{number}", "U1", "" if number % 2 else "group:io", "en", now=NOW)
    many = median(seconds(database, f"IO-2 note number {number}") for number in range(10))
    figures.append(Figure("an update, 1,000 subscriptions", "one subscription", many / one, 5.0, floor_ms=one * 1000))


def test_one_decision_on_a_thousand_projects(database: Database, figures: list[Figure]) -> None:
    refs = [f"IO-{number}" for number in range(1, PROJECTS + SINGLE + 1)]
    add_projects(database, *refs)
    single = sum(seconds(database, f"{ref} hold by:US on:2026-02-01") for ref in refs[:SINGLE]) * PROJECTS / SINGLE
    at_once = seconds(database, f"{','.join(refs[SINGLE:])} hold by:US on:2026-02-01")
    figures.append(
        Figure("one decision on 1,000 projects", "1,000 single ones", at_once / single, 0.15, floor_ms=single * 1000)
    )
