"""The time from recording an update until a thousand channels have their alert."""

import time
from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest

from bot.sender.settings import SenderSettings
from bot.slack_emulator import Fault
from bot.slack_emulator.demo_data import BOT
from bot.slack_emulator.models import Channel
from db.database import Database
from db.domain.dates import utc_now
from db.maintenance.seed import seed_article
from db.subscriptions.subscriptions import subscribe
from tests.benchmarks.big_record import ADMIN, TEAM
from tests.benchmarks.report import ALERTS
from tests.benchmarks.requests import Asking, command, open_bot

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
CHANNELS = [f"C0FAN{number}" for number in range(1_000)]
AS_FAST_AS_POSSIBLE = replace(SenderSettings(), workspace_per_minute=None)


@pytest.mark.parametrize(("seconds", "rounds"), [(0.0, 5), (0.25, 1)])
def test_alert_to_a_thousand_channels(sqlite_database: Database, seconds: float, rounds: int) -> None:
    now = utc_now() - timedelta(minutes=1)
    with sqlite_database.writing() as session:
        seed_article(session, now=now)
        for channel in CHANNELS:
            subscribe(session, TEAM, channel, ADMIN, "", "en", now=now)
    with open_bot(sqlite_database, utc_now, AS_FAST_AS_POSSIBLE) as asking:
        for channel in CHANNELS:
            asking.slack.store.put_channel(Channel(channel, channel.lower(), members=frozenset({BOT.id})))
        if seconds:
            asking.slack.faults.add("chat.postMessage", Fault.delay_before(seconds), times=rounds * len(CHANNELS))
        asking.bot.sender.start()
        times = [alert(asking, number) for number in range(1, rounds + 1)]
        asking.bot.sender.stop(20)
    answered, first, last = map(median, zip(*times, strict=True))
    column = f"Slack takes {seconds:g} s a message" if seconds else "Slack answers at once"
    ALERTS.put("receipt of the update", column, f"{answered * 1000:.0f} ms")
    ALERTS.put("first message posted", column, f"{first * 1000:.0f} ms")
    ALERTS.put(f"all {len(CHANNELS):,} messages posted", column, f"{last:.1f} s")
    ALERTS.put("messages a second", column, f"{len(CHANNELS) / (last - first):.0f}")


def alert(asking: Asking, number: int) -> tuple[float, float, float]:
    """Record an update; return the seconds until its receipt, its first message and its last."""
    began = time.time()  # the clock of the messages
    asking(command("/aid-update", f"GG-1 note number {number}"))
    answered = time.time()
    while len(times := posted(asking, began)) < len(CHANNELS):
        assert time.time() < began + 120
        time.sleep(0.2)
    return answered - began, min(times) - began, max(times) - began


def posted(asking: Asking, began: float) -> list[float]:
    stamps = [float(message.ts) for channel in CHANNELS for message in asking.slack.messages(channel)]
    return [stamp for stamp in stamps if stamp >= began]
