"""The thread of a project in a channel that wants its messages threaded: the first that was sent about it alone."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Delivery
from db.outbox import DeliveryKind, DeliveryState

ROOTS = (DeliveryKind.ALERT.value, DeliveryKind.REMINDER.value)


def thread_root(session: Session, row: Delivery) -> Delivery | None:
    """The message whose thread ``row`` belongs in; None for one that stands by itself or begins a thread.

    Only earlier rows count, which a channel's order has settled before: asked again, the answer is the same.
    """
    if not row.about.get("threading") or row.project_id is None:
        return None
    return session.scalar(
        select(Delivery)
        .where(
            Delivery.team_id == row.team_id,
            Delivery.channel_id == row.channel_id,
            Delivery.project_id == row.project_id,
            Delivery.id < row.id,
            Delivery.kind.in_(ROOTS),
            Delivery.state == DeliveryState.SENT.value,
            Delivery.thread_ts.is_(None),
        )
        .order_by(Delivery.id)
        .limit(1)
    )
