"""Scheduled reminders: rows written with a recording, in its transaction, and when admins change the settings."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.council import load_council
from db.database import Lock, advisory_lock, fetch, insert_for, lock_rows
from db.domain.code_lists import read_data
from db.domain.dates import COMMITTEE_ZONE, new_york_date
from db.domain.project_status import ProjectStatus, statuses_of
from db.errors import BadInput
from db.models import Preference, Project, Reminder
from db.people import SHIPPED
from db.reminders.rules import DueReminder, ReminderKind, due_reminders
from db.updates.history import load_histories

PREFERENCE = "reminders"
PLANNED = "reminders-planned"  # the days that the rows were planned by, and up to which project
MOST_DAYS = 3650
MOST_STEPS = 12
CHUNK = 25  # projects per transaction; with a hundred updates each it takes a quarter of a second

_SET = select(Preference.__table__.c.value).where(Preference.__table__.c.key == PREFERENCE)
_SCHEDULED = select(*(column for column in Reminder.__table__.columns if not column.primary_key))


class ReminderState(StrEnum):
    """The state of a reminder. ``PASSED``: its day was over before it could be sent; ``DROPPED``: it no longer applies."""

    WAITING = "waiting"
    SENT = "told"
    PASSED = "passed"
    DROPPED = "dropped"


def shipped_days() -> dict[str, list[int]]:
    return cast("dict[str, list[int]]", read_data("reminders.toml")["days"])


def reminder_days(session: Session) -> dict[str, list[int]]:
    """Return the days of reminders by kind, as shipped or as admins set them."""
    return {**shipped_days(), **(fetch(session, _SET).scalar() or {})}


def set_days(session: Session, kind: ReminderKind, days: Sequence[int] | None, user_id: str, *, now: datetime) -> None:
    """Set the days of ``kind``: none turns it off, None restores what shipped; the scheduler replans. Raises BadInput."""
    if days is not None and (len(days) > MOST_STEPS or any(not 0 <= each <= MOST_DAYS for each in days)):
        raise BadInput(
            "Enter up to {steps} numbers of days, each from 0 to {most}, such as `60,30,7`.",
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
    """Replan some projects after a change of the days, in a short transaction; return True while more are left."""
    advisory_lock(session, Lock.REMINDERS)  # the row to lock is not there at two first starts
    days = reminder_days(session)
    row = session.scalar(lock_rows(session, select(Preference).where(Preference.key == PLANNED)))
    progress = row.value if row and row.value["days"] == days else {"days": days, "to": 0}
    ids = list(session.scalars(select(Project.id).where(Project.id > progress["to"]).order_by(Project.id).limit(CHUNK)))
    if row and progress is row.value and not ids:
        return False
    reschedule(session, ids, now)
    _keep(session, PLANNED, {"days": days, "to": max(ids, default=progress["to"])}, SHIPPED, now)
    return bool(ids)


def reschedule(session: Session, project_ids: Sequence[int], now: datetime) -> None:
    """Replan the reminders of these projects, as after a change of the Council's members."""
    plan_reminders(session, statuses_of(load_histories(session, project_ids)), now)


def _keep(session: Session, key: str, value: Mapping[str, object], user_id: str, now: datetime) -> None:
    row = session.get(Preference, key)
    if row is None:
        row = Preference(key=key)
        session.add(row)
    row.value, row.changed_by, row.changed_at = dict(value), user_id, now
    session.flush()


def plan_reminders(session: Session, standings: Mapping[int, ProjectStatus], now: datetime) -> None:
    """Update the reminders of projects (by id); none is sent twice, and one is passed if its day is over already."""
    days, council = reminder_days(session), load_council(session)
    wanted = {
        f"{due.kind.value}:{project_id}:{due.day.isoformat()}:{due.days}": (project_id, due)
        for project_id, standing in standings.items()
        for due in due_reminders(standing, days, council)
    }
    query = _SCHEDULED.where(Reminder.project_id.in_(standings))
    existing = {row["key"]: dict(row) for row in session.execute(query).mappings()}
    today = new_york_date(now)
    rows = [_row(key, existing.get(key), project_id, due, today, now) for key, (project_id, due) in wanted.items()]
    rows += [{**row, "state": ReminderState.DROPPED.value} for key, row in existing.items() if key not in wanted]
    changed = [row for row in rows if row != existing.get(row["key"])]
    if changed:
        row = insert_for(session)(Reminder)
        new = {name: row.excluded[name] for name in ("update_id", "state", "settled_at")}
        session.connection().execute(row.on_conflict_do_update(index_elements=[Reminder.key], set_=new), changed)


def _row(
    key: str, existing: dict[str, Any] | None, project_id: int, due: DueReminder, today: date, now: datetime
) -> dict[str, object]:
    state, settled_at = _state(existing, due, today, now)
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


def _state(
    existing: dict[str, Any] | None, due: DueReminder, today: date, now: datetime
) -> tuple[str, datetime | None]:
    """Return state and time of settlement; a dropped reminder that applies again waits unless sent or over."""
    settled_at = existing["settled_at"] if existing else None
    if existing and existing["state"] != ReminderState.DROPPED.value:
        return existing["state"], settled_at
    if settled_at is None and due.notify_on >= today:
        return ReminderState.WAITING.value, None
    return ReminderState.PASSED.value, settled_at or now
