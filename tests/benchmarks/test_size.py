"""How soon a bot is ready, and how much memory it takes after many answers, and an import of many rows."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

from db.database import Database
from tests.benchmarks.bot_process import ROOT, environment, importing, running, table
from tests.benchmarks.conftest import ROWS
from tests.benchmarks.queries import HOME, LIST, PORTFOLIO, PROJECT, QUESTIONS, TYPEAHEAD
from tests.benchmarks.report import Figure
from tests.benchmarks.requests import Asking, open_bot, open_slack

pytestmark = [pytest.mark.bench, pytest.mark.timeout(2000)]
ALONE = "import slack_bolt, sqlalchemy"
ANSWERS = 10_000


def test_from_start_to_ready(tmp_path: Path, figures: list[Figure]) -> None:
    with open_slack() as server:
        settings = environment(server.base_url, f"sqlite:///{tmp_path / 'aid.db'}") | as_shipped(tmp_path)
        ready(settings)  # makes the database, and compiles what Python compiles once
        alone = median(imported() for _ in range(5))
        own = median(ready(settings) for _ in range(5))
    figures.append(Figure("start to ready", "import of Bolt and SQLAlchemy", own / alone, 2.5, floor_ms=alone * 1000))


def as_shipped(folder: Path) -> dict[str, str]:
    """structlog imports rich where it is installed, which only a tool of development brings along."""
    (folder / "hidden").mkdir()
    (folder / "hidden" / "rich.py").write_text('raise ImportError("not there in production")\n')
    return {"PYTHONPATH": str(folder / "hidden")}


def imported() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, check=True)
    return time.perf_counter() - began


def ready(settings: dict[str, str]) -> float:
    """The seconds until /readyz says so."""
    began = time.perf_counter()
    with running(settings):
        return time.perf_counter() - began


def test_memory_after_many_answers(big_database: Database, figures: list[Figure]) -> None:
    with open_bot(big_database) as asking:
        few = after(asking, 100)
        many = after(asking, ANSWERS - 100)
    figures.append(Figure("memory after 10,000 answers", "after 100 answers", many / few, 1.3))


def after(asking: Asking, number: int) -> float:
    """Resident memory in bytes once so many answers were given, App Homes the rarest of them."""
    often = (PORTFOLIO, PROJECT, LIST, TYPEAHEAD)
    for each in range(number):
        asking(QUESTIONS[HOME if each % 50 == 0 else often[each % len(often)]])
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


def test_memory_of_an_import(sqlite_template: Path, tmp_path: Path, figures: list[Figure]) -> None:
    few, many = (peak(sqlite_template, tmp_path, rows) for rows in (ROWS // 10, ROWS))
    figures.append(Figure(f"memory of an import of {ROWS:,} rows", f"{ROWS // 10:,} rows", many / few, 1.3))


def peak(template: Path, folder: Path, rows: int) -> float:
    """The most memory that the process of an import had, in kilobytes."""
    shutil.copy(template, folder / "aid.db")
    with importing(table(folder / "table.csv", rows), f"sqlite:///{folder / 'aid.db'}") as process:
        said, _ = process.communicate()
        assert process.returncode == 0, said
    return float(said.splitlines()[-1].split()[1])
