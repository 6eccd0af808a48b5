"""A hundred commands at once, while a long table is imported and alerts go out: each a process, as it is run."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bot.installation.manifest import manifest
from bot.slack_emulator import EmulatorServer, SlackEmulator, demo_workspace
from bot.slack_emulator.demo_data import BOT
from bot.slack_emulator.models import Channel
from bot.slack_emulator.state.installation import APP_TOKEN
from bot.slack_emulator.transport.delivery import TIMEOUT, Ack, Envelope, SignedHttp
from db.database import Database
from db.maintenance.seed import seed_article, seed_council
from db.subscriptions.subscriptions import subscribe
from tests.benchmarks.big_record import TEAM
from tests.benchmarks.bot_process import environment, importing, running, table
from tests.benchmarks.conftest import ROWS
from tests.benchmarks.report import Figure
from tests.benchmarks.slack_process import CHANNELS
from tests.support.proposals import say

pytestmark = [pytest.mark.bench, pytest.mark.timeout(2000)]
COMMANDS = 100
ACTS = 100
"""Each is told to each of fifty channels; at the pace that ships they take as long as the import does."""

SLACK_WAITS = 3.0
TEXTS = ("", "GG-1", "group:io -status:delivered", "status:under-review", "#1", "help", "water", "IO-3", "KR-1", "ngo")
BETWEEN = 1.0
PATIENCE = 1500.0


@dataclass
class Bursts:
    """The slowest ack of a command, of those at once, and how many bursts there were."""

    slowest: float = 0.0
    number: int = 0


@pytest.fixture
def slack() -> Iterator[EmulatorServer]:
    world = demo_workspace()
    world.install(manifest())
    for channel in CHANNELS:
        world.store.put_channel(Channel(channel, channel.lower(), members=frozenset({BOT.id})))
    with EmulatorServer(world, page=False) as server:
        yield server


@pytest.fixture
def address(request: pytest.FixtureRequest, kind: str, sqlite_template: Path, tmp_path: Path) -> str:
    """A record with a thousand alerts to send."""
    if kind == "sqlite":
        shutil.copy(sqlite_template, tmp_path / "aid.db")
        found = f"sqlite:///{tmp_path / 'aid.db'}"
    else:
        found = request.getfixturevalue("new_postgres")(
            request.node.name.translate(str.maketrans("[]- ", "____")).lower()
        )
    database = Database(found)
    now = datetime.now(UTC)
    with database.writing() as session:
        seed_council(session)
        seed_article(session, now=now)
        for channel in CHANNELS:
            subscribe(session, TEAM, channel, "U1", "", "en", now=now)
    for number in range(ACTS):
        say(database, f"GG-1,IO-1,IO-2 note number {number}", now=now)
    database.close()
    return str(found)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("way", ["HTTP", "Socket Mode"])
def test_a_hundred_commands_at_once(
    way: str, kind: str, address: str, slack: EmulatorServer, tmp_path: Path, figures: list[Figure]
) -> None:
    settings = environment(slack.base_url, address, **({"SLACK_APP_TOKEN": APP_TOKEN} if way != "HTTP" else {}))
    with running(settings) as bot, ThreadPoolExecutor(COMMANDS) as pool:
        if way == "HTTP":
            slack.slack.delivery = SignedHttp(f"{bot}/slack/events")
        alone, meanwhile = Bursts(), Bursts()
        burst(slack.slack, pool, alone)
        with importing(table(tmp_path / "table.csv", ROWS), address) as process:
            until_done(process, partial(burst, slack.slack, pool, meanwhile))
    sent = sum(len(slack.slack.messages(channel)) for channel in CHANNELS)
    assert sent, "no alert went out meanwhile"
    what = f"{COMMANDS} commands at once, {way}, {kind}, slowest ack"
    figures.append(Figure(what, "Slack's 3 s", alone.slowest / SLACK_WAITS, 1.0, floor_ms=SLACK_WAITS * 1000))
    during = f"{what} of {meanwhile.number} times during an import of {ROWS:,} rows and {sent:,} alerts"
    figures.append(Figure(during, "Slack's 3 s", meanwhile.slowest / SLACK_WAITS, 1.0, floor_ms=SLACK_WAITS * 1000))


def burst(slack: SlackEmulator, pool: ThreadPoolExecutor, seen: Bursts) -> None:
    """So many commands of several people at once; each has to be answered with what it asked for, sooner or later."""
    acks = list(pool.map(partial(command, slack), range(COMMANDS)))
    wrong = [ack for ack in acks if ack.problem != TIMEOUT and "blocks" not in (ack.payload or {})]
    assert not wrong, wrong
    seen.slowest = max(seen.slowest, *(ack.seconds for ack in acks))
    seen.number += 1


def command(slack: SlackEmulator, number: int) -> Ack:
    people = [user for user in slack.store.users.values() if not user.is_bot]
    payload = slack.payloads.command(
        people[number % len(people)], slack.channel("general"), "/aid-status", TEXTS[number % len(TEXTS)], f"R{number}"
    )
    assert slack.delivery
    return slack.delivery.send(Envelope("slash_commands", payload), 3 * SLACK_WAITS)


def until_done(process: "subprocess.Popen[str]", work: partial[None]) -> None:
    """Do it again and again while a process runs, which has to end well and in time."""
    began = time.perf_counter()
    while process.poll() is None:
        assert time.perf_counter() - began < PATIENCE, "the import takes too long"
        work()
        time.sleep(BETWEEN)
    assert process.returncode == 0, process.communicate()
