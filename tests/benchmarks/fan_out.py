"""Alerts to send, senders that send them, and a Slack emulator; processes of their own that end with the block."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.sender.deliverer import SenderContext
from bot.sender.dispatcher import Sender
from bot.sender.settings import SenderSettings
from db.database import Database
from db.models import Delivery
from handlers.blocks.message import OutgoingMessage
from tests.benchmarks.slack_process import CHANNELS

HERE = Path(__file__).parent
ALERTS = 1_000
PATIENCE = 120.0
LEFT = "SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending', 'uncertain') LIMIT 1"
PACED = SenderSettings(workspace_per_minute=None)
UNPACED = SenderSettings(workspace_per_minute=None, channel_seconds=0.0, poll_seconds=0.05)


@dataclass(frozen=True)
class SlackProcess:
    """The address of its API, and a way to ask what it saw since it was asked last."""

    address: str
    ask: Callable[[], dict[str, Any]]


@contextmanager
def slack(*how: str) -> Iterator[SlackProcess]:
    """A Slack that behaves as ``slack_process.py`` says."""
    with process("slack_process.py", *how) as running:

        def ask() -> dict[str, Any]:
            assert running.stdin
            running.stdin.write("\n")
            running.stdin.flush()
            return dict(json.loads(line_of(running)))

        yield SlackProcess(line_of(running), ask)


@contextmanager
def process(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A script of this folder, until the block ends."""
    running = subprocess.Popen(
        [sys.executable, str(HERE / script), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1])])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdin
    assert running.stdout
    try:
        yield running
    finally:
        running.stdin.close()
        running.wait(timeout=30)
        running.stdout.close()


def line_of(running: subprocess.Popen[str]) -> str:
    """The next line that a process writes."""
    assert running.stdout
    return running.stdout.readline().strip()


def client_of(address: str) -> WebClient:
    return WebClient("xoxb-emulator", base_url=address, retry_handlers=[], timeout=8)


def same_words(_session: Session, _row: Delivery) -> OutgoingMessage:
    return OutgoingMessage("one decision", None)


def sender_on(
    database: Database,
    address: str,
    settings: SenderSettings,
    compose: Callable[[Session, Delivery], OutgoingMessage] = same_words,
) -> Sender:
    """A sender that is not started yet."""
    client = client_of(address)
    return Sender(
        SenderContext(
            database, lambda: datetime.now(UTC), settings, lambda _team: client, compose, lambda _session, _team: []
        )
    )


def fill(database: Database, alerts: int = ALERTS) -> None:
    """So many alerts that are due, over all channels."""
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
        for number in range(alerts)
    ]
    with database.writing() as session:
        session.connection().execute(insert(Delivery), rows)


def wait_until_sent(database: Database) -> None:
    """Look every few milliseconds, in a way that takes the sender hardly any time."""
    deadline = time.monotonic() + PATIENCE
    with database.engine.connect() as connection:
        while connection.exec_driver_sql(LEFT).first():
            assert time.monotonic() < deadline
            connection.rollback()
            time.sleep(0.02)
