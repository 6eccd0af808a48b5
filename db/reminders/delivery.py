"""Delivery of reminders: queueing what is due, one message per recipient, and the content of such a message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from db.council import load_council
from db.database import lock_rows
from db.domain.dates import COMMITTEE_ZONE, new_york_date
from db.domain.project_status import ProjectStatus, status_of, statuses_of
from db.models import Delivery, Project, ProjectStatusRow, Reminder, UpdateRow
from db.outbox.deliveries import DeliveryKind
from db.projects.queries import filter_subject, load_projects
from db.reminders.rules import ELAPSED_KINDS, ReminderKind, due_reminders
from db.reminders.schedule import ReminderState, reminder_days
from db.search.filter import Filter, FilterSubject
from db.search.filter_sql import conditions
from db.subscriptions.recipients import recipients_of
from db.updates.history import load_histories, recorded_later

MOST_AT_ONCE = 500
SETTLED = (ReminderState.SENT.value, ReminderState.PASSED.value)


@dataclass(frozen=True, slots=True)
class ReminderItem:
    """One project in a reminder message, with its status as of ``today``."""

    ref: str
    kind: ReminderKind
    day: date
    standing: ProjectStatus
    today: date


def queue_reminders(session: Session, now: datetime) -> int:
    """Queue due reminders, of several steps for one day the last; return how many messages."""
    _reconsider_future(session, now)
    waiting = select(Reminder).filter_by(state=ReminderState.WAITING.value).where(Reminder.due_at <= now)
    query = waiting.order_by(Reminder.due_at, Reminder.id).limit(MOST_AT_ONCE)
    due = session.scalars(lock_rows(session, query, skip=True)).all()
    last = {(row.project_id, row.kind, row.day): row for row in due}
    sent = [row for row in due if last[row.project_id, row.kind, row.day] is row]
    for row in due:
        row.state = (ReminderState.SENT if row in sent else ReminderState.PASSED).value
        row.settled_at = now
    messages = _messages(session, sent, now) if sent else []
    session.add_all(messages)
    session.flush()
    return len(messages)


def _reconsider_future(session: Session, now: datetime) -> None:
    """Let what was settled by a clock that was ahead wait again, unless its day has come and it was sent or is over."""
    today = datetime.combine(new_york_date(now), time(), COMMITTEE_ZONE)
    settled_early = or_(
        Reminder.due_at > now, and_(Reminder.due_at >= today, Reminder.state == ReminderState.PASSED.value)
    )
    session.execute(
        update(Reminder)
        .where(Reminder.settled_at > now + timedelta(minutes=1), Reminder.state.in_(SETTLED), settled_early)
        .values(state=ReminderState.WAITING.value, settled_at=None)
        .execution_options(synchronize_session=False)
    )


def _messages(session: Session, due: Sequence[Reminder], now: datetime) -> list[Delivery]:
    cards = _cards(session, due, new_york_date(now))
    return [
        place.message(
            DeliveryKind.REMINDER, {"reminders": [row.id for row in due if row.project_id in place.projects]}, now
        )
        for place in recipients_of(session, cards)
        if place.subscription is None or place.subscription.reminders
    ]


def _cards(session: Session, due: Iterable[Reminder], today: date) -> dict[int, FilterSubject]:
    """Return what filters see of each project; its kinds are those of the updates behind the reminders."""
    kinds: dict[int, set[str]] = {}
    numbers = {row.update_id for row in due}
    kind_of = dict(session.execute(select(UpdateRow.id, UpdateRow.kind).where(UpdateRow.id.in_(numbers))).all())
    for row in due:
        kinds.setdefault(row.project_id, set()).update({kind_of[row.update_id]} if row.update_id else ())
    views, histories = load_projects(session, kinds), load_histories(session, kinds)
    later = recorded_later(session, histories)
    return {
        project_id: replace(
            filter_subject(views[project_id], status_of(histories[project_id]), today, later[project_id]),
            kinds=frozenset(kinds[project_id]),
        )
        for project_id in sorted(kinds)
    }


def reminder_facts(session: Session, delivery: Delivery, today: date) -> tuple[ReminderItem, ...]:
    """Return the items of a reminder message on ``today`` (New York), without those that no longer apply."""
    told = select(Reminder).where(Reminder.id.in_(delivery.about["reminders"])).order_by(Reminder.day)
    rows = session.scalars(told.where(Reminder.state != ReminderState.WAITING.value)).all()
    ids = {row.project_id for row in rows}
    views = load_projects(session, ids)
    standings = statuses_of(load_histories(session, ids))
    # Each kind once, whatever its steps: a sent reminder stays true when admins change them.
    steps, council = {kind: [0] for kind in reminder_days(session)}, load_council(session)
    true = {
        (project_id, due.kind, due.day)
        for project_id, standing in standings.items()
        for due in due_reminders(standing, steps, council)
    }
    return tuple(
        ReminderItem(views[row.project_id].ref, ReminderKind(row.kind), row.day, standings[row.project_id], today)
        for row in rows
        if (row.project_id, row.kind, row.day) in true
    )


def already_due(session: Session, project_filter: Filter, today: date) -> dict[ReminderKind, int]:
    """Count by kind the projects of a filter (``kind:`` is the reminder's update) with a reminder that was due and lasts."""
    lasts = or_(Reminder.kind.in_([kind.value for kind in ELAPSED_KINDS]), Reminder.day >= today)
    query = (
        select(Reminder.kind, func.count(Reminder.project_id.distinct()))
        .join(Project, Project.id == Reminder.project_id)
        .join(ProjectStatusRow, ProjectStatusRow.project_id == Project.id)
        .outerjoin(UpdateRow, UpdateRow.id == Reminder.update_id)
        .where(Reminder.state.in_(SETTLED), lasts)
        .where(*conditions(project_filter, today, kind=lambda value, _: func.coalesce(UpdateRow.kind, "") == value))
        .group_by(Reminder.kind)
    )
    counts = {ReminderKind(kind): number for kind, number in session.execute(query)}
    return {kind: counts[kind] for kind in ReminderKind if kind in counts}
