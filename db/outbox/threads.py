"""Thread roots: a project's first message in a channel that threads its messages."""

from collections.abc import Collection

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from db.models import Delivery
from db.outbox.deliveries import DeliveryKind, DeliveryState, flags_of

ROOTS = (DeliveryKind.ALERT.value, DeliveryKind.REMINDER.value)


def thread_roots(session: Session, deliveries: Collection[Delivery]) -> dict[int, Delivery]:
    """Return, by the ids of ``deliveries``, the message in whose thread each belongs.

    A row that stands outside threads or begins one has none. Only earlier rows count; the order of a channel has
    settled them before, so the result does not change later.
    """
    threaded = [row for row in deliveries if flags_of(row).get("threading") and row.project_id is not None]
    if not threaded:
        return {}
    columns = (Delivery.team_id, Delivery.channel_id, Delivery.project_id)
    first_ids = (
        select(func.min(Delivery.id))
        .where(
            tuple_(*columns).in_({_key(row) for row in threaded}),
            Delivery.kind.in_(ROOTS),
            Delivery.state == DeliveryState.SENT.value,
            Delivery.thread_ts.is_(None),
        )
        .group_by(*columns)
    )
    roots = {_key(root): root for root in session.scalars(select(Delivery).where(Delivery.id.in_(first_ids)))}
    candidates = ((row.id, roots.get(_key(row))) for row in threaded)
    return {row_id: root for row_id, root in candidates if root is not None and root.id < row_id}


def _key(row: Delivery) -> tuple[str, str, int | None]:
    return row.team_id, row.channel_id, row.project_id
