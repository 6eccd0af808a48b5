"""A big record, made up: projects with long stories, subscribed channels, messages that were sent. The same at every run.

Rows are written in bulk, and as recording would have written them: ``check`` finds nothing wrong. The 17 projects of
the article are part of every size, so that the same question can be put to a small record and to a big one.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import Insert, func, insert, select
from sqlalchemy.orm import Session

from db.council import load_council
from db.database import Database
from db.domain.dates import COMMITTEE_ZONE, day, new_york_date
from db.domain.enums import SourceKind, UpdateKind
from db.domain.project_status import _APPLY, ProjectStatus
from db.domain.updates import Letter, Source, Update
from db.maintenance.seed import seed_article, seed_council
from db.models import (
    ChangeSet,
    Delivery,
    HoldRow,
    Organisation,
    Project,
    ProjectSector,
    ProjectStatusRow,
    Reminder,
    SourceRow,
    StandingKind,
    Subscription,
    UpdateProject,
    UpdateRow,
    fold_names,
)
from db.reminders.rules import due_reminders
from db.reminders.schedule import ReminderState, reminder_schedule
from db.updates.counters import rebuild_tallies
from db.updates.status_cache import hold_rows, initialize_projects, kinds_of, standing_row

TEAM = "T0LOOP"
ADMIN = "U0ADMIN"
FIRST_DAY = date(2012, 1, 1)
LAST_DAY = date(2026, 2, 9)
SEEDED_AT = datetime(2026, 2, 8, 12, tzinfo=UTC)
CHUNK = 10_000
TOLD = 10
"""Of so many updates one was told to a channel."""

ENGLISH = (
    *("water", "clean", "hospital", "vaccine", "nutrition", "medical", "kit", "province", "solar", "pump", "clinic"),
    *("school", "tuberculosis", "malaria", "sanitation", "milk", "powder", "surgical", "ambulance", "greenhouse"),
    *("seed", "potato", "wheelchair", "laboratory", "cold", "chain", "winter"),
)
KOREAN = (
    *("식수", "병원", "백신", "영양", "의료", "태양광", "펌프", "진료소", "결핵", "어린이", "지원", "사업", "위생"),
    *("분유", "수술", "구급차", "온실", "씨감자", "휠체어", "검사실"),
)
GROUPS = ("io", "io", "ngo", "ngo", "kr-private", "gyeonggi")
SECTORS = ("12110", "12220", "12250", "12263", "14030", "14032", "31120", "72040")
HOLDERS = ("US", "US", "GB", "FR", "CN", "RU")
RESTS = (UpdateKind.NOTE, UpdateKind.NOTE, UpdateKind.CLEARANCE, UpdateKind.SHIPPED, UpdateKind.NOTIFIED)
FILTERS = (
    "group:io",
    "group:ngo",
    "group:kr-private",
    "status:on-hold",
    "holder:US",
    "sector:12",
    "water",
    "kind:note",
)


@dataclass(frozen=True)
class Size:
    """How much there is, beside the article's 17 projects with their two updates."""

    projects: int
    updates: int
    subscriptions: int


MIDDLE = Size(projects=300, updates=10_000, subscriptions=40)
BIG = Size(projects=10_000, updates=1_000_000, subscriptions=1_000)


@dataclass(frozen=True)
class Step:
    """One update of a project that is told in order; ``at`` sorts the updates of all projects."""

    at: datetime
    project: int
    update: Update
    before: str
    after: str


def fill(database: Database, size: Size, seed: int = 1) -> None:
    """Write a record of ``size`` into a migrated database that is empty."""
    with database.writing() as session:
        seed_council(session)
        ids = _projects(session, size, seed)
        steps = merge(*(_steps(key, size, seed) for key in ids), key=lambda step: step.at)
        numbers = _updates(session, steps)
        _standings(session, numbers, size, seed)
        rebuild_tallies(session)
        subscriptions = _subscriptions(session, size)
        _deliveries(session, subscriptions, seed)
        seed_article(session, now=SEEDED_AT)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")  # as its own housekeeping does sooner or later
            connection.commit()


