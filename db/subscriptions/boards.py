"""Boards: each is one row of the outbox, queued again where the record has gone on, sent if it shows something else."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.chain import last_head
from db.database import lock_rows
from db.domain.dates import new_york_date
from db.models import Delivery, Subscription
from db.outbox.deliveries import DeliveryKind, DeliveryState, cancel, flags_of, set_flags
from db.subscriptions.recipients import Recipient

LONGEST_PAUSE = timedelta(hours=1)
ENDED_FOR = timedelta(days=1)  # so long after its end a board's message is tried to be edited and unpinned
_AT_REST = (DeliveryState.SENT.value, DeliveryState.FAILED.value)


def queue_due_boards(session: Session, now: datetime) -> int:
    """Queue the boards that may show something else than the record; return how many."""
    boards = select(Subscription.id).where(
        Subscription.board,
        Subscription.blocked.is_(None),
        or_(Subscription.ended_at.is_(None), Subscription.ended_at > now - ENDED_FOR),
    )
    due = (
        select(Delivery)
        .where(Delivery.kind == DeliveryKind.BOARD.value, Delivery.subscription_id.in_(boards))
        # what lies further ahead was written down by a clock that was
        .where(Delivery.state.in_(_AT_REST), or_(Delivery.due_at <= now, Delivery.due_at > now + LONGEST_PAUSE))
        .order_by(Delivery.id)
    )
    queued = 0
    for row in session.scalars(lock_rows(session, due, skip=True)).all():
        point = "off" if flags_of(row).get("off") else f"{new_york_date(now)} {last_head(session).number}"
        if flags_of(row).get("point") != point:
            row.state, row.due_at = DeliveryState.PENDING, now
            set_flags(row, point=point)
            queued += 1
    return queued


def show_board(session: Session, board: Subscription, old: Subscription | None, now: datetime) -> None:
    """Queue the first message of a board, or let it have that of the ``old`` one which it replaces."""
    row = _message(session, old) if old else None
    if row is None:
        place = Recipient(board.team_id, board.channel_id, board.language, (), board)
        session.add(place.message(DeliveryKind.BOARD, {}, now))
        return
    row.subscription_id, row.language = board.id, board.language
    set_flags(row, point="", pin="", remade=False)


def close_board(session: Session, board: Subscription) -> None:
    """Let the message of a board that ended say so; the next round of the scheduler queues that."""
    row = _message(session, board)
    if row is not None:
        set_flags(row, point="", off=True)
        if row.state == DeliveryState.BLOCKED:
            cancel(row, "")


def _message(session: Session, board: Subscription) -> Delivery | None:
    query = select(Delivery).filter_by(subscription_id=board.id, kind=DeliveryKind.BOARD)
    return session.scalar(lock_rows(session, query.where(Delivery.state != DeliveryState.CANCELLED)))
