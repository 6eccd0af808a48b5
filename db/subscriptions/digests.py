"""Digests: a channel's gathered rows, in the outbox from the start, become one message when its hour comes."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.database import lock_rows
from db.models import Delivery, Subscription
from db.outbox.deliveries import DeliveryKind, DeliveryState
from db.subscriptions.recipients import RESTING, Recipient
from db.subscriptions.schedule import next_digest
from db.subscriptions.settings import digest_days

MOST_AT_ONCE = 50
LONGEST_PAUSE = timedelta(days=9)


def queue_due_digests(session: Session, now: datetime) -> int:
    """Queue the digests that are due; return how many. Empty ones are queued only for channels that want them."""
    due = (
        select(Subscription)
        # a digest comes at least once a week: what lies further ahead was written down by a clock that was
        .where(
            Subscription.ended_at.is_(None),
            or_(Subscription.digest_next <= now, Subscription.digest_next > now + LONGEST_PAUSE),
        )
        .order_by(Subscription.id)
        .limit(MOST_AT_ONCE)
    )
    queued = 0
    for row in session.scalars(lock_rows(session, due, skip=True)).all():
        if row.blocked not in RESTING and row.digest_next and row.digest_next <= now:
            queued += queue_digest(session, row, now, even_if_empty=row.digest_empty)
        row.digest_next = next_digest_at(row, now)
    session.flush()
    return queued


def queue_digest(session: Session, subscription: Subscription, now: datetime, *, even_if_empty: bool = False) -> bool:
    """Queue one message with all rows gathered for a subscription, also a former digest; return False for none."""
    rows = pending_for_digest(session, subscription)
    if not rows and not even_if_empty:
        return False
    place = Recipient(subscription.team_id, subscription.channel_id, subscription.language, (), subscription)
    digest = place.message(DeliveryKind.DIGEST, {"how": subscription.digest or "", "count": len(rows)}, now)
    session.add(digest)
    session.flush()
    for row in rows:
        row.state, row.changes_id = DeliveryState.IN_DIGEST.value, digest.id
    return True


def pending_for_digest(session: Session, subscription: Subscription) -> list[Delivery]:
    """Lock and return the rows gathered for a subscription, in the order of their recording."""
    query = select(Delivery).filter_by(subscription_id=subscription.id, state=DeliveryState.GATHERED.value)
    return list(session.scalars(lock_rows(session, query.order_by(Delivery.id))))


def included_in(session: Session, digest: Delivery) -> list[Delivery]:
    query = select(Delivery).where(Delivery.changes_id == digest.id, Delivery.state == DeliveryState.IN_DIGEST.value)
    return list(session.scalars(query.order_by(Delivery.id)))


def next_digest_at(subscription: Subscription, now: datetime) -> datetime | None:
    if subscription.digest is None or subscription.digest_at is None:
        return None
    return next_digest(now, subscription.digest_at, digest_days(subscription), subscription.zone or "UTC")
