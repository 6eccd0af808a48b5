"""Overview for one person: projects they follow, changes since they last looked, what is next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from db.column_types import UtcTime
from db.database import fetch
from db.domain.enums import WITH_DEADLINE
from db.models import CounterRow, HoldRow, Person, Project, ProjectStatusRow, Reminder, UpdateProject, UpdateRow
from db.paging import Page
from db.projects.queries import leading
from db.reminders.rules import ReminderKind
from db.reminders.schedule import ReminderState
from db.reports.portfolio import ProjectRow, changes, page_among
from db.subscriptions.follows import followed_projects
from db.updates.counters import Dimension
from db.updates.history import RecentChange

PAGE_SIZE = 8
CHANGES = 6
DEADLINES = 6
HOLDERS = 15
DEFAULT_LOOKBACK = timedelta(days=14)  # what somebody who never looked has not seen


@dataclass(frozen=True, slots=True)
class UpcomingDeadline:
    """A day by which something ends: an exemption, or the time for objections."""

    ref: str
    kind: ReminderKind
    day: date


@dataclass(frozen=True, slots=True)
class HolderCount:
    """A holder, how many requests it holds now, and the last day of the oldest hold's date; None where unknown."""

    holder: str
    number: int
    since: date | None


@dataclass(frozen=True, slots=True)
class Overview:
    """``changes`` are the latest of ``changed`` that were recorded since ``looked_at``, among ``mine`` if there are any."""

    today: date
    mine: Page[ProjectRow]
    looked_at: datetime
    changes: tuple[RecentChange, ...]
    changed: int
    deadlines: tuple[UpcomingDeadline, ...]
    holds: tuple[HolderCount, ...]


def home_overview(
    session: Session, team_id: str, user_id: str, today: date, *, now: datetime, page: int = 1
) -> Overview:
    """Return the person's overview on ``today`` (New York), with page ``page`` of the projects they follow."""
    mine = followed_projects(session, team_id, user_id)
    since = fetch(session, _LOOKED, team=team_id, user=user_id).scalar() or now - DEFAULT_LOOKBACK
    counting, newest = _changed_since(among=bool(mine))
    about = {"since": since, "ids": mine} if mine else {"since": since}
    latest = list(fetch(session, newest, **about).scalars())
    coming = {"today": today, "ids": mine} if mine else {"today": today}
    ends, objections = (fetch(session, query, **coming) for query in _coming(among=bool(mine)))
    found = [UpcomingDeadline(ref, ReminderKind.DELIVERY, day) for ref, day in ends if day]
    found += [UpcomingDeadline(ref, ReminderKind.NO_OBJECTION, day) for ref, day in objections]
    return Overview(
        today=today,
        mine=page_among(session, mine, today, number=page, size=PAGE_SIZE),
        looked_at=since,
        changes=changes(session, latest),
        changed=fetch(session, counting, **about).scalar_one(),
        deadlines=tuple(sorted(found, key=lambda each: (each.day, each.ref))[:DEADLINES]),
        holds=current_holders(session),
    )


def current_holders(session: Session) -> tuple[HolderCount, ...]:
    """Return who holds now, those who hold most first."""
    return tuple(HolderCount(*row) for row in fetch(session, _HOLDING))


@cache
def _changed_since(*, among: bool) -> tuple[Select[int], Select[int]]:
    """Build the queries for the number of updates recorded after ``since`` and for the latest of them."""
    query = select(UpdateRow.id).where(UpdateRow.recorded_at > bindparam("since", type_=UtcTime()))
    touches = UpdateProject.project_id.in_(bindparam("ids", expanding=True))
    found = query.where(exists().where(UpdateProject.update_id == UpdateRow.id, touches)) if among else query
    newest = found.order_by(UpdateRow.recorded_at.desc(), UpdateRow.id.desc()).limit(CHANGES)
    return select(func.count()).select_from(found.subquery()), newest


@cache
def _coming(*, among: bool) -> tuple[Select[str, date | None], Select[str, date]]:
    """Return the next ends of exemptions in force and of no-objection procedures, of all projects or those with ``ids``."""
    ends = (
        select(Project.ref, ProjectStatusRow.ends_first)
        .join(ProjectStatusRow, ProjectStatusRow.project_id == Project.id)
        .where(ProjectStatusRow.ends_first >= bindparam("today"), ProjectStatusRow.headline.in_(WITH_DEADLINE))
        .where(leading(Project.id))
        .order_by(ProjectStatusRow.ends_first, Project.id)
        .limit(DEADLINES)
    )
    objections = (
        select(Project.ref, Reminder.day)
        .join(Reminder, Reminder.project_id == Project.id)
        .where(
            Reminder.kind == ReminderKind.NO_OBJECTION.value,
            Reminder.day >= bindparam("today"),
            Reminder.state != ReminderState.DROPPED.value,
            leading(Project.id),
        )
        .distinct()
        .order_by(Reminder.day, Project.ref)
        .limit(DEADLINES)
    )
    if not among:
        return ends, objections
    mine = Project.id.in_(bindparam("ids", expanding=True))
    return ends.where(mine), objections.where(mine)


_LOOKED = select(Person.__table__.c.looked_at).where(
    Person.__table__.c.team_id == bindparam("team"), Person.__table__.c.user_id == bindparam("user")
)
_HOLDING = (
    select(
        CounterRow.value,
        CounterRow.number,
        select(func.min(HoldRow.placed_day))
        .where(HoldRow.holder == CounterRow.value, HoldRow.pending, leading(HoldRow.project_id))
        .scalar_subquery(),
    )
    .where(CounterRow.axis == Dimension.HOLDER.value)
    .order_by(CounterRow.number.desc(), CounterRow.value)
    .limit(HOLDERS)
)
