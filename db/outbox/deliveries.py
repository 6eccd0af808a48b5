"""Outbox deliveries: states, kinds and payloads; resuming, cancelling and counting them."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypedDict, TypeVar, Unpack, cast

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select, tuple_, update
from sqlalchemy.orm import Session

from db.database import fetch, lock_rows
from db.models import Delivery, Subscription


class DeliveryState(StrEnum):
    """State of an outbox row; the last four are final. A gathered row waits to be included in its channel's digest."""

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
    """Kind of message.

    An edit changes the message sent by the row ``changes_id``, a thread note replies to it in its thread. A notice goes
    to a person, whose user id is its ``channel_id``. The row of a board is sent again, as an edit of its own message,
    whenever that may show something else (``db.subscriptions.boards``).
    """

    ALERT = "alert"
    EDIT = "edit"
    THREAD_NOTE = "thread-note"
    DIGEST = "digest"
    REMINDER = "reminder"
    TEST = "test"
    NOTICE = "notice"
    BOARD = "board"


# Errors that block every row of a workspace until its token works again.
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
MAYBE_POSTED = "it may have been posted"  # prefix of the reason of a failed row whose outcome could not be determined
AGAIN = "again"  # the flag's name
PINNED, PINNED_AGAIN, UNPINNED = PINS = ("pinned", "pinned-again", "unpinned")  # the last two: somebody unpinned it
DELETED_AGAIN = "board_deleted"  # why a board rests whose message was deleted once more


class DeliveryFlags(TypedDict, total=False):
    """Keys of ``Delivery.about`` that a row of any kind may have.

    ``cancelled``: retracted while it was uncertain. ``posted_in``: id of the direct message that Slack opened for a
    person. ``again``: resent by a person, who accepts a duplicate. ``threading``: the channel's threading option.
    ``anew``: what it edits or answers was deleted, so it is a message of its own. ``reported``: the reason of a failure
    that admins were told of.

    Of a board only: ``point`` of the record that it was queued at, empty if it is to be sent again in any case.
    ``shown``: the digest of what its message shows. ``pin``: one of ``PINS``, or Slack's reason why it is not pinned.
    ``remade``: its message was deleted and posted again. ``off``: the board ended.
    """

    cancelled: bool
    possible_repeat: bool
    again: bool
    posted_in: str
    threading: str
    anew: bool
    reported: str
    point: str
    shown: str
    pin: str
    remade: bool
    off: bool


class AlertPayload(TypedDict):
    """``about`` of an alert and its edits and thread notes: headlines before and after, by project id."""

    projects: list[int]
    headlines: dict[str, list[str]]


class BlockedPayload(TypedDict):
    """``about`` of a notice that a channel cannot be reached."""

    notice: Literal["blocked"]
    channel: str
    reason: str
    subscription: int


class FailureItem(TypedDict):
    """Failures of one channel for one reason; ``delivery`` is the id of the latest."""

    channel: str
    reason: str
    count: int
    delivery: int


class FailuresPayload(TypedDict):
    """``about`` of a notice of failed messages; ``count`` includes those not listed."""

    notice: Literal["failed"]
    failed: list[FailureItem]
    count: int


class EditionPayload(TypedDict):
    """``about`` of a notice that an edition changed ``projects`` and ``updates``; ``left`` counts what stayed."""

    notice: Literal["edition"]
    data_set: str
    edition: int
    projects: int
    updates: int
    left: int


class UpgradePayload(TypedDict):
    """``about`` of a notice that the bot was upgraded: the revision of the database that brought the changes."""

    notice: Literal["upgrade"]
    revision: str


class SubscriptionPayload(TypedDict):
    """``about`` of a notice to the owner of a subscription that somebody or Slack changed.

    ``change`` is the action as the audit log names it, ``by`` who did it, empty for Slack. ``before`` and ``after`` are ids
    of ``Subscription`` rows, ``ended`` counts the messages that will not be sent any more.
    """

    notice: Literal["subscription"]
    change: str
    by: str
    before: int
    after: int
    ended: int


class InterruptedPayload(TypedDict):
    """``about`` of a notice that the result of a form was not shown; ``form`` is its title."""

    notice: Literal["interrupted"]
    form: str


class SuggestionPayload(TypedDict):
    """``about`` of a suggestion in the admins' channel, and of the notice to its authors once it is settled: its id."""

    notice: Literal["suggestion", "settled"]
    suggestion: int


class OldSuggestionsPayload(TypedDict):
    """``about`` of the question to admins about suggestions that wait for long: their ids."""

    notice: Literal["old-suggestions"]
    suggestions: list[int]


class BoardPayload(TypedDict):
    """``about`` of a notice to the owner of a board: it is not pinned, or was deleted again."""

    notice: Literal["board"]
    reason: str
    subscription: int


