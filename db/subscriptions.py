"""Which channels want to be told what: one subscription a channel at a time; ended ones stay on record."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.errors import AidError, sentence
from db.filters import parse_filter
from db.models import Delivery, Subscription
from db.outbox import DeliveryKind, DeliveryState


def subscription_of(session: Session, team_id: str, channel_id: str) -> Subscription | None:
    """The channel's present subscription."""
    return session.scalar(
        select(Subscription).where(
            Subscription.team_id == team_id, Subscription.channel_id == channel_id, Subscription.ended_at.is_(None)
        )
    )


def subscriptions_of(session: Session, team_id: str) -> list[Subscription]:
    """All present subscriptions of a workspace, oldest first."""
    return list(
        session.scalars(
            select(Subscription)
            .where(Subscription.team_id == team_id, Subscription.ended_at.is_(None))
            .order_by(Subscription.id)
        )
    )


def subscribe(
    session: Session, team_id: str, channel_id: str, user_id: str, text: str, language: str, *, now: datetime
) -> tuple[Subscription, Subscription | None]:
    """Subscribe a channel with a filter as typed; replaces the subscription it had. Returns the new and the old one.

    The same filter again changes nothing. Raises BadInput for a filter that cannot be read, AidError where
    somebody else subscribed the channel at the same moment.
    """
    tidy = parse_filter(text).text
    old = subscription_of(session, team_id, channel_id)
    if old and old.filter == tidy and old.language == language and old.blocked is None:
        return old, old
    if old:
        end(old, user_id, now=now)
        session.flush()  # the old one has ended before the new one begins: a channel has one at a time
    new = Subscription(
        team_id=team_id, channel_id=channel_id, filter=tidy, language=language, created_by=user_id, created_at=now
    )
    session.add(new)
    try:
        session.flush()
    except IntegrityError as error:
        raise AidError(
            sentence(
                "Somebody else subscribed this channel at the same moment. `/aid-alerts list` shows "
                "what holds now; type the command again to change it."
            )
        ) from error
    return new, old


def end(subscription: Subscription, user_id: str, *, now: datetime) -> None:
    """End a subscription; messages already queued are still sent."""
    subscription.ended_at, subscription.ended_by = now, user_id


def queue_test(session: Session, subscription: Subscription, user_id: str, *, now: datetime) -> Delivery:
    """Queue a test message by the path that alerts take."""
    row = Delivery(
        team_id=subscription.team_id,
        channel_id=subscription.channel_id,
        subscription_id=subscription.id,
        kind=DeliveryKind.TEST.value,
        language=subscription.language,
        about={"asked_by": user_id},
        state=DeliveryState.PENDING.value,
        due_at=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row
