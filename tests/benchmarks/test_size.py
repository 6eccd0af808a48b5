"""How soon a bot is ready, and how much memory it has taken after many answers."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

import pytest
from asking import NOW, Asking, open_bot
from questions import HOME, LIST, PORTFOLIO, PROJECT, QUESTIONS, TYPEAHEAD
from table import Figure

from bot.loopback import LoopbackServer, demo_world
from bot.manifest import manifest
from db.database import Database

pytestmark = pytest.mark.bench
ROOT = Path(__file__).parents[2]
ALONE = "import slack_bolt, sqlalchemy"
PATIENCE = 30.0
ANSWERS = 10_000


def test_from_start_to_ready(tmp_path: Path, figures: list[Figure]) -> None:
    slack = demo_world(NOW.timestamp)
    slack.install(manifest())
    with LoopbackServer(slack, page=False) as server:
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-loopback",
            "SLACK_SIGNING_SECRET": "loopback",
            "SLACK_API_URL": server.base_url,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'aid.db'}",
            "AID_ADMINS": "U0ADMIN",
        }
        ready(settings)  # makes the database, and compiles what Python compiles once
        alone = median(imported() for _ in range(5))
        own = median(ready(settings) for _ in range(5))
    figures.append(Figure("start to ready", "import of Bolt and SQLAlchemy", own / alone, 2.5, floor_ms=alone * 1000))


def imported() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, check=True)
    return time.perf_counter() - began


def ready(settings: dict[str, str]) -> float:
    """The seconds until /readyz says so."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT,
        env={**os.environ, **settings, "PORT": str(port)},
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(f"http://127.0.0.1:{port}/readyz"):
            assert time.perf_counter() - began < PATIENCE
            assert process.poll() is None
            time.sleep(0.005)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


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
