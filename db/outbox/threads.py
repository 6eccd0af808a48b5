"""The thread of a project in a channel that wants its messages threaded: the first that was sent about it alone."""

from collections.abc import Collection

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from db.models import Delivery
from db.outbox.deliveries import DeliveryKind, DeliveryState

ROOTS = (DeliveryKind.ALERT.value, DeliveryKind.REMINDER.value)


def thread_roots(session: Session, rows: Collection[Delivery]) -> dict[int, Delivery]:
    """For the ids of ``rows`` the message whose thread each belongs in.

    None for a row that stands by itself or begins a thread. Only earlier rows count, which a channel's order has
    settled before: asked again, the answer is the same.
    """
    threaded = [row for row in rows if row.about.get("threading") and row.project_id is not None]
    if not threaded:
        return {}
    key = (Delivery.team_id, Delivery.channel_id, Delivery.project_id)
    firsts = (
        select(func.min(Delivery.id))
        .where(
            tuple_(*key).in_({_key(row) for row in threaded}),
            Delivery.kind.in_(ROOTS),
            Delivery.state == DeliveryState.SENT.value,
            Delivery.thread_ts.is_(None),
        )
        .group_by(*key)
    )
    roots = {_key(root): root for root in session.scalars(select(Delivery).where(Delivery.id.in_(firsts)))}
    found = ((row.id, roots.get(_key(row))) for row in threaded)
    return {row_id: root for row_id, root in found if root is not None and root.id < row_id}


def _key(row: Delivery) -> tuple[str, str, int | None]:
    return row.team_id, row.channel_id, row.project_id
