"""Query counts: an answer makes the same number of queries for any size of the record."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from db.database import Database
from tests.benchmarks.requests import QUESTIONS, open_bot, statements
from tests.support.proposals import problems
from tests.support.records import middle, small

MOST = {
    "portfolio": 10,
    "one project": 11,
    "a filtered list": 7,
    "a list by words": 7,
    "a list by status": 7,
    "App Home": 13,
    "typeahead": 9,  # the status of each project offered
}
"""What an answer may ask at most, who asks included; the others have to ask as often of a big record as of a small one."""

MORE = {"alerts on": 5, "a list by status": 2, "delivery log": 4}
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


def test_generated_record_passes_the_check(records: dict[str, Path]) -> None:
    database = Database(f"sqlite:///{records['middle']}")
    assert problems(database) == []
    database.close()


def test_answer_query_count_is_independent_of_size(records: dict[str, Path]) -> None:
    few, many = statement_counts(records["small"]), statement_counts(records["middle"])

    assert {name: number for name, number in many.items() if number > few[name] + MORE.get(name, 1)} == {}
    assert {name: number for name, number in many.items() if number > MOST.get(name, number)} == {}
