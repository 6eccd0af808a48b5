"""Records, bots and the table of figures for ``make bench``."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.database import Database
from db.maintenance.seed import seed_article, seed_council
from tests.benchmarks.big_record import BIG, MIDDLE, SEEDED_AT, fill
from tests.benchmarks.report import Figure, printed
from tests.benchmarks.requests import Asking, open_bot

FIGURES: list[Figure] = []
SIZE = MIDDLE if os.environ.get("AID_BENCH") == "middle" else BIG
"""``AID_BENCH=middle make bench`` is over in a minute; its figures of growth say little."""

ROWS = 10_000 if SIZE is MIDDLE else 100_000
"""The length of a long import."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.write_line("")
        terminalreporter.write_line(printed(FIGURES))


@pytest.fixture(scope="session")
def figures() -> list[Figure]:
    return FIGURES


@pytest.fixture(scope="session")
def small_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The 17 projects."""
    path = tmp_path_factory.mktemp("small") / "aid.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        seed_council(session)
        seed_article(session, now=SEEDED_AT)
    yield database
    database.close()


@pytest.fixture(scope="session")
def big_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """10,000 projects with a million updates, in SQLite. It is made in two minutes, or given as AID_BENCH_SQLITE."""
    given = os.environ.get("AID_BENCH_SQLITE")
    path = Path(given) if given else tmp_path_factory.mktemp("big") / "aid.db"
    if not given:
        shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    if not given:
        fill(database, SIZE)
    yield database
    database.close()


@pytest.fixture(scope="session")
def big_postgres(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same in PostgreSQL, or what AID_BENCH_POSTGRES gives the address of."""
    given = os.environ.get("AID_BENCH_POSTGRES")
    if given:
        database = Database(given)
    else:
        database = Database(request.getfixturevalue("new_postgres")("big"))
        fill(database, SIZE)
    yield database
    database.close()


@pytest.fixture(scope="session")
def asking(small_database: Database) -> Iterator[Asking]:
    with open_bot(small_database) as ask:
        yield ask


@pytest.fixture(scope="session")
def small_postgres(new_postgres: Callable[[str], str]) -> Iterator[Database]:
    database = Database(new_postgres("small"))
    with database.writing() as session:
        seed_council(session)
        seed_article(session, now=SEEDED_AT)
    yield database
    database.close()
