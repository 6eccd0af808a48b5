"""A running bot with the 17 projects for every dialogue."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.harness import BotHarness, run_bot, seed_copy


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the 17 projects and a subscribed channel, to copy."""
    path = tmp_path_factory.mktemp("furnished") / "aid.db"
    seed_copy(sqlite_template, path)
    return path


@pytest.fixture
def seeded_url(furnished: Path, tmp_path: Path) -> str:
    shutil.copy(furnished, tmp_path / "seeded.db")
    return f"sqlite:///{tmp_path / 'seeded.db'}"


@pytest.fixture
def harness(seeded_url: str) -> Iterator[BotHarness]:
    with run_bot(seeded_url) as running:
        yield running


@pytest.fixture
def cases(record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """What a test counts here is told at the end of the run."""
    counted: Counter[str] = Counter()
    yield counted
    record_property("cases", counted.total())