def _projects(session: Session, size: Size, seed: int) -> list[int]:
    chance = random.Random(seed)
    organisations = [_organisation(number) for number in range(1, max(8, size.projects // 40) + 1)]
    session.execute(insert(Organisation), organisations)
    keys = list(session.scalars(select(Organisation.id)))
    rows = [_project(number, chance, keys) for number in range(1, size.projects + 1)]
    session.execute(insert(Project), rows)
    projects = list(session.scalars(select(Project).order_by(Project.id)))
    sectors = [{"project_id": each.id, "code": chance.choice(SECTORS)} for each in projects if chance.random() < 0.8]
    session.execute(insert(ProjectSector), sectors)
    initialize_projects(session, projects)
    ids = [each.id for each in projects]
    session.expunge_all()
    return ids


def _organisation(number: int) -> dict[str, Any]:
    name_en, name_ko = f"Relief Works {number}", f"구호단체 {number}"
    return {
        "key": f"relief-{number}",
        "name_en": name_en,
        "name_ko": name_ko,
        "names_folded": fold_names(name_en, name_ko),
        "type_code": "21",
        "country": ("CH", "FI", "KR", "US")[number % 4],
    }


def _project(number: int, chance: random.Random, organisations: list[int]) -> dict[str, Any]:
    return {
        "ref": f"P-{number}",
        "title_en": " ".join(chance.choices(ENGLISH, k=4)).capitalize(),
        "title_ko": " ".join(chance.choices(KOREAN, k=4)),
        "group": chance.choice(GROUPS),
        "applicant_id": chance.choice(organisations),
        "created_at": datetime.combine(FIRST_DAY, time(12), UTC),
        "created_by": ADMIN,
    }


def _steps(project: int, size: Size, seed: int) -> Iterator[Step]:
    """A project's updates with its headlines before and after each; numbers come when all are in order."""
    standing = ProjectStatus()
    for update in _story(project, size, seed):
        today = new_york_date(update.recorded_at)
        before = standing.headline(today).value
        _apply(standing, update)
        yield Step(update.recorded_at, project, update, before, standing.headline(today).value)


def _apply(standing: ProjectStatus, update: Update) -> None:
    standing.updates.append(update)
    _APPLY[update.kind](standing, update)


def _story(project: int, size: Size, seed: int) -> Iterator[Update]:
    """What happened to one project, in order: a request, holds, a letter, reports; some end, some stay open."""
    chance = random.Random(f"{seed} {project}")
    mean = size.updates / size.projects
    length = max(3, round(mean * chance.uniform(0.2, 1.8)))
    span = (LAST_DAY - FIRST_DAY).days
    begin = chance.randrange(span)
    days = sorted(chance.choices(range(begin, span + 1), k=length))
    stage = chance.random()
    for at, (number, offset) in zip(days, enumerate(days), strict=True):
        yield _update(_kind(number, length, stage), FIRST_DAY + timedelta(days=at), project, offset, chance)


def _kind(number: int, length: int, stage: float) -> UpdateKind:
    """The kinds in the order in which they may come; how far a request gets depends on ``stage``."""
    opening = [UpdateKind.SUBMITTED, UpdateKind.CIRCULATED, UpdateKind.HOLD]
    if stage > 0.2:
        opening.append(UpdateKind.HOLD_LIFTED)
    if stage > 0.3:
        opening.append(UpdateKind.APPROVED)
    if number < len(opening):
        return opening[number]
    if stage > 0.9 and number == length - 1:
        return UpdateKind.DELIVERED
    if 0.8 < stage <= 0.9 and number == length - 1:
        return UpdateKind.EXTENSION_REQUESTED
    return RESTS[number % len(RESTS)] if stage > 0.3 else UpdateKind.NOTE


def _update(kind: UpdateKind, at: date, project: int, offset: int, chance: random.Random) -> Update:
    letter = Letter()
    if kind is UpdateKind.APPROVED:
        letter = Letter(letter_date=at, valid_until=day(at + timedelta(days=chance.choice((180, 365, 730)))))
    held = kind in {UpdateKind.HOLD, UpdateKind.HOLD_LIFTED}
    return Update(
        kind=kind,
        recorded_at=datetime.combine(at, time(18), UTC) + timedelta(seconds=chance.randrange(3600)),
        happened=day(at),
        confidence=SourceKind.LETTER if kind is UpdateKind.APPROVED else SourceKind.GOVERNMENT,
        sources=(Source(url=f"https://example.org/{project}/{offset}", publisher="1718 Committee", published=at),),
        note=f"Report {offset} on consignments and monitoring visits",
        recorded_by=ADMIN,
        holder=HOLDERS[project % len(HOLDERS)] if held else None,
        letter=letter,
        deadline=at + timedelta(days=5) if kind is UpdateKind.CIRCULATED else None,
        authority="Customs" if kind is UpdateKind.CLEARANCE else None,
    )


def _updates(session: Session, steps: Iterable[Step]) -> dict[int, list[int]]:
    """Write the updates, one act each, in the order of their recording; returns the numbers of each project's."""
    numbers: dict[int, list[int]] = {}
    remaining, number = iter(steps), 0
    while part := list(islice(remaining, CHUNK)):
        numbered = list(enumerate(part, number + 1))
        number += len(part)
        for each, step in numbered:
            numbers.setdefault(step.project, []).append(each)
        _write(session, insert(ChangeSet), [_act(each, step.update) for each, step in numbered])
        _write(session, insert(UpdateRow), [_row(each, step.update) for each, step in numbered])
        _write(session, insert(UpdateProject), [_touch(each, step) for each, step in numbered])
        sources = [_source(each, source) for each, step in numbered for source in step.update.sources]
        _write(session, insert(SourceRow), sources)
    _count_on(session)
    return numbers


def _act(number: int, update: Update) -> dict[str, Any]:
    return {
        "id": number,
        "key": f"made-up:{number}",
        "fingerprint": f"{number:064}",
        "team_id": TEAM,
        "user_id": update.recorded_by,
        "origin": "command",
        "recorded_at": update.recorded_at,
    }


def _row(number: int, update: Update) -> dict[str, Any]:
    own = ("happened", "reported", "effective_day", "note", "holder", "lift_all", "deadline", "authority", "extends")
    return {
        "id": number,
        "act_id": number,
        "team_id": TEAM,
        "kind": update.kind.value,
        "actor": update.actor.value,
        "confidence": update.confidence.value,
        "recorded_by": update.recorded_by,
        "recorded_at": update.recorded_at,
        **{name: getattr(update, name) for name in own},
        **{each.name: getattr(update.letter, each.name) for each in fields(Letter)},
    }


def _touch(number: int, step: Step) -> dict[str, Any]:
    return {
        "update_id": number,
        "project_id": step.project,
        "headline_before": step.before,
        "headline_after": step.after,
    }


def _source(number: int, source: Source) -> dict[str, Any]:
    return {
        "update_id": number,
        "position": 0,
        "url": source.url,
        "publisher": source.publisher,
        "title": source.title,
        "published": source.published,
    }


def _standings(session: Session, numbers: dict[int, list[int]], size: Size, seed: int) -> None:
    """The cache, as the updates give it, and the reminders that wait."""
    days, council = reminder_schedule(session).days, load_council(session)
    today = LAST_DAY
    for part in _parts(sorted(numbers), 1000):
        standings = {key: _standing(key, numbers[key], size, seed) for key in part}
        session.execute(ProjectStatusRow.__table__.delete().where(ProjectStatusRow.project_id.in_(part)))  # type: ignore[attr-defined]
        _write(session, insert(ProjectStatusRow), [standing_row(key, each) for key, each in standings.items()])
        _write(session, insert(HoldRow), [row for key, each in standings.items() for row in hold_rows(key, each)])
        kinds = [{"kind": kind, "project_id": key} for key, each in standings.items() for kind in kinds_of(each)]
        _write(session, insert(StandingKind), kinds)
        reminders = {
            (due.kind, key, due.day, due.days): due
            for key, each in standings.items()
            for due in due_reminders(each, days, council)
        }
        _write(session, insert(Reminder), [_reminder(key, due, today) for (_, key, _, _), due in reminders.items()])


def _standing(key: int, numbers: list[int], size: Size, seed: int) -> ProjectStatus:
    standing = ProjectStatus()
    for number, update in zip(numbers, _story(key, size, seed), strict=True):
        _apply(standing, replace(update, number=number, act=number))
    return standing


def _reminder(project: int, due: Any, today: date) -> dict[str, Any]:
    passed = due.notify_on < today
    at = datetime.combine(due.notify_on, time(), COMMITTEE_ZONE)
    return {
        "key": f"{due.kind.value}:{project}:{due.day.isoformat()}:{due.days}",
        "project_id": project,
        "kind": due.kind.value,
        "days": due.days,
        "day": due.day,
        "update_id": due.update.number,
        "due_at": at,
        "state": (ReminderState.PASSED if passed else ReminderState.WAITING).value,
        "settled_at": at if passed else None,
    }


def _subscriptions(session: Session, size: Size) -> list[int]:
    rows = [
        {
            "team_id": TEAM,
            "channel_id": f"C0BIG{number}",
            "filter": FILTERS[number % len(FILTERS)],
            "language": ("en", "ko")[number % 2],
            "created_by": ADMIN,
            "created_at": datetime.combine(FIRST_DAY, time(12), UTC),
        }
        for number in range(size.subscriptions)
    ]
    session.execute(insert(Subscription), rows)
    return list(session.scalars(select(Subscription.id).order_by(Subscription.id)))


def _deliveries(session: Session, subscriptions: list[int], seed: int) -> None:
    chance = random.Random(seed)
    query = (
        select(UpdateProject, UpdateRow.recorded_at)
        .join(UpdateRow, UpdateRow.id == UpdateProject.update_id)
        .where(UpdateProject.update_id % TOLD == 0)
        .order_by(UpdateProject.update_id)
    )
    for part in _parts(session.execute(query).all(), CHUNK):
        _write(session, insert(Delivery), [_delivery(touch, at, chance.choice(subscriptions)) for touch, at in part])
        session.expunge_all()


def _delivery(touch: UpdateProject, at: datetime, subscription: int) -> dict[str, Any]:
    key = touch.project_id
    return {
        "team_id": TEAM,
        "channel_id": f"C0BIG{subscription - 1}",
        "subscription_id": subscription,
        "act_id": touch.update_id,
        "update_id": touch.update_id,
        "project_id": key,
        "kind": "alert",
        "language": "en",
        "about": {"headlines": {str(key): [touch.headline_before, touch.headline_after]}, "projects": [key]},
        "state": "sent",
        "due_at": at,
        "attempts": 1,
        "attempted_at": at,
        "plain": False,
        "ts": f"{int(at.timestamp())}.{touch.update_id % 1_000_000:06}",
        "created_at": at,
        "sent_at": at,
    }


def _write(session: Session, statement: Insert, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(statement, rows)


def _parts(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    remaining = iter(values)
    while part := list(islice(remaining, size)):
        yield part


def _count_on(session: Session) -> None:
    """Let PostgreSQL go on counting after the numbers that were given here."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in (ChangeSet, UpdateRow):
        top = session.scalar(select(func.max(table.id)))
        session.execute(select(func.setval(func.pg_get_serial_sequence(table.__tablename__, "id"), top)))
