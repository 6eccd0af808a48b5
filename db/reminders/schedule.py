"""Schedule of reminders: rows written in a recording's transaction, and when admins change the schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import Insert, select
from sqlalchemy.orm import Session

from db.council import load_council
from db.database import insert_for, lock_rows
from db.domain.code_lists import read_data
from db.domain.dates import COMMITTEE_ZONE, new_york_date
from db.domain.project_status import ProjectStatus, status_of
from db.errors import N_, BadInput
from db.models import Preference, Project, Reminder
from db.people import SHIPPED
from db.reminders.rules import Days, DueReminder, ReminderKind, due_reminders
from db.updates.history import load_histories

PREFERENCE = "reminders"
PLANNED = "reminders-planned"
"""By which days the rows were planned, and up to which project."""

MOST_DAYS = 3650
MOST_STEPS = 12
CHUNK = 25
"""So many projects are planned in one transaction; with a hundred updates each it takes a quarter of a second."""


class ReminderState(StrEnum):
    """State of a reminder. ``PASSED``: its day was over before it could be sent; ``DROPPED``: it no longer applies."""

    WAITING = "waiting"
    TOLD = "told"
    PASSED = "passed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ReminderSchedule:
    """When people are reminded: days by kind, as shipped and as the admins have it."""

    shipped: Days
    days: Days


def reminder_schedule(session: Session) -> ReminderSchedule:
    """Return the days that hold now."""
    shipped: dict[str, list[int]] = read_data("reminders.toml")["days"]
    row = session.get(Preference, PREFERENCE)
    return ReminderSchedule(shipped, {**shipped, **(row.value if row else {})})


def set_days(session: Session, kind: ReminderKind, days: Sequence[int] | None, user_id: str, *, now: datetime) -> None:
    """Remind of ``kind`` so many days before or after, not at all with no days, as shipped with None; for all projects.

    The clock's next tick plans the rows anew.

    Raises BadInput for days out of range or too many steps.
    """
    if days is not None and (len(days) > MOST_STEPS or any(not 0 <= each <= MOST_DAYS for each in days)):
        raise BadInput(
            N_("Give at most {steps} numbers of days, each from 0 to {most}, such as `60,30,7`."),
            field="days",
            steps=MOST_STEPS,
            most=MOST_DAYS,
        )
    row = session.get(Preference, PREFERENCE)
    value = {name: list(each) for name, each in (row.value if row else {}).items() if name != kind.value}
    if days is not None:
        value[kind.value] = sorted(set(days), reverse=True)
    _keep(session, PREFERENCE, value, user_id, now)


def reschedule_batch(session: Session, now: datetime) -> bool:
    """Plan some more projects anew where rows were planned by another ladder, or never; whether more are left.

    So what takes long for many projects, after a change of the days or an older version, is many short transactions.
    """
    days = dict(reminder_schedule(session).days)
    row = session.scalar(lock_rows(session, select(Preference).where(Preference.key == PLANNED)))
    done = row.value if row and row.value["days"] == days else {"days": days, "to": 0}
    ids = list(session.scalars(select(Project.id).where(Project.id > done["to"]).order_by(Project.id).limit(CHUNK)))
    if row and done is row.value and not ids:
        return False
    reschedule(session, ids, now)
    _keep(session, PLANNED, {"days": days, "to": max(ids, default=done["to"])}, SHIPPED, now)
    return bool(ids)


def reschedule(session: Session, project_ids: Sequence[int], now: datetime) -> None:
    """Plan the reminders of these projects anew, as after a change of the Council's members."""
    known = load_histories(session, project_ids)
    plan_reminders(session, {key: status_of(updates) for key, updates in known.items()}, now)


def _keep(session: Session, key: str, value: dict[str, Any], user_id: str, now: datetime) -> None:
    row = session.get(Preference, key)
    if row is None:
        row = Preference(key=key)
        session.add(row)
    row.value, row.changed_by, row.changed_at = value, user_id, now
    session.flush()


def plan_reminders(session: Session, standings: Mapping[int, ProjectStatus], now: datetime) -> None:
    """Let the reminders of these projects (by id) follow their standings; what was told is not told again.

    A reminder whose day is over when it comes to be known is passed, so that nobody gets a heap of old ones.
    """
    days, council = reminder_schedule(session).days, load_council(session)
    wanted = {
        _key(project_id, due): (project_id, due)
        for project_id, standing in standings.items()
        for due in due_reminders(standing, days, council)
    }
    query = _KNOWN.where(Reminder.project_id.in_(standings))
    known = {row["key"]: dict(row) for row in session.execute(query).mappings()}
    today = new_york_date(now)
    rows = [_row(key, known.get(key), project_id, due, today, now) for key, (project_id, due) in wanted.items()]
    rows += [{**row, "state": ReminderState.DROPPED.value} for key, row in known.items() if key not in wanted]
    changed = [row for row in rows if row != known.get(row["key"])]
    if changed:
        session.connection().execute(_upsert(session), changed)


_COLUMNS = [column for column in Reminder.__table__.columns if not column.primary_key]
_KNOWN = select(*_COLUMNS)


def _upsert(session: Session) -> Insert:
    row = insert_for(session)(Reminder)
    changing = {name: row.excluded[name] for name in ("update_id", "state", "settled_at")}
    upsert: Insert = row.on_conflict_do_update(index_elements=[Reminder.key], set_=changing)
    return upsert


def _row(
    key: str, known: dict[str, Any] | None, project_id: int, due: DueReminder, today: date, now: datetime
) -> dict[str, Any]:
    state, settled_at = _state(known, due, today, now)
    return {
        "key": key,
        "project_id": project_id,
        "kind": due.kind.value,
        "days": due.days,
        "day": due.day,
        "update_id": due.update.number,
        "due_at": datetime.combine(due.notify_on, time(), COMMITTEE_ZONE),
        "state": state,
        "settled_at": settled_at,
    }


def _state(known: dict[str, Any] | None, due: DueReminder, today: date, now: datetime) -> tuple[str, datetime | None]:
    """Return the new state: one that applies again after a retraction waits again, unless sent or past its day."""
    settled_at = known["settled_at"] if known else None
    if known and known["state"] != ReminderState.DROPPED.value:
        return known["state"], settled_at
    if settled_at is None and due.notify_on >= today:
        return ReminderState.WAITING.value, None
    return ReminderState.PASSED.value, settled_at or now


def _key(project_id: int, due: DueReminder) -> str:
    return f"{due.kind.value}:{project_id}:{due.day.isoformat()}:{due.days}"
