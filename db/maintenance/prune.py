"""Removal of rows that nothing needs any more, some at a time: never of the record, and never of alerts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from db.models import Base, Delivery, Draft, Notice, ProcessedRequest, Reminder
from db.outbox.deliveries import DeliveryKind, DeliveryState
from db.reminders.schedule import ReminderState

ROWS_AT_ONCE = 500  # of each table, so that nobody who records waits for long

AGES: Sequence[tuple[type[Base], InstrumentedAttribute[datetime], timedelta]] = (
    (Draft, Draft.created_at, timedelta(days=30)),
    (ProcessedRequest, ProcessedRequest.received_at, timedelta(days=30)),  # Slack repeats a request within the hour
    (Notice, Notice.told_at, timedelta(days=400)),
    (Delivery, Delivery.due_at, timedelta(days=400)),
    (Reminder, Reminder.due_at, timedelta(days=500)),  # one that applies again is planned anew, as over
)
"""How long rows are kept, from what time on."""


def prune(session: Session, now: datetime) -> bool:
    """Delete some of the rows that are older than ``AGES`` say; return True if there may be more."""
    more = False
    for table, since, age in AGES:
        keys = list(table.__table__.primary_key)
        assert len(keys) == 1
        old = select(keys[0]).where(since < now - age, *_done(table)).limit(ROWS_AT_ONCE)
        result = session.execute(
            delete(table).where(keys[0].in_(old)), execution_options={"synchronize_session": False}
        )
        assert isinstance(result, CursorResult)
        more |= result.rowcount == ROWS_AT_ONCE
    return more


def _done(table: type[Base]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for rows that nothing refers to: no alert, thread's root or channel's last message."""
    if table is Reminder:
        return (Reminder.state == ReminderState.DROPPED.value,)
    if table is not Delivery:
        return ()
    other = aliased(Delivery)
    last = select(func.max(other.id)).group_by(other.team_id, other.channel_id)
    return (
        Delivery.state.in_([DeliveryState.SENT.value, DeliveryState.CANCELLED.value]),
        Delivery.kind.not_in([DeliveryKind.ALERT.value, DeliveryKind.DIGEST.value]),
        Delivery.project_id.is_(None),
        Delivery.id.not_in(select(other.changes_id).where(other.changes_id.is_not(None))),
        Delivery.id.not_in(last),
    )
