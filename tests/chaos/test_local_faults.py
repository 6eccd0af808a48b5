"""Local faults other than kills: a shutdown, a locked or full database, a restarted one, several clocks."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from bot.slack_emulator.faults import Fault
from db.database import Database
from db.domain.dates import new_york_date
from db.maintenance.migrate import migrate
from db.models import Delivery, Reminder, Subscription
from db.outbox.deliveries import DeliveryKind, DeliveryState, resume
from tests.chaos.run import ChaosRun, Plan, run_plan, start_run
from tests.chaos.test_chaos import SEED, check
from tests.conftest import postgres_server
from tests.support.harness import run_bot, seed
from tests.support.proposals import proposal, record, recorder
from tests.support.waiting import wait_until

POST = "chat.postMessage"


def states(run: ChaosRun) -> set[str]:
    with run.database.reading() as session:
        return set(session.scalars(select(Delivery.state)))


def test_shutdown_finishes_requests_in_flight(sqlite_url: str) -> None:
    with start_run(Plan("drain", channels=4), sqlite_url, SEED) as run:
        run.faults.add(POST, Fault.delay(0.4), times=4)
        run.write(1)
        run.pool.start()
        wait_until(lambda: run.slack.counts[POST] > 0, 20, "no request")

        assert run.pool.end() == [0]

        assert states(run) <= {DeliveryState.SENT, DeliveryState.PENDING}
        run.pool = type(run.pool)(run.pool.options)
        with run.pool.running():
            run.end_faults()
        check(run.count())


def test_locked_database_loses_nothing(sqlite_url: str) -> None:
    def lock(_run: ChaosRun) -> None:
        with sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(2)
            connection.execute("COMMIT")
        connection.close()

    check(run_plan(Plan("locked", updates=10), sqlite_url, SEED, meanwhile=lock))


def test_full_disk_loses_nothing(sqlite_url: str) -> None:
    """The senders cannot store outcomes; another with free space reconciles and goes on."""
    with start_run(Plan("full", updates=8), sqlite_url, SEED) as run:
        tight = [
            replace(options, largest_file=Path(make_url(sqlite_url).database or "").stat().st_size)
            for options in run.pool.options
        ]
        full = type(run.pool)(tight)
        with full.running():
            for number in range(8):
                run.write(number)
            time.sleep(3)
        assert states(run) != {DeliveryState.SENT}
        run.pool.start()
        run.end_faults()
        check(run.count())


@pytest.fixture
def own_postgres() -> Iterator[Any]:
    """Start a server that the test may restart."""
    with postgres_server() as server:
        yield server


def test_postgresql_restart_loses_nothing(own_postgres: Any) -> None:
    url = make_url(own_postgres.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    database = Database(url)
    migrate(database)
    database.close()

    def restart(_run: ChaosRun) -> None:
        own_postgres.stop()
        own_postgres.start()

    check(run_plan(Plan("restart", updates=12, senders=2), url, SEED, meanwhile=restart))


def test_hanging_postgresql_is_said_and_survived(own_postgres: Any) -> None:
    """Every process of the server is stopped, so that connections stay open and nothing comes back."""
    psutil = pytest.importorskip("psutil")
    url = make_url(own_postgres.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    database = Database(url)
    migrate(database)
    database.close()
    seed(url)
    with run_bot(url, "signed HTTP") as harness:
        harness.wait(lambda: harness.call("/readyz").status == 200)
        harness.bot.app._late._seconds = 1.0
        server = psutil.Process(int((Path(own_postgres.pgdata) / "postmaster.pid").read_text().split()[0]))
        with ExitStack() as stopped:
            for process in (server, *server.children()):
                process.suspend()
                stopped.callback(process.resume)
            answers = [harness.admin.types(f"/aid-update GG-1 note on:2026-02-09 {number}").text for number in range(6)]
            assert all("This takes longer than usual" in each for each in answers)
            harness.wait(lambda: harness.call("/readyz").said == (503, "the database does not answer\n"))
            assert harness.call("/healthz").status == 200
        harness.wait(lambda: harness.call("/readyz").status == 200)

        def told(outcome: str) -> int:
            return harness.admin.person.screen("#general").count(outcome)

        harness.wait(lambda: told("Recorded as #") + told("Look with /aid-status") == len(answers))
        assert len(harness.alerts()) == told("Recorded as #")


def test_blocked_channel_gets_everything_in_order(sqlite_url: str) -> None:
    with start_run(Plan("blocked", channels=3), sqlite_url, SEED) as run:
        run.faults.add(POST, Fault.error("not_in_channel"), channel="C1")
        run.faults.add(POST, Fault.error("is_archived"), channel="C2")
        with run.pool.running():
            for number in range(6):
                run.write(number)
            wait_until(lambda: {"blocked"} <= states(run) <= {"sent", "blocked", "cancelled"}, 20, "not blocked")
            for channel in ("C1", "C2"):
                with run.database.writing() as session:
                    resume(session, "T0LOOP", channel, datetime.now(UTC))
            run.end_faults()
        check(run.count())


def test_three_schedulers_notify_once(postgres_url: str) -> None:
    """Send digests and reminders while the processes that queue them are killed."""
    now = datetime.now(UTC)
    with start_run(Plan("clocks", channels=4, projects=3, threading=False), postgres_url, SEED) as run:
        with run.database.writing() as session:
            for row in session.scalars(select(Subscription)):
                row.digest, row.digest_at, row.zone = "daily", "09:00", "America/New_York"
                row.digest_next = now + timedelta(days=1)
        for number in range(6):
            run.write(number)
        with run.database.writing() as session:
            for row in session.scalars(select(Subscription)):
                row.digest_next = now - timedelta(seconds=1)
            _approve(session, now)
        run.pool.options[:] = [replace(run.pool.options[0], ticks=True) for _ in range(3)]
        with run.pool.running():
            for _ in range(6):
                time.sleep(0.4)
                run.pool.kill_one()
            run.end_faults()
            figures = run.count()
        assert (figures.lost, figures.doubled) == (0, 0)
        with run.database.reading() as session:
            kinds = list(session.scalars(select(Delivery.kind)))
            reminders = list(session.scalars(select(Reminder.state)))
    assert kinds.count(DeliveryKind.DIGEST) == 4
    assert kinds.count(DeliveryKind.REMINDER) == 4
    assert reminders.count("told") == 1


def _approve(session: Session, now: datetime) -> None:
    """Record a letter that ends in 60 days: one reminder is due today."""
    today = new_york_date(now)
    line = f"P-0 approved as:letter source:https://example.org/1 on:{today} until:{today + timedelta(days=60)}"
    record(session, proposal(line), recorder(line, quiet=True), now=now)
