"""Records of two sizes on both databases, and the printing of the tables."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.database import Database
from db.maintenance.json_snapshot import read_record
from tests.benchmarks.big_record import fill
from tests.benchmarks.report import ALERTS, CHAIN, IMPORTS, RECORDS, YEARS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for table in (RECORDS, ALERTS, IMPORTS, CHAIN, YEARS):
        if table.cells:
            terminalreporter.write_line(f"\n{table}")


@pytest.fixture(scope="session", params=[1_000, 10_000], ids="{:,} projects".format)
def filled(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite file with so many projects."""
    path = tmp_path_factory.mktemp("filled") / "aid.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    fill(database, request.param)
    database.close()
    return path


@pytest.fixture(scope="session", params=["SQLite", "PostgreSQL"])
def record(request: pytest.FixtureRequest, filled: Path) -> Iterator[Database]:
    """Yield a database with a copy of the record, in which a test may record."""
    if request.param == "SQLite":
        shutil.copy(filled, filled.with_name("copy.db"))
        database = Database(f"sqlite:///{filled.with_name('copy.db')}")
    else:
        database = Database(request.getfixturevalue("new_postgres")(f"record_{filled.parent.name}"))
        read_record(database, filled)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")  # as its own housekeeping does sooner or later
            connection.commit()
    yield database
    database.close()


@pytest.fixture
def column(request: pytest.FixtureRequest) -> str:
    """Return the name of the record's column, such as ``SQLite, 1,000 projects``."""
    kind, size = request.node.callspec.params["record"], request.node.callspec.params["filled"]
    return f"{kind}, {size:,} projects"
