"""Changes of a subscription and a board when Slack changes its channel: it moves, rests, goes on or ends."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.database import lock_rows
from db.models import Delivery, Subscription
from db.outbox.deliveries import DeliveryKind, DeliveryState, cancel, resume
from db.subscriptions.recipients import ARCHIVED, LEFT
from db.subscriptions.subscriptions import active_in, subscription_of, tell_owner

REST, RESUME, DELETED = "subscription-rests", "subscription-resumed", "subscription-deleted"
"""What the notices to owners call the changes by Slack."""

CLOSED = frozenset({ARCHIVED, LEFT, "is_archived"})
"""The reasons that an unarchived channel makes an end of; the last is Slack's own, of a message that it refused."""


def rest(session: Session, team_id: str, channel_id: str, reason: str, now: datetime) -> None:
    """Let a subscription rest: what waits is ended, nothing more is queued, the owner hears of it once. So with a board."""
    for row in active_in(session, team_id, channel_id, lock=True):
        if row.blocked != reason:
            row.blocked, row.blocked_at = reason, now
            tell_owner(session, REST, row, row, "", now, 0 if row.board else _end_waiting(session, row, reason))


def is_closed(session: Session, team_id: str, channel_id: str) -> bool:
    """Return True for a channel whose subscription rests, or stands still, because it was archived or left."""
    return any(row.blocked in CLOSED for row in active_in(session, team_id, channel_id))


def go_on(session: Session, team_id: str, channel_id: str, now: datetime) -> None:
    """End the rest of a subscription or board and tell its owner."""
    closed = [row for row in active_in(session, team_id, channel_id, lock=True) if row.blocked in CLOSED]
    if closed:
        resume(session, team_id, channel_id, now)
    for row in closed:
        tell_owner(session, RESUME, row, row, "", now)


def drop(session: Session, team_id: str, channel_id: str, now: datetime) -> None:
    """End the subscription of a channel that was deleted, with what waits."""
    for row in active_in(session, team_id, channel_id, lock=True):
        row.ended_at = now
        tell_owner(session, DELETED, row, row, "", now, _end_waiting(session, row, DELETED))


def move(session: Session, team_id: str, channel_id: str, new_id: str, now: datetime) -> None:
    """Let everything of a channel follow its new id; a subscription that is there already stays instead of the old."""
    for row in active_in(session, team_id, channel_id, lock=True):
        if subscription_of(session, team_id, new_id, board=row.board):
            row.ended_at = now
    for table in (Subscription, Delivery):
        session.execute(
            update(table).where(table.team_id == team_id, table.channel_id == channel_id), {"channel_id": new_id}
        )


def _end_waiting(session: Session, subscription: Subscription, reason: str) -> int:
    waiting = select(Delivery).where(
        Delivery.team_id == subscription.team_id,
        Delivery.channel_id == subscription.channel_id,
        (Delivery.kind == DeliveryKind.BOARD) if subscription.board else (Delivery.kind != DeliveryKind.BOARD),
        Delivery.state.in_([DeliveryState.PENDING, DeliveryState.BLOCKED, DeliveryState.GATHERED]),
    )
    return sum(cancel(row, reason) for row in session.scalars(lock_rows(session, waiting)).all())
