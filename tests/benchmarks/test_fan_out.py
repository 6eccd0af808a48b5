"""1,000 alerts over 50 channels: at a channel's pace, with no limit, by several senders; and how soon the first one goes."""

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.sender.post import EVENT_TYPE
from bot.sender.settings import SenderSettings
from db.database import Database
from db.domain.dates import new_york_date
from db.models import Delivery
from db.subscriptions.subscriptions import subscribe
from handlers.alerts.renderer import render
from handlers.blocks.message import OutgoingMessage
from tests.benchmarks.fan_out import (
    ALERTS,
    PACED,
    UNPACED,
    SlackProcess,
    client_of,
    fill,
    line_of,
    process,
    sender_on,
    slack,
    wait_until_sent,
)
from tests.benchmarks.report import Figure
from tests.benchmarks.slack_process import CHANNELS
from tests.support.proposals import TEAM, add_projects, say

pytestmark = pytest.mark.bench
ANSWER_SECONDS = "0.25"
"""About what Slack's own answers take: with several senders, their number is to count and not this machine's speed."""

SHARED = 500
"""So many alerts are shared by several senders; one sender is at it for a quarter of a minute."""

RECORDINGS = 60


@pytest.fixture
def new_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Makes one more record in SQLite, of the name given."""
    with ExitStack() as opened:

        def make(name: str) -> Database:
            shutil.copy(sqlite_template, tmp_path / name)
            database = Database(f"sqlite:///{tmp_path / name}")
            opened.callback(database.close)
            return database

        yield make


def sending(database: Database, address: str, settings: SenderSettings) -> float:
    """The seconds until a thousand alerts are sent."""
    fill(database)
    sender = sender_on(database, address, settings)
    began = time.perf_counter()
    sender.start()
    wait_until_sent(database)
    took = time.perf_counter() - began
    sender.stop(20)
    return took


def posting(address: str) -> float:
    """The same messages in a bare loop, with as many connections as the sender has workers."""
    client = client_of(address)

    def post(number: int) -> SlackResponse:
        return client.chat_postMessage(
            channel=CHANNELS[number % len(CHANNELS)],
            text="one decision",
            metadata={"event_type": EVENT_TYPE, "event_payload": {"delivery": str(number)}},
            unfurl_links=False,
            unfurl_media=False,
        )

    began = time.perf_counter()
    with ThreadPoolExecutor(UNPACED.workers) as pool:
        posts = [pool.submit(post, number) for number in range(ALERTS)]
        assert all(post.result()["ok"] for post in posts)
    return time.perf_counter() - began


def test_at_the_pace_of_a_channel(new_database: Callable[[str], Database], figures: list[Figure]) -> None:
    least = ALERTS / len(CHANNELS) - 1  # a channel's first message waits for nothing
    with slack("pace") as there:
        took = sending(new_database("aid.db"), there.address, PACED)
    figures.append(
        Figure("1,000 alerts, 50 channels", "one a second a channel", took / least, 1.1, floor_ms=least * 1000)
    )


def test_with_no_limit(new_database: Callable[[str], Database], figures: list[Figure]) -> None:
    """Three times each, by turns, and the middle one, because a second is soon disturbed."""
    bare, took = [], []
    for turn in range(3):
        with slack() as there:
            bare.append(posting(there.address))
            took.append(sending(new_database(f"{turn}.db"), there.address, UNPACED))
    floor = median(bare)
    figures.append(
        Figure("throughput with no limit", "bare loop", floor / median(took), least=0.8, floor_ms=floor * 1000)
    )


def test_from_the_commit_to_the_first_request(new_database: Callable[[str], Database], figures: list[Figure]) -> None:
    """By turns with a listener that posts by itself: both word the message after the commit, from the record."""
    ours, theirs = (furnished(new_database(name)) for name in ("ours.db", "theirs.db"))
    with slack() as there:
        sender = sender_on(ours, there.address, UNPACED, compose_today)
        client = client_of(there.address)
        sender.start()
        lags: tuple[list[float], list[float]] = ([], [])
        for number in range(RECORDINGS):
            lags[0].append(lag(there, ours, number, sender.wake))
            lags[1].append(lag(there, theirs, number, lambda: post_directly(client, theirs)))
        sender.stop(20)
    floor = median(lags[1])
    figures.append(
        Figure(
            "commit to first request", "posting in the listener", median(lags[0]) / floor, 1.5, floor_ms=floor * 1000
        )
    )


def furnished(database: Database) -> Database:
    """With a project, and a channel that is told of it."""
    add_projects(database, "IO-1")
    with database.writing() as session:
        subscribe(session, TEAM, CHANNELS[0], "U1", "", "en", now=datetime.now(UTC))
    return database


def lag(there: SlackProcess, database: Database, number: int, then: Callable[[], None]) -> float:
    """The seconds from a commit until Slack sees the request that ``then`` leads to."""
    say(database, f"IO-1 note the {number}th word on it", now=datetime.now(UTC))
    committed = time.monotonic()
    then()
    deadline = committed + 10
    while not (times := there.ask()["times"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.1)  # until the sender is at rest
    (arrived,) = times
    return float(arrived) - committed


def compose_today(session: Session, row: Delivery) -> OutgoingMessage:
    return render(session, row, new_york_date(datetime.now(UTC)))


def post_directly(client: WebClient, database: Database) -> None:
    with database.reading() as session:
        row = session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()
        words = compose_today(session, row)
    client.chat_postMessage(channel=row.channel_id, text=words.text, blocks=words.blocks)


def test_several_senders(new_postgres: Callable[[str], str], figures: list[Figure]) -> None:
    seconds = {number: sending_together(new_postgres(f"senders_{number}"), number) for number in (1, 2, 4)}
    figures.extend(
        Figure(
            f"throughput of {number} senders, PostgreSQL",
            "one sender",
            seconds[1] / seconds[number],
            least=1.0,
            floor_ms=seconds[1] * 1000,
        )
        for number in (2, 4)
    )


def sending_together(url: str, senders: int) -> float:
    """The seconds until so many processes have sent the alerts, each of which stands in Slack once."""
    database = Database(url)
    with slack(ANSWER_SECONDS) as there, ExitStack() as running:
        for _ in range(senders):
            assert line_of(running.enter_context(process("sender_process.py", url, there.address))) == "ready"
        fill(database, SHARED)
        began = time.perf_counter()
        wait_until_sent(database)
        took = time.perf_counter() - began
        with database.reading() as session:
            due = sorted(str(each) for each in session.scalars(select(Delivery.id)))
        assert sorted(there.ask()["deliveries"]) == due
    database.close()
    return took
