"""The outbox: the states of a message to send, what sets blocked ones going again, and how it stands.

Taking rows to send is in ``db.outbox.claim``, storing what came of it in ``db.outbox.settle``.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import ColumnElement, Select, case, func, select, update
from sqlalchemy.orm import Session

from db.database import fetch, lock_rows
from db.models import Delivery, Subscription


class DeliveryState(StrEnum):
    """State of a row of the outbox; the last four are final.

    A gathered row waits for its channel's digest, and is told in it.
    """

    GATHERED = "gathered"
    PENDING = "pending"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    BLOCKED = "blocked"
    SENT = "sent"
    IN_DIGEST = "in-digest"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeliveryKind(StrEnum):
    """Kind of a row of the outbox.

    An edit changes the message that the row ``changes_id`` sent, a thread note answers it in its thread; a
    notice goes to a person, whose user id is its ``channel_id``.
    """

    ALERT = "alert"
    EDIT = "edit"
    THREAD_NOTE = "thread-note"
    DIGEST = "digest"
    REMINDER = "reminder"
    TEST = "test"
    NOTICE = "notice"


WORKSPACE_REASONS = frozenset(
    {
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
"""Reasons that block every row of a workspace: nothing can be posted until its token works again."""

MAYBE_POSTED = "it may have been posted"
"""What the reason of a failed row begins with where nobody could find out whether Slack took it."""

AGAIN = "again"
"""In ``about``: a person asked for it to be sent again, even if that may repeat it."""


class HasBlockReason(Protocol):
    """A subscription, or what is read of it."""

    @property
    def blocked(self) -> str | None: ...


def state_for(subscription: HasBlockReason | None) -> DeliveryState:
    """Return the state of a new row of ``subscription``: blocked while its channel is, to keep the order."""
    blocked = subscription is not None and subscription.blocked
    return DeliveryState.BLOCKED if blocked else DeliveryState.PENDING


def resume(session: Session, team_id: str, channel_id: str, now: datetime) -> int:
    """Set a channel's blocked rows going again, in their order, and unblock its subscriptions.

    Returns how many rows go again. Wake the sender after the commit.
    """
    stopped = select(Subscription).where(
        Subscription.team_id == team_id, Subscription.channel_id == channel_id, Subscription.blocked.is_not(None)
    )
    for subscription in session.scalars(lock_rows(session, stopped)):
        subscription.blocked = None
        subscription.blocked_at = None
    return _send_again(session, now, Delivery.team_id == team_id, Delivery.channel_id == channel_id)


def resume_team(session: Session, team_id: str, now: datetime) -> int:
    """Set the rows going again that a workspace's token had blocked, at a start with one that works.

    Channels blocked for a reason of their own stay so. Returns how many rows go again.
    """
    return _send_again(session, now, Delivery.team_id == team_id, Delivery.reason.in_(WORKSPACE_REASONS))


def resume_teams(session: Session, teams: Select[str], now: datetime) -> int:
    """Do the same for the workspaces that ``teams`` selects, before something newer is posted there."""
    return _send_again(session, now, Delivery.team_id.in_(teams), Delivery.reason.in_(WORKSPACE_REASONS))


def cancel(row: Delivery, reason: str) -> bool:
    """Cancel ``row``, read and locked in the caller's writing transaction, unless it is final.

    True if it is certain that its message is not and will not be posted. False: it was posted, or is being
    posted, or may have been; then add an edit or a thread note, which waits until that is known and is
    cancelled with the row if there is no message.
    """
    match row.state:
        case DeliveryState.PENDING | DeliveryState.BLOCKED | DeliveryState.GATHERED:
            row.state, row.reason = DeliveryState.CANCELLED, reason
            return True
        case DeliveryState.SENDING:  # the lease stays: it tells the sender to find out what came of it
            row.state, row.reason = DeliveryState.CANCELLED, reason
        case DeliveryState.UNCERTAIN:
            row.about = {**row.about, "cancelled": True}
    return row.state in {DeliveryState.FAILED, DeliveryState.CANCELLED} and row.leased_by is None


def oldest_pending(session: Session) -> datetime | None:
    """Since when the row that waits longest has been due (UTC), None if none waits."""
    return session.scalar(select(func.min(Delivery.due_at)).where(Delivery.state == DeliveryState.PENDING))


def counts(session: Session) -> dict[DeliveryState, int]:
    """Count the rows in each state, zeros included."""
    found = fetch(session, _COUNTS).all()
    return dict.fromkeys(DeliveryState, 0) | {DeliveryState(state): number for state, number in found}


def open_counts(session: Session) -> dict[DeliveryState, int]:
    """Count rows that wait, are blocked or failed, by state; finished rows, by far the most, are not counted."""
    return {DeliveryState(state): number for state, number in fetch(session, _OPEN)}


_NOT_DONE = ("gathered", "pending", "sending", "uncertain", "blocked", "failed")
_OPEN = (
    select(Delivery.__table__.c.state, func.count())
    .where(Delivery.__table__.c.state.in_(_NOT_DONE))
    .group_by(Delivery.__table__.c.state)
)
_COUNTS = (
    select(Delivery.__table__.c.state, func.count())
    .where(Delivery.__table__.c.state.in_([state.value for state in DeliveryState]))  # an index has them state by state
    .group_by(Delivery.__table__.c.state)
)


def channel_counts(session: Session, team_id: str) -> dict[str, dict[DeliveryState, int]]:
    """For each channel of a workspace how many rows are in each state that occurs there."""
    query = (
        select(Delivery.channel_id, Delivery.state, func.count())
        .where(Delivery.team_id == team_id)
        .group_by(Delivery.channel_id, Delivery.state)
        .order_by(Delivery.channel_id)
    )
    result: dict[str, dict[DeliveryState, int]] = {}
    for channel_id, state, number in session.execute(query):
        result.setdefault(channel_id, {})[DeliveryState(state)] = number
    return result


def _send_again(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    # A row meant for later keeps its time; one that is overdue counts as waiting from now on.
    due_at = case((Delivery.due_at < now, now), else_=Delivery.due_at)
    again = (
        update(Delivery)
        .returning(Delivery.id)
        .where(Delivery.state == DeliveryState.BLOCKED, *which)
        .values(state=DeliveryState.PENDING, reason=None, due_at=due_at)
    )
    return len(session.scalars(again, execution_options={"synchronize_session": "fetch"}).all())