Payload = TypeVar("Payload")


def payload_of(delivery: Delivery, _type: type[Payload]) -> Payload:
    return cast("Payload", delivery.about)


def flags_of(delivery: Delivery) -> DeliveryFlags:
    return cast("DeliveryFlags", delivery.about)


def set_flags(delivery: Delivery, **flags: Unpack[DeliveryFlags]) -> None:
    """Add ``flags`` to ``about``, replacing the dict so that SQLAlchemy notices the change."""
    delivery.about = {**delivery.about, **flags}


_DELIVERIES = Delivery.__table__.c
_OLDEST = select(func.min(_DELIVERIES.due_at)).where(_DELIVERIES.state == DeliveryState.PENDING)
_BY_STATE = select(_DELIVERIES.state, func.count()).group_by(_DELIVERIES.state)
_COUNTS = _BY_STATE.where(_DELIVERIES.state.in_([state.value for state in DeliveryState]))  # lets an index be used
_OPEN = _BY_STATE.where(
    _DELIVERIES.team_id == bindparam("team"),
    _DELIVERIES.state.in_(["gathered", "pending", "sending", "uncertain", "blocked", "failed"]),
)


def state_for(blocked: str | None) -> DeliveryState:
    """Return the state of a new row: blocked while its channel is, for that reason, to keep the order."""
    return DeliveryState.BLOCKED if blocked else DeliveryState.PENDING


def resume(session: Session, team_id: str, channel_id: str, now: datetime) -> int:
    """Resume a channel's blocked rows, in order, and unblock it; return how many. Notify the sender after it."""
    own = select(Subscription).filter_by(team_id=team_id, channel_id=channel_id)
    for subscription in session.scalars(lock_rows(session, own.where(Subscription.blocked.is_not(None)))):
        subscription.blocked = subscription.blocked_at = None
    return _resume_rows(session, now, Delivery.team_id == team_id, Delivery.channel_id == channel_id)


def resume_team(session: Session, team_ids: str | Select[str], now: datetime) -> int:
    """Resume the rows that the token of workspaces blocked, not those of channels blocked otherwise; return how many."""
    teams = [team_ids] if isinstance(team_ids, str) else team_ids
    return _resume_rows(session, now, Delivery.team_id.in_(teams), Delivery.reason.in_(WORKSPACE_REASONS))


def cancel(row: Delivery, reason: str) -> bool:
    """Cancel ``row``, which the caller has read and locked in a writing transaction, unless it is final.

    Return True if its message certainly is not and will not be posted. Otherwise it was, is being or may have been
    posted: add an edit or a thread note, which waits for the outcome and is cancelled with the row if there is no
    message.
    """
    match row.state:
        case DeliveryState.PENDING | DeliveryState.BLOCKED | DeliveryState.GATHERED:
            row.state, row.reason = DeliveryState.CANCELLED, reason
            return True
        case DeliveryState.SENDING:  # the lease stays, so that the sender still settles it
            row.state, row.reason = DeliveryState.CANCELLED, reason
        case DeliveryState.UNCERTAIN:
            set_flags(row, cancelled=True)
    return row.state in {DeliveryState.FAILED, DeliveryState.CANCELLED} and row.leased_by is None


def oldest_pending(session: Session) -> datetime | None:
    """Return the earliest due time (UTC) of the pending rows, None if there are none."""
    oldest: datetime | None = fetch(session, _OLDEST).scalar()
    return oldest


def counts(session: Session) -> dict[DeliveryState, int]:
    """Count the rows in each state, including states without any."""
    rows = fetch(session, _COUNTS)
    return dict.fromkeys(DeliveryState, 0) | {DeliveryState(state): number for state, number in rows}


def open_counts(session: Session, team_id: str) -> dict[DeliveryState, int]:
    """Count a workspace's unfinished and failed rows by state. The others, by far the most, are not read."""
    return {DeliveryState(state): number for state, number in fetch(session, _OPEN, team=team_id)}


def _resume_rows(session: Session, now: datetime, *conditions: ColumnElement[bool]) -> int:
    # A row scheduled for later keeps its time; an overdue one waits from now on.
    due_at = case((Delivery.due_at < now, now), else_=Delivery.due_at)
    statement = (
        update(Delivery)
        .returning(Delivery.id)
        .where(Delivery.state == DeliveryState.BLOCKED, *conditions)
        .values(state=DeliveryState.PENDING, reason=None, due_at=due_at)
    )
    return len(session.scalars(statement, execution_options={"synchronize_session": "fetch"}).all())


ROOTS = (DeliveryKind.ALERT.value, DeliveryKind.REMINDER.value)


def thread_roots(session: Session, deliveries: Collection[Delivery]) -> dict[int, Delivery]:
    """Return, by id, the message in whose thread each belongs, if any: an earlier one, so it does not change."""
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
