"""Resending of a failed message: a new attempt of the same outbox row, never a second row."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.alerts.alerts import still_stands
from db.audit import Editor
from db.database import lock_rows
from db.errors import N_, AidError, NotFound
from db.models import Delivery, Subscription
from db.outbox.deliveries import AGAIN, MAYBE_POSTED, DeliveryKind, DeliveryState, state_for
from db.subscriptions.subscriptions import subscription_of

# Why a row in another state than failed is not sent again.
REFUSALS = {
    DeliveryState.PENDING: N_("Message {delivery} is already queued and will be sent automatically."),
    DeliveryState.SENDING: N_("Message {delivery} is being sent now."),
    DeliveryState.UNCERTAIN: N_(
        "It is not clear yet whether message {delivery} arrived. I'm checking the channel and will send it if "
        "it is missing; sending it now could post it twice."
    ),
    DeliveryState.BLOCKED: N_(
        "Message {delivery} is paused because I can't reach its channel. Press *Resume* to send it."
    ),
    DeliveryState.SENT: N_("Message {delivery} was already sent, so I did not send it again."),
    DeliveryState.CANCELLED: N_("Message {delivery} was cancelled because it is no longer needed."),
}

NOTHING_STANDS = N_(
    "The update in message {delivery} has since been retracted or corrected, so there is nothing to send."
)
NO_SUBSCRIPTION = N_(
    "<#{channel}> is no longer subscribed, so nothing was sent. Type `/aid-alerts on` there to subscribe again."
)


def resend(session: Session, delivery_id: int, editor: Editor) -> Delivery:
    """Requeue a failed row in its place of the channel, with an audit entry.

    Where Slack may have accepted it, the sender first looks for it in the channel, and posts it marked as a
    possible repeat if it still cannot read there. Raises NotFound, and AidError for a row that has not failed or
    is obsolete.
    """
    row: Delivery | None = session.scalar(lock_rows(session, select(Delivery).where(Delivery.id == delivery_id)))
    if row is None or row.team_id != editor.team_id:
        raise NotFound("There is no message {delivery} in the delivery log.", delivery=delivery_id)
    if row.state != DeliveryState.FAILED:
        raise AidError(REFUSALS[DeliveryState(row.state)], delivery=row.id)
    subscription = None if row.subscription_id is None else _present(session, row)
    if row.subscription_id is not None and subscription is None:
        raise AidError(NO_SUBSCRIPTION, channel=row.channel_id)
    if row.kind == DeliveryKind.ALERT and not still_stands(session, row):
        raise AidError(NOTHING_STANDS, delivery=row.id)
    failed = {"state": DeliveryState.FAILED.value, "reason": row.reason or ""}
    if may_be_duplicate(row):
        row.state, row.reason, row.about = DeliveryState.UNCERTAIN, None, {**row.about, AGAIN: True}
    else:
        row.reason = (subscription.blocked or None) if subscription else None
        row.state = state_for(row.reason)
    row.plain, row.due_at = False, editor.now
    editor.audit(session, "delivery-again", str(row.id), before=failed, after={"state": row.state})
    return row


def may_resend(session: Session, row: Delivery) -> bool:
    """Return True for a failed row that is still wanted, where its update stands."""
    if row.state != DeliveryState.FAILED:
        return False
    wanted = row.subscription_id is None or _present(session, row) is not None
    return wanted and (row.kind != DeliveryKind.ALERT or still_stands(session, row))


def may_be_duplicate(row: Delivery) -> bool:
    """Return True where a failed row may have reached its channel after all."""
    return (row.reason or "").startswith(MAYBE_POSTED)


def _present(session: Session, row: Delivery) -> Subscription | None:
    return subscription_of(session, row.team_id, row.channel_id, board=row.kind == DeliveryKind.BOARD)
