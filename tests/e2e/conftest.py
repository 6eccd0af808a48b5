"""Fixtures of a running bot with the 17 projects."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.harness import BotHarness, run_bot, seed_copy


@pytest.fixture(scope="session")
def seeded_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a database file with the 17 projects and a subscribed channel, to copy."""
    path = tmp_path_factory.mktemp("seeded") / "aid.db"
    seed_copy(sqlite_template, path)
    return path


@pytest.fixture
def seeded_url(seeded_file: Path, tmp_path: Path) -> str:
    shutil.copy(seeded_file, tmp_path / "seeded.db")
    return f"sqlite:///{tmp_path / 'seeded.db'}"


@pytest.fixture
def harness(seeded_url: str) -> Iterator[BotHarness]:
    with run_bot(seeded_url) as running:
        yield running


@pytest.fixture
def without_channel_events(harness: BotHarness) -> None:
    """Let the app be one that was installed before it asked for events about channels."""
    app = harness.slack.app
    harness.slack.app = replace(app, events=frozenset(each for each in app.events if "_" not in each))


@pytest.fixture(scope="module")
def busy(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    """Run one bot for all tests of a module; its record fills up."""
    path = shutil.copy(seeded_file, tmp_path_factory.mktemp("busy") / "aid.db")
    with run_bot(f"sqlite:///{path}") as running:
        yield running


@pytest.fixture
def over_http(seeded_url: str) -> Iterator[BotHarness]:
    with run_bot(seeded_url, "signed HTTP") as running:
        yield running


@pytest.fixture(scope="module")
def busy_over_http(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    """Run one bot, reached by signed HTTP, for all tests of a module."""
    path = shutil.copy(seeded_file, tmp_path_factory.mktemp("http") / "aid.db")
    with run_bot(f"sqlite:///{path}", "signed HTTP") as running:
        yield running


@pytest.fixture
def cases(record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """Count examples; their total is reported at the end of the run."""
    counter: Counter[str] = Counter()
    yield counter
    record_property("cases", counter.total())
