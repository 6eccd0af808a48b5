"""Replanning the reminders of many projects in batches, so that no writer waits long."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.scheduler import Scheduler
from db.database import Database
from db.models import Reminder
from db.reminders.rules import ReminderKind
from db.reminders.schedule import CHUNK, reschedule_batch, set_days
from tests.support.proposals import ADMIN, NOW, add_projects, say

PROJECTS = 2 * CHUNK + 1
REFS = [f"IO-{number}" for number in range(1, PROJECTS + 1)]
HELD = ",".join(REFS) + " hold by:US on:2026-03-01"


@pytest.fixture
def many(database: Database) -> Database:
    """Return projects on hold with reminders planned by the default days."""
    add_projects(database, *REFS)
    say(database, HELD)
    clock(database).tick()
    return database


def clock(database: Database) -> Scheduler:
    return Scheduler(database, lambda: NOW, lambda: None)


def change_the_days(database: Database) -> None:
    with database.writing() as session:
        set_days(session, ReminderKind.HOLD, [33], ADMIN, now=NOW)


def planned(database: Database) -> Counter[tuple[int, ...]]:
    """Count projects by the days after which a reminder of their hold comes."""
    with database.reading() as session:
        rows = session.execute(select(Reminder.project_id, Reminder.days).where(Reminder.state != "dropped"))
        days: dict[int, list[int]] = {}
        for project, after in rows:
            days.setdefault(project, []).append(after)
    return Counter(tuple(sorted(each)) for each in days.values())


def parts(database: Database) -> Iterator[Counter[tuple[int, ...]]]:
    """Replan all reminders; yield the plan after each transaction."""
    more = True
    while more:
        with database.writing() as session:
            more = reschedule_batch(session, NOW)
        yield planned(database)


def test_reschedule_releases_the_lock_between_batches(many: Database) -> None:
    change_the_days(many)
    replanned = []
    for plan in parts(many):
        replanned.append(plan[33, 180])
        say(many, f"IO-1 note said between, {len(replanned)}")
    assert replanned == [CHUNK, 2 * CHUNK, PROJECTS, PROJECTS]
    assert planned(many) == {(33, 180): PROJECTS}


def test_stopped_reschedule_is_continued_by_the_next(many: Database) -> None:
    change_the_days(many)
    stopped = clock(many)
    stopped.stop(0)
    stopped.tick()
    assert planned(many)[33, 180] == 0

    clock(many).tick()
    assert planned(many) == {(33, 180): PROJECTS}


def test_first_ticks_of_two_processes_take_turns(database: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: clock(database).tick(), range(2))) == [0, 0]
