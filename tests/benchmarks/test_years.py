"""Five years of use in some minutes: what grows, what it costs, and that nothing which is needed is pruned."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.app import build
from bot.slack_emulator.models import Channel
from db.database import Database
from db.integrity.check import find_problems
from db.maintenance.prune import AGES
from db.models import AuditEntry, ChainLink, Delivery, Draft, Notice, ProcessedRequest, Reminder, UpdateRow
from db.outbox.deliveries import DeliveryKind
from tests.benchmarks.report import YEARS, timed
from tests.support.harness import NEVER, QUICK, BotHarness, run_bot, seed
from tests.support.proposals import add_project

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]
SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
PROJECTS = 200
UPDATES_A_WEEK = 10
WEEKS_A_YEAR = 52
CHANNELS = {
    "#years-1": ("group:io", "digest:daily@18:00"),
    "#years-2": ("group:ngo", "threading:thread"),
    "#years-3": ("status:approved", "digest:weekdays@9:00 zone:Seoul"),
    "#years-4": ("-kind:note", "threading:important language:ko"),
}  # and #aid-alerts, which has everything at once
LIFE = (
    "submitted on:{day} as:applicant",
    "circulated on:{day} as:government",
    "hold by:US on:{day} as:government",
    "hold-lifted by:US on:{day} as:government",
    "approved on:{day} until:{end} as:letter",
    "clearance authority:MOU outcome:granted on:{day} as:government",
    "shipped consignment:1/2 on:{day} as:applicant",
    "extension-requested on:{day} as:applicant",
    "extended on:{day} until:{end} as:letter",
    "delivered consignment:1/2 on:{day} as:applicant",
    "note a visit to the site",
    "delivered consignment:2/2 on:{day} as:applicant",
    "closed on:{day} as:applicant",
)
GROWING = (UpdateRow, AuditEntry, ChainLink, Delivery, Reminder, Notice, Draft, ProcessedRequest)
QUESTIONS = {"portfolio": "", "one project": "P-1", "a filtered list": "group:io -status:delivered"}


def live_a_week(harness: BotHarness, week: int) -> list[str]:
    """Record a week's updates, leave a draft, take one update back in four weeks; return the updates' numbers."""
    today = harness.clock().date()
    turn, first = divmod(week * UPDATES_A_WEEK, PROJECTS)
    line = LIFE[turn % len(LIFE)].format(day=today - timedelta(days=1), end=today + timedelta(days=365))
    numbers = harness.record(*(f"P-{first + each} {line}" for each in range(UPDATES_A_WEEK)))
    harness.admin.types(f"/aid-update P-{first},P-{first + 1} note a draft of week {week} that nobody records")
    if week % 4 == 3:
        note = harness.record(f"P-{first} note of week {week}, taken back")[0]
        harness.alerts()  # what is sent is edited
        harness.admin.types(f"/aid-update {note} retract")
    harness.admin.types(f"/aid-alerts set threading:{('flat', 'thread')[week % 2]}", "#years-2")
    for _ in range(7):
        harness.wait(lambda: not harness.queued(), 60)  # first, since no request may take a day
        harness.tick(days=1)
    return numbers


def alerts(harness: BotHarness) -> set[int]:
    """Return the rows of the alerts that are messages in a channel."""
    with harness.database.reading() as session:
        rows = select(Delivery.id).where(Delivery.kind == DeliveryKind.ALERT.value, Delivery.ts.is_not(None))
        return set(session.scalars(rows))


def measure(harness: BotHarness, column: str) -> None:
    """Put size, rows, memory, connections and times into the table."""
    with harness.database.reading() as session:
        for table in GROWING:
            rows = session.scalar(select(func.count()).select_from(table))
            YEARS.put(f"rows of `{table.__tablename__}`", column, f"{rows:,}")
        connection = session.connection()
        (size,) = connection.exec_driver_sql(SIZES[connection.dialect.name]).one()
        YEARS.put("size of the database", column, f"{size / 1e6:.1f} MB")
        if not harness.database.is_sqlite:
            count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            YEARS.put("connections", column, str(connection.exec_driver_sql(count).scalar()))
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    YEARS.put("memory", column, f"{int(status.split('VmRSS:')[1].split()[0]) / 1000:.0f} MB")
    YEARS.put("open files", column, str(len(list(Path("/proc/self/fd").iterdir()))))
    for name, question in QUESTIONS.items():
        ask = partial(harness.member.types, f"/aid-status {question}")
        YEARS.put(name, column, timed([ask] * 50))


@pytest.fixture(params=[("SQLite", 1, 5), ("PostgreSQL", 2, 5)], ids=["SQLite", "PostgreSQL"])
def years(request: pytest.FixtureRequest) -> Iterator[tuple[BotHarness, str, int]]:
    """Yield a bot with projects, channels and a follower, its column in the table, and the number of years."""
    name, senders, length = request.param
    url = request.getfixturevalue("sqlite_url" if name == "SQLite" else "postgres_url")
    seed(url)
    with run_bot(url) as harness, ExitStack() as stack:
        for _ in range(senders - 1):
            database = Database(url)
            stack.callback(database.close)
            second = build(harness.settings, database, clock=harness.clock, pace=QUICK, tick_seconds=NEVER)
            second.sender.start()
            stack.callback(second.connections.close)
            stack.callback(second.sender.stop, 20)
        for number in range(PROJECTS):
            group = ("io", "ngo", "kr-private", "gyeonggi")[number % 4]
            harness.writing(lambda session, ref=f"P-{number}", group=group: add_project(session, ref, group))
        for channel, (wanted, settings) in CHANNELS.items():
            members = frozenset({harness.slack.app.bot_user, "U0ADMIN"})
            harness.slack.store.put_channel(Channel(f"C{channel[-1]}YEARS", channel[1:], members=members))
            for line in (f"on {wanted}", f"set {settings}"):
                harness.admin.types(f"/aid-alerts {line}", channel)
        harness.member.presses(harness.member.types("/aid-status P-1"), "Follow")
        yield harness, name, length


def test_years_of_use(years: tuple[BotHarness, str, int], caplog: pytest.LogCaptureFixture) -> None:
    harness, column, length = years
    measure(harness, f"{column}, 0 years")
    numbers = live_a_week(harness, 0)
    first_alert = next(message for message in harness.alerts() if "P-0" in message.text)
    known = f"/aid-status P-0 known:{harness.clock().date() - timedelta(days=1)}"
    known_then, alerts_then = harness.member.types(known).text, alerts(harness)
    for week in range(1, length * WEEKS_A_YEAR):
        live_a_week(harness, week)
        if week == WEEKS_A_YEAR:
            measure(harness, f"{column}, 1 year")
    measure(harness, f"{column}, {length} year{'s'[: length - 1]}")

    assert harness.member.types(known).text == known_then
    assert alerts_then <= alerts(harness)
    assert "aid-alerts" in harness.admin.types("/aid-admin delivery").text
    harness.admin.types(f"/aid-update {numbers[0]} retract a typing error")
    harness.alerts()
    channel = harness.slack.channel("#aid-alerts").id
    assert next(each for each in harness.slack.messages(channel) if each.ts == first_alert.ts).edited
    with harness.database.reading() as session:
        kinds = set(session.scalars(select(Delivery.kind)))
        assert kinds >= {DeliveryKind.ALERT, DeliveryKind.DIGEST, DeliveryKind.REMINDER, DeliveryKind.EDIT}
        for _, since, age in AGES[:2]:  # drafts and requests
            assert session.scalars(select(func.min(since))).one() > harness.clock() - age - timedelta(days=1)
        assert find_problems(session) == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
