"""Notices that work after an answer was interrupted: queued before the answer, taken back when the result is shown."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from db.models import Delivery
from db.outbox.deliveries import DeliveryState, InterruptedPayload
from db.outbox.failure_notices import queue_notice

PATIENCE = timedelta(minutes=5)  # longer than the work of any form takes


def queue_interrupted(
    session: Session, team_id: str, user_id: str, language: str, form: str, now: datetime
) -> Delivery:
    """Queue a notice to whoever sent ``form``, due when the work for it must be over."""
    payload = InterruptedPayload(notice="interrupted", form=form)
    (notice,) = queue_notice(session, team_id, {user_id: language}, payload, now, now + PATIENCE)
    session.flush()
    return notice


def put_off(session: Session, notice_id: int, now: datetime) -> None:
    """Let a notice wait for work that begins only now."""
    session.execute(update(Delivery).where(*_waiting(notice_id)).values(due_at=now + PATIENCE))


def take_back(session: Session, notice_id: int) -> None:
    """Remove a notice of work that is done."""
    session.execute(delete(Delivery).where(*_waiting(notice_id)))


def _waiting(notice_id: int) -> tuple[ColumnElement[bool], ...]:
    return Delivery.id == notice_id, Delivery.state == DeliveryState.PENDING
