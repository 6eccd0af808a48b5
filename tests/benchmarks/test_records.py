"""The time of answers, recordings and imports, and the size of the database, by the size of the record."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from db.database import Database
from tests.benchmarks.big_record import import_rows, write_table
from tests.benchmarks.report import IMPORTS, RECORDS, timed
from tests.benchmarks.requests import HOME, LIST, PORTFOLIO, PROJECT, QUESTIONS, TYPEAHEAD, Asking, command, open_bot

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
TIMES = 100
IMPORTED_ROWS = 10_000
SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@pytest.fixture
def asking(record: Database) -> Iterator[Asking]:
    with open_bot(record) as asking:
        yield asking


@pytest.mark.parametrize("name", [PORTFOLIO, PROJECT, LIST, HOME, TYPEAHEAD])
def test_answer(name: str, asking: Asking, column: str) -> None:
    ask = partial(asking, QUESTIONS[name])
    ask()
    RECORDS.put(name, column, timed([ask] * TIMES))


def test_recording(asking: Asking, column: str) -> None:
    lines = [command("/aid-update", f"PA-{number} note report number {number}") for number in range(1, TIMES + 2)]
    assert "Recorded as #" in asking(lines.pop()).body
    RECORDS.put("recording one update", column, timed(partial(asking, line) for line in lines))


def test_size(record: Database, column: str) -> None:
    with record.engine.connect() as connection:
        (size,) = connection.exec_driver_sql(SIZES[connection.dialect.name]).one()
    RECORDS.put("size of the database", column, f"{size / 1e6:.0f} MB")


def test_import(database: Database, tmp_path: Path) -> None:
    path = write_table(tmp_path / "table.csv", IMPORTED_ROWS)
    began = time.perf_counter()
    import_rows(database, path)
    column = "SQLite" if database.is_sqlite else "PostgreSQL"
    IMPORTS.put(f"{IMPORTED_ROWS:,} rows", column, f"{time.perf_counter() - began:.0f} s")
