"""1,000 alerts over 50 channels, against a Slack on loopback in a process of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from slack_process import CHANNELS
from slack_sdk import WebClient
from sqlalchemy import insert
from table import Figure

from bot.courier import Desk
from bot.sender import Sender
from bot.sender_settings import SenderSettings
from db.database import Database
from db.models import Delivery
from handlers.messages.outgoing import Outgoing

pytestmark = pytest.mark.bench
ROOT = Path(__file__).parents[2]
ALERTS = 1_000
PATIENCE = 120.0
LEFT = "SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending', 'uncertain') LIMIT 1"
PACED = SenderSettings(workspace_per_minute=None)
UNPACED = SenderSettings(workspace_per_minute=None, channel_seconds=0.0)


@contextmanager
def slack(*how: str) -> Iterator[str]:
    """The address of a Slack's API."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "slack_process.py"), *how],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture
def outbox(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "aid.db")
    database = Database(f"sqlite:///{tmp_path / 'aid.db'}")
    now = datetime.now(UTC)
    rows = [
        {
            "team_id": "T0LOOP",
            "channel_id": CHANNELS[number % len(CHANNELS)],
            "kind": "alert",
            "language": "en",
            "about": {},
            "state": "pending",
            "due_at": now,
            "created_at": now,
            "attempts": 0,
            "plain": False,
        }
        for number in range(ALERTS)
    ]
    with database.writing() as session:
        session.connection().execute(insert(Delivery), rows)
    yield database
    database.close()


def sending(database: Database, address: str, settings: SenderSettings) -> float:
    """The seconds until all are sent."""
    client = WebClient("xoxb-loopback", base_url=address, retry_handlers=[], timeout=8)
    desk = Desk(
        database,
        lambda: datetime.now(UTC),
        settings,
        lambda _team: client,
        lambda _session, _row: Outgoing("one decision", None),
        lambda _session, _team: [],
    )
    sender = Sender(desk)
    began = time.perf_counter()
    sender.start()
    wait_until_sent(database)
    took = time.perf_counter() - began
    sender.stop(20)
    return took


def wait_until_sent(database: Database) -> None:
    """Look every few milliseconds in a way that takes the sender hardly any time."""
    deadline = time.monotonic() + PATIENCE
    with database.engine.connect() as connection:
        while connection.exec_driver_sql(LEFT).first():
            assert time.monotonic() < deadline
            connection.rollback()
            time.sleep(0.005)


def posting(address: str) -> float:
    """The same messages in a bare loop, with as many connections as the sender has workers."""
    client = WebClient("xoxb-loopback", base_url=address, retry_handlers=[], timeout=8)
    began = time.perf_counter()
    with ThreadPoolExecutor(UNPACED.workers) as pool:
        posts = [
            pool.submit(client.chat_postMessage, channel=CHANNELS[number % len(CHANNELS)], text="one decision")
            for number in range(ALERTS)
        ]
        assert all(post.result()["ok"] for post in posts)
    return time.perf_counter() - began


def test_at_the_pace_of_a_channel(outbox: Database, figures: list[Figure]) -> None:
    least = ALERTS / len(CHANNELS) - 1  # a channel's first message waits for nothing
    with slack("pace") as address:
        took = sending(outbox, address, PACED)
    figures.append(
        Figure("1,000 alerts, 50 channels", "one a second a channel", took / least, 1.1, floor_ms=least * 1000)
    )


def test_with_no_limit(outbox: Database, figures: list[Figure]) -> None:
    with slack() as address:
        bare = posting(address)
        took = sending(outbox, address, UNPACED)
    figures.append(Figure("throughput with no limit", "bare loop", bare / took, least=0.8, floor_ms=bare * 1000))
