"""Resending of a failed message: a new attempt of the same outbox row, never a second row."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.alerts.alerts import still_stands
from db.audit import Editor, audit
from db.database import lock_rows
from db.errors import N_, AidError, NotFound
from db.models import Delivery, Subscription
from db.outbox.deliveries import AGAIN, MAYBE_POSTED, DeliveryKind, DeliveryState, state_for
from db.subscriptions.subscriptions import subscription_of

# Why a row in another state than failed is not sent again.
REFUSALS = {
    DeliveryState.PENDING: N_("Message {delivery} is waiting to be sent already; it goes by itself."),
    DeliveryState.SENDING: N_("Message {delivery} is being sent at this moment."),
    DeliveryState.UNCERTAIN: N_(
        "Nobody knows yet whether message {delivery} arrived. I am looking it up in the channel and send it "
        "by myself if it is not there; sending it now might say it twice."
    ),
    DeliveryState.BLOCKED: N_("Message {delivery} waits until its channel can be reached. *Resume* sends it."),
    DeliveryState.SENT: N_("Message {delivery} was sent already, so it is not sent again."),
    DeliveryState.CANCELLED: N_("Message {delivery} was cancelled: nobody should be told of it any more."),
}

NOTHING_STANDS = N_(
    "What message {delivery} told of was taken back or corrected since, so there is nothing of it to send."
)
NO_SUBSCRIPTION = N_(
    "<#{channel}> wants to be told nothing any more, so nothing was sent. `/aid-alerts on` there subscribes it again."
)


def resend(session: Session, delivery_id: int, editor: Editor) -> Delivery:
    """Requeue a failed row in its place of the channel, with an audit entry.

    Where Slack may have accepted it, the sender first looks for it in the channel, and posts it marked as a
    possible repeat if it still cannot read there. Raises NotFound, and AidError for a row that has not failed or
    is obsolete.
    """
    row: Delivery | None = session.scalar(lock_rows(session, select(Delivery).where(Delivery.id == delivery_id)))
    if row is None or row.team_id != editor.team_id:
        raise NotFound(N_("There is no message {delivery} in the delivery log."), delivery=delivery_id)
    if row.state != DeliveryState.FAILED:
        raise AidError(REFUSALS[DeliveryState(row.state)], delivery=row.id)
    subscription = _wanted_by(session, row)
    if row.kind == DeliveryKind.ALERT and not still_stands(session, row):
        raise AidError(NOTHING_STANDS, delivery=row.id)
    reason = row.reason or ""
    _restart(row, subscription, editor.now)
    audit(
        session,
        editor.team_id,
        editor.user_id,
        "delivery-again",
        str(row.id),
        now=editor.now,
        before={"state": DeliveryState.FAILED.value, "reason": reason},
        after={"state": row.state},
    )
    return row


def may_be_duplicate(row: Delivery) -> bool:
    """Return True where a failed row may have reached its channel after all."""
    return (row.reason or "").startswith(MAYBE_POSTED)


def _restart(row: Delivery, subscription: Subscription | None, now: datetime) -> None:
    if may_be_duplicate(row):
        row.state = DeliveryState.UNCERTAIN
        row.about = {**row.about, AGAIN: True}
    else:
        row.state = state_for(subscription)
    row.reason = subscription.blocked if subscription and row.state == DeliveryState.BLOCKED else None
    row.plain, row.due_at = False, now


def _wanted_by(session: Session, row: Delivery) -> Subscription | None:
    """Return the channel's active subscription; None for a message without one, such as a notice."""
    if row.subscription_id is None:
        return None
    present = subscription_of(session, row.team_id, row.channel_id)
    if present is None:
        raise AidError(NO_SUBSCRIPTION, channel=row.channel_id)
    return present
